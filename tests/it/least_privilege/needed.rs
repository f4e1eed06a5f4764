//! The table of the actions that each kind needs (`aws::needed_actions`), against the calls that are made.

use std::collections::BTreeSet;

use treino::aws::needed_actions::{NeededFor, needed_actions};
use treino::stack::Kind;

/// What no kind needs, but the roles that are passed.
const PASSING: &str = "iam:PassRole";

/// What a deploy looks for, and does without: whether another deploy has started what ends the stack.
const OPTIONAL: &str = "states:ListExecutions";

/// `CreateBucket` gives a directory bucket its tags, which needs it; the tests derive it from the call of its own.
const BY_ANOTHER_CALL: &str = "s3express:TagResource";

/// What is wrong with the table. `made`: the actions of a first deploy of one of each kind; `used`: those of all that the
/// tests do; `beyond`: what only rare calls need.
pub fn faults(
    made: &BTreeSet<String>,
    used: &BTreeSet<String>,
    beyond: &BTreeSet<String>,
) -> Vec<String> {
    let table = |is: fn(NeededFor, bool) -> bool| -> BTreeSet<String> {
        let all = Kind::ALL.into_iter().flat_map(needed_actions);
        let all = all.filter(|one| is(one.needed_for, one.only_with.is_some()));
        all.map(|one| one.action.to_owned()).collect()
    };
    let all = table(|_, _| true);
    let for_deploy = table(|needed_for, _| needed_for == NeededFor::Deploy);
    let always = table(|needed_for, depends| needed_for == NeededFor::Deploy && !depends);
    let mut faults = Vec::new();
    for action in used.difference(&all) {
        faults.push(format!("called, and not in the table: {action}"));
    }
    for action in made.difference(&for_deploy) {
        faults.push(format!("a first deploy calls it: {action}"));
    }
    for action in always.difference(made) {
        faults.push(format!("no first deploy calls it: {action}"));
    }
    for action in all.difference(used).filter(|one| !beyond.contains(*one)) {
        faults.push(format!("never called: {action}"));
    }
    let expected = [
        format!("called, and not in the table: {PASSING}"),
        format!("a first deploy calls it: {PASSING}"),
        format!("a first deploy calls it: {OPTIONAL}"),
        format!("no first deploy calls it: {BY_ANOTHER_CALL}"),
    ];
    faults.retain(|fault| !expected.contains(fault));
    faults
}
