//! The checks of a definition that need no AWS: errors, and warnings where it is probably wrong.

mod choice;
mod copied;
mod express;
mod fields;
mod flow;
mod language;
mod machine;
mod map;
mod map_numbers;
mod map_parts;
mod operators;
mod parameters;
mod paths;
mod retry;
mod scope;
mod state;
mod task;
mod template;
mod timestamp;
mod values;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::model::Machine;
pub(super) use machine::has_no_field_of_machine;

use crate::source::{Diagnostic, Diagnostics, Node, Source, Span};

/// All diagnostics of a definition, in no particular order.
pub(super) fn check(source: &Arc<Source>, model: &Machine) -> Diagnostics {
    let mut lint = Lint::new(source);
    let states = model.all_states();
    let names = states.iter().map(|state| state.name.text.to_owned());
    lint.all_names.extend(names);
    lint.raised = retry::RaisedErrors::of(&states);
    if !copied::check(&mut lint, model.json) {
        machine::check_top(&mut lint, model);
    }
    lint.diagnostics
}

/// What in a definition an Express workflow does not support.
pub(super) fn check_express(source: &Arc<Source>, model: &Machine) -> Diagnostics {
    let mut lint = Lint::new(source);
    express::check(&mut lint, model);
    lint.diagnostics
}

/// The state of the checks: what was found so far, and where they are in the definition.
struct Lint<'a> {
    source: &'a Arc<Source>,
    diagnostics: Diagnostics,
    /// The names of the states checked so far, and where they are: a name is unique in a definition.
    names: HashMap<String, Span>,
    /// Every state name of the definition.
    all_names: HashSet<String>,
    /// The labels of the distributed Maps checked so far: a label is unique in a definition.
    labels: HashMap<String, Span>,
    /// The errors that Fail states of the definition raise.
    raised: retry::RaisedErrors,
    /// The variables of the machines around the current state, outermost first.
    scopes: Vec<scope::VariableScope>,
    /// The variables reported as never assigned: each is reported once.
    unassigned: HashSet<String>,
    /// Whether the states run as Express executions, as children of a distributed Map.
    express: bool,
    /// For how many unknown targets a similar state was searched.
    suggestions: usize,
    /// Where functions of `CloudFormation` were reported: nothing more is said of these values.
    copied: Vec<Span>,
    /// Whether a task token was read since this was last cleared.
    token_read: bool,
}

impl<'a> Lint<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        Self {
            source,
            diagnostics: Diagnostics::default(),
            names: HashMap::new(),
            all_names: HashSet::new(),
            labels: HashMap::new(),
            raised: retry::RaisedErrors::default(),
            scopes: Vec::new(),
            unassigned: HashSet::new(),
            express: false,
            suggestions: 0,
            copied: Vec::new(),
            token_read: false,
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Diagnostic::error(message), span, help);
    }

    fn warning(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Diagnostic::warning(message), span, help);
    }

    fn push(&mut self, diagnostic: Diagnostic, span: Span, help: impl Into<String>) {
        let is_within = |copied: &Span| copied.start <= span.start && span.end <= copied.end;
        if !self.copied.iter().any(is_within) {
            let diagnostic = diagnostic.at(self.source, span);
            self.diagnostics.push(diagnostic.help(help));
        }
    }

    fn line(&self, span: Span) -> usize {
        span.line_column(self.source).0
    }
}

/// The opening bracket of an object or list: there a missing field is reported.
fn head(node: &Node) -> Span {
    Span {
        start: node.span.start,
        end: (node.span.start + 1).min(node.span.end),
    }
}
