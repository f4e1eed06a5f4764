//! What was expected against what came. Pure.

use regex::Regex;
use serde_json::{Map, Value, json};

use super::look::CheckView;
use crate::asl::evaluated;
use crate::history::ExecutionEvent;
use crate::ops::{FailedState, Mismatch};
use crate::stack::StackCheck;

/// How much of a value is shown in a sentence.
const MOST_SHOWN: usize = 400;

/// What was expected and did not come, in the order of what it follows from.
pub(super) fn mismatches(check: &StackCheck, seen: &CheckView) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if seen.execution.is_some() {
        ending(check, seen, &mut found);
        states(check, seen, &mut found);
    }
    item(check, seen, &mut found);
    message(check, seen, &mut found);
    conditions(check, seen, &mut found);
    log(check, seen, &mut found);
    found
}

/// Whether what is missing may still come: an item, a message or a line may be later than the end of an execution.
pub(super) fn may_still_come(wrong: &[Mismatch]) -> bool {
    let later = ["item", "message", "that", "log"];
    wrong.iter().all(|one| later.contains(&one.of.as_str()))
}

fn mismatch(of: &str, expected: Value, got: Value, message: String) -> Mismatch {
    Mismatch {
        of: of.to_owned(),
        expected,
        got,
        message,
    }
}

fn ending(check: &StackCheck, seen: &CheckView, found: &mut Vec<Mismatch>) {
    let Some(result) = &seen.result else {
        return;
    };
    let with = match &result.error {
        Some(error) => format!("{} with {error}", result.status),
        None => result.status.clone(),
    };
    let at = failed_state(&seen.events)
        .filter(|_| result.status != "SUCCEEDED")
        .map_or_else(String::new, |at| format!(" at {}", at.state));
    if let Some(status) = check.status()
        && status.name() != result.status
    {
        let message = format!(
            "expected the execution to end {}, it ended {with}{at}",
            status.name()
        );
        found.push(mismatch(
            "status",
            json!(status.name()),
            json!(result.status),
            message,
        ));
        return;
    }
    if let Some(error) = &check.expect.fails
        && (result.error.as_ref() != Some(error) || result.status == "SUCCEEDED")
    {
        let message = format!("expected the execution to fail with {error}, it ended {with}{at}");
        found.push(mismatch(
            "fails",
            json!(error),
            json!(result.error),
            message,
        ));
    }
}

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

fn states(check: &StackCheck, seen: &CheckView, found: &mut Vec<Mismatch>) {
    let visited = visited(&seen.events);
    let way = if visited.is_empty() {
        "it entered none".to_owned()
    } else {
        format!("it entered {}", visited.join(", "))
    };
    let missing: Vec<&String> = check
        .expect
        .visits
        .iter()
        .filter(|state| !visited.contains(state))
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "expected the execution to enter {}; {way}",
            listed(&missing)
        );
        found.push(mismatch(
            "visits",
            json!(check.expect.visits),
            json!(visited),
            message,
        ));
    }
    let entered: Vec<&String> = check
        .expect
        .not_visits
        .iter()
        .filter(|state| visited.contains(state))
        .collect();
    if !entered.is_empty() {
        let message = format!(
            "expected the execution not to enter {}; {way}",
            listed(&entered)
        );
        found.push(mismatch(
            "not_visits",
            json!(check.expect.not_visits),
            json!(visited),
            message,
        ));
    }
}

fn listed(states: &[&String]) -> String {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    states.join(", ")
}

fn item(check: &StackCheck, seen: &CheckView, found: &mut Vec<Mismatch>) {
    let (Some(expected), Some(view)) = (&check.expect.item, &seen.item) else {
        return;
    };
    let wanted = Value::Object(expected.fields.clone());
    if view.found.is_some() && (!view.is_unchanged || expected.may_be_unchanged) {
        return;
    }
    let table = &expected.table;
    let message = if !view.exists {
        format!("expected an item in {table}: there is no such table")
    } else if view.found.is_some() {
        format!(
            "expected a new item in {table} with {}: one was there before the check and is unchanged, so this run did \
             not write it (`may_be_unchanged: true` allows it)",
            shown(&wanted)
        )
    } else {
        let came = match &view.closest {
            Some(item) => difference(&expected.fields, item),
            None => "nothing was written there".to_owned(),
        };
        format!(
            "expected an item in {table} with {}: {came}",
            shown(&wanted)
        )
    };
    let got = view.found.as_ref().or(view.closest.as_ref());
    found.push(mismatch(
        "item",
        wanted,
        got.cloned().unwrap_or_default(),
        message,
    ));
}

fn message(check: &StackCheck, seen: &CheckView, found: &mut Vec<Mismatch>) {
    let (Some(expected), Some(view)) = (&check.expect.message, &seen.message) else {
        return;
    };
    if view.found.is_some() {
        return;
    }
    let queue = &expected.queue;
    let wanted = Value::Object(expected.fields.clone());
    let with = if expected.fields.is_empty() {
        String::new()
    } else {
        format!(" with {}", shown(&wanted))
    };
    let came = match (&view.closest, view.exists) {
        (_, false) => "there is no such queue".to_owned(),
        (Some(other), _) => difference(&expected.fields, other),
        (None, _) => "none came".to_owned(),
    };
    let message = format!("expected a message in {queue}{with}: {came}");
    found.push(mismatch(
        "message",
        wanted,
        view.closest.clone().unwrap_or_default(),
        message,
    ));
}

