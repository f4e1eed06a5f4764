//! What is known of the value of an expression before it runs.

use std::borrow::Cow;

use jsonata_core::ast::{AstNode, BinaryOp};
use jsonata_core::parser;
use serde_json::{Map, Value as Json, json};

/// The depth to which an expression is looked at; what is deeper counts as computed.
const MAX_DEPTH: usize = 100;

/// A text in parts, none of them empty, no two literals or computed parts in a row. `None` stands for a part that is
/// computed.
type Parts = Vec<Option<String>>;

/// The text that an expression gives, as a pattern with `*` for each computed part; `None` if nothing is known of it.
///
/// The parser gives the operators the precedence of `JSONata`, where `~>` and `in` are looser than `&`
/// (<https://docs.jsonata.org/other-operators>).
pub(in crate::asl) fn known_pattern(text: &str) -> Option<String> {
    let tree = parser::parse(inner(text)?).ok()?;
    let parts = parts(&tree, 0);
    let is_known = parts.iter().any(Option::is_some);
    is_known.then(|| {
        parts
            .into_iter()
            .map(|part| part.unwrap_or("*".to_owned()))
            .collect()
    })
}

/// A definition whose `Arguments` have literals in place of the expressions that are literals: `{% 'a' %}` becomes
/// `a`, and `{% {'Key': 'in/' & $id} %}` an object. What is computed stays an expression.
#[must_use]
pub fn with_literal_arguments(definition: &Json) -> Cow<'_, Json> {
    let mut written = definition.clone();
    if write_arguments(&mut written) {
        Cow::Owned(written)
    } else {
        Cow::Borrowed(definition)
    }
}

/// Answers whether anything changed.
fn write_arguments(definition: &mut Json) -> bool {
    match definition {
        Json::Object(fields) => fields.iter_mut().fold(false, |changed, (name, value)| {
            let write = if name == "Arguments" {
                write_literals
            } else {
                write_arguments
            };
            changed | write(value)
        }),
        Json::Array(items) => items
            .iter_mut()
            .fold(false, |changed, item| changed | write_arguments(item)),
        _ => false,
    }
}

fn write_literals(value: &mut Json) -> bool {
    match value {
        Json::Object(fields) => fields
            .values_mut()
            .fold(false, |changed, one| changed | write_literals(one)),
        Json::Array(items) => items
            .iter_mut()
            .fold(false, |changed, one| changed | write_literals(one)),
        Json::String(text) => {
            let literal = inner(text).and_then(|inner| literal(&parser::parse(inner).ok()?, 0));
            let changed = literal.is_some();
            if let Some(literal) = literal {
                *value = literal;
            }
            changed
        }
        _ => false,
    }
}

/// What is between `{%` and `%}`.
pub(super) fn inner(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}")
}

/// The value of an expression that is a literal; an object or list may have computed parts. `None` for others.
fn literal(node: &AstNode, depth: usize) -> Option<Json> {
    let within = |node: &AstNode| {
        literal(node, depth + 1).unwrap_or_else(|| computed(&parts(node, depth + 1)))
    };
    match node {
        _ if depth > MAX_DEPTH => None,
        AstNode::Number(number) => Some(json!(number)),
        AstNode::Boolean(value) => Some(json!(value)),
        AstNode::Null => Some(Json::Null),
        AstNode::Array(items) => Some(items.iter().map(within).collect()),
        AstNode::Object(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| match key {
                AstNode::String(key) => Some((key.clone(), within(value))),
                _ => None,
            });
            pairs.collect::<Option<Map<_, _>>>().map(Json::Object)
        }
        AstNode::Block(items) => match &items[..] {
            [one] => literal(one, depth + 1),
            _ => None,
        },
        _ => match &parts(node, depth)[..] {
            [] => Some(json!("")),
            [Some(text)] => Some(json!(text)),
            _ => None,
        },
    }
}

/// An expression of which the same is known as of these parts.
fn computed(parts: &Parts) -> Json {
    let parts = parts.iter().map(|part| match part {
        Some(text) => json!(text).to_string(),
        None => "$computed".to_owned(),
    });
    json!(format!("{{% {} %}}", parts.collect::<Vec<_>>().join(" & ")))
}

/// The parts of the text that a node gives.
fn parts(node: &AstNode, depth: usize) -> Parts {
    match node {
        _ if depth > MAX_DEPTH => vec![None],
        AstNode::String(text) => joined([Some(text.clone())]),
        AstNode::Binary {
            op: BinaryOp::Concatenate,
            lhs,
            rhs,
        } => joined(
            parts(lhs, depth + 1)
                .into_iter()
                .chain(parts(rhs, depth + 1)),
        ),
        // The value of a block is that of its last expression.
        AstNode::Block(items) => items
            .last()
            .map_or(vec![None], |last| parts(last, depth + 1)),
        AstNode::Conditional {
            then_branch,
            else_branch,
            ..
        } => {
            // Without the other branch, it may give nothing, which `&` takes for an empty text.
            let other = else_branch
                .as_ref()
                .map_or(Vec::new(), |other| parts(other, depth + 1));
            either(parts(then_branch, depth + 1), &other)
        }
        _ => vec![None],
    }
}

fn joined(all: impl IntoIterator<Item = Option<String>>) -> Parts {
    let mut parts: Parts = Vec::new();
    for part in all {
        match (parts.last_mut(), part) {
            (_, Some(text)) if text.is_empty() => {}
            (Some(Some(before)), Some(text)) => before.push_str(&text),
            (Some(None), None) => {}
            (_, part) => parts.push(part),
        }
    }
    parts
}

/// What is known of a text that is one or the other: how both begin and end.
fn either(one: Parts, other: &Parts) -> Parts {
    if one == *other {
        return one;
    }
    let start = |parts: &Parts| parts.first().cloned().flatten().unwrap_or_default();
    let begins: String = start(&one)
        .chars()
        .zip(start(other).chars())
        .take_while(|(one, other)| one == other)
        .map(|(letter, _)| letter)
        .collect();
    // The end of a text of one part does not overlap its beginning.
    let end = |parts: &Parts| match &parts[..] {
        [Some(text)] => text[begins.len()..].to_owned(),
        _ => parts.last().cloned().flatten().unwrap_or_default(),
    };
    let ends: Vec<char> = end(&one)
        .chars()
        .rev()
        .zip(end(other).chars().rev())
        .take_while(|(one, other)| one == other)
        .map(|(letter, _)| letter)
        .collect();
    let ends = ends.into_iter().rev().collect();
    joined([Some(begins), None, Some(ends)])
}
