//! The table of the actions that each kind needs (`aws::needed_actions`), against the calls that are made.

use std::collections::BTreeSet;

use treino::aws::needed_actions::{NeededFor, needed_actions};
use treino::stack::Kind;

/// What no kind needs, but the roles that are passed.
const PASSING: &str = "iam:PassRole";

/// What is wrong with the table. `made`: the actions of a first deploy of one of each kind; `used`: those of all that the
/// tests do; `beyond`: what only rare calls need.
pub fn faults(
    made: &BTreeSet<String>,
    used: &BTreeSet<String>,
    beyond: &BTreeSet<String>,
) -> Vec<String> {
    let of = |is: &dyn Fn(NeededFor, bool) -> bool| -> BTreeSet<String> {
        let all = Kind::ALL.into_iter().flat_map(needed_actions);
        let all = all.filter(|one| is(one.needed_for, one.only_with.is_some()));
        all.map(|one| one.action.to_owned()).collect()
    };
    let all = of(&|_, _| true);
    let for_deploy = of(&|needed_for, _| needed_for == NeededFor::Deploy);
    let always = of(&|needed_for, only_with| needed_for == NeededFor::Deploy && !only_with);
    let mut faults = Vec::new();
    let mut say = |what: &str, actions: BTreeSet<&String>| {
        let actions = actions.into_iter().filter(|action| *action != PASSING);
        faults.extend(actions.map(|action| format!("{what}: {action}")));
    };
    say(
        "called, and not in the table",
        used.difference(&all).collect(),
    );
    say(
        "a first deploy calls it",
        made.difference(&for_deploy).collect(),
    );
    say(
        "no first deploy calls it",
        always.difference(made).collect(),
    );
    let unused = all
        .difference(used)
        .filter(|action| !beyond.contains(*action));
    say("never called", unused.collect());
    faults
}