/// The fields of which another value came.
fn difference(wanted: &Map<String, Value>, came: &Value) -> String {
    let other = wanted
        .iter()
        .filter(|(name, value)| !fits(value, &came[name.as_str()]));
    let parts: Vec<String> = other
        .take(5)
        .map(|(name, value)| match came.get(name) {
            None => format!("{name} is missing"),
            Some(got) if got.is_string() != value.is_string() && plain(got) == plain(value) => {
                let (is, not) = (type_name(got), type_name(value));
                format!("{name} is {} ({is}, not {not})", shown(got))
            }
            Some(got) => format!("{name} is {}", shown(got)),
        })
        .collect();
    if parts.is_empty() {
        return format!("{} came", shown(came));
    }
    format!("what was written differs: {}", parts.join(", "))
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), String::from)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        _ => "another type",
    }
}

/// Whether a value has what is wanted of it: of a map, the fields that are written; of numbers, their value.
pub(super) fn fits(wanted: &Value, came: &Value) -> bool {
    match (wanted, came) {
        (Value::Object(wanted), Value::Object(came)) => wanted
            .iter()
            .all(|(name, value)| came.get(name).is_some_and(|came| fits(value, came))),
        (Value::Array(wanted), Value::Array(came)) => {
            wanted.len() == came.len()
                && wanted.iter().zip(came).all(|(one, other)| fits(one, other))
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => wanted == came,
    }
}

fn conditions(check: &StackCheck, seen: &CheckView, found: &mut Vec<Mismatch>) {
    let Some(that) = &check.expect.that else {
        return;
    };
    let output = seen
        .result
        .as_ref()
        .and_then(|result| result.output.clone());
    let item = seen.item.as_ref().and_then(|view| view.found.clone());
    let message = seen.message.as_ref().and_then(|view| view.found.clone());
    let history = serde_json::to_value(&seen.events).unwrap_or_default();
    let (output, item) = (output.unwrap_or_default(), item.unwrap_or_default());
    let message = message.unwrap_or_default();
    let all = [
        ("output", &output),
        ("item", &item),
        ("message", &message),
        ("history", &history),
    ];
    for (_, text) in that.iter() {
        let value = evaluated(text, &all);
        if value == Ok(Value::Bool(true)) {
            continue;
        }
        let read = all[..3]
            .iter()
            .filter(|(name, _)| text.contains(&format!("${name}")));
        let read: Vec<String> = read
            .map(|(name, value)| format!("${name} is {}", shown(value)))
            .collect();
        let of = match read.as_slice() {
            [] => String::new(),
            read => format!("; {}", read.join(", ")),
        };
        let came = match &value {
            Ok(Value::Null) => "it gives nothing".to_owned(),
            Ok(value) => format!("it gives {}", shown(value)),
            Err(why) => format!("it has no value ({why})"),
        };
        let message = format!("expected {} to give true: {came}{of}", text.trim());
        let got = value.unwrap_or_else(|why| json!(why));
        found.push(mismatch("that", json!(true), got, message));
    }
}

fn log(check: &StackCheck, seen: &CheckView, found: &mut Vec<Mismatch>) {
    let Some(pattern) = &check.expect.log else {
        return;
    };
    let matches = |line: &str| Regex::new(pattern).is_ok_and(|regex| regex.is_match(line));
    if seen.lines.iter().any(|line| matches(&line.message)) {
        return;
    }
    let came = match seen.lines.len() {
        0 => "nothing was logged".to_owned(),
        1 => "the line that was logged is another".to_owned(),
        lines => format!("none of the {lines} lines that were logged does"),
    };
    let message = format!("expected a line of the log that matches `{pattern}`: {came}");
    let lines: Vec<&str> = seen
        .lines
        .iter()
        .map(|line| line.message.as_str())
        .collect();
    found.push(mismatch("log", json!(pattern), json!(lines), message));
}

/// A value on one line, of a length that a person reads.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= MOST_SHOWN {
        return text;
    }
    let begin: String = text.chars().take(MOST_SHOWN).collect();
    format!("{begin}...")
}

/// The state at which an execution went wrong: the first whose last attempt failed, whatever a catcher did about it
/// then; else the Fail state that ended it, or the state that it never left.
pub(super) fn failed_state(events: &[ExecutionEvent]) -> Option<FailedState> {
    let mut failed: Vec<FailedState> = Vec::new();
    let mut inside: Vec<&str> = Vec::new();
    let mut fail_state = None;
    for event in events {
        match event {
            ExecutionEvent::StateEntered { state, kind, .. } => {
                inside.push(state);
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
    first.or_else(|| {
        let state = fail_state.map(String::as_str).or(inside.last().copied())?;
        Some(FailedState {
            state: state.to_owned(),
            error,
            cause,
        })
    })
}

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
