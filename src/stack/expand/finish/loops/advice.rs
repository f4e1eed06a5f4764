//! Why an event starts a rule again, and the way out.

use serde_json::Value;

use super::emitted::Cause;
use crate::stack::kinds::Rule;
use crate::stack::object_keys::KeyFilter;
use crate::stack::text_pattern::TextPattern;

/// Prefixes that may be proposed.
const PREFIXES: [&str; 2] = ["incoming/", "uploads/"];

/// What follows the circle in the message: who makes the last event, and what does not keep it out.
pub(super) fn why(cause: &Cause, by: &str, rule: Option<&Rule>) -> String {
    match cause {
        Cause::Object {
            verb, key, certain, ..
        } => {
            let does = does(verb, *certain);
            let keys = if *key == TextPattern::any() {
                "any key".to_owned()
            } else {
                format!("`{key}`")
            };
            let filter = rule.and_then(filter_of);
            let filter = filter.map_or(String::new(), |filter| format!(", which {filter} matches"));
            format!(", where `{by}` {does} {keys}{filter}")
        }
        Cause::Put { certain, .. } => format!(", which `{by}` {}", does("put", *certain)),
        Cause::Status => ", which changes with each execution".to_owned(),
    }
}

/// What ends the loop, at the rule it leads back to.
pub(super) fn help(
    cause: &Cause,
    by: &str,
    by_function: bool,
    rule: Option<&Rule>,
    pattern: &Value,
) -> String {
    let (key, recorded, verb) = match cause {
        Cause::Object {
            key,
            recorded,
            verb,
            ..
        } => (key, *recorded, *verb),
        Cause::Put { .. } => {
            return format!(
                "let `{by}` put events with another source or detail type, or narrow the `pattern` to those of others"
            );
        }
        Cause::Status => {
            return "name the machines that are meant: `detail: { stateMachineArn: [\"${KEY.arn}\"] }`".to_owned();
        }
    };
    let is_pattern = rule.is_some_and(|rule| rule.put_object_in.is_none());
    let path = if recorded {
        "requestParameters"
    } else {
        "object"
    };
    let filter_of = |prefix: &str| {
        if is_pattern {
            format!("`detail: {{ {path}: {{ key: [{{ prefix: {prefix} }}] }} }}`")
        } else {
            format!("`prefix: {prefix}`")
        }
    };
    let place = if is_pattern { " in the pattern" } else { "" };
    let elsewhere = format!("let `{by}` {verb} objects of another bucket");
    let role = format!("`{by}` only others: `${{KEY.arn}}/done/*` in `resources` of its `allow`");
    let has_filter = pattern["detail"][path]["key"].is_array();
    if has_filter {
        let known = KeyFilter::of(pattern).in_words();
        let others = if by_function {
            format!("keep the filter{place} and let {role}")
        } else {
            format!("let it use keys that `{known}` does not match")
        };
        return format!("{elsewhere}; or {others}");
    }
    let free = PREFIXES.into_iter().find(|prefix| {
        let filtered = TextPattern::beginning_with(prefix);
        !filtered.overlaps(key)
    });
    match free {
        Some(prefix) => format!(
            "{elsewhere}; or filter the keys{place}: {}",
            filter_of(prefix)
        ),
        None if by_function => format!(
            "{elsewhere}; or filter the keys{place}, {}, and allow {role}",
            filter_of(PREFIXES[0])
        ),
        None => format!(
            "{elsewhere}; or filter the keys{place}, {}, and let its keys begin otherwise: `done/`",
            filter_of(PREFIXES[0])
        ),
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
