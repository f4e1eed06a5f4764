//! Everything about a definition that is wrong or doubtful and can be seen without AWS.

mod choice;
mod fields;
mod flow;
mod machine;
mod map;
mod retry;
mod state;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::{Node, Problem, Problems, Source, Span};

/// All problems of a definition, in no particular order.
pub(super) fn check(source: &Arc<Source>, root: &Node) -> Problems {
    let mut lint = Lint {
        source,
        problems: Problems::default(),
        names: HashMap::new(),
    };
    machine::check_top(&mut lint, root);
    lint.problems
}

/// What every check writes to.
struct Lint<'a> {
    source: &'a Arc<Source>,
    problems: Problems,
    /// Every state name met so far, and where: names are unique across branches.
    names: HashMap<String, Span>,
}

impl Lint<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems
            .push(Problem::error(message).at(self.source, span).help(help));
    }

    fn warning(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems
            .push(Problem::warning(message).at(self.source, span).help(help));
    }

    fn line(&self, span: Span) -> usize {
        span.line_column(&self.source.text).0
    }
}

/// The opening bracket of an object or list: where something missing from it is shown.
fn head(node: &Node) -> Span {
    Span {
        start: node.span.start,
        end: (node.span.start + 1).min(node.span.end),
    }
}
