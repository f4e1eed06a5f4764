//! The lines of a requirements file: joined where one ends in a backslash, without comments.

use crate::source::Span;

/// A line that may be several in the file.
pub(super) struct LogicalLine {
    pub(super) text: String,
    /// From its first character to its last, comments included.
    pub(super) span: Span,
}

/// Every line that says something.
pub(super) fn logical_lines(text: &str) -> Vec<LogicalLine> {
    let mut out = Vec::new();
    let mut open: Option<LogicalLine> = None;
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end_matches(['\n', '\r']);
        let start = at + (line.len() - line.trim_start().len());
        let end = at + line.trim_end().len();
        at += raw.len();
        let is_comment = line.trim_start().starts_with('#');
        let continues = line.ends_with('\\') && !is_comment;
        let part = line
            .strip_suffix('\\')
            .filter(|_| continues)
            .unwrap_or(line);
        let mut current = open.take().unwrap_or(LogicalLine {
            text: String::new(),
            span: Span { start, end },
        });
        current.text.push_str(part);
        current.span.end = end.max(current.span.start);
        if continues {
            open = Some(current);
        } else {
            out.push(current);
        }
    }
    out.extend(open);
    for line in &mut out {
        line.text = without_comment(&line.text).trim().to_owned();
    }
    out.retain(|line| !line.text.is_empty());
    out
}

/// A comment begins with `#` at the start or after a space: `#` is also part of addresses.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, char) in line.char_indices() {
        if char == '#' && before.is_whitespace() {
            return line.get(..at).unwrap_or_default();
        }
        before = char;
    }
    line
}

/// The words of a line of options.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    words
        .map(|word| word.trim_matches(['"', '\'']).to_owned())
        .collect()
}

/// An option's name, and its value where it is part of the word: `--a=b`, `-rb`.
pub(super) fn option(word: &str) -> (String, Option<String>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.to_owned(), None),
        };
    }
    match word.split_at_checked(2) {
        Some((name, value)) if !value.is_empty() => {
            let value = value.strip_prefix('=').unwrap_or(value);
            (name.to_owned(), Some(value.to_owned()))
        }
        _ => (word.to_owned(), None),
    }
}

/// A requirement, and the options after it (`--hash=...`).
pub(super) fn options_and_rest(text: &str) -> (&str, Vec<String>) {
    let at = text.find(" --").unwrap_or(text.len());
    let (requirement, options) = text.split_at(at);
    (requirement.trim(), words(options))
}
