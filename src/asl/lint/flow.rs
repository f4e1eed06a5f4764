//! Transitions: every target exists, every state can be reached, and an end can be reached.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Lint, values};
use crate::asl::model::{Machine, SpannedStr, State, StateType};
use crate::asl::text::{all_of, suggestion};
use crate::source::{Node, Span, Value};

/// Checks the transitions of one machine that has states; `states` is where they are written.
///
/// A branch or item processor without an end is only a warning: AWS requires an end of the whole
/// definition alone.
pub(super) fn check(lint: &mut Lint, machine: &Machine, states: Span, top: bool) {
    let siblings = Siblings::of(machine);
    let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut ends: BTreeSet<&str> = BTreeSet::new();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for state in &machine.states {
        let mut known = Vec::new();
        for transition in &state.transitions {
            let owner = format!("state `{}`", state.name.text);
            let (found, broken) = resolve(lint, &siblings, transition.to, &owner);
            known.extend(found);
            if broken {
                open.insert(state.name.text);
            }
        }
        if is_open(state) {
            open.insert(state.name.text);
        }
        // The targets of an open state are not known: the machine may end there.
        if may_end(state) || open.contains(state.name.text) {
            ends.insert(state.name.text);
        }
        edges.insert(state.name.text, known);
    }
    let Some(start_at) = machine.start_at else {
        return;
    };
    let (Some(start), guessed) = resolve(lint, &siblings, start_at, "`StartAt`") else {
        return;
    };
    let reached = reachable_from([start], |name| edges.get(name).cloned().unwrap_or_default());
    if !guessed && reached.is_disjoint(&open) {
        unreachable(lint, machine, &reached, start);
    }
    let mut reversed: HashMap<&str, Vec<&str>> = HashMap::new();
    for (from, to) in &edges {
        for to in to {
            reversed.entry(*to).or_default().push(*from);
        }
    }
    let can_end = reachable_from(ends.iter().copied(), |name| {
        reversed.get(name).cloned().unwrap_or_default()
    });
    no_end(lint, (machine, states), &reached, &can_end, top);
}

/// Whether the machine may end here: an `End` that is not true is reported elsewhere.
fn may_end(state: &State) -> bool {
    let has_end = state.json.get("End").is_some();
    state.ends || (has_end && state.state_type != Some(StateType::Choice))
}

/// Whether a state is so wrong that its targets are not known. The error is reported elsewhere.
fn is_open(model: &State) -> bool {
    let state = model.json;
    let unclear = |object: &Node, field: &str| match object.get(field) {
        Some(node) => node.as_str().is_none(),
        None => values::is_misspelt(object, field),
    };
    let unclear_list = |field: &str| match state.get(field) {
        Some(list) => {
            let mut items = list.items().iter();
            let leads = |item: &Node| item.get("Next").is_some_and(|to| to.as_str().is_some());
            !matches!(list.value, Value::List(_)) || items.any(|item| !leads(item))
        }
        None => values::is_misspelt(state, field),
    };
    match model.state_type {
        Some(StateType::Succeed | StateType::Fail) => false,
        Some(StateType::Choice) => {
            let choices = state.get("Choices").map(Node::items).unwrap_or_default();
            choices.is_empty() || unclear_list("Choices") || unclear(state, "Default")
        }
        Some(_) => {
            let says = ["Next", "End"]
                .iter()
                .any(|field| state.get(field).is_some());
            !says || unclear(state, "Next") || unclear_list("Catch")
        }
        None => true,
    }
}

/// The states of one machine, and every place where a name of one is written as a target.
struct Siblings<'m, 'a> {
    states: &'m [State<'a>],
    defined: HashSet<&'a str>,
    targets: HashMap<&'a str, Vec<Span>>,
}

