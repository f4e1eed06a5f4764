//! Values that are computed when a state runs: payload templates in `JSONPath`, `{% ... %}` expressions in
//! `JSONata`.

use super::paths::{PathKind, context, path_text};
use super::values::describe;
use super::{Lint, scope};
use crate::asl::QueryLanguage;
use crate::asl::json::span_in_text;
use crate::asl::jsonata::{self, Visible};
use crate::asl::path;
use crate::asl::text::{blanked, has_reference};
use crate::source::{Node, Value};

/// Checks a field whose texts are computed when the state runs, if it is there.
pub(super) fn field(
    lint: &mut Lint,
    object: &Node,
    name: &str,
    language: QueryLanguage,
    visible: Visible,
) {
    if let Some(node) = object.get(name) {
        template(lint, node, language, visible);
    }
}

/// Checks a value whose texts, at any depth, are computed when the state runs.
pub(super) fn template(lint: &mut Lint, node: &Node, language: QueryLanguage, visible: Visible) {
    match &node.value {
        Value::String(text) => match language {
            QueryLanguage::JsonPath => plain(lint, None, node, text),
            QueryLanguage::Jsonata => expression(lint, node, visible),
        },
        Value::List(items) => items
            .iter()
            .for_each(|item| template(lint, item, language, visible)),
        Value::Map(entries) => {
            for entry in entries {
                match (language, entry.key.strip_suffix(".$")) {
                    (QueryLanguage::JsonPath, Some(short)) => dynamic(lint, node, short, entry),
                    (QueryLanguage::JsonPath, None) if entry.value.as_str().is_some() => {
                        let text = entry.value.as_str().unwrap_or("");
                        plain(lint, Some(&entry.key), &entry.value, text);
                    }
                    (QueryLanguage::Jsonata, Some(short)) => {
                        lint.warning(
                            entry.key_span,
                            format!(
                                "`{}` is taken as it is: keys that end in `.$` belong to JSONPath",
                                entry.key
                            ),
                            format!("write \"{short}\": \"{{% {} %}}\"", meant(&entry.value)),
                        );
                        if entry
                            .value
                            .as_str()
                            .is_none_or(|text| text.starts_with("{%"))
                        {
                            template(lint, &entry.value, language, visible);
                        }
                    }
                    _ => template(lint, &entry.value, language, visible),
                }
            }
        }
        _ => {}
    }
}

/// The value of a key that ends in `.$`.
fn dynamic(lint: &mut Lint, object: &Node, short: &str, entry: &crate::source::Entry) {
    if object.entry(short).is_some() {
        lint.error(
            entry.key_span,
            format!("`{short}` and `{}` exclude each other", entry.key),
            "keep one of the two",
        );
    }
    if entry.value.as_str().is_some() {
        return path_text(lint, &entry.value, PathKind::PathOrCall);
    }
    lint.error(
        entry.value.span,
        format!(
            "`{}` must be a path or an intrinsic function, not {}",
            entry.key,
            describe(&entry.value)
        ),
        format!("remove the `.$` to give `{short}` this value as it is"),
    );
}

/// Warns of a literal text of a payload template that looks like a path or expression.
fn plain(lint: &mut Lint, key: Option<&str>, node: &Node, text: &str) {
    let looks_like_path = text == "$"
        || ["$.", "$$.", "$["]
            .iter()
            .any(|head| text.starts_with(head));
    let dynamic = match key {
        Some(key) => format!("end the key in `.$`: \"{key}.$\""),
        None => "a list or a text alone cannot hold a path: make it with States.Array under a key that ends in `.$`".to_owned(),
    };
    if looks_like_path || (path::is_call(text) && text.contains('(')) {
        lint.warning(
            node.span,
            format!("`{text}` is taken as a text, not looked up"),
            dynamic,
        );
    } else if text.starts_with("{%") {
        lint.warning(
            node.span,
            "this expression is taken as a text: the query language here is JSONPath",
            "give the state \"QueryLanguage\": \"JSONata\", or write a path",
        );
    }
}

/// Checks a text that may be a `{% ... %}` expression.
pub(super) fn expression(lint: &mut Lint, node: &Node, visible: Visible) {
    let Some(text) = node.as_str() else {
        return;
    };
    let (opens, closes) = (text.starts_with("{%"), text.ends_with("%}"));
    match (opens, closes) {
        (true, true) if text.len() >= 4 => {
            let text = blanked(text);
            analyzed(lint, node, &text[2..text.len() - 2], visible);
        }
        (true, _) => lint.error(
            node.span,
            "this expression is not closed",
            "end the text in `%}`, with nothing after it",
        ),
        (_, true) => lint.error(
            node.span,
            "this expression is not opened",
            "begin the text with `{%`, with nothing before it",
        ),
        _ if text.contains("{%") && text.contains("%}") => lint.warning(
            node.span,
            "this expression is taken as a text, for there is more around it",
            "begin the text with {% and end it with %}, and join texts with `&` inside",
        ),
        _ if text == "$"
            || text.starts_with("$.")
            || text.starts_with("$$.")
            || text.starts_with("$states") =>
        {
            lint.warning(
                node.span,
                format!("`{text}` is taken as a text, not looked up"),
                format!("write \"{{% {} %}}\"", suggestion(text)),
            );
        }
        _ if path::is_call(text) && text.contains('(') => lint.warning(
            node.span,
            "intrinsic functions belong to JSONPath: this is taken as a text",
            "JSONata has functions for it: $string, $join, $merge, $uuid ...",
        ),
        _ => {}
    }
}

/// The `JSONata` expression for the value of a key that ends in `.$`.
fn meant(node: &Node) -> String {
    match node.as_str() {
        Some(text) if text == "$" || text.starts_with("$.") || text.starts_with("$$.") => {
            suggestion(text)
        }
        _ => "...".to_owned(),
    }
}

fn suggestion(text: &str) -> String {
    match text.strip_prefix("$$.") {
        Some(rest) => format!("$states.context.{rest}"),
        None if text.starts_with("$states") => text.to_owned(),
        None => format!("$states.input{}", text.trim_start_matches('$')),
    }
}

fn analyzed(lint: &mut Lint, node: &Node, inner: &str, visible: Visible) {
    let blanked = node.as_str().is_some_and(has_reference);
    let analysis = jsonata::analyze(inner, visible, blanked);
    // `{%` takes two bytes before the expression.
    let at = |lint: &Lint, from: usize, to: usize| {
        span_in_text(lint.source, node.span, from + 2, to + 2)
    };
    for finding in analysis.findings {
        let span = at(lint, finding.from, finding.to);
        if finding.certain {
            lint.error(span, finding.message, finding.help);
        } else {
            lint.warning(span, finding.message, finding.help);
        }
    }
    for (name, from, to) in analysis.variables {
        let span = at(lint, from, to);
        scope::read(lint, &name, span);
    }
    for (names, from, to) in analysis.contexts {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let span = at(lint, from, to);
        context(lint, &names, span);
    }
}
