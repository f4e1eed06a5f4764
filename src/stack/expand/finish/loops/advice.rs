//! Why an event starts a rule again, and the way out.

use serde_json::Value;

use super::emitted::EventCause;
use crate::stack::kinds::Rule;
use crate::stack::object_keys::KeyFilter;
use crate::stack::text_pattern::TextPattern;

/// Prefixes that may be proposed to filter by, and to write to.
const FILTERED: [&str; 2] = ["incoming/", "uploads/"];
const WRITTEN: [&str; 2] = ["done/", "results/"];

/// What follows the circle in the message: who makes the last event, and what does not keep it out.
pub(super) fn why(cause: &EventCause, by: &str, rule: Option<&Rule>) -> String {
    match cause {
        EventCause::Object {
            verb, key, certain, ..
        } => {
            let does = does(verb, *certain);
            let keys = if *key == TextPattern::any() {
                "any key".to_owned()
            } else {
                format!("`{key}`")
            };
            let filter = rule.and_then(filter_of);
            let filter = filter.map_or(String::new(), |filter| {
                let which = if key.is_one_text() {
                    "which"
                } else {
                    "some of which"
                };
                format!(", {which} {filter} matches")
            });
            format!(", where `{by}` {does} {keys}{filter}")
        }
        EventCause::Put { certain, .. } => format!(", which `{by}` {}", does("put", *certain)),
        EventCause::Status => ", which changes with each execution".to_owned(),
    }
}

/// What ends the loop, at the rule it leads back to. `by_function`: a function makes the last event, and what it may
/// write is known by its role alone.
pub(super) fn help(
    cause: &EventCause,
    (by, by_function): (&str, bool),
    rule: Option<&Rule>,
    pattern: &Value,
) -> String {
    let (bucket, key, recorded, verb) = match cause {
        EventCause::Object {
            bucket,
            key,
            recorded,
            verb,
            ..
        } => (bucket.key(), key, *recorded, *verb),
        EventCause::Put { .. } => {
            return format!(
                "let `{by}` put events of another source or detail type, or narrow the `pattern` of the rule"
            );
        }
        EventCause::Status if pattern["detail"]["stateMachineArn"].is_array() => {
            return format!(
                "leave `{by}` out of `stateMachineArn` in the pattern, or start another machine"
            );
        }
        EventCause::Status => {
            return "name the machines that are meant: `detail: { stateMachineArn: [\"${KEY.arn}\"] }`".to_owned();
        }
    };
    let is_pattern = rule.is_some_and(|rule| rule.put_object_in.is_none());
    let path = if recorded {
        "requestParameters"
    } else {
        "object"
    };
    let filtered = |prefix: &str| {
        if is_pattern {
            format!(
                "filter in the pattern, `detail: {{ {path}: {{ key: [{{ prefix: {prefix} }}] }} }}`"
            )
        } else {
            format!("filter by `prefix: {prefix}`")
        }
    };
    let elsewhere = match verb {
        "write" => format!("let `{by}` write to another bucket"),
        other => format!("let `{by}` {other} objects of another bucket"),
    };
    let only = |beginning: &str| {
        if by_function {
            format!("allow it other keys only: `${{{bucket}.arn}}/{beginning}*` in `resources`")
        } else {
            format!("let it {verb} other keys, such as `{beginning}...`")
        }
    };
    let mut prefixes = FILTERED.into_iter();
    let free = prefixes.find(|one| !TextPattern::beginning_with(one).overlaps(key));
    let filter = &pattern["detail"][path]["key"];
    let filter = filter.is_array().then(|| KeyFilter::of(pattern));
    let can_have_prefix =
        rule.is_some_and(|rule| rule.prefix.is_none()) && (!is_pattern || filter.is_none());
    let mut others = WRITTEN.into_iter();
    let other = others.find(|one| {
        let keys = TextPattern::beginning_with(one);
        filter
            .as_ref()
            .is_some_and(|filter| !filter.may_match(&keys))
    });
    match (free, other) {
        (Some(prefix), _) if can_have_prefix => format!("{elsewhere}, or {}", filtered(prefix)),
        (_, Some(other)) => format!("{elsewhere}, or {}", only(other)),
        _ if can_have_prefix => {
            format!(
                "{elsewhere}, or {} and {}",
                filtered(FILTERED[0]),
                only(WRITTEN[0])
            )
        }
        _ => format!("{elsewhere}, or other keys than those the filter matches"),
    }
}

fn does(verb: &str, certain: bool) -> String {
    if certain {
        format!("{verb}s")
    } else {
        format!("may {verb}")
    }
}

/// The filter of keys that a rule has beside `put_object_in`, or in its pattern.
fn filter_of(rule: &Rule) -> Option<String> {
    let fields = [("prefix", &rule.prefix), ("suffix", &rule.suffix)];
    let given = fields.iter().filter_map(|(name, text)| {
        let text = text.as_ref()?;
        Some(format!("`{name}: {text}`"))
    });
    let given: Vec<String> = given.collect();
    if !given.is_empty() {
        return Some(given.join(" with "));
    }
    let detail = &rule.pattern.as_ref()?["detail"];
    let keys = [
        &detail["object"]["key"],
        &detail["requestParameters"]["key"],
    ];
    keys.into_iter()
        .any(Value::is_array)
        .then(|| "the filter in the pattern".to_owned())
}
