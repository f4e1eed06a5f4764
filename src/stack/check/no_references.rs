//! Fields that take no references: the key of a resource, or a value that is read before any resource is known.

use super::Checker;
use crate::asl::cloudformation::intrinsic;
use crate::source::{Node, Span};
use crate::stack::{Kind, reference};

/// How the error of such a field ends.
pub const TAKES_NONE: &str = "takes no references";

/// Fields of resources, each with whether it takes the key of a resource.
const FIELDS: [(&str, bool); 7] = [
    ("start", true),
    ("put_object_in", true),
    ("objects_of", true),
    ("dead_letter", true),
    ("code", false),
    ("runtime", false),
    ("memory", false),
];

/// A value that takes no references.
pub(super) struct PlainValue<'n> {
    pub node: &'n Node,
    field: &'n str,
    takes_key: bool,
}

/// All values of a stack file that take no references.
pub(super) fn plain_values(root: &Node) -> Vec<PlainValue<'_>> {
    let mut found = Vec::new();
    let mut push = |node, field, takes_key| {
        found.push(PlainValue {
            node,
            field,
            takes_key,
        });
    };
    for section in root.entries() {
        let is_section = Kind::of_section(&section.key).is_some();
        if matches!(section.key.as_str(), "stack" | "expires") {
            push(&section.value, &section.key, false);
        }
        let resources = section.value.entries().iter().filter(|_| is_section);
        for field in resources.flat_map(|resource| resource.value.entries()) {
            for one in field.value.items() {
                if let ("subscriptions", Some(to)) = (field.key.as_str(), one.get("to")) {
                    push(to, "to", true);
                }
            }
            let known = FIELDS.iter().find(|(name, _)| *name == field.key);
            if let Some((_, takes_key)) = known {
                push(&field.value, &field.key, *takes_key);
                for item in field.value.items() {
                    push(item, &field.key, *takes_key);
                }
            }
        }
    }
    found
}

impl PlainValue<'_> {
    fn is_reference(&self) -> bool {
        let text = self.node.as_str().unwrap_or_default();
        !reference::find(text).is_empty() || intrinsic(self.node, "").is_some()
    }

    /// The way out; the key is that of the resource which is meant.
    pub fn help(&self, root: &Node) -> String {
        match key(self.node, root) {
            Some(key) if self.takes_key => format!("write the key of the resource: {key}"),
            _ if self.takes_key => "write the key of a resource of this stack".to_owned(),
            _ => "write the value itself".to_owned(),
        }
    }
}

/// The key of the resource that a reference is to: `${f.arn}`, `f.Arn`, `[f, Arn]`, `{Ref: f}`.
fn key<'n>(node: &'n Node, root: &Node) -> Option<&'n str> {
    if let [entry] = node.entries() {
        return key(&entry.value, root);
    }
    if let [first, _] = node.items() {
        return key(first, root);
    }
    let text = node.as_str()?;
    let inner = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let word = inner.unwrap_or(text).trim().split('.').next()?;
    let sections = root.entries().iter();
    let mut sections = sections.filter(|section| Kind::of_section(&section.key).is_some());
    sections
        .any(|section| section.value.get(word).is_some())
        .then_some(word)
}

/// The places of values with references that take none.
pub(super) fn refused(root: &Node) -> impl Iterator<Item = Span> {
    let values = plain_values(root).into_iter();
    values
        .filter(PlainValue::is_reference)
        .map(|value| value.node.span)
}

impl Checker<'_> {
    /// Reports references where none is taken; what else is wrong with such a value is not said.
    pub(super) fn no_references(&mut self, root: &Node) {
        for value in plain_values(root) {
            if value.is_reference() && !self.tagged.contains(&value.node.span) {
                let message = format!("`{}` {TAKES_NONE}", value.field);
                self.wrong(value.node.span, message, value.help(root));
                self.tagged.insert(value.node.span);
            }
        }
    }
}
