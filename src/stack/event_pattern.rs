//! When two event patterns of rules, or two filter policies of subscriptions, are the same to AWS.
//!
//! In both, a list holds the values that may occur, in no order
//! (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) mod operators;
mod possible;

pub use possible::{PossibleEvent, may_be};

/// A list of operators and numbers: `[">", 0, "<=", 5]`. Its order is its meaning.
const NUMERIC: &str = "numeric";
/// A list of patterns, one of which has to match.
const OR: &str = "$or";

/// A pattern or filter policy. Two are equal if they differ only in an order that has no meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventPattern(pub Value);

impl PartialEq for EventPattern {
    fn eq(&self, other: &Self) -> bool {
        is_same(&self.0, &other.0)
    }
}

/// The pattern as JSON, without white space.
impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether two patterns mean the same to AWS.
#[must_use]
pub fn is_same(one: &Value, other: &Value) -> bool {
    one == other || normal(one) == normal(other)
}

/// Lets a field of `live` have the words of `want` if the two mean the same.
pub(super) fn align(live: Option<&mut Value>, want: Option<&Value>) {
    if let (Some(live), Some(want)) = (live, want)
        && is_same(live, want)
    {
        live.clone_from(want);
    }
}

/// A pattern with the values of each list sorted.
fn normal(pattern: &Value) -> Value {
    match pattern {
        Value::Object(fields) => sorted_fields(fields.iter().map(|(key, value)| {
            let value = match value {
                Value::Array(items) if key == OR => sorted_items(items.iter().map(normal)),
                Value::Array(items) => sorted_items(items.iter().map(matcher)),
                other => normal(other),
            };
            (key, value)
        })),
        other => other.clone(),
    }
}

/// A value that may occur, or what it is compared by: `{"anything-but": ["a", "b"]}`.
fn matcher(value: &Value) -> Value {
    match value {
        Value::Object(fields) => sorted_fields(fields.iter().map(|(key, value)| {
            let value = if key == NUMERIC {
                value.clone()
            } else {
                matcher(value)
            };
            (key, value)
        })),
        Value::Array(items) => sorted_items(items.iter().map(matcher)),
        other => other.clone(),
    }
}

fn sorted_fields<'k>(fields: impl Iterator<Item = (&'k String, Value)>) -> Value {
    let fields: BTreeMap<&String, Value> = fields.collect();
    let fields = fields.into_iter();
    fields.map(|(key, value)| (key.clone(), value)).collect()
}

fn sorted_items(items: impl Iterator<Item = Value>) -> Value {
    let mut items: Vec<Value> = items.collect();
    items.sort_by_cached_key(ToString::to_string);
    Value::Array(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_has_no_meaning_but_among_numeric_operators() {
        let one = json!({
            "source": ["aws.s3", "aws.ec2", 1, null],
            "detail": {
                "size": [{ "numeric": [">", 0, "<=", 5] }, { "exists": false }],
                "name": [{ "anything-but": { "prefix": ["b", "a"] } }],
                "$or": [{ "b": ["2", "1"] }, { "a": [{ "cidr": "10.0.0.0/8" }] }],
                // A field that is called as the operator is.
                "numeric": ["b", "a"],
            },
        });
        let other = json!({
            "detail": {
                "numeric": ["a", "b"],
                "$or": [{ "a": [{ "cidr": "10.0.0.0/8" }] }, { "b": ["1", "2"] }],
                "name": [{ "anything-but": { "prefix": ["a", "b"] } }],
                "size": [{ "exists": false }, { "numeric": [">", 0, "<=", 5] }],
            },
            "source": [null, 1, "aws.ec2", "aws.s3"],
        });
        assert_eq!(normal(&one).to_string(), normal(&other).to_string());
        assert_eq!(normal(&normal(&one)), normal(&one));
        let of = |numeric: Value| normal(&json!({ "size": [{ "numeric": numeric }] }));
        assert_ne!(of(json!(["<", 5])), of(json!([5, "<"])));
        assert_ne!(of(json!([">", 0, "<", 5])), of(json!([">", 5, "<", 0])));
    }
}
