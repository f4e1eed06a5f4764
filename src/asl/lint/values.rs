//! Checks of single values: texts, numbers in a range, truth values.

use super::{Lint, fields, head};
use crate::asl::QueryLanguage;
use crate::asl::text::{has_reference, one_of, suggestion};
use crate::source::{Node, Span, Value};

/// What a value is, by the terms of JSON.
pub(super) fn describe(node: &Node) -> String {
    match node.value {
        Value::Null => "null".to_owned(),
        Value::Map(_) => "an object".to_owned(),
        _ => node.describe(),
    }
}

/// Numbers a field may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub least: f64,
    pub most: f64,
}

/// The largest number of seconds most fields take.
pub(super) const MAX_SECONDS: f64 = 99_999_999.0;

/// Whether the text is a `JSONata` expression; such a text may stand for a number.
pub(super) fn is_expression(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.starts_with("{%"))
}

/// Whether a value is an object; reports it otherwise.
pub(super) fn object(lint: &mut Lint, node: &Node, what: &str) -> bool {
    let right = matches!(node.value, Value::Map(_));
    if !right {
        lint.error(
            node.span,
            format!("{what} must be an object, not {}", describe(node)),
            "write it as {...}",
        );
    }
    right
}

/// The items of a list field, reporting a wrong type and, unless it may be empty, no items.
pub(super) fn list<'a>(
    lint: &mut Lint,
    node: &'a Node,
    field: &str,
    may_be_empty: bool,
) -> &'a [Node] {
    if !matches!(node.value, Value::List(_)) {
        lint.error(
            node.span,
            format!("`{field}` must be a list, not {}", describe(node)),
            "write it as [...]",
        );
    } else if node.items().is_empty() && !may_be_empty {
        lint.error(
            node.span,
            format!("`{field}` is an empty list"),
            "give it at least one item",
        );
    }
    node.items()
}

/// The text of a field; reports a value of another type.
pub(super) fn text<'a>(lint: &mut Lint, object: &'a Node, field: &str) -> Option<(&'a str, Span)> {
    let node = object.get(field)?;
    if let Some(text) = node.as_str() {
        return Some((text, node.span));
    }
    lint.error(
        node.span,
        format!("`{field}` must be a text, not {}", describe(node)),
        "put it in double quotes",
    );
    None
}

/// Whether an unknown field has a similar name: then the field is not missing but misspelt, which is
/// reported elsewhere.
pub(super) fn is_misspelt(object: &Node, field: &str) -> bool {
    let mut keys = object.entries().iter().map(|entry| entry.key.as_str());
    keys.any(|key| !fields::is_known(key) && suggestion(key, [field]).is_some())
}

/// Reports a field that is missing.
pub(super) fn required(
    lint: &mut Lint,
    object: &Node,
    span: Option<Span>,
    field: &str,
    owner: &str,
    help: &str,
) -> bool {
    let there = object.get(field).is_some();
    if !there && !is_misspelt(object, field) {
        lint.error(
            span.unwrap_or_else(|| head(object)),
            format!("{owner} has no `{field}`"),
            help,
        );
    }
    there
}

/// Reports a value that is not a whole number in the range, or an expression in a `JSONata` state.
pub(super) fn integer(
    lint: &mut Lint,
    object: &Node,
    field: &str,
    range: Range,
    language: QueryLanguage,
) {
    let Some(node) = object.get(field) else {
        return;
    };
    if language == QueryLanguage::Jsonata && is_expression(node) {
        return;
    }
    let Value::Number(number) = &node.value else {
        return not_a_number(lint, node, field, "whole number", language);
    };
    // The comparison is exact: truncating a whole number does not change it.
    #[allow(clippy::float_cmp)]
    let whole = number.as_f64().is_some_and(|value| value.trunc() == value);
    if !whole {
        return lint.error(
            node.span,
            format!("`{field}` must be a whole number, not {number}"),
            "leave out the fraction",
        );
    }
    in_range(lint, node, field, number, range);
}

/// Reports a value that is not a number in the range, or an expression in a `JSONata` state.
pub(super) fn number(
    lint: &mut Lint,
    object: &Node,
    field: &str,
    range: Range,
    language: QueryLanguage,
) {
    match object.get(field) {
        Some(node) if language == QueryLanguage::Jsonata && is_expression(node) => {}
        Some(Node {
            value: Value::Number(number),
            span,
        }) => {
            let node = Node {
                value: Value::Number(number.clone()),
                span: *span,
            };
            in_range(lint, &node, field, number, range);
        }
        Some(node) => not_a_number(lint, node, field, "number", language),
        None => {}
    }
}

fn not_a_number(lint: &mut Lint, node: &Node, field: &str, kind: &str, language: QueryLanguage) {
    let help = match language {
        _ if node.as_str().is_some_and(has_reference) => {
            "a reference becomes a text, and a text is not a number: write the number itself"
        }
        _ if is_expression(node) => {
            "expressions need \"QueryLanguage\": \"JSONata\"; a JSONPath state has a field that ends in `Path` for this"
        }
        QueryLanguage::Jsonata => "write it without quotes, or as a `{% ... %}` expression",
        QueryLanguage::JsonPath => "write it without quotes",
    };
    lint.error(
        node.span,
        format!("`{field}` must be a {kind}, not {}", describe(node)),
        help,
    );
}

fn in_range(lint: &mut Lint, node: &Node, field: &str, number: &serde_json::Number, range: Range) {
    let value = number.as_f64().unwrap_or(f64::NAN);
    if value < range.least {
        lint.error(
            node.span,
            format!("`{field}` is {number}, less than {}", range.least),
            format!("write {} or more", range.least),
        );
    } else if value > range.most {
        lint.error(
            node.span,
            format!("`{field}` is {number}, more than {}", range.most),
            format!("write {} or less", range.most),
        );
    }
}

/// Reports two fields that exclude each other.
pub(super) fn not_both(lint: &mut Lint, object: &Node, one: &str, other: &str) {
    if let (Some(_), Some(entry)) = (object.entry(one), object.entry(other)) {
        lint.error(
            entry.key_span,
            format!("`{one}` and `{other}` exclude each other"),
            "keep one of the two",
        );
    }
}

/// The value of a field that must be one of some words; reports any other.
pub(super) fn one_word<'a>(
    lint: &mut Lint,
    object: &'a Node,
    field: &str,
    words: &[&str],
) -> Option<&'a str> {
    let (word, span) = text(lint, object, field)?;
    if words.contains(&word) {
        return Some(word);
    }
    if !word.contains("${") {
        let known = words.iter().copied();
        let help = match suggestion(word, known.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write {}", one_of(known)),
        };
        lint.error(span, format!("`{field}` cannot be `{word}`"), help);
    }
    None
}
