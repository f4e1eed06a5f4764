//! What an Express workflow cannot do
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html>).

use super::Lint;
use crate::asl::model::Machine;
use crate::asl::resource::{self, IntegrationPattern, TaskResource};
use crate::source::Node;

/// Reports every state of a machine, at any depth, that an Express workflow cannot have.
pub(super) fn check(lint: &mut Lint, machine: &Machine) {
    for state in &machine.states {
        if let Some(node) = state.json.get("Resource") {
            task(lint, node);
        }
        let processor = state.item_processor().map(|child| &child.machine);
        for inner in state.branches().chain(processor) {
            if let Some(mode) = inner.distributed() {
                lint.error(
                    mode.span,
                    "an Express workflow cannot have a distributed Map",
                    "make the machine a STANDARD one, or the Map INLINE",
                );
            } else {
                check(lint, inner);
            }
        }
    }
}

/// Reports a call that an Express workflow cannot make.
pub(super) fn task(lint: &mut Lint, node: &Node) {
    let Some(arn) = node.as_str() else {
        return;
    };
    let waits = match resource::parse(arn) {
        Ok(TaskResource::Optimized { pattern, .. }) => pattern != IntegrationPattern::Request,
        Ok(TaskResource::Activity) => true,
        _ => arn.ends_with(".waitForTaskToken"),
    };
    if waits {
        lint.error(
            node.span,
            "an Express workflow cannot wait for a job, a token or an activity",
            "let it run as a STANDARD one, or call without waiting",
        );
    }
}
