//! `JSONata` expressions in `{% ... %}`: whether they parse, what they read, and what is known of their values.
//!
//! Step Functions has `JSONata` 2.0.6 with functions of its own, evaluates an expression without a
//! context value, and passes all data in `$states`
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>).

mod condition;
mod known;
mod names;
mod syntax;
mod walk;

use jsonata_core::parser;

pub use condition::{ConditionFault, condition_faults, evaluated, is_constant, is_expression};
use known::inner;
pub(super) use known::known_pattern;
pub use known::with_literal_arguments;
use walk::ExpressionWalk;

/// The fields of the reserved variable `$states` that only some expressions can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::asl) struct Visible {
    /// `$states.result`: in `Output` and `Assign` of a state with a result.
    pub result: bool,
    /// `$states.errorOutput`: in a catcher.
    pub error: bool,
}

/// An error or warning of an expression, and the bytes it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::asl) struct Finding {
    pub certain: bool,
    pub from: usize,
    pub to: usize,
    pub message: String,
    pub help: String,
}

/// The result of analyzing an expression.
#[derive(Debug, Default)]
pub(in crate::asl) struct Analysis {
    pub findings: Vec<Finding>,
    /// The variables that it reads and does not bind itself, each with its bytes.
    pub variables: Vec<(String, usize, usize)>,
    /// The paths in `$states.context` that it reads.
    pub contexts: Vec<(Vec<String>, usize, usize)>,
}

/// Analyzes one expression without its `{%` and `%}`. `blanked` says that it had references, each of
/// which was replaced by as many `x`.
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
