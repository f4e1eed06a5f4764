//! What a schema says of one value: its types, words and limits.

use serde_json::{Map, Value as Json};

use crate::source::{Node, Value};

/// Message and way out for a value of the right type that is none of those allowed.
pub fn out_of_limits(node: &Node, schema: &Json, what: &str) -> Option<(String, String)> {
    let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
    match &node.value {
        Value::Number(number) => {
            let value = number.as_f64().unwrap_or(0.0);
            let (least, most) = range(schema.get("format").and_then(Json::as_str));
            let low = bound("minimum").unwrap_or(least);
            let high = bound("maximum").unwrap_or(most);
            let is_told = |bound: f64| bound.abs() < 1e6;
            let range = match (is_told(low), is_told(high)) {
                (true, true) => format!("from {low} to {high}"),
                (true, false) if value < low => format!("of at least {low}"),
                _ if value > high => "that is smaller".to_owned(),
                _ => "that is larger".to_owned(),
            };
            (value < low || value > high).then(|| {
                (
                    format!("{what} cannot be {number}"),
                    format!("write a whole number {range}"),
                )
            })
        }
        Value::String(text) if text.is_empty() && bound("minLength").is_some() => {
            Some((format!("{what} is empty"), "write a value".into()))
        }
        Value::List(items) if items.is_empty() && bound("minItems").is_some() => Some((
            format!("{what} is an empty list"),
            "give it at least one item".into(),
        )),
        _ => None,
    }
}

/// What a Rust integer holds, by the format schemars gives it.
fn range(format: Option<&str>) -> (f64, f64) {
    match format {
        Some("int32") => (f64::from(i32::MIN), f64::from(i32::MAX)),
        Some("uint32") => (0.0, f64::from(u32::MAX)),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

/// The values the schema allows, if it lists them.
pub fn allowed_values(schema: &Json) -> Option<Vec<String>> {
    let text = |value: &Json| value.as_str().map(String::from);
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return Some(values.iter().filter_map(text).collect());
    }
    schema.get("const").and_then(text).map(|word| vec![word])
}

/// The JSON types a value may have.
pub fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value has a JSON type.
pub fn is(node: &Node, wanted: &str) -> bool {
    match &node.value {
        Value::Null => wanted == "null",
        Value::Bool(_) => wanted == "boolean",
        Value::Number(number) => wanted == "number" || (wanted == "integer" && !number.is_f64()),
        Value::String(_) => wanted == "string",
        Value::List(_) => wanted == "array",
        Value::Map(_) => wanted == "object",
    }
}

/// A JSON type as a person says it.
pub fn in_words(json_type: &str) -> &'static str {
    match json_type {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        _ => "a mapping",
    }
}

/// A sentence as part of another: `The ARN` is `the ARN`, but `ARNs` stays.
fn begun_small(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            let rest: String = text.chars().skip(1).collect();
            first.to_lowercase().chain(rest.chars()).collect()
        }
        _ => text.to_owned(),
    }
}

/// A key with what it is for: "`to:` (the key of the queue or function that gets them)".
pub fn about(key: &str, properties: Option<&Map<String, Json>>) -> String {
    let about = properties
        .and_then(|known| known.get(key)?.get("description")?.as_str())
        .unwrap_or_default()
        .replace('\n', " ");
    format!("`{key}:` ({})", begun_small(about.trim_end_matches('.')))
}

/// `a`, `b` and `c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}
