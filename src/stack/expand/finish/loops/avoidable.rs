//! Whether a definition may end without a call: a Choice state leads past it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::graph::is_arn_of;
use crate::asl::with_literal_arguments;
use crate::stack::{Kind, Resource};

/// Whether a Choice state of a machine lets it end without calling a resource. Where no state is seen to call it, any
/// Choice state may.
pub(super) fn may_avoid(machine: &Resource, called: &Resource) -> bool {
    let definition = with_literal_arguments(&machine.spec["definition"]);
    let is_itself = machine.address == called.address;
    let calls = |state: &Value| calls(state, called, is_itself);
    let has_choice = has(&definition, &|state| state["Type"] == "Choice");
    has_choice && !(has(&definition, &calls) && always_calls(&definition, &calls))
}

/// Whether each way from the first state to an end leads over a state that calls. Ways of `Catch` are not counted: they
/// are taken after an error alone.
fn always_calls(machine: &Value, calls: &impl Fn(&Value) -> bool) -> bool {
    let Some(states) = machine["States"].as_object() else {
        return false;
    };
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = machine["StartAt"].as_str().into_iter().collect();
    while let Some(name) = next.pop() {
        let Some(state) = states.get(name).filter(|_| seen.insert(name)) else {
            continue;
        };
        if state_always_calls(state, calls) {
            continue;
        }
        let is_end =
            state["End"] == true || matches!(state["Type"].as_str(), Some("Succeed" | "Fail"));
        if is_end {
            return false;
        }
        let choices = state["Choices"].as_array().into_iter().flatten();
        let ways = choices.map(|rule| &rule["Next"]);
        let ways = ways.chain([&state["Next"], &state["Default"]]);
        next.extend(ways.filter_map(Value::as_str));
    }
    true
}

/// A state calls by itself or in one of its branches. A Map may have no items.
fn state_always_calls(state: &Value, calls: &impl Fn(&Value) -> bool) -> bool {
    let mut branches = state["Branches"].as_array().into_iter().flatten();
    calls(state) || branches.any(|machine| always_calls(machine, calls))
}

/// Whether a state itself calls a resource, which may be its own machine.
fn calls(state: &Value, called: &Resource, is_itself: bool) -> bool {
    let resource = state["Resource"].as_str().unwrap_or_default();
    let integration = resource.to_lowercase();
    let has = |part: &str| integration.contains(part);
    let is_call = match called.kind {
        Kind::StateMachine => has(":startexecution") || has(":startsyncexecution"),
        Kind::Function => has(":lambda:invoke"),
        Kind::Topic => has(":sns:publish"),
        _ => false,
    };
    let given = [&state["Parameters"], &state["Arguments"]];
    let mut given = given.into_iter();
    is_arn_of(resource, &called.arn)
        || is_call && given.any(|value| names(value, called, is_itself))
}

/// Whether a text in a value names a resource: by its ARN or name, or as the machine itself in its context.
fn names(value: &Value, called: &Resource, is_itself: bool) -> bool {
    match value {
        Value::String(text) => {
            is_arn_of(text, &called.arn)
                || *text == called.name
                || is_itself && text.contains(".StateMachine.Id")
        }
        Value::Object(fields) => fields.values().any(|one| names(one, called, is_itself)),
        Value::Array(items) => items.iter().any(|one| names(one, called, is_itself)),
        _ => false,
    }
}

/// Whether something in a value, such as a state of a definition, is of a kind.
fn has(value: &Value, is_it: &impl Fn(&Value) -> bool) -> bool {
    match value {
        Value::Object(fields) => is_it(value) || fields.values().any(|one| has(one, is_it)),
        Value::Array(items) => items.iter().any(|one| has(one, is_it)),
        _ => false,
    }
}
