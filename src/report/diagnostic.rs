//! Problems of a file, drawn with the place they stand.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::source::{Problem, Problems, Severity};

/// All problems, errors last, each with its place and way out.
#[must_use]
pub fn problems(problems: &Problems) -> String {
    let mut sorted: Vec<&Problem> = problems.0.iter().collect();
    let place = |problem: &Problem| {
        problem
            .place
            .as_ref()
            .map(|place| (place.source.name.clone(), place.span))
    };
    sorted.sort_by_key(|problem| (problem.severity == Severity::Error, place(problem)));
    let drawn: Vec<String> = sorted.into_iter().map(one).collect();
    drawn.join("\n\n")
}

fn one(problem: &Problem) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(problem.message.as_str());
    let mut group = match &problem.place {
        Some(place) => {
            let text = place.source.text.as_str();
            let start = floor(text, place.span.start);
            // An empty span still gets a caret; one over several lines only its first.
            let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
            let end = floor(
                text,
                place
                    .span
                    .end
                    .clamp(start, line_end)
                    .max((start + 1).min(text.len())),
            );
            let annotation = AnnotationKind::Primary.span(start..end.max(start));
            let annotation = match &problem.label {
                Some(label) => annotation.label(label.as_str()),
                None => annotation,
            };
            title.element(
                Snippet::source(text)
                    .path(place.source.name.as_str())
                    .annotation(annotation),
            )
        }
        None => Group::with_title(title),
    };
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    Renderer::styled()
        .decor_style(DecorStyle::Ascii)
        .render(&[group])
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
