//! Diagnostics of a file, drawn with the place they stand.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::style::{bold, error, warning};
use crate::source::{Diagnostic, Diagnostics, Place, Severity};

/// The maximum number of diagnostics drawn: a person corrects those first.
const DRAWN: usize = 50;

/// The first diagnostics, at most as many as a person corrects at once. Errors come last. Each has its
/// place and its help.
#[must_use]
pub fn diagnostics(diagnostics: &Diagnostics) -> String {
    draw(diagnostics, DRAWN)
}

/// All diagnostics, however many, in the same way.
#[must_use]
pub fn all_diagnostics(diagnostics: &Diagnostics) -> String {
    draw(diagnostics, usize::MAX)
}

fn draw(diagnostics: &Diagnostics, most: usize) -> String {
    let mut sorted: Vec<&Diagnostic> = diagnostics.0.iter().collect();
    let place = |diagnostic: &Diagnostic| {
        diagnostic
            .place
            .as_ref()
            .map(|place| (place.source.name.clone(), place.span))
    };
    sorted.sort_by_key(|diagnostic| (diagnostic.severity == Severity::Error, place(diagnostic)));
    let (warnings, errors) = sorted
        .split_at(sorted.partition_point(|diagnostic| diagnostic.severity != Severity::Error));
    let mut drawn = Vec::new();
    for (some, noun) in [(warnings, "warnings"), (errors, "errors")] {
        drawn.extend(some.iter().take(most).map(|diagnostic| one(diagnostic)));
        if some.len() > most {
            drawn.push(format!("and {} more {noun}", some.len() - most));
        }
    }
    drawn.join("\n\n")
}

fn one(diagnostic: &Diagnostic) -> String {
    match &diagnostic.place {
        Some(place) => placed(diagnostic, place),
        None => placeless(diagnostic),
    }
}

fn placeless(diagnostic: &Diagnostic) -> String {
    let sign = match diagnostic.severity {
        Severity::Error => error("error:"),
        Severity::Warning => warning("warning:"),
    };
    match &diagnostic.help {
        Some(help) => format!("{sign} {}\n  {} {help}", diagnostic.message, bold("help:")),
        None => format!("{sign} {}", diagnostic.message),
    }
}

fn placed(diagnostic: &Diagnostic, place: &Place) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let text = place.source.text.as_str();
    let start = floor(text, place.span.start);
    // An empty span still gets a caret; one over several lines only its first.
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = place
        .span
        .end
        .clamp(start, line_end)
        .max((start + 1).min(text.len()));
    // Only the part of the text that is drawn: with thousands of diagnostics, all of it would be slow.
    let (lines, from, number) = place.source.lines_before(start);
    let end = ceiling(text, end).min(from + lines.len()).max(start);
    let annotation = AnnotationKind::Primary.span(start - from..end - from);
    let annotation = match &diagnostic.label {
        Some(label) => annotation.label(label.as_str()),
        None => annotation,
    };
    let mut group = level.primary_title(diagnostic.message.as_str()).element(
        Snippet::source(lines)
            .line_start(number)
            .path(place.source.name.as_str())
            .annotation(annotation),
    );
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    Renderer::styled()
        .decor_style(DecorStyle::Ascii)
        .render(&[group])
}

fn ceiling(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
