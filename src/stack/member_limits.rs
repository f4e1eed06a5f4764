//! Lengths and characters that AWS takes, checked once every reference of a value is replaced.

mod table;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::Regex;

use super::reference::ReferenceValues;
use super::resolve::is_resolved;
use crate::source::{Diagnostic, Node, Source, Span, Value};
pub(super) use table::{KEY_ATTRIBUTE, ValueLimit};

/// Which part of a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The text.
    Text,
    /// The key that it stands under.
    KeyName,
    /// Its JSON without blanks, which is what treino sends.
    Json,
    /// How many items or entries it has.
    Count,
}

/// Everything of a stack file that AWS would refuse for its length or characters. A value that refers to
/// what is not known yet is left out.
pub(super) fn check(source: &Arc<Source>, root: &Node, known: &ReferenceValues) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, what, part, limit) in table::ROWS {
        let steps: Vec<&str> = path.split('/').collect();
        visit(
            root,
            ("", Span::default()),
            &steps,
            &mut |node, (name, key)| {
                // What is written empty and may not be is reported by the schema.
                let is_said = limit.min() > 0 && node.as_str() == Some("");
                let wrong = match part {
                    _ if is_said => None,
                    Part::Text => text(node, known).and_then(|text| limit.refusal(what, &text)),
                    Part::KeyName => limit.refusal(what, name),
                    Part::Json => {
                        json(node, known).and_then(|json| limit.wrong_length(what, &json))
                    }
                    Part::Count => limit.too_many(what, node.items().len() + node.entries().len()),
                };
                let span = match (part, &node.value) {
                    (Part::KeyName | Part::Count, _) | (_, Value::Map(_)) => key,
                    _ => node.span,
                };
                found.extend(wrong.map(|wrong| wrong.at(source, span)));
            },
        );
    }
    found
}

/// Calls `then` with every value at a path, and its key and the key's place.
fn visit<'n>(
    node: &'n Node,
    key: (&'n str, Span),
    steps: &[&str],
    then: &mut dyn FnMut(&Node, (&str, Span)),
) {
    let Some((first, rest)) = steps.split_first() else {
        return then(node, key);
    };
    let is_deep = *first == "**";
    if is_deep && node.as_str().is_some() {
        then(node, key);
    }
    let matches = |name: &str| *first == "*" || *first == name;
    for entry in node.entries() {
        let key = (entry.key.as_str(), entry.key_span);
        if is_deep {
            visit(&entry.value, key, steps, then);
        } else if matches(&entry.key) {
            visit(&entry.value, key, rest, then);
        }
    }
    for item in node.items() {
        if is_deep {
            visit(item, ("", item.span), steps, then);
        } else if matches("") {
            visit(item, ("", item.span), rest, then);
        }
    }
}

fn text(node: &Node, known: &ReferenceValues) -> Option<String> {
    let text = node.as_str()?;
    is_resolved(text, known).then(|| known.replace(text))
}

fn json(node: &Node, known: &ReferenceValues) -> Option<String> {
    let json = node.to_json();
    is_resolved(&json.to_string(), known).then(|| known.replace_all(&json).to_string())
}

/// A pattern for a whole text, compiled once. Every pattern that is used is a regular expression: a test
/// compiles each.
fn compiled(pattern: &'static str) -> Option<Regex> {
    static COMPILED: LazyLock<Mutex<HashMap<&'static str, Option<Regex>>>> =
        LazyLock::new(Mutex::default);
    let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || Regex::new(&format!("^(?:{pattern})$")).ok();
    all.entry(pattern).or_insert_with(compile).clone()
}

impl ValueLimit {
    /// The diagnostic of a text that AWS would refuse.
    pub(super) fn refusal(&self, what: &str, text: &str) -> Option<Diagnostic> {
        self.wrong_length(what, text).or_else(|| {
            let (pattern, words) = self.pattern()?;
            let whole = compiled(pattern)?;
            let service = self.service;
            (!whole.is_match(text)).then(|| {
                Diagnostic::error(format!("{service} would refuse the {what}")).help(words)
            })
        })
    }

    /// The diagnostic of a text that is too long or too short.
    pub(super) fn wrong_length(&self, what: &str, text: &str) -> Option<Diagnostic> {
        let length = text.chars().count();
        if length == 0 && self.min() > 0 {
            return Some(Diagnostic::error(format!("the {what} is empty")).help("write a value"));
        }
        let has = |length| match length {
            1 => format!("the {what} has 1 character"),
            _ => format!("the {what} has {length} characters"),
        };
        if length < self.min() {
            let help = format!("{} takes at least {}", self.service, self.min());
            return Some(Diagnostic::error(has(length)).help(help));
        }
        self.too_long(&has(length), length)
    }

    fn too_many(&self, what: &str, count: usize) -> Option<Diagnostic> {
        self.too_long(&format!("there are {count} {what}"), count)
    }

    fn too_long(&self, has: &str, length: usize) -> Option<Diagnostic> {
        let service = self.service;
        if length > self.max() {
            let more = self
                .more
                .map(|more| format!(": {more}"))
                .unwrap_or_default();
            let help = format!("{service} takes up to {}{more}", self.max());
            return Some(Diagnostic::error(has).help(help));
        }
        let quota = self.quota.filter(|quota| length > *quota)?;
        let help =
            format!("{service} takes up to {quota} unless AWS has raised the quota of the account");
        Some(Diagnostic::warning(has).help(help))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shape that the data lacks would limit nothing, and a pattern that is no regular expression would
    /// never refuse anything.
    #[test]
    fn every_limit_is_one() {
        for (path, _, _, limit) in table::ROWS {
            assert!(limit.max() < usize::MAX, "{path}");
            let Some(of) = crate::data::limits::of(limit.source) else {
                assert!(limit.source.contains('/'), "{path}");
                continue;
            };
            assert!(limit.words.is_none() || of.pattern.is_some(), "{path}");
            if let Some((pattern, words)) = limit.pattern() {
                assert!(Regex::new(pattern).is_ok() && !words.is_empty(), "{path}");
            }
        }
    }
}
