//! A definition as an outline: what a person reads of its states, in the order in which they follow one another.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::model::{ChildKind, Machine, State, StateType, Transition, TransitionKind};
use super::permissions::{StateMachineArn, called};

/// The most characters of a condition that are shown.
const LONGEST: usize = 240;

/// A machine as an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineOutline {
    /// Its states: the first is the one it begins with, and each comes before those that it leads to, save where one leads
    /// back. Those that nothing leads to are last.
    pub states: Vec<OutlinedState>,
}

/// A state in an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedState {
    /// Its name.
    pub name: String,
    /// Its `Type`; empty where it has none.
    pub type_name: String,
    /// Its `Comment`.
    pub comment: Option<String>,
    /// Whether no state leads to it.
    pub is_unreached: bool,
    /// What a task calls, such as `dynamodb:putItem`; else its `Resource`.
    pub calls: Option<String>,
    /// The ARNs of what is called, where the definition says them.
    pub on: Vec<String>,
    /// What it waits for, fails with, or repeats over, as the definition has it: `10 s`, `OrderInvalid`.
    pub detail: Option<String>,
    /// The `Cause` that a Fail state gives.
    pub cause: Option<String>,
    /// How a failed attempt is repeated, in the order in which the definition has it.
    pub retries: Vec<OutlinedRetry>,
    /// Where it leads.
    pub ways: Vec<OutlinedWay>,
    /// Whether its machine ends with it.
    pub ends: bool,
    /// The machines inside it.
    pub inside: Vec<OutlinedChild>,
}

/// How failed attempts of a state are repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedRetry {
    /// How often at most; never 0.
    pub times: u64,
    /// After which errors; of all of them `States.ALL`.
    pub errors: Vec<String>,
}

/// Where a state leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedWay {
    /// When.
    pub when: WayTaken,
    /// The state that it leads to.
    pub to: String,
    /// The place of that state in the outline of its machine; nothing where there is none of this name.
    pub place: Option<usize>,
}

/// When a way is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayTaken {
    /// Always.
    Next,
    /// If this holds.
    If(OutlinedCondition),
    /// If nothing else of a Choice state holds.
    Otherwise,
    /// After these errors.
    Caught(Vec<String>),
}

/// What has to hold for a way of a Choice state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutlinedCondition {
    /// An expression or a comparison, as the definition has it: `$.paid BooleanEquals true`.
    Text(String),
    /// All of these.
    And(Vec<OutlinedCondition>),
    /// One of these.
    Or(Vec<OutlinedCondition>),
    /// Not this.
    Not(Box<OutlinedCondition>),
}

impl OutlinedCondition {
    /// It as one line, with these words for `And`, `Or` and `Not`; cut where it is very long.
    #[must_use]
    pub fn in_words(&self, words: [&str; 3]) -> String {
        shortened(self.whole(words))
    }

    fn whole(&self, words: [&str; 3]) -> String {
        let joined = |all: &[Self], word: &str| {
            let all: Vec<String> = all
                .iter()
                .map(|one| format!("({})", one.whole(words)))
                .collect();
            all.join(&format!(" {word} "))
        };
        match self {
            Self::Text(text) => text.clone(),
            Self::And(all) => joined(all, words[0]),
            Self::Or(all) => joined(all, words[1]),
            Self::Not(one) => format!("{} ({})", words[2], one.whole(words)),
        }
    }
}

/// A machine inside a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedChild {
    /// Whether it is a branch, which runs beside others; else it runs for each item of a list.
    pub is_branch: bool,
    /// Its outline.
    pub outline: MachineOutline,
}

/// The outline of a definition whose references are resolved.
#[must_use]
pub fn outline(definition: &Json, arn: &StateMachineArn) -> MachineOutline {
    of_machine(&Machine::of(definition), arn)
}

fn of_machine(machine: &Machine<'_, Json>, arn: &StateMachineArn) -> MachineOutline {
    let (order, reached) = reading_order(machine);
    let names = order.iter().map(|index| machine.states[*index].name.text);
    let places: HashMap<&str, usize> = names.zip(0..).collect();
    let states = order.iter().enumerate().map(|(place, index)| {
        let state = &machine.states[*index];
        OutlinedState {
            is_unreached: place >= reached,
            ..of_state(state, &places, arn)
        }
    });
    MachineOutline {
        states: states.collect(),
    }
}

/// The numbers of the states in the order of an outline, and how many of them are reached. Without recursion: a definition
/// may have thousands of states in a row, and states that lead back.
fn reading_order(machine: &Machine<'_, Json>) -> (Vec<usize>, usize) {
    let names = machine.states.iter().map(|state| state.name.text);
    let numbers: HashMap<&str, usize> = names.zip(0..).collect();
    let mut seen = vec![false; machine.states.len()];
    let mut left = Vec::new();
    let start = machine.start_at.and_then(|start| numbers.get(start.text));
    let mut path: Vec<(usize, usize)> = start.iter().map(|start| (**start, 0)).collect();
    for (start, _) in &path {
        seen[*start] = true;
    }
    while let Some((index, tried)) = path.last_mut() {
        // What is written first is left last, and so comes first.
        let mut ways = machine.states[*index].transitions.iter().rev();
        let Some(way) = ways.nth(*tried) else {
            left.push(*index);
            path.pop();
            continue;
        };
        *tried += 1;
        if let Some(&to) = numbers.get(way.to.text)
            && !seen[to]
        {
            seen[to] = true;
            path.push((to, 0));
        }
    }
    left.reverse();
    let reached = left.len();
    left.extend((0..seen.len()).filter(|index| !seen[*index]));
    (left, reached)
}

