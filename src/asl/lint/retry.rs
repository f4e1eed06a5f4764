//! Retry and Catch.

use super::Lint;
use super::values::{self, text};
use crate::asl::Language;
use crate::source::Node;

/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
pub(super) fn check(lint: &mut Lint, state: &Node, _language: Language) {
    if let Some(catch) = state.get("Catch") {
        for catcher in values::list(lint, catch, "Catch", true) {
            if !values::object(lint, catcher, "a catcher") {
                continue;
            }
            let help = "say what comes next after the error: \"Next\": \"...\"";
            values::required(lint, catcher, None, "Next", "this catcher", help);
            text(lint, catcher, "Next");
        }
    }
    if let Some(retry) = state.get("Retry") {
        for retrier in values::list(lint, retry, "Retry", true) {
            values::object(lint, retrier, "a retrier");
        }
    }
}
