//! Values behind YAML tags such as `!GetAtt`.

use std::sync::Arc;

use super::Checker;
use crate::asl::cloudformation::of_tag;
use crate::source::{Diagnostics, Node, Source, Span, tags};

/// Leaves out what was found of values behind tags: what they are is not known, and the tag is reported.
pub fn leave_out_tagged(source: &Arc<Source>, root: &Node, found: &mut Diagnostics) {
    let tagged = tags(&source.text, root);
    let is_within = |span: Span| {
        let mut values = tagged.iter().map(|tag| tag.value.span);
        values.any(|value| value.start <= span.start && span.end <= value.end)
    };
    found.0.retain(|one| {
        let place = one.place.as_ref();
        !place.is_some_and(|place| place.source.name == source.name && is_within(place.span))
    });
}

impl Checker<'_> {
    /// A value behind a tag is what no tag makes it, and its type says nothing.
    pub(super) fn tags(&mut self, root: &Node) {
        for tag in tags(&self.source.text, root) {
            let Span { start, end } = tag.span;
            let name = self.source.text.get(start..end).unwrap_or_default();
            let message = format!("a stack file has no tags such as `{name}`");
            let help = match of_tag(name, tag.value, tag.key) {
                Some(found) => format!("this is CloudFormation's: {}", found.help),
                None => "remove it; a text that begins with `!` is written in quotes".to_owned(),
            };
            self.wrong(tag.span, message, help);
            self.said.insert(tag.value.span);
            self.tagged.insert(tag.value.span);
        }
    }
}