fn of_state(
    state: &State<'_, Json>,
    places: &HashMap<&str, usize>,
    arn: &StateMachineArn,
) -> OutlinedState {
    let call = called(state, arn);
    let text = |field: &str| state.json.get(field)?.as_str().map(String::from);
    let calls = call
        .as_ref()
        .map(|call| format!("{}:{}", call.service, call.action));
    let is_task = state.state_type == Some(StateType::Task);
    let way = |one: &Transition<'_>| OutlinedWay {
        when: when(state.json, one.kind),
        to: one.to.text.to_owned(),
        place: places.get(one.to.text).copied(),
    };
    let inside = state.children.iter().map(|child| OutlinedChild {
        is_branch: child.kind == ChildKind::Branch,
        outline: of_machine(&child.machine, arn),
    });
    OutlinedState {
        name: state.name.text.to_owned(),
        type_name: text("Type").unwrap_or_default(),
        comment: text("Comment").filter(|text| !text.trim().is_empty()),
        is_unreached: false,
        calls: calls.or_else(|| text("Resource").filter(|_| is_task)),
        on: call.map(|call| call.resources).unwrap_or_default(),
        detail: detail(state),
        cause: cause(state),
        retries: retries(state.json),
        ways: state.transitions.iter().map(way).collect(),
        ends: state.ends,
        inside: inside.collect(),
    }
}

/// What a Wait waits for, a Fail fails with, and a Map repeats over.
fn detail(state: &State<'_, Json>) -> Option<String> {
    let field = |name: &str| state.json.get(name).map(|value| (name.to_owned(), value));
    let fields: &[&str] = match state.state_type? {
        StateType::Wait => &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        StateType::Fail => &["Error", "ErrorPath"],
        StateType::Map => &["Items", "ItemsPath"],
        _ => return None,
    };
    let (name, value) = fields.iter().find_map(|name| field(name))?;
    let text = plain(value);
    Some(match (name.as_str(), value) {
        ("Seconds", Json::Number(_)) => format!("{text} s"),
        _ => text,
    })
}

fn cause(state: &State<'_, Json>) -> Option<String> {
    let is_fail = state.state_type == Some(StateType::Fail);
    let field = |name: &str| state.json.get(name).filter(|_| is_fail);
    let value = field("Cause").or_else(|| field("CausePath"))?;
    Some(plain(value)).filter(|text| !text.is_empty())
}

fn retries(json: &Json) -> Vec<OutlinedRetry> {
    let retriers = json.get("Retry").and_then(Json::as_array);
    let retriers = retriers.into_iter().flatten().map(|one| {
        let most = one.get("MaxAttempts");
        OutlinedRetry {
            // Each retrier counts its own attempts; 3 are the default.
            times: most.map_or(3, |most| most.as_u64().unwrap_or(0)),
            errors: errors(one),
        }
    });
    retriers.filter(|one| one.times > 0).collect()
}

/// The errors of a retrier or a catcher.
fn errors(of: &Json) -> Vec<String> {
    let errors = of["ErrorEquals"].as_array();
    let errors = errors.into_iter().flatten().filter_map(Json::as_str);
    errors.map(String::from).collect()
}

fn when(state: &Json, kind: TransitionKind) -> WayTaken {
    match kind {
        TransitionKind::Next => WayTaken::Next,
        TransitionKind::Default => WayTaken::Otherwise,
        TransitionKind::Choice(number) => {
            let rule = &state["Choices"][number];
            let condition = match rule.get("Condition") {
                Some(condition) => OutlinedCondition::Text(plain(condition)),
                None => compared(rule),
            };
            WayTaken::If(condition)
        }
        TransitionKind::Catch(number) => WayTaken::Caught(errors(&state["Catch"][number])),
    }
}

/// A rule in `JSONPath`.
fn compared(rule: &Json) -> OutlinedCondition {
    let list = |all: &Json| {
        let all = all.as_array().into_iter().flatten();
        all.map(compared).collect()
    };
    let Some(fields) = rule.as_object() else {
        return OutlinedCondition::Text(String::new());
    };
    if let Some(all) = fields.get("And") {
        return OutlinedCondition::And(list(all));
    }
    if let Some(all) = fields.get("Or") {
        return OutlinedCondition::Or(list(all));
    }
    if let Some(not) = fields.get("Not") {
        return OutlinedCondition::Not(Box::new(compared(not)));
    }
    let variable = fields.get("Variable").map(plain).unwrap_or_default();
    let mut others = fields.iter();
    let other = others.find(|(key, _)| !["Variable", "Next", "Comment"].contains(&key.as_str()));
    OutlinedCondition::Text(match other {
        Some((operator, value)) => format!("{variable} {operator} {value}"),
        None => variable,
    })
}

/// A value as text: of `JSONata` the expression alone.
fn plain(value: &Json) -> String {
    let Some(text) = value.as_str() else {
        return shortened(value.to_string());
    };
    let inner = text
        .strip_prefix("{%")
        .and_then(|text| text.strip_suffix("%}"));
    shortened(inner.unwrap_or(text).trim().to_owned())
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
