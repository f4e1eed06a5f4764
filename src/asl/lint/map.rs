//! Map states, inline and distributed.

use super::{Lint, machine, values};
use crate::asl::Language;
use crate::source::{Entry, Span};

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html>
pub(super) fn check(lint: &mut Lint, entry: &Entry, _language: Language, top: Language) {
    let (name, state) = (&entry.key, &entry.value);
    values::not_both(lint, state, "ItemProcessor", "Iterator");
    let processor = state
        .entry("ItemProcessor")
        .or_else(|| state.entry("Iterator"));
    let Some(processor) = processor else {
        return missing(lint, entry.key_span, name);
    };
    let inner = if processor.key == "Iterator" {
        machine::Inner {
            name: "`Iterator`",
            extra: &[],
        }
    } else {
        machine::Inner {
            name: "`ItemProcessor`",
            extra: &["ProcessorConfig"],
        }
    };
    machine::check_inner(lint, &processor.value, inner, top);
}

fn missing(lint: &mut Lint, span: Span, name: &str) {
    lint.error(
        span,
        format!("the Map state `{name}` has no `ItemProcessor`"),
        "add \"ItemProcessor\": {\"StartAt\": ..., \"States\": {...}} with the states each item goes through",
    );
}
