//! Numbers with a comma within braces: `{ cost: 2,50 USD }` is two entries.

use super::Checker;
use crate::source::{Diagnostic, Entry, Node, Span, Value};
use crate::stack::max_cost::{amount_help, without_comma};

impl Checker<'_> {
    /// Whether an entry is a part of such a number, which is reported.
    pub(super) fn is_of_comma(&mut self, node: &Node, entry: &Entry) -> bool {
        let text = &self.source.text;
        let is_second = entry.key.starts_with(is_digit)
            && text
                .get(..entry.key_span.start)
                .is_some_and(|before| before.ends_with(','));
        let after = text.get(entry.value.span.end..);
        let after = after.and_then(|after| after.strip_prefix(','));
        // Only then are the entries beside it looked at: there may be thousands.
        if !is_second && !after.is_some_and(|after| after.starts_with(is_digit)) {
            return false;
        }
        let entries = node.entries();
        // They are in the order of the text.
        let at = entries.partition_point(|one| one.key_span.start < entry.key_span.start);
        let beside = at.saturating_sub(1)..entries.len().min(at + 2);
        let mut pairs = entries[beside].windows(2);
        let found = pairs.find_map(|pair| {
            let [first, second] = pair else { return None };
            let (value, key) = (first.value.span, second.key_span);
            let is_part = entry.key_span == first.key_span || entry.key_span == key;
            let is_number = text.get(value.start..value.end)?.ends_with(is_digit)
                && second.key.starts_with(is_digit)
                && second.value.value == Value::Null
                && text.get(value.end..key.start)? == ",";
            let written = text.get(value.start..key.end)?;
            let help = match first.key.as_str() {
                "cost" | "max_cost" => amount_help(written),
                _ => Some(format!("write {}", without_comma(written))),
            };
            let what = format!("`{written}` has a comma, which ends a value within braces");
            let help = help.unwrap_or_else(|| "write it without the comma".to_owned());
            let span = Span {
                start: value.start,
                end: key.end,
            };
            (is_part && is_number).then(|| (span, Diagnostic::error(what).help(help)))
        });
        let is_found = found.is_some();
        if let Some((span, wrong)) = found {
            self.say(span, wrong);
        }
        is_found
    }
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}
