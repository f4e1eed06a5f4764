//! What an Express workflow cannot do
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html>).

use super::Lint;
use crate::asl::resource::{self, Pattern, Target};
use crate::source::Node;

/// Reports every state of a machine, at any depth, that an Express workflow cannot have.
pub(super) fn check(lint: &mut Lint, machine: &Node) {
    let states = machine.get("States").map(Node::entries).unwrap_or_default();
    for state in states {
        if let Some(node) = state.value.get("Resource") {
            task(lint, node);
        }
        let processor = state
            .value
            .get("ItemProcessor")
            .or_else(|| state.value.get("Iterator"));
        let branches = state
            .value
            .get("Branches")
            .map(Node::items)
            .unwrap_or_default();
        for inner in branches.iter().chain(processor) {
            let mode = inner
                .get("ProcessorConfig")
                .and_then(|config| config.get("Mode"));
            if let Some(mode) = mode.filter(|mode| mode.as_str() == Some("DISTRIBUTED")) {
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
        Ok(Target::Optimized { pattern, .. }) => pattern != Pattern::Request,
        Ok(Target::Activity) => true,
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
