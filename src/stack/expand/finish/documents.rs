//! The policy documents and conditions that a stack file gives by hand.

use crate::source::{Node, Value};
use crate::stack::Kind;
use crate::stack::expand::Expansion;
use crate::stack::policy::{Problem, check_condition, check_document};

impl Expansion<'_> {
    /// Reports what AWS would refuse of their form.
    pub(super) fn check_documents(&mut self) {
        // What is no mapping is a diagnostic already.
        let is_given = |node: &&Node| matches!(node.value, Value::Map(_));
        let mut found: Vec<Problem> = Vec::new();
        for (kind, entry) in self.written.values() {
            let document = entry.value.get("policy").filter(is_given);
            if let (Some(document), Some(rules)) = (document, kind.facts().document) {
                found.extend(check_document(document, rules));
            }
            if matches!(kind, Kind::Role | Kind::Function | Kind::StateMachine) {
                let allow = entry.value.get("allow").map(Node::items);
                let conditions = allow
                    .into_iter()
                    .flatten()
                    .filter_map(|one| one.get("when"));
                found.extend(conditions.filter(is_given).flat_map(check_condition));
            }
        }
        found.sort_by_key(|problem| problem.span.start);
        for problem in found {
            self.problem_in(problem.span, problem.message, &problem.help);
        }
    }
}
