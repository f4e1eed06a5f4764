//! The error of a value of another type than its schema says.

use serde_json::Value as Json;

use super::Where;
use super::field_units::number_in_unit;
use super::limits::in_words;
use crate::asl::cloudformation::intrinsic;
use crate::source::{Diagnostic, Node, Source, Value, missing_separator};

/// What a schema wants in the place of a value.
pub(super) struct WantedType<'a> {
    /// The types of JSON Schema.
    pub types: Vec<&'a str>,
    /// The schema with the limits of a number.
    pub limits: &'a Json,
    /// The required keys of the mapping, or of the mappings in the list.
    pub keys: Vec<&'a str>,
}

/// The error of a value that is of none of the wanted types.
pub(super) fn wrong_type(
    source: &Source,
    node: &Node,
    wanted: &WantedType,
    at: &Where,
) -> Diagnostic {
    let what = &at.what;
    let types = wanted.types.as_slice();
    let in_words: Vec<&str> = types
        .iter()
        .filter(|t| **t != "null")
        .map(|t| in_words(t))
        .collect();
    let wanted_words = in_words.join(" or ");
    // As written: 3.10 is the number 3.1, and 010 is 8.
    let written = source
        .text
        .get(node.span.start..node.span.end)
        .map(|text| text.trim_matches(['"', '\'']))
        .filter(|text| !text.is_empty());
    let help = match (&node.value, written) {
        (Value::Number(_), Some(text))
            if let Some(help) = help_of_number(text, at.field())
                && types.contains(&"string") =>
        {
            help
        }
        (Value::Number(_) | Value::Bool(_), Some(text)) if types.contains(&"string") => {
            format!("write it in quotes: \"{text}\"")
        }
        (Value::String(text), _) if let Some(help) = help_of_text(text, wanted, at.field()) => help,
        (Value::Map(_), _) if types.contains(&"array") && intrinsic(node, "").is_none() => {
            "begin each item with `- `".to_owned()
        }
        (Value::List(_), _) if types.contains(&"object") => {
            "write `key: value` lines here, without `-`".to_owned()
        }
        (Value::String(text), _) if types.contains(&"boolean") => {
            match text.to_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => "write true, without quotes".to_owned(),
                "no" | "off" | "n" | "false" => "write false, without quotes".to_owned(),
                _ => "write true or false".to_owned(),
            }
        }
        (Value::Number(_), Some(text)) if let Some((_, decimal)) = leading_zero(text) => {
            format!("write {decimal}, without a 0 in front")
        }
        (Value::Number(_) | Value::String(_), Some(text)) if at.field() == "limits" => {
            let key = if text.bytes().all(|byte| byte.is_ascii_digit()) {
                "runs"
            } else {
                "cost"
            };
            format!("write what it limits: `limits: {{ {key}: {text} }}`")
        }
        (Value::Number(number), _)
            if types.iter().any(|of| matches!(*of, "integer" | "number"))
                && let Some(whole) = number.as_f64().map(|number| number.to_string())
                && !whole.contains('.')
                && whole.len() <= 15 =>
        {
            format!("write it with digits alone: {whole}")
        }
        (Value::String(text), _)
            if types.contains(&"object")
                && let Some(fault) = missing_separator(text) =>
        {
            fault.help
        }
        (Value::Map(_), _) if let Some(found) = intrinsic(node, at.field()) => {
            format!("`{}` is CloudFormation's: {}", found.name, found.help)
        }
        _ => format!("write {wanted_words} here"),
    };
    let message = match node.value {
        // `!*.md` is a tag without a value.
        Value::Null if let Some(tag) = tag_before(source, node) => {
            return Diagnostic::error(format!("`{tag}` is a tag in YAML, not text"))
                .label(format!("should be {wanted_words}"))
                .help(format!("write it in quotes: \"{tag}\""));
        }
        Value::Null => format!("{what} has no value"),
        Value::Number(_) if let Some((octal, decimal)) = written.and_then(leading_zero) => {
            let text = written.unwrap_or_default();
            match octal {
                _ if types.contains(&"string") => {
                    format!("{what} is the number {text}, not {wanted_words}")
                }
                Some(octal) if octal.to_string() != decimal => {
                    format!("{what} is {text}, which is {decimal} or, as an octal number, {octal}")
                }
                _ => format!("{what} is {text}, a number with a 0 in front"),
            }
        }
        _ => format!("{what} is {}, not {wanted_words}", node.describe()),
    };
    Diagnostic::error(message)
        .label(format!("should be {wanted_words}"))
        .help(help)
}

/// The help for a number in a field whose text has more than a number.
fn help_of_number(number: &str, field: &str) -> Option<String> {
    match field {
        "expires" | "require_expiry" => Some(format!(
            "write it with its unit, such as {number}h for hours or {number}d for days"
        )),
        "schedule" if number != "1" => Some(format!("write it as a rate: rate({number} minutes)")),
        "schedule" => Some("write it as a rate: rate(1 minute)".to_owned()),
        "runtime" if number.starts_with("3.") => {
            Some(format!("write its whole name: python{number}"))
        }
        _ => None,
    }
}

/// The help for a text in the place of a number, a list or a mapping.
fn help_of_text(text: &str, wanted: &WantedType, field: &str) -> Option<String> {
    let has = |one: &str| wanted.types.contains(&one);
    if has("integer") {
        return match text.parse::<i64>() {
            Ok(_) => Some(format!("write it without quotes: {text}")),
            Err(_) => number_in_unit(text, field, wanted.limits),
        };
    }
    if let Some(mapping) = one_mapping(text, &wanted.keys, field) {
        return Some(if has("array") {
            format!("write it as a list of mappings: [{mapping}]")
        } else {
            format!("write it as a mapping: {mapping}")
        });
    }
    (has("array") && !text.is_empty()).then(|| format!("write it as a list: [\"{text}\"]"))
}

/// A mapping with a text as its main value, if its required keys tell how.
fn one_mapping(text: &str, keys: &[&str], field: &str) -> Option<String> {
    let is_word = !text.is_empty() && !text.contains(char::is_whitespace);
    match keys {
        _ if field == "allow" && text.contains(':') && is_word => Some(format!(
            "{{ actions: [\"{text}\"], resources: [\"${{key.arn}}\"] }}"
        )),
        [key] if is_word && !text.contains([':', '=']) => Some(format!("{{ {key}: {text} }}")),
        _ => None,
    }
}

/// The tag at the end of the line before a value that is nothing.
fn tag_before<'s>(source: &'s Source, node: &Node) -> Option<&'s str> {
    let line = source.text.get(..node.span.start)?.lines().next_back()?;
    let last = line.split([' ', '[', ',']).next_back()?.trim();
    (last.len() > 1 && last.starts_with('!')).then_some(last)
}

/// A whole number written with zeros in front: as an octal number, which it is for YAML 1.1, and as a decimal one.
fn leading_zero(text: &str) -> Option<(Option<u64>, &str)> {
    let rest = text.strip_prefix('0')?;
    let is_number = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    let decimal = match rest.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    is_number.then(|| (u64::from_str_radix(rest, 8).ok(), decimal))
}
