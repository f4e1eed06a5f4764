//! Texts that are paths, or intrinsic functions in their place
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html>).

use super::values::describe;
use super::{Lint, scope};
use crate::asl::json::span_in_text;
use crate::asl::path::{self, Root};
use crate::asl::text::{blanked, starts_with_reference};
use crate::source::{Node, Span, Value};

/// What a field that holds a path may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathKind {
    /// A path, which may select many values.
    Path,
    /// A path to exactly one value.
    Reference,
    /// The same, in the state's input or a variable alone: a number of a Map. AWS refuses the context object
    /// with "Value is not a Reference Path" (measured 2026-09-16, floci-io/floci issue 3733).
    NoContext,
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
            } else if text == "null" && kind == PathKind::PathOrCall {
                "write null without quotes, and remove `.$` from the key".to_owned()
            } else if text == "null" && matches!(kind, PathKind::Path | PathKind::Result) {
                "write null, without quotes".to_owned()
            } else if kind == PathKind::PathOrCall && !text.starts_with('$') {
                let help = error.help;
                format!("{help}, or remove `.$` from the key if this is the value itself")
            } else {
                error.help
            };
            lint.error(span, error.message, help);
        }
        Ok(found) => {
            let is_reference = !matches!(kind, PathKind::Path | PathKind::PathOrCall);
            if let Some(plural) = found.plural.clone().filter(|_| is_reference) {
                let span = at(lint, plural.from, plural.to);
                lint.error(
                    span,
                    format!("{}, and one value is needed here", plural.message),
                    plural.help,
                );
            }
            if let Some(dotted) = found.dotted.clone().filter(|_| is_reference) {
                let span = at(lint, dotted.from, dotted.to);
                lint.warning(span, dotted.message, dotted.help);
            }
            if kind == PathKind::NoContext && found.root == Root::Context {
                lint.error(
                    node.span,
                    "this number cannot come from the context object: of a Map, only `ItemsPath` reads it",
                    "put it into the state's input or a variable before, and write `$.name` or `$name`",
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

pub(super) fn context(lint: &mut Lint, names: &[&str], span: Span) {
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
            "an intrinsic function is not allowed here",
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
                    format!(
                        "`{}` is not allowed here: it returns no text",
                        call.function
                    ),
                    help,
                );
            }
            for doubt in call.doubts {
                let span = span_in_text(lint.source, node.span, doubt.from, doubt.to);
                lint.warning(span, doubt.message, doubt.help);
            }
            for (found, from, to) in &call.paths {
                let span = span_in_text(lint.source, node.span, *from, *to);
                path_root(lint, found, span);
            }
        }
    }
}
