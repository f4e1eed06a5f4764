//! Choice states and their rules.

use super::Lint;
use super::values::{self, text};
use crate::asl::Language;
use crate::source::Entry;

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>
pub(super) fn check(lint: &mut Lint, entry: &Entry, _language: Language) {
    let (name, state) = (&entry.key, &entry.value);
    let owner = format!("the Choice state `{name}`");
    let help = "add \"Choices\": [...] with at least one rule";
    values::required(lint, state, Some(entry.key_span), "Choices", &owner, help);
    text(lint, state, "Default");
    if let Some(choices) = state.get("Choices") {
        for rule in values::list(lint, choices, "Choices", false) {
            if !values::object(lint, rule, "a rule") {
                continue;
            }
            let help = "say what comes next when it holds: \"Next\": \"...\"";
            values::required(lint, rule, None, "Next", "this rule", help);
            text(lint, rule, "Next");
        }
    }
    if state.get("Default").is_none() {
        lint.warning(
            entry.key_span,
            format!("the Choice state `{name}` has no `Default`"),
            "the execution fails with States.NoChoiceMatched when no rule holds: add a `Default`",
        );
    }
}
