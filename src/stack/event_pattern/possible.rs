//! Whether an event of which only a part is known may match an event pattern.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stack::text_pattern::TextPattern;

/// What is known of an event.
#[derive(Debug, Clone, Default)]
pub struct PossibleEvent {
    /// What the fields may be, by their paths: `detail.bucket.name`. Nothing is known of others.
    known: BTreeMap<String, Vec<TextPattern>>,
    /// The fields that are a number, true, false or null.
    constants: BTreeMap<String, Value>,
    /// What texts the fields are not.
    excluded: BTreeMap<String, Vec<TextPattern>>,
    /// The paths that the event does not have.
    absent: &'static [&'static str],
    is_custom: bool,
}

impl PossibleEvent {
    /// An event of which nothing is known yet.
    #[must_use]
    pub fn new(absent: &'static [&'static str]) -> Self {
        Self {
            absent,
            ..Self::default()
        }
    }

    /// An event that somebody puts: its source is none of AWS's
    /// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>).
    #[must_use]
    pub fn custom() -> Self {
        Self {
            is_custom: true,
            ..Self::default()
        }
    }

    /// The same event with a field that is one of these.
    #[must_use]
    pub fn with(mut self, path: &str, values: impl IntoIterator<Item = TextPattern>) -> Self {
        self.known
            .insert(path.to_owned(), values.into_iter().collect());
        self
    }

    /// The same event with a field that is this text.
    #[must_use]
    pub fn with_text(self, path: &str, text: &str) -> Self {
        self.with(path, [TextPattern::exactly(text)])
    }

    /// The same event with a field that is this number, true, false or null.
    #[must_use]
    pub fn with_constant(mut self, path: &str, value: &Value) -> Self {
        self.constants.insert(path.to_owned(), value.clone());
        self
    }

    /// The same event with the constants of an object, however deep. What is computed may be anything, and so may lists:
    /// an event matches by any item of one.
    #[must_use]
    pub fn with_constants(mut self, path: &str, object: &Value) -> Self {
        for (name, value) in object.as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            let text = value.as_str().unwrap_or_default();
            let is_computed = name.ends_with(".$") || text.starts_with("{%");
            self = match value {
                _ if is_computed || value.is_array() => self,
                Value::String(text) => self.with_text(&path, text),
                Value::Object(_) => self.with_constants(&path, value),
                constant => self.with_constant(&path, constant),
            };
        }
        self
    }

    /// The same event with a field that is none of these.
    #[must_use]
    pub fn without(mut self, path: &str, values: Vec<TextPattern>) -> Self {
        self.excluded.insert(path.to_owned(), values);
        self
    }

    /// Whether the event may match a pattern.
    #[must_use]
    pub fn may_match(&self, pattern: &Value) -> bool {
        self.fields(pattern, "")
    }

    fn fields(&self, pattern: &Value, path: &str) -> bool {
        let mut fields = pattern.as_object().into_iter().flatten();
        fields.all(|(name, value)| match value {
            Value::Array(patterns) if name == super::OR => {
                patterns.iter().any(|one| self.fields(one, path))
            }
            _ => {
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{name}");
                match value {
                    Value::Array(matchers) => self.field(matchers, &path),
                    inner => self.fields(inner, &path),
                }
            }
        })
    }

    fn field(&self, matchers: &[Value], path: &str) -> bool {
        let is_absent = |absent: &&str| {
            let rest = path.strip_prefix(*absent);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if self.absent.iter().any(is_absent) {
            return matchers.iter().any(|one| one["exists"] == false);
        }
        if let Some(constant) = self.constants.get(path) {
            return matchers.iter().any(|one| may_be_constant(one, constant));
        }
        let excluded = self.excluded.get(path).map_or(&[][..], Vec::as_slice);
        if matchers.iter().all(|one| is_excluded(one, excluded)) {
            return false;
        }
        match self.known.get(path) {
            Some(values) => matchers
                .iter()
                .any(|matcher| values.iter().any(|value| may_be(matcher, value))),
            None if self.is_custom && path == "source" => !matchers.iter().all(is_of_aws),
            None => true,
        }
    }
}

