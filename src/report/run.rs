//! An execution as it goes, and the item it left.

use serde_json::Value;

use super::style::{bold, dim, error, good, warning};
use crate::engine::Told;

/// One line (or a few) of an execution.
#[must_use]
pub fn told(told: &Told) -> String {
    match told {
        Told::StateEntered { state } => dim(&format!("  > {state}")),
        Told::AttemptFailed {
            state,
            error: name,
            cause,
        } => {
            format!("  {} {state}: {name}{}", warning("!"), because(cause))
        }
        Told::StateExited {
            state,
            seconds,
            retries,
            caught,
        } => {
            let retried = match retries {
                0 => String::new(),
                1 => ", 1 retry".to_owned(),
                n => format!(", {n} retries"),
            };
            let sign = match caught {
                Some(error) => warning(&format!("caught {error} in")),
                None => good("ok"),
            };
            format!(
                "  {sign} {state} {}",
                dim(&format!("{seconds:.1} s{retried}"))
            )
        }
        Told::ExecutionEnded { ending, seconds } => {
            if ending.status == "SUCCEEDED" {
                return good(&format!("succeeded in {seconds:.1} s"));
            }
            let name = ending.error.as_deref().unwrap_or("no error name");
            let cause = because(ending.cause.as_deref().unwrap_or_default());
            let status = ending.status.to_lowercase().replace('_', " ");
            format!(
                "{} {name}{cause}",
                error(&format!("{status} after {seconds:.1} s:"))
            )
        }
    }
}

/// The cause in words: a Lambda's is JSON with the message inside.
fn because(cause: &str) -> String {
    if cause.is_empty() {
        return String::new();
    }
    let parsed: Option<Value> = serde_json::from_str(cause).ok();
    let message = parsed
        .as_ref()
        .and_then(|cause| cause.get("errorMessage"))
        .and_then(Value::as_str);
    format!(": {}", message.unwrap_or(cause))
}

/// A table's item, one field a line, lists by their length and first members.
#[must_use]
pub fn item(table: &str, item: &Value) -> String {
    let fields = item.as_object().cloned().unwrap_or_default();
    let width = fields
        .keys()
        .map(|key| key.chars().count())
        .max()
        .unwrap_or(0);
    let mut lines = vec![format!("{} in {table}", bold("item"))];
    for (key, value) in &fields {
        let shown = match value {
            Value::String(text) if text.starts_with('{') => {
                because(text).trim_start_matches(": ").to_owned()
            }
            Value::String(text) => text.clone(),
            Value::Array(items) if items.is_empty() => "none".to_owned(),
            Value::Array(items) => {
                let shown: Vec<String> = items.iter().take(12).map(member).collect();
                let more = if items.len() > 12 { ", ..." } else { "" };
                format!("{}: {}{more}", items.len(), shown.join(", "))
            }
            other => other.to_string(),
        };
        lines.push(format!("  {key:width$}  {shown}"));
    }
    lines.join("\n")
}

/// A member of a list by its name and confidence, as Rekognition's results have them.
fn member(value: &Value) -> String {
    let confidence = value
        .get("confidence")
        .map(|confidence| format!(" {confidence}%"))
        .unwrap_or_default();
    match (value.get("name").and_then(Value::as_str), value.as_str()) {
        (Some(name), _) => format!("{name}{confidence}"),
        (None, Some(text)) => text.to_owned(),
        (None, None) if !confidence.is_empty() => format!("one{confidence}"),
        (None, None) => value.to_string(),
    }
}
