//! The way of an execution: which states it entered, and where it went wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compare::shown;
use crate::history::ExecutionEvent;
use crate::ops::FailedState;

/// The states that an execution entered, in their order, each once.
pub(super) fn visited(events: &[ExecutionEvent]) -> Vec<String> {
    let mut visited: Vec<String> = Vec::new();
    for event in events {
        if let ExecutionEvent::StateEntered { state, .. } = event
            && !visited.contains(state)
        {
            visited.push(state.clone());
        }
    }
    visited
}

/// The state at which an execution went wrong: the first whose last attempt failed, whatever a catcher did about it
/// then; else the Fail state that ended it, or the state that it never left.
pub(super) fn failed_state(events: &[ExecutionEvent]) -> Option<FailedState> {
    let mut failed: Vec<FailedState> = Vec::new();
    let mut inside: Vec<&str> = Vec::new();
    let mut inputs: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut fail_state = None;
    for event in events {
        match event {
            ExecutionEvent::StateEntered {
                state, kind, input, ..
            } => {
                inside.push(state);
                inputs.extend(input.iter().map(|input| (state.as_str(), input)));
                if kind == "Fail" {
                    fail_state = Some(state);
                }
            }
            ExecutionEvent::AttemptFailed {
                state,
                error,
                cause,
                ..
            } => {
                failed.retain(|one| one.state != *state);
                failed.push(FailedState {
                    state: state.clone(),
                    error: Some(error.clone()),
                    cause: Some(in_words(cause)).filter(|cause| !cause.is_empty()),
                    input: None,
                });
            }
            ExecutionEvent::StateExited { state, caught, .. } => {
                inside.retain(|one| one != state);
                if caught.is_none() {
                    failed.retain(|one| one.state != *state);
                }
            }
            _ => {}
        }
    }
    let ended = events.iter().find_map(|event| match event {
        ExecutionEvent::ExecutionEnded { error, cause, .. } => Some((error.clone(), cause.clone())),
        _ => None,
    });
    let (error, cause) = ended.unwrap_or_default();
    let cause = cause.map(|cause| in_words(&cause));
    let first = failed.into_iter().next();
    let mut at = first.or_else(|| {
        let state = fail_state.map(String::as_str).or(inside.last().copied())?;
        Some(FailedState {
            state: state.to_owned(),
            error,
            cause,
            input: None,
        })
    })?;
    let is_of_input = |error: &String| ABOUT_INPUT.contains(&error.as_str());
    if at.error.as_ref().is_some_and(is_of_input) {
        at.input = inputs.get(at.state.as_str()).map(|input| shown(input));
    }
    Some(at)
}

/// The errors that a state's input causes
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>).
const ABOUT_INPUT: [&str; 6] = [
    "States.Runtime",
    "States.ParameterPathFailure",
    "States.ResultPathMatchFailure",
    "States.IntrinsicFailure",
    "States.NoChoiceMatched",
    "States.QueryEvaluationError",
];

/// The cause of an error: a function's is JSON, of which the message is read.
pub(super) fn in_words(cause: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(cause).ok();
    let message = parsed.as_ref().and_then(|value| value.get("errorMessage"));
    let text = message.and_then(Value::as_str).unwrap_or(cause);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(600) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

/// When an execution began, and when it ended, in seconds since 1970; nothing where no state of it is known.
pub(super) fn span(events: &[ExecutionEvent]) -> Option<(f64, Option<f64>)> {
    let began = events.iter().find_map(|event| match event {
        ExecutionEvent::StateEntered { at, .. } => Some(*at),
        _ => None,
    })?;
    let ended = events.iter().find_map(|event| match event {
        ExecutionEvent::ExecutionEnded { seconds, .. } => Some(began + seconds),
        _ => None,
    });
    Some((began, ended))
}
