//! Where states lead: every target exists, every state can be reached, an end can be reached.

use std::collections::{BTreeSet, HashMap};

use super::{Lint, values};
use crate::asl::words::{all_of, nearest};
use crate::source::{Entry, Node, Span, Value};

/// Checks the transitions of one machine, whose `States` is an object that is not empty.
///
/// A machine inside another that has no end is only doubtful: AWS asks for one at the top alone.
pub(super) fn check(lint: &mut Lint, machine: &Node, states: &Entry, top: bool) {
    let states_map = &states.value;
    let mut by_name: HashMap<&str, &Entry> = HashMap::new();
    for entry in states_map.entries() {
        by_name.entry(&entry.key).or_insert(entry);
    }
    let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut ends: BTreeSet<&str> = BTreeSet::new();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    let mut all: HashMap<&str, Vec<Span>> = HashMap::new();
    let named = states_map.entries().iter();
    let named = named.flat_map(|entry| targets(&entry.value));
    for target in named.chain(machine.get("StartAt")) {
        if let Some(name) = target.as_str() {
            all.entry(name).or_default().push(target.span);
        }
    }
    let states_of = Beside {
        by_name,
        all,
        states: states_map,
    };
    for entry in states_map.entries() {
        let mut known = Vec::new();
        for target in targets(&entry.value) {
            let owner = format!("state `{}`", entry.key);
            let (found, broken) = resolve(lint, &states_of, target, &owner);
            known.extend(found);
            if broken {
                open.insert(&entry.key);
            }
        }
        if is_open(&entry.value) {
            open.insert(&entry.key);
        }
        // Where an open state really leads is not known, so nothing is concluded from it.
        if is_end(&entry.value) || open.contains(entry.key.as_str()) {
            ends.insert(&entry.key);
        }
        edges.insert(&entry.key, known);
    }
    let Some(start_node) = machine
        .get("StartAt")
        .filter(|node| node.as_str().is_some())
    else {
        return;
    };
    let (Some(start), guessed) = resolve(lint, &states_of, start_node, "`StartAt`") else {
        return;
    };
    let reached = spread([start], |name| edges.get(name).cloned().unwrap_or_default());
    if !guessed && reached.is_disjoint(&open) {
        unreachable(lint, states_map, &reached, start);
    }
    let mut back: HashMap<&str, Vec<&str>> = HashMap::new();
    for (from, to) in &edges {
        for to in to {
            back.entry(*to).or_default().push(*from);
        }
    }
    let saved = spread(ends.iter().copied(), |name| {
        back.get(name).cloned().unwrap_or_default()
    });
    no_end(lint, states, &reached, &saved, top);
}

/// The nodes that name a state this one may lead to.
fn targets(state: &Node) -> Vec<&Node> {
    let of_each = |field: &str| {
        let items = state.get(field).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| item.get("Next"))
    };
    // A field of a type that has none is reported elsewhere; it leads nowhere.
    let kind = state.get("Type").and_then(Node::as_str).unwrap_or("");
    let mut nodes: Vec<&Node> = Vec::new();
    match kind {
        "Succeed" | "Fail" => return nodes,
        "Choice" => nodes.extend(of_each("Choices").chain(state.get("Default"))),
        _ => nodes.extend(state.get("Next").into_iter().chain(of_each("Catch"))),
    }
    nodes.retain(|node| node.as_str().is_some());
    nodes
}

/// Whether the machine can end here.
fn is_end(state: &Node) -> bool {
    match state.get("Type").and_then(Node::as_str) {
        Some("Succeed" | "Fail") => true,
        Some("Choice") => false,
        _ => state.get("End").is_some(),
    }
}

/// Whether a state is so wrong that one cannot tell where it leads; that it is wrong is reported
/// elsewhere.
fn is_open(state: &Node) -> bool {
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
    match state.get("Type").and_then(Node::as_str) {
        Some("Succeed" | "Fail") => false,
        Some("Choice") => {
            let choices = state.get("Choices").map(Node::items).unwrap_or_default();
            choices.is_empty() || unclear_list("Choices") || unclear(state, "Default")
        }
        Some("Task" | "Pass" | "Wait" | "Parallel" | "Map") => {
            let says = ["Next", "End"]
                .iter()
                .any(|field| state.get(field).is_some());
            !says || unclear(state, "Next") || unclear_list("Catch")
        }
        _ => true,
    }
}

/// The states of one machine, and where each name stands that its targets have.
struct Beside<'a> {
    by_name: HashMap<&'a str, &'a Entry>,
    all: HashMap<&'a str, Vec<Span>>,
    states: &'a Node,
}

/// For so many wrong targets it is sought which state was meant: a person mends those first.
const SOUGHT: usize = 200;

/// The state a text names, or the one probably meant; and whether it is wrong as written. What
/// several of the machine's targets name wrongly is reported at the first.
fn resolve<'a>(
    lint: &mut Lint,
    beside: &Beside<'a>,
    target: &Node,
    owner: &str,
) -> (Option<&'a str>, bool) {
    let Some(name) = target.as_str() else {
        return (None, true);
    };
    if let Some(entry) = beside.by_name.get(name) {
        return (Some(&entry.key), false);
    }
    let names = || {
        beside
            .states
            .entries()
            .iter()
            .map(|entry| entry.key.as_str())
    };
    lint.sought += 1;
    let meant = (lint.sought <= SOUGHT)
        .then(|| nearest(name, names()))
        .flatten();
    let help = match meant {
        _ if lint.everywhere.contains(name) => {
            "it stands in another part of the definition: a state leads only to states beside it"
                .to_owned()
        }
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names().count() == 1 => "there is only this state here".to_owned(),
        None if names().count() <= 8 => format!("the states here are {}", all_of(names())),
        None => "add the state, or name one that stands beside this one".to_owned(),
    };
    let same = beside.all.get(name).map(Vec::as_slice).unwrap_or_default();
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
        lines => format!("{help}; the same stands on line {}", lines.join(", ")),
    };
    lint.error(
        target.span,
        format!("{owner} leads to `{name}`, and there is no such state beside it"),
        help,
    );
    (meant, true)
}

fn spread<'a>(
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

fn unreachable(lint: &mut Lint, states: &Node, reached: &BTreeSet<&str>, start: &str) {
    for entry in states.entries() {
        if !reached.contains(entry.key.as_str()) {
            lint.error(
                entry.key_span,
                format!("nothing leads to the state `{}` from `{start}`", entry.key),
                "name it in a `Next`, `Default` or `Catch`, or remove it",
            );
        }
    }
}

fn no_end(
    lint: &mut Lint,
    states: &Entry,
    reached: &BTreeSet<&str>,
    saved: &BTreeSet<&str>,
    top: bool,
) {
    if reached.is_disjoint(saved) {
        let help = "give a state \"End\": true, or lead to a Succeed or Fail state";
        return if top {
            lint.error(states.key_span, "this machine cannot reach an end", help);
        } else {
            lint.warning(states.key_span, "this part cannot reach an end", help);
        };
    }
    let trapped: Vec<&Entry> = states
        .value
        .entries()
        .iter()
        .filter(|e| reached.contains(e.key.as_str()) && !saved.contains(e.key.as_str()))
        .collect();
    if let Some(first) = trapped.first() {
        let names = all_of(trapped.iter().map(|entry| entry.key.as_str()));
        lint.warning(
            first.key_span,
            format!("from {names} no end can be reached"),
            "unless this is meant to run until it is stopped, lead out of the loop",
        );
    }
}
