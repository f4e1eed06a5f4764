//! `JSONata` expressions in `{% ... %}`: whether they parse, and what they refer to.
//!
//! Step Functions has `JSONata` 2.0.6 with functions of its own, evaluates expressions without a
//! context value, and hands everything over in `$states`
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>).

mod syntax;
mod walk;

use jsonata_core::parser;

use walk::ExpressionWalk;

/// What the reserved variable `$states` holds, besides what only some fields see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::asl) struct Visible {
    /// `$states.result`: where a state that calls something shapes its output.
    pub result: bool,
    /// `$states.errorOutput`: in a catcher.
    pub error: bool,
}

/// Something to say of an expression, between which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::asl) struct Finding {
    pub certain: bool,
    pub from: usize,
    pub to: usize,
    pub message: String,
    pub help: String,
}

/// What an expression was found to be.
#[derive(Debug, Default)]
pub(in crate::asl) struct Analysis {
    pub findings: Vec<Finding>,
    /// Variables it reads that it does not bind itself, each with its place.
    pub variables: Vec<(String, usize, usize)>,
    /// The paths through `$states.context` it reads.
    pub contexts: Vec<(Vec<String>, usize, usize)>,
}

/// Looks at one expression, without its `{%` and `%}`; `blanked` if it had references, each of
/// which is now as many `x`.
pub(in crate::asl) fn analyze(expression: &str, visible: Visible, blanked: bool) -> Analysis {
    let mut walk = ExpressionWalk::new(expression, visible, blanked);
    match parser::parse(expression) {
        Ok(tree) => walk.node(&tree, true),
        Err(error) => walk
            .found
            .findings
            .push(syntax::finding(expression, &error.to_string())),
    }
    walk.found
}