/// Whether a matcher takes excluded texts alone.
fn is_excluded(matcher: &Value, excluded: &[TextPattern]) -> bool {
    let prefix = matcher["prefix"].as_str();
    let taken = match matcher.as_str() {
        Some(text) => Some(TextPattern::exactly(text)),
        None => prefix.map(TextPattern::beginning_with),
    };
    taken.is_some_and(|taken| excluded.iter().any(|one| one.covers(&taken)))
}

/// Whether a matcher may take a number, true, false or null.
fn may_be_constant(matcher: &Value, constant: &Value) -> bool {
    let is_same = |other: &Value| match (other.as_f64(), constant.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < f64::EPSILON,
        _ => other == constant,
    };
    let Value::Object(operators) = matcher else {
        return is_same(matcher);
    };
    operators.iter().all(|(name, value)| match name.as_str() {
        "exists" => value == true,
        "numeric" => constant.is_number() && is_in_range(value, constant),
        "anything-but" => !value
            .as_array()
            .map_or_else(|| is_same(value), |values| values.iter().any(is_same)),
        _ => false,
    })
}

/// Whether a number is in the range of `numeric`: comparisons, each before its number.
fn is_in_range(range: &Value, number: &Value) -> bool {
    let number = number.as_f64().unwrap_or_default();
    let parts = range.as_array().map_or(&[][..], Vec::as_slice);
    parts.chunks(2).all(|pair| {
        let bound = pair.get(1).and_then(Value::as_f64).unwrap_or_default();
        match pair[0].as_str() {
            Some("<") => number < bound,
            Some("<=") => number <= bound,
            Some(">") => number > bound,
            Some(">=") => number >= bound,
            _ => (number - bound).abs() < f64::EPSILON,
        }
    })
}

fn is_of_aws(matcher: &Value) -> bool {
    let text = matcher.as_str().or(matcher["prefix"].as_str());
    text.is_some_and(|text| text.starts_with("aws."))
}

/// Whether a text may match one of the values that an event pattern has for a field
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>).
#[must_use]
pub fn may_be(matcher: &Value, text: &TextPattern) -> bool {
    match matcher {
        Value::String(value) => TextPattern::exactly(value).overlaps(text),
        Value::Object(operators) => operators.iter().all(|(name, value)| match name.as_str() {
            "exists" => value == true,
            "numeric" => false,
            "anything-but" => {
                let excluded = excluded(value);
                !excluded.iter().any(|one| one.covers(text))
            }
            operator => {
                let meant = operand(operator, value);
                meant.is_none_or(|(pattern, ignores_case)| {
                    if ignores_case {
                        pattern.overlaps(&text.lower_case())
                    } else {
                        pattern.overlaps(text)
                    }
                })
            }
        }),
        _ => false,
    }
}

/// The texts an operator matches, and whether it ignores case; `None` if it cannot be read.
fn operand(operator: &str, value: &Value) -> Option<(TextPattern, bool)> {
    let (text, ignores_case) = match value {
        Value::String(text) => (text.clone(), operator == "equals-ignore-case"),
        inner => (inner["equals-ignore-case"].as_str()?.to_owned(), true),
    };
    let text = if ignores_case {
        text.to_lowercase()
    } else {
        text
    };
    let pattern = match operator {
        "prefix" => TextPattern::beginning_with(&text),
        "suffix" => TextPattern::ending_with(&text),
        "wildcard" => TextPattern::of_wildcard(&text),
        "equals-ignore-case" => TextPattern::exactly(&text),
        _ => return None,
    };
    Some((pattern, ignores_case))
}

