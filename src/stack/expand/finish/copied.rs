//! What was copied into the stack file from a `CloudFormation` template or from a page with placeholders; and what to
//! write instead of placeholders, where the stack makes the resource that is meant.

use crate::asl::cloudformation::{in_text, intrinsic};
use crate::asl::placeholder::placeholder;
use crate::source::{Diagnostic, Node, Severity, Span};
use crate::stack::Kind;
use crate::stack::check::TAKES_NONE;
use crate::stack::expand::Expansion;

/// Fields of resources that are checked elsewhere or may be any text or data.
const OTHER: [&str; 9] = [
    "name",
    "description",
    "definition",
    "example",
    "input",
    "pattern",
    "schedule",
    "start",
    "code",
];
/// Fields whose texts are passed on as they are: what is meant by them is not known for sure.
const PASSED_ON: [&str; 4] = ["environment", "outputs", "tags", "params"];

/// What was found: the place, message and help, and whether it is an error.
type Copied = (Span, String, String, bool);

impl Expansion<'_> {
    /// Reports functions of `CloudFormation` and placeholders in the stack file.
    pub(super) fn check_copied(&mut self) {
        let mut found: Vec<Copied> = Vec::new();
        for section in self.root.entries() {
            if Kind::of_section(&section.key).is_none() {
                if PASSED_ON.contains(&section.key.as_str()) || section.key == "defaults" {
                    visit(&section.value, &section.key, &section.key, &mut found);
                }
                continue;
            }
            let resources = section.value.entries().iter();
            let fields = resources.flat_map(|resource| resource.value.entries());
            for field in fields.filter(|field| !OTHER.contains(&field.key.as_str())) {
                visit(&field.value, &field.key, &field.key, &mut found);
            }
        }
        for copied in found {
            self.report_copied(copied);
        }
        self.name_own_resources();
    }

    /// One that is wrong for another reason too is reported once, with the better help.
    fn report_copied(&mut self, (span, message, help, is_error): Copied) {
        let name = &self.source.name;
        let is_there = |one: &&mut Diagnostic| {
            let place = one.place.as_ref();
            one.severity == Severity::Error
                && place.is_some_and(|place| place.span == span && place.source.name == *name)
        };
        if let Some(known) = self.diagnostics.0.iter_mut().find(is_there) {
            if !known.message.ends_with(TAKES_NONE) {
                known.help = Some(help);
            }
            return;
        }
        let diagnostic = if is_error {
            Diagnostic::error(message)
        } else {
            Diagnostic::warning(message)
        };
        let diagnostic = diagnostic.at(self.source, span).help(help);
        self.diagnostics_once(vec![diagnostic]);
    }

    /// Of an ARN or URL with placeholders that has the name or key of a resource of the stack, the way out is that
    /// resource.
    fn name_own_resources(&mut self) {
        let mut better = Vec::new();
        for (index, one) in self.diagnostics.0.iter().enumerate() {
            let Some(place) = &one.place else { continue };
            let Span { start, end } = place.span;
            let written = place.source.text.get(start..end).unwrap_or_default();
            let text = written.trim_matches(['"', '\'']);
            if let Some(found) = placeholder(text)
                && one.message.contains(&format!("`{}`", found.written))
                && let Some((_, _, help)) = self.own(text)
            {
                better.push((index, help));
            }
        }
        for (index, help) in better {
            self.diagnostics.0[index].help = Some(help);
        }
    }
}

/// Looks at a value of a field of a resource, or of a section; `key` is the nearest one above it.
fn visit(node: &Node, field: &str, key: &str, found: &mut Vec<Copied>) {
    let is_error = !PASSED_ON.contains(&field);
    if let Some(one) = intrinsic(node, key).filter(|one| one.certain) {
        let message = format!("`{}` is CloudFormation's, not treino's", one.name);
        found.push((node.span, message, one.help, true));
        return;
    }
    if let Some(text) = node.as_str() {
        if let Some(one) = in_text(text, key) {
            let message = format!("`{}` is CloudFormation's: this is only a text", one.name);
            found.push((node.span, message, one.help, is_error));
        } else if let Some(one) =
            placeholder(text).filter(|one| field != "environment" || !one.may_be_filled)
        {
            let help = format!("write \"{}\"", one.fixed);
            found.push((node.span, one.message(), help, is_error));
        }
    }
    for item in node.items() {
        visit(item, field, key, found);
    }
    for entry in node.entries() {
        visit(&entry.value, field, &entry.key, found);
    }
}
