//! Values against what is wanted of them.

use serde_json::{Map, Value};

/// How much of a value is shown in a sentence.
const MOST_SHOWN: usize = 400;

/// The fields that came with another value, or not.
pub(super) fn differing(wanted: &Map<String, Value>, came: &Value) -> Map<String, Value> {
    let other = wanted
        .iter()
        .filter(|(name, value)| !fits(value, &came[name.as_str()]));
    other
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What came of them.
pub(super) fn difference(wanted: &Map<String, Value>, came: &Value) -> String {
    let parts: Vec<String> = differing(wanted, came)
        .iter()
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
    format!("in what was written {}", parts.join(", "))
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

/// A value on one line, of a length that a person reads.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= MOST_SHOWN {
        return text;
    }
    let begin: String = text.chars().take(MOST_SHOWN).collect();
    format!("{begin}...")
}
