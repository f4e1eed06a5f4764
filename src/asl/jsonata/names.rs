//! The names that an expression may call, and those that it binds.

use jsonata_core::ast::{AstNode, BinaryOp};

/// The built-in functions: those of `JSONata` 2.0.6 without `eval`, and those of Step Functions.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[&str] = &[
    "abs", "append", "assert", "average", "base64decode", "base64encode", "boolean", "ceil",
    "clone", "contains", "count", "decodeUrl", "decodeUrlComponent", "distinct", "each",
    "encodeUrl", "encodeUrlComponent", "error", "exists", "filter", "floor", "formatBase",
    "formatInteger", "formatNumber", "fromMillis", "join", "keys", "length", "lookup",
    "lowercase", "map", "match", "max", "merge", "millis", "min", "not", "now", "number", "pad",
    "parseInteger", "power", "random", "reduce", "replace", "reverse", "round", "shuffle", "sift",
    "single", "sort", "split", "spread", "sqrt", "string", "substring", "substringAfter",
    "substringBefore", "sum", "toMillis", "trim", "type", "uppercase", "zip",
    "hash", "parse", "partition", "range", "uuid",
];

/// The variable that `:=` binds.
pub(super) fn bound_by(node: &AstNode) -> Option<String> {
    match node {
        AstNode::Binary {
            op: BinaryOp::ColonEqual,
            lhs,
            ..
        } => bound_by_name(lhs),
        _ => None,
    }
}

pub(super) fn bound_by_name(bound: &AstNode) -> Option<String> {
    match bound {
        AstNode::Variable(name) => Some(name.clone()),
        _ => None,
    }
}
