//! Every message with its place, every permission, and the model.

mod accepted;
mod cascades;
mod doubts;
mod express;
mod json;
mod jsonata;
mod known;
mod lint;
mod map_fields;
mod maps;
mod model;
mod paths;
mod permissions;
mod permissions_more;
mod permissions_options;
mod permissions_passed;
mod permissions_roles;
mod refused;
mod rules;
mod sdk;
mod tasks;
mod templates;

use super::load;
use crate::source::{Diagnostics, Severity, Source};

/// All findings of a definition, one a line: "error 3:5 message | help".
fn findings(text: &str) -> String {
    let source = Source::new("machine.asl.json", text);
    let diagnostics = match load(&source) {
        Ok((_, diagnostics)) | Err(diagnostics) => diagnostics,
    };
    shown(&diagnostics)
}

fn shown(diagnostics: &Diagnostics) -> String {
    let line = |diagnostic: &crate::source::Diagnostic| {
        let kind = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = diagnostic.place.as_ref().map_or("?".to_owned(), |place| {
            let (line, column) = place.span.line_column(&place.source);
            format!("{line}:{column}")
        });
        let help = diagnostic.help.clone().unwrap_or_default();
        format!("{kind} {place} {} | {help}", diagnostic.message)
    };
    diagnostics
        .0
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The findings of a definition whose only state is the one given.
fn of_state(state: &str) -> String {
    findings(&format!(
        "{{\"StartAt\": \"A\", \"States\": {{\n\"A\": {state}\n}}}}"
    ))
}

/// The same in `JSONata`.
fn of_jsonata(state: &str) -> String {
    findings(&format!(
        "{{\"QueryLanguage\": \"JSONata\", \"StartAt\": \"A\", \"States\": {{\n\"A\": {state}\n}}}}"
    ))
}

/// Asserts that a definition has exactly these findings.
#[track_caller]
fn expect(found: &str, lines: &[&str]) {
    assert_eq!(found, lines.join("\n"), "\n--- found:\n{found}\n---");
}
