//! Filter policies of subscriptions: what SNS refuses.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>

use super::FilterScope;
use crate::source::{Node, Value};
use crate::stack::event_pattern::operators::{self, Dialect};
use crate::stack::expand::Expansion;

/// The most keys at the top of a filter policy.
const MOST_KEYS: usize = 5;

/// The most combinations of values: of each list its length, times its depth, all multiplied.
const MOST_COMBINATIONS: usize = 150;

/// Holds filter policies instead of values.
const OR: &str = "$or";

/// Reports what is wrong with a filter policy.
pub(super) fn check(policy: &Node, scope: FilterScope, out: &mut Expansion) {
    let keys = policy.entries().iter().filter(|entry| entry.key != OR);
    if let Some(sixth) = keys.clone().nth(MOST_KEYS) {
        out.problem_in(
            sixth.key_span,
            format!("the filter policy has {} keys", keys.count()),
            "SNS takes up to 5: leave one out, or filter in the receiver",
        );
    }
    let combinations = fields(policy, scope, 1, out);
    if let Some(first) = policy.entries().first()
        && combinations > MOST_COMBINATIONS
    {
        out.problem_in(
            first.key_span,
            format!("the filter policy has {combinations} combinations of values"),
            "SNS takes up to 150: the numbers of values of all keys, multiplied with each other and with the depth of each key",
        );
    }
}

/// Checks the keys of a policy or of a part of one; returns the combinations of their values.
fn fields(part: &Node, scope: FilterScope, depth: usize, out: &mut Expansion) -> usize {
    let mut combinations: usize = 1;
    for entry in part.entries() {
        let (key, value) = (&entry.key, &entry.value);
        match &value.value {
            Value::List(items) if key == OR => {
                for item in items {
                    fields(item, scope, depth, out);
                }
            }
            Value::List(items) if items.is_empty() => out.problem_in(
                value.span,
                format!("`{key}` may have no value, so no message passes"),
                "list the values it may have",
            ),
            Value::List(items) => {
                for item in items {
                    operators::check(item, key, Dialect::Sns, out);
                }
                combinations = combinations.saturating_mul(items.len().saturating_mul(depth));
            }
            Value::Map(_) if scope == FilterScope::MessageBody => {
                let inner = fields(value, scope, depth + 1, out);
                combinations = combinations.saturating_mul(inner);
            }
            Value::Map(_) => out.problem_in(
                entry.key_span,
                format!("message attributes have no parts, and `{key}` names some"),
                "list the values of the attribute, or say `filter_policy_scope: message_body`",
            ),
            _ => out.problem_in(
                value.span,
                format!(
                    "in a filter policy, `{key}` must be a list, not {}",
                    value.describe()
                ),
                &format!("write it as a list: [{}]", value.to_json()),
            ),
        }
    }
    combinations
}
