//! What was expected against what came. Pure.

use regex::Regex;
use serde_json::{Map, Value};

use super::compare::{difference, differing, shown};
use super::look::CheckView;
use super::way::{failed_state, visited};
use crate::asl::{evaluated, is_expression};
use crate::ops::Mismatch;
use crate::stack::StackCheck;

/// What was expected and did not come, in the order of what it follows from.
pub(super) fn mismatches(check: &StackCheck, seen: &CheckView) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if seen.execution.is_some() {
        ending(check, seen, &mut found);
        states(check, seen, &mut found);
    }
    item(check, seen, &mut found);
    message(check, seen, &mut found);
    // What reads a value that did not come would say the same again.
    let is_known = |name: &str| match name {
        "$output" => !found
            .iter()
            .any(|one| matches!(one.of.as_str(), "status" | "fails")),
        "$item" => !found.iter().any(|one| one.of == "item"),
        _ => !found.iter().any(|one| one.of == "message"),
    };
    let unknown: Vec<&str> = ["$output", "$item", "$message"]
        .into_iter()
        .filter(|name| !is_known(name))
        .collect();
    conditions(check, seen, &unknown, &mut found);
    log(check, seen, &mut found);
    found
}

/// The check with values in place of the expressions in its fields.
pub(super) fn with_values(check: &StackCheck, seen: &CheckView) -> StackCheck {
    let mut check = check.clone();
    let output = seen
        .result
        .as_ref()
        .and_then(|result| result.output.clone());
    let output = output.unwrap_or_default();
    let history = serde_json::to_value(&seen.events).unwrap_or_default();
    let item = check.expect.item.as_mut().map(|item| &mut item.fields);
    let message = check
        .expect
        .message
        .as_mut()
        .map(|message| &mut message.fields);
    for value in [item, message]
        .into_iter()
        .flatten()
        .flat_map(Map::values_mut)
    {
        if let Some(text) = value.as_str().filter(|text| is_expression(text)) {
            let all = [("output", &output), ("history", &history)];
            *value = evaluated(text, &all).unwrap_or_default();
        }
    }
    check
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
            status.name().into(),
            result.status.as_str().into(),
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
            error.as_str().into(),
            result.error.clone().into(),
            message,
        ));
    }
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
            check.expect.visits.clone().into(),
            visited.clone().into(),
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
        // The way is told already.
        let way = if missing.is_empty() {
            format!("; {way}")
        } else {
            String::new()
        };
        let message = format!(
            "expected the execution not to enter {}{way}",
            listed(&entered)
        );
        found.push(mismatch(
            "not_visits",
            check.expect.not_visits.clone().into(),
            visited.clone().into(),
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
    // A field that the execution was to give, and did not: that is said already.
    let is_ended = found
        .iter()
        .all(|one| !matches!(one.of.as_str(), "status" | "fails"));
    if !is_ended && expected.fields.values().any(Value::is_null) {
        return;
    }
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
        let other = view
            .closest
            .as_ref()
            .map(|item| differing(&expected.fields, item));
        let other = other.filter(|fields| !fields.is_empty()).map(Value::Object);
        let wanted = shown(other.as_ref().unwrap_or(&wanted));
        format!("expected an item in {table} with {wanted}: {came}")
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

fn conditions(check: &StackCheck, seen: &CheckView, unknown: &[&str], found: &mut Vec<Mismatch>) {
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
        if unknown.iter().any(|name| text.contains(name)) {
            continue;
        }
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
        let got = value.unwrap_or_else(Value::from);
        found.push(mismatch("that", true.into(), got, message));
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
    found.push(mismatch(
        "log",
        pattern.as_str().into(),
        lines.into(),
        message,
    ));
}
