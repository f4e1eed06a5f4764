//! Values behind YAML tags such as `!GetAtt`.

use std::collections::HashSet;
use std::sync::Arc;

use super::Checker;
use super::no_references::{TAKES_NONE, plain_values, refused};
use crate::asl::cloudformation::{intrinsic, of_tag};
use crate::source::{Diagnostics, Node, Severity, Source, Span, tags};

/// Leaves out what was found of values behind tags, of references where none is taken, and within functions of
/// `CloudFormation` that are reported: what they are is not known.
pub fn leave_out_tagged(source: &Arc<Source>, root: &Node, found: &mut Diagnostics) {
    let tagged = tags(&source.text, root);
    let mut values: Vec<Span> = tagged.iter().map(|tag| tag.value.span).collect();
    values.extend(refused(root));
    let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
    let places = errors.filter_map(|one| one.place.as_ref());
    let places = places.filter(|place| place.source.name == source.name);
    let starts: HashSet<usize> = places.map(|place| place.span.start).collect();
    arguments(root, &starts, &mut values);
    let is_within = |span: Span| {
        let mut values = values.iter();
        values.any(|value| value.start <= span.start && span.end <= value.end)
    };
    found.0.retain(|one| {
        let place = one.place.as_ref();
        one.message.ends_with(TAKES_NONE)
            || !place.is_some_and(|place| place.source.name == source.name && is_within(place.span))
    });
}

/// The arguments of functions such as `Fn::Sub` that are reported at one of these offsets.
fn arguments(node: &Node, starts: &HashSet<usize>, found: &mut Vec<Span>) {
    let is_function = intrinsic(node, "").is_some_and(|one| one.certain);
    for entry in node.entries() {
        if is_function && starts.contains(&node.span.start) {
            found.push(entry.value.span);
            found.extend(entry.value.items().iter().map(|item| item.span));
        }
        arguments(&entry.value, starts, found);
    }
    for item in node.items() {
        arguments(item, starts, found);
    }
}

impl Checker<'_> {
    /// A value behind a tag is what no tag makes it, and its type says nothing.
    pub(super) fn tags(&mut self, root: &Node) {
        let plain = plain_values(root);
        for tag in tags(&self.source.text, root) {
            let Span { start, end } = tag.span;
            let name = self.source.text.get(start..end).unwrap_or_default();
            let message = format!("a stack file has no tags such as `{name}`");
            let takes_none = plain.iter().find(|one| one.node.span == tag.value.span);
            let help = match of_tag(name, tag.value, tag.key) {
                Some(_) if let Some(plain) = takes_none => {
                    format!("this is CloudFormation's: {}", plain.help(root))
                }
                Some(found) => format!("this is CloudFormation's: {}", found.help),
                None => "remove it; a text that begins with `!` is written in quotes".to_owned(),
            };
            self.wrong(tag.span, message, help);
            self.said.insert(tag.value.span);
            self.tagged.insert(tag.value.span);
        }
    }
}
