//! Event patterns: what EventBridge refuses.

use crate::source::{Entry, Node, Value};
use crate::stack::event_pattern::operators::{self, Dialect};
use crate::stack::expand::Expansion;

/// EventBridge takes lists of values at the ends of a pattern, nothing else.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html>
pub(super) fn check(pattern: &Node, out: &mut Expansion) {
    if matches!(pattern.value, Value::Map(_)) && pattern.entries().is_empty() {
        let message = "this part of the pattern is empty".to_owned();
        out.problem_in(
            pattern.span,
            message,
            "name a field and the values it may have",
        );
    }
    for entry in pattern.entries() {
        match &entry.value.value {
            Value::Map(_) => check(&entry.value, out),
            // `$or` holds patterns.
            Value::List(items) if entry.key == "$or" && is_patterns(items) => {
                check_alternatives(entry, items, out);
            }
            Value::List(items) if !items.is_empty() => {
                for item in items {
                    operators::check(item, &entry.key, Dialect::EventBridge, out);
                }
            }
            Value::List(_) => out.problem_in(
                entry.value.span,
                format!(
                    "`{}` may have no value, so the pattern never matches",
                    entry.key
                ),
                "list the values it may have",
            ),
            _ => out.problem_in(
                entry.value.span,
                format!(
                    "in a pattern, `{}` must be a list, not {}",
                    entry.key,
                    entry.value.describe()
                ),
                &format!("write it as a list: [{}]", entry.value.to_json()),
            ),
        }
    }
}

fn is_patterns(items: &[Node]) -> bool {
    let is_pattern = |item: &Node| matches!(item.value, Value::Map(_));
    !items.is_empty() && items.iter().all(is_pattern)
}

/// EventBridge takes `$or` for a field of that name, unless it has two patterns or more.
fn check_alternatives(or: &Entry, items: &[Node], out: &mut Expansion) {
    if items.len() == 1 {
        out.problem_in(
            or.value.span,
            "`$or` has one pattern".to_owned(),
            "list two patterns or more, or write the one without `$or`",
        );
    }
    for item in items {
        let fields = item.entries().iter();
        let reserved = fields.filter(|field| operators::is_operator(&field.key));
        for field in reserved {
            out.problem_in(
                field.key_span,
                format!(
                    "in `$or`, no field may be named `{}`, as an operator is",
                    field.key
                ),
                "write { FIELD: [{ OPERATOR: VALUE }] }",
            );
        }
        check(item, out);
    }
}