impl<'m, 'a> Siblings<'m, 'a> {
    fn of(machine: &'m Machine<'a>) -> Self {
        let states = machine.states.as_slice();
        let transitions = states.iter().flat_map(|state| &state.transitions);
        let named = transitions.map(|transition| transition.to);
        let mut targets: HashMap<&str, Vec<Span>> = HashMap::new();
        for target in named.chain(machine.start_at) {
            targets.entry(target.text).or_default().push(target.span);
        }
        Self {
            states,
            defined: states.iter().map(|state| state.name.text).collect(),
            targets,
        }
    }
}

/// For this many unknown targets a similar state is searched, which takes time in a large definition.
const MOST_SUGGESTIONS: usize = 200;

/// The state that a target names, or the one probably meant, and whether the target is wrong. A wrong
/// name that several targets have is reported at the first.
fn resolve<'a>(
    lint: &mut Lint,
    siblings: &Siblings<'_, 'a>,
    target: SpannedStr<'a>,
    owner: &str,
) -> (Option<&'a str>, bool) {
    let name = target.text;
    if siblings.defined.contains(name) {
        return (Some(name), false);
    }
    let names = || siblings.states.iter().map(|state| state.name.text);
    lint.suggestions += 1;
    let meant = (lint.suggestions <= MOST_SUGGESTIONS)
        .then(|| suggestion(name, names()))
        .flatten();
    let help = match meant {
        _ if lint.all_names.contains(name) => {
            "it is in another part of the definition: a state leads only to states beside it"
                .to_owned()
        }
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names().count() == 1 => "there is only this state here".to_owned(),
        None if names().count() <= 8 => format!("the states here are {}", all_of(names())),
        None => "add the state, or name one beside this one".to_owned(),
    };
    let same = siblings
        .targets
        .get(name)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let (first, others) = same
        .split_first()
        .map_or((None, same), |(first, others)| (Some(first), others));
    if first.is_some_and(|first| *first != target.span) {
        return (meant, true);
    }
    let lines: Vec<String> = others
        .iter()
        .map(|other| lint.line(*other).to_string())
        .collect();
    let help = match lines.as_slice() {
        [] => help,
        lines => format!("{help}; the same is on line {}", lines.join(", ")),
    };
    lint.error(
        target.span,
        format!("{owner} leads to `{name}`, and there is no such state beside it"),
        help,
    );
    (meant, true)
}

fn reachable_from<'a>(
    from: impl IntoIterator<Item = &'a str>,
    onward: impl Fn(&str) -> Vec<&'a str>,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> = from.into_iter().collect();
    while let Some(name) = waiting.pop() {
        if seen.insert(name) {
            waiting.extend(onward(name));
        }
    }
    seen
}

fn unreachable(lint: &mut Lint, machine: &Machine, reached: &BTreeSet<&str>, start: &str) {
    for SpannedStr { text: name, span } in machine.states.iter().map(|state| state.name) {
        if !reached.contains(name) {
            lint.error(
                span,
                format!("nothing leads to the state `{name}` from `{start}`"),
                "name it in a `Next`, `Default` or `Catch`, or remove it",
            );
        }
    }
}

fn no_end(
    lint: &mut Lint,
    (machine, states): (&Machine, Span),
    reached: &BTreeSet<&str>,
    can_end: &BTreeSet<&str>,
    top: bool,
) {
    if reached.is_disjoint(can_end) {
        let help = "give a state \"End\": true, or lead to a Succeed or Fail state";
        return if top {
            lint.error(states, "this machine cannot reach an end", help);
        } else {
            lint.warning(states, "this part cannot reach an end", help);
        };
    }
    let names = machine.states.iter().map(|state| state.name);
    let trapped: Vec<SpannedStr> = names
        .filter(|name| reached.contains(name.text) && !can_end.contains(name.text))
        .collect();
    if let Some(first) = trapped.first() {
        let names = all_of(trapped.iter().map(|name| name.text));
        lint.warning(
            first.span,
            format!("from {names} no end can be reached"),
            "unless this is meant to run until it is stopped, lead out of the loop",
        );
    }
}
