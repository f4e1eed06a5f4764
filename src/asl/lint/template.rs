//! Values that are computed when a state runs: paths and payload templates in `JSONPath`,
//! `{% ... %}` expressions in `JSONata`.

use super::values::describe;
use super::{Lint, scope};
use crate::asl::QueryLanguage;
use crate::asl::json::span_in_text;
use crate::asl::jsonata::{self, Visible};
use crate::asl::path::{self, Root};
use crate::asl::text::{blanked, has_reference, starts_with_reference};
use crate::source::{Node, Span, Value};

/// What a field that holds a path may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathKind {
    /// A path, which may select many values.
    Path,
    /// A path to exactly one value.
    Reference,
    /// A path to one value, or an intrinsic function that returns a text.
    ReferenceOrText,
    /// Where a result is put: a path to one value of the input.
    Result,
    /// A path or an intrinsic function: the value of a key that ends in `.$`.
    PathOrCall,
}

/// The intrinsic functions that `ErrorPath` and `CausePath` take.
const TEXT_FUNCTIONS: [&str; 7] = [
    "States.Format",
    "States.JsonToString",
    "States.ArrayGetItem",
    "States.Base64Encode",
    "States.Base64Decode",
    "States.Hash",
    "States.UUID",
];

/// Checks a field that must hold a path, if it is there.
pub(super) fn path_field(
    lint: &mut Lint,
    object: &Node,
    field: &str,
    kind: PathKind,
    nullable: bool,
) {
    let Some(node) = object.get(field) else {
        return;
    };
    match &node.value {
        Value::String(_) => path_text(lint, node, kind),
        Value::Null if nullable => {}
        _ => lint.error(
            node.span,
            format!("`{field}` must be a path, not {}", describe(node)),
            if nullable {
                "write a path such as \"$.order\", or null"
            } else {
                "write a path such as \"$.order\""
            },
        ),
    }
}

/// Checks a text that must be a path.
pub(super) fn path_text(lint: &mut Lint, node: &Node, kind: PathKind) {
    let Some(text) = node.as_str() else {
        return;
    };
    if starts_with_reference(text) {
        return;
    }
    let text = blanked(text);
    let at = |lint: &Lint, from: usize, to: usize| span_in_text(lint.source, node.span, from, to);
    if path::is_call(&text) {
        return call(lint, node, &text, kind);
    }
    match path::parse(&text) {
        Err(error) => {
            let span = at(lint, error.from, error.to);
            let help = if text.starts_with("{%") {
                "expressions need \"QueryLanguage\": \"JSONata\"; write a path here".to_owned()
            } else if kind == PathKind::PathOrCall && !text.starts_with('$') {
                let help = error.help;
                format!("{help}, or remove `.$` from the key if this is the value itself")
            } else {
                error.help
            };
            lint.error(span, error.message, help);
        }
        Ok(found) => {
            if let Some(plural) = found
                .plural
                .clone()
                .filter(|_| !matches!(kind, PathKind::Path | PathKind::PathOrCall))
            {
                let span = at(lint, plural.from, plural.to);
                lint.error(
                    span,
                    format!("{}, and one value is needed here", plural.message),
                    plural.help,
                );
            }
            if kind == PathKind::Result && found.root != Root::Input {
                let message = "a result can only be put into the state's input";
                lint.error(node.span, message, "write a path that begins with `$.`");
            }
            let span = at(lint, 0, text.len());
            path_root(lint, &found, span);
        }
    }
}

fn path_root(lint: &mut Lint, found: &path::ParsedPath, span: Span) {
    match &found.root {
        Root::Input => {}
        Root::Variable(name) => scope::read(lint, name, span),
        Root::Context => {
            let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
            context(lint, &names, span);
        }
    }
}

fn context(lint: &mut Lint, names: &[&str], span: Span) {
    if let Some((name, help)) = path::unknown_context(names) {
        lint.warning(
            span,
            format!("the context object has no field `{name}` there"),
            help,
        );
    }
    if names.starts_with(&["Task", "Token"]) {
        lint.token_read = true;
    }
}

fn call(lint: &mut Lint, node: &Node, text: &str, kind: PathKind) {
    if !matches!(kind, PathKind::PathOrCall | PathKind::ReferenceOrText) {
        return lint.error(
            node.span,
            "an intrinsic function cannot stand here",
            "call it under a key that ends in `.$`, in a state before if need be",
        );
    }
    if text.starts_with(char::is_whitespace) {
        let help = "remove it";
        return lint.error(
            node.span,
            "an intrinsic function cannot begin with a blank",
            help,
        );
    }
    match path::parse_call(text) {
        Err(error) => {
            let span = span_in_text(lint.source, node.span, error.from, error.to);
            lint.error(span, error.message, error.help);
        }
        Ok(call) => {
            if kind == PathKind::ReferenceOrText && !TEXT_FUNCTIONS.contains(&call.function) {
                let help = format!("use one of {}", TEXT_FUNCTIONS.join(", "));
                lint.error(
                    node.span,
                    format!("`{}` cannot stand here: it returns no text", call.function),
                    help,
                );
            }
            for (found, from, to) in &call.paths {
                let span = span_in_text(lint.source, node.span, *from, *to);
                path_root(lint, found, span);
            }
        }
    }
}

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
