//! Definitions in YAML, in a file of their own or inside the stack file.
//!
//! Step Functions takes JSON, so that a definition has what JSON has: no tags.

use std::sync::Arc;

use serde_json::Value as Json;

use super::cloudformation;
use crate::source::{self, Diagnostic, Diagnostics, Node, Source, Span, tags};

/// Whether a definition is in YAML by the name of its file.
pub(super) fn is_yaml(name: &str) -> bool {
    let ending = std::path::Path::new(name).extension();
    ending.is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}

/// Reads a source as one YAML value, with and without places.
///
/// # Errors
/// The syntax error; or every duplicate key and every tag, each at its place.
pub(super) fn read(source: &Arc<Source>) -> Result<(Node, Json), Diagnostics> {
    let root = source::parse(source)?;
    super::not_a_definition(source, &root)?;
    let mut wrong = source::duplicates(source, &root);
    for tag in tags(&source.text, &root) {
        let Span { start, end } = tag.span;
        let name = source.text.get(start..end).unwrap_or_default();
        let help = match cloudformation::of_tag(name, tag.value, tag.key) {
            Some(found) => format!("this is CloudFormation's: {}", found.help),
            None => "for a resource of the stack, write `${key.arn}` or `${key.name}` in quotes"
                .to_owned(),
        };
        wrong.push(
            Diagnostic::error(format!("a definition has no tags such as `{name}`"))
                .at(source, tag.span)
                .help(help),
        );
    }
    let json = root.to_json();
    wrong.into_result((root, json)).map(|(read, _)| read)
}
