//! Parses YAML into a tree with source ranges, and turns the parser's errors into messages for users.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

use super::node::span_of;
use super::{Diagnostic, Diagnostics, Node, Source, Span, yaml_faults};

/// The maximum depth of nested values: several times what a definition needs, and safe for the stack of the
/// thread that parses.
const MAX_DEPTH: usize = 64;
/// The stack of the thread that parses.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// The maximum number of values, and of further values made by aliases: about a hundred times what a stack
/// file needs.
const MAX_VALUES: usize = 500_000;

/// Parses YAML (or JSON, a subset of it) into a tree. Duplicate keys stay in it, for [`duplicates`] to find.
///
/// # Errors
/// The first syntax error: the text after it cannot be parsed.
pub fn parse(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    // The caller's stack may be too small for the depth: the parser takes tens of kilobytes for each level.
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let parsed = thread
            .spawn_scoped(threads, || parse_here(source))
            .map(ScopedJoinHandle::join);
        match parsed {
            Ok(Ok(parsed)) => parsed,
            Ok(Err(_)) => Err(Diagnostic::error("the parser of YAML failed")
                .help("this is a mistake in treino: please report it with the file")
                .into()),
            Err(error) => Err(
                Diagnostic::error(format!("no thread can be started: {error}"))
                    .help("end other programs")
                    .into(),
            ),
        }
    })
}

fn parse_here(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Merge,
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: 3 * MAX_VALUES,
            // Values made by aliases are limited below. Many aliases of one anchor are no attack.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_VALUES },
    };
    serde_saphyr::from_str_with_options(&source.text, options)
        .map_err(|error| syntax_error(source, &error).into())
}

/// Every key that occurs twice in its mapping.
#[must_use]
pub fn duplicates(source: &Arc<Source>, root: &Node) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    find_duplicates(source, root, &mut diagnostics);
    diagnostics
}

fn find_duplicates(source: &Arc<Source>, node: &Node, diagnostics: &mut Diagnostics) {
    let mut first: HashMap<&str, Span> = HashMap::new();
    for entry in node.entries() {
        let known = *first.entry(&entry.key).or_insert(entry.key_span);
        if known != entry.key_span {
            let (line, _) = known.line_column(source);
            let help = format!("it is on line {line} already: keep one of the two");
            diagnostics.push(
                Diagnostic::error(format!("the key `{}` is written twice", entry.key))
                    .at(source, entry.key_span)
                    .label("again here")
                    .help(help),
            );
        }
        find_duplicates(source, &entry.value, diagnostics);
    }
    for item in node.items() {
        find_duplicates(source, item, diagnostics);
    }
}

fn syntax_error(source: &Arc<Source>, error: &serde_saphyr::Error) -> Diagnostic {
    let bare = error.without_snippet();
    let text = bare.to_string();
    // The diagnostic has a place of its own, so the message need not repeat it.
    let reason = text.split(" at line ").next().unwrap_or(&text).trim();
    let reason = reason.trim_end_matches(['.', ':', ',']);
    let span = bare
        .location()
        .map_or(Span::default(), |location| place_of(location, &source.text));
    if let Some(odd) = super::near_syntax_error(source, span) {
        return odd;
    }
    if let Some(fault) = yaml_faults::fault(&source.text, reason, span.start) {
        return fault.in_source(source);
    }
    let (message, help) = match bare {
        serde_saphyr::Error::Budget { breach, .. } => budget_exceeded(breach),
        _ => explain(reason, source, span),
    };
    Diagnostic::error(message).at(source, span).help(help)
}

/// The message and help for a file above one of the limits.
fn budget_exceeded(breach: &BudgetBreach) -> (String, String) {
    match breach {
        BudgetBreach::Depth { .. } => (TOO_DEEP.0.into(), TOO_DEEP.1.into()),
        BudgetBreach::Aliases { .. }
        | BudgetBreach::Anchors { .. }
        | BudgetBreach::MergeKeys { .. } => (TOO_MANY_ALIASES.0.into(), TOO_MANY_ALIASES.1.into()),
        _ => (
            format!("the file contains over {MAX_VALUES} values, which no stack needs"),
            "check that it is the file you mean, or split it into several stacks".into(),
        ),
    }
}

const TOO_DEEP: (&str, &str) = (
    "values nest too deep here",
    "look for a bracket that is not closed",
);
const TOO_MANY_ALIASES: (&str, &str) = (
    "the aliases multiply too much",
    "write less by aliases (`*name`)",
);