/// What `anything-but` excludes. What ignores case is left out: it excludes more than one text.
fn excluded(value: &Value) -> Vec<TextPattern> {
    let each = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    match value {
        Value::Object(operators) => operators
            .iter()
            .flat_map(|(name, values)| each(values).into_iter().map(move |one| (name, one)))
            .filter_map(|(name, one)| operand(name, &one))
            .filter_map(|(pattern, ignores_case)| (!ignores_case).then_some(pattern))
            .collect(),
        other => each(other)
            .iter()
            .filter_map(Value::as_str)
            .map(TextPattern::exactly)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_may_be_what_a_matcher_takes() {
        for (matcher, text, may) in [
            (json!("a"), "a", true),
            (json!("a"), "b", false),
            (json!({ "prefix": "in/" }), "in/*", true),
            (json!({ "prefix": "in/" }), "out/*", false),
            (
                json!({ "prefix": { "equals-ignore-case": "IN/" } }),
                "In/*",
                true,
            ),
            (
                json!({ "suffix": { "equals-ignore-case": ".JPG" } }),
                "*.png",
                false,
            ),
            (json!({ "equals-ignore-case": "AB" }), "aB", true),
            (json!({ "wildcard": "in/*.jpg" }), "*.jpg", true),
            (json!({ "wildcard": "in/*.jpg" }), "*.png", false),
            (json!({ "anything-but": "a" }), "a", false),
            (json!({ "anything-but": ["a", "b"] }), "c", true),
            (
                json!({ "anything-but": { "prefix": "out/" } }),
                "out/x/*",
                false,
            ),
            (
                json!({ "anything-but": { "prefix": ["out/", "in/"] } }),
                "in/*",
                false,
            ),
            (
                json!({ "anything-but": { "suffix": ".png" } }),
                "out/*",
                true,
            ),
            (json!({ "exists": true }), "a", true),
            (json!({ "exists": false }), "a", false),
            (json!({ "numeric": [">", 0] }), "a", false),
            (json!(5), "5", false),
        ] {
            let text = TextPattern::of_iam(text);
            assert_eq!(may_be(&matcher, &text), may, "{matcher}, {text}");
        }
    }

    #[test]
    fn an_event_may_match_unless_a_known_field_does_not() {
        let event = PossibleEvent::new(&["detail.requestParameters"])
            .with_text("source", "aws.s3")
            .with("detail.object.key", [TextPattern::beginning_with("out/")]);
        for (pattern, may) in [
            (json!({ "source": ["aws.s3"] }), true),
            (
                json!({ "source": ["aws.ec2", { "prefix": "aws.s" }] }),
                true,
            ),
            (json!({ "source": ["aws.ec2"] }), false),
            (json!({ "detail": { "reason": ["PutObject"] } }), true),
            (
                json!({ "detail": { "object": { "key": [{ "prefix": "in/" }] } } }),
                false,
            ),
            (
                json!({ "detail": { "requestParameters": { "key": ["a"] } } }),
                false,
            ),
            (
                json!({ "detail": { "requestParameters": { "key": [{ "exists": false }] } } }),
                true,
            ),
            (
                json!({ "$or": [{ "source": ["a"] }, { "source": ["aws.s3"] }] }),
                true,
            ),
            (
                json!({ "$or": [{ "source": ["a"] }, { "source": ["b"] }] }),
                false,
            ),
        ] {
            assert_eq!(event.may_match(&pattern), may, "{pattern}");
        }
        let constants = PossibleEvent::custom()
            .with_constant("detail.k", &json!(2))
            .with_constant("detail.on", &json!(true))
            .without("source", vec![TextPattern::of_iam("my.*")]);
        for (pattern, may) in [
            (json!({ "detail": { "k": [1] } }), false),
            (json!({ "detail": { "k": [1, 2.0] } }), true),
            (json!({ "detail": { "k": ["2"] } }), false),
            (
                json!({ "detail": { "k": [{ "numeric": [">", 1, "<=", 2] }] } }),
                true,
            ),
            (
                json!({ "detail": { "k": [{ "numeric": ["=", 1] }] } }),
                false,
            ),
            (
                json!({ "detail": { "k": [{ "anything-but": [1, 2] }] } }),
                false,
            ),
            (json!({ "detail": { "k": [{ "anything-but": 1 }] } }), true),
            (json!({ "detail": { "k": [{ "exists": true }] } }), true),
            (json!({ "detail": { "k": [{ "prefix": "2" }] } }), false),
            (json!({ "detail": { "on": [false, null] } }), false),
            (json!({ "detail": { "on": [true] } }), true),
            (
                json!({ "source": ["my.app", { "prefix": "my.other" }] }),
                false,
            ),
            (json!({ "source": ["my.app", "other"] }), true),
            (json!({ "source": [{ "suffix": "app" }] }), true),
        ] {
            assert_eq!(constants.may_match(&pattern), may, "{pattern}");
        }
        let custom = PossibleEvent::custom();
        assert!(custom.may_match(&json!({ "source": ["my.app"] })));
        assert!(custom.may_match(&json!({ "detail-type": ["Object Created"] })));
        assert!(!custom.may_match(&json!({ "source": ["aws.s3", { "prefix": "aws." }] })));
    }
}
