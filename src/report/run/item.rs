//! The DynamoDB item that an execution wrote.

use serde_json::Value;

use super::cause;
use crate::report::style::bold;

/// The lines of an item: one for each field; of a list its length and first items.
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
            Value::String(text) if text.starts_with('{') => cause::parse(text).message,
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