/// Parser errors that users meet, in plainer words: a part of the parser's message, our message, our help.
/// All others are shown as they are.
const REASONS: &[(&str, &str, &str)] = &[
    (
        "did not find expected key",
        "this line does not fit under the one before",
        "give it the indentation of its neighbours",
    ),
    (
        "invalid indentation in multiline quoted scalar",
        "a text that began before this is not closed",
        "close its quotation mark on the line where the text begins",
    ),
    (
        "unclosed quote",
        "a text is not closed",
        "close its quotation mark",
    ),
    (
        "invalid indentation",
        "the indentation of this line fits none above",
        "give it the indentation of its neighbours",
    ),
    (
        "simple key expected",
        "this is neither `key: value` nor part of what is above",
        "write a colon after a key, and indent what belongs to it",
    ),
    (
        "tabs disallowed",
        "a tab cannot indent YAML",
        "indent with spaces",
    ),
    (
        "multiple YAML documents",
        "a second document begins here",
        "keep one document a file, without `---` between",
    ),
    (
        "unknown anchor",
        "this alias refers to no anchor above it",
        "write `&name` at the value meant, above, and `*name` here; put a text that begins with `*` in quotes",
    ),
    (
        "mapping values are not allowed",
        "a colon is not allowed here",
        "put a text that contains `: ` in quotes, or begin a new line for a new key",
    ),
    (
        "may not precede",
        "a space is missing after the colon",
        "write a space between the colon and the bracket, such as `key: {}`",
    ),
    (
        "illegal placement of ':'",
        "a colon is not allowed here",
        "close the `[` or `{` before this, or put the text in quotes",
    ),
    (
        "while parsing a flow",
        "this list or mapping in brackets is not closed as it should be",
        "put a comma between items, close the bracket, and put texts that contain one of {}[], in quotes",
    ),
    (
        "expected <document start>",
        "this does not belong to what is above it",
        "give it the indentation of its neighbours, and close what is open above",
    ),
    ("depth", TOO_DEEP.0, TOO_DEEP.1),
    ("recursion limit exceeded", TOO_DEEP.0, TOO_DEEP.1),
    (
        "expected string scalar",
        "a key cannot be a list or mapping",
        "write a text before the colon",
    ),
    (
        "null into string",
        "a key cannot be nothing",
        "write a text before the colon",
    ),
    (
        "merge value",
        "`<<` brings in a mapping, and this is none",
        "write `<<: *name`, with `&name` at a mapping above",
    ),
    (
        "recursive references",
        "this alias is inside what it refers to",
        "refer to a value that is complete above",
    ),
    (
        "unknown escape character",
        "this text contains a backslash that means nothing in YAML",
        "write `/` in a path; elsewhere write two backslashes, or put the text in single quotes",
    ),
    (
        "misplaced bracket",
        "this bracket closes nothing",
        "remove it, or open it before",
    ),
    (
        "block sequence entries are not allowed",
        "a list cannot begin here",
        "begin it with `- ` on a line of its own",
    ),
    (
        "non-finite",
        "this number is not finite",
        "write a number with digits",
    ),
    (
        "not a finite number",
        "this number is not finite",
        "write a number with digits",
    ),
    ("alias", TOO_MANY_ALIASES.0, TOO_MANY_ALIASES.1),
];

fn explain(reason: &str, source: &Source, span: Span) -> (String, String) {
    let rest = source.text.get(span.start..).unwrap_or_default();
    let before = source.text.get(..span.start).unwrap_or_default();
    if before.ends_with('$') && before.contains('{') || rest.starts_with("${") {
        return (
            "a reference between brackets needs quotes".into(),
            "write it in quotes: \"${key.arn}\"".into(),
        );
    }
    if let Some(bad) = rest.chars().next()
        && reason.starts_with("unexpected character")
    {
        return (
            format!("a text cannot begin with `{bad}` in YAML"),
            "put the text in quotes".into(),
        );
    }
    match REASONS.iter().find(|(part, _, _)| reason.contains(part)) {
        Some((_, message, help)) => ((*message).into(), (*help).into()),
        None => (
            format!("this is not YAML: {reason}"),
            "look at the indentation, quotes and colons here".into(),
        ),
    }
}

/// Scanner errors have only line and column; errors about values have byte offsets.
fn place_of(location: serde_saphyr::Location, text: &str) -> Span {
    let span = span_of(location);
    if span != Span::default() || location.line() == 0 {
        return Span {
            start: span.start.min(text.len()),
            end: span.end.min(text.len()),
        };
    }
    let line = usize::try_from(location.line()).unwrap_or(1);
    let column = usize::try_from(location.column()).unwrap_or(1).max(1);
    let before: usize = text
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = text[before..].lines().next().unwrap_or("");
    let start = before
        + rest
            .char_indices()
            .nth(column - 1)
            .map_or(rest.len(), |(at, _)| at);
    Span { start, end: start }
}
