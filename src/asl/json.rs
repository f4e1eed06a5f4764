//! Strict JSON with places.
//!
//! JSON is almost a part of YAML, but the YAML parser turns `-0` into `0`, supports merge keys and
//! anchors, and can overflow the stack. AWS reads a definition as JSON, and so does this module:
//! `serde_json` parses the text, and a second pass over it finds the place of every value.

use std::sync::Arc;

use serde_json::Value as Json;

use super::cloudformation::{FieldKind, kind_of};
use crate::source::{
    Diagnostic, Diagnostics, Entry, Node, Source, Span, Value, near_syntax_error, odd_character,
};

/// The byte order mark, which some editors write at the start of UTF-8 files.
const BOM: char = '\u{feff}';

/// Reads a source as one JSON value, with and without places.
///
/// # Errors
/// The syntax error, or every duplicate key, each at its place.
pub(super) fn read(source: &Arc<Source>) -> Result<(Node, Json), Diagnostics> {
    let body = source.text.strip_prefix(BOM).unwrap_or(&source.text);
    let skipped = source.text.len() - body.len();
    let json: Json =
        serde_json::from_str(body).map_err(|error| syntax(source, body, skipped, &error))?;
    let mut reader = SpanReader {
        text: &source.text,
        at: skipped,
    };
    let Some(node) = reader.value() else {
        // serde_json has parsed the same text, so this cannot happen; if it does, it is reported.
        return Err(
            Diagnostic::error("the JSON of the definition could not be walked")
                .at(source, Span::default())
                .help("this is a mistake in treino: please report it with the file")
                .into(),
        );
    };
    let mut diagnostics = Diagnostics::default();
    duplicates(source, &node, &mut diagnostics);
    diagnostics.into_result((node, json)).map(|(read, _)| read)
}

fn syntax(
    source: &Arc<Source>,
    body: &str,
    skipped: usize,
    error: &serde_json::Error,
) -> Diagnostics {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    let start = match body.trim() {
        "" => 0,
        _ => skipped + offset(body, error.line(), error.column()),
    };
    let found = source
        .text
        .get(start..)
        .and_then(|rest| rest.chars().next());
    if body.trim().is_empty() {
        return empty().at(source, Span { start, end: start }).into();
    }
    let at = Span { start, end: start };
    if let Some(odd) = found
        .and_then(odd_character)
        .is_some()
        .then(|| near_syntax_error(source, at))
    {
        return odd.into_iter().collect();
    }
    if body.trim_start().starts_with("```")
        && let Some(fence) = near_syntax_error(source, at)
    {
        return fence.into();
    }
    let (message, help) = explain(what, found, &source.text[..start]);
    Diagnostic::error(message).at(source, at).help(help).into()
}

/// Byte offset of a line and a column in bytes, both from 1; column 0 is the line break before.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The error of a file with nothing in it.
pub(super) fn empty() -> Diagnostic {
    Diagnostic::error("the definition is empty")
        .help("write a state machine: {\"StartAt\": ..., \"States\": {...}}")
}

/// The message for a syntax error after this text, and its help.
fn explain(what: &str, found: Option<char>, before: &str) -> (String, &'static str) {
    let field = before.trim_end().strip_suffix(':').unwrap_or_default();
    let field = field.trim_end().trim_end_matches('"').rsplit('"').next();
    let is_number = field.is_some_and(|field| kind_of(field) == FieldKind::Number);
    let what = match found {
        Some('/') => "it has no comments",
        Some('\'') => "its texts are written in double quotes",
        _ => what,
    };
    let message = format!("this is not JSON: {}", what.replace("EOF", "the file ends"));
    let help = match (what, found) {
        (_, Some('/')) => "use the `Comment` field, which every state has",
        (_, Some('\'')) => "write \" for '",
        (_, Some('$')) if is_number => {
            "a reference becomes a text, and a text is not a number: write the number itself"
        }
        (_, Some('$')) => "put the reference in double quotes",
        ("trailing comma", _) => "remove the comma before this",
        ("key must be a string", _) => "put the key in double quotes",
        ("trailing characters", _) => "a definition is one JSON object: remove what follows it",
        ("recursion limit exceeded", _) => "values nest more than 127 deep here",
        (_, None) => "close the last object, list or text",
        _ if what.starts_with("expected `,`") => "put a comma after the value before this",
        _ if what.starts_with("control character") => {
            "write a line break in a text as \\n and a tab as \\t"
        }
        _ if what.starts_with("EOF") => "close the last object, list or text",
        _ => "look at the quotes, commas and brackets here",
    };
    (message, help)
}

fn duplicates(source: &Arc<Source>, node: &Node, diagnostics: &mut Diagnostics) {
    let mut first = std::collections::HashMap::new();
    for entry in node.entries() {
        if let Some(span) = first.insert(entry.key.as_str(), entry.key_span) {
            let (line, _) = span.line_column(source);
            diagnostics.push(
                Diagnostic::error(format!("the key `{}` is written twice", entry.key))
                    .at(source, entry.key_span)
                    .label("again here")
                    .help(format!("it is on line {line} already: keep one of the two")),
            );
        }
        duplicates(source, &entry.value, diagnostics);
    }
    for item in node.items() {
        duplicates(source, item, diagnostics);
    }
}

/// Reads text that is known to be JSON; `None` only if it is not.
struct SpanReader<'a> {
    text: &'a str,
    at: usize,
}

impl SpanReader<'_> {
    fn value(&mut self) -> Option<Node> {
        let first = self.peek()?;
        let start = self.at;
        let value = match first {
            b'{' => self.map()?,
            b'[' => self.list()?,
            b'"' => Value::String(self.string()?),
            _ => self.scalar()?,
        };
        Some(Node {
            value,
            span: Span {
                start,
                end: self.at,
            },
        })
    }

    fn map(&mut self) -> Option<Value> {
        let mut entries = Vec::new();
        self.at += 1;
        while self.peek()? != b'}' {
            self.skip(b',');
            self.peek()?;
            let start = self.at;
            let key = self.string()?;
            let key_span = Span {
                start,
                end: self.at,
            };
            self.peek()?;
            self.skip(b':');
            let value = self.value()?;
            entries.push(Entry {
                key,
                key_span,
                value,
            });
        }
        self.at += 1;
        Some(Value::Map(entries))
    }

    fn list(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        self.at += 1;
        while self.peek()? != b']' {
            self.skip(b',');
            items.push(self.value()?);
        }
        self.at += 1;
        Some(Value::List(items))
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    fn scalar(&mut self) -> Option<Value> {
        let rest = self.text.get(self.at..)?;
        let length = rest
            .find([',', ']', '}', ' ', '\t', '\r', '\n'])
            .unwrap_or(rest.len());
        self.at += length;
        match serde_json::from_str(rest.get(..length)?).ok()? {
            Json::Null => Some(Value::Null),
            Json::Bool(value) => Some(Value::Bool(value)),
            Json::Number(value) => Some(Value::Number(value)),
            _ => None,
        }
    }

    /// The next byte that is not whitespace.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at)?, b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) {
        if self.text.as_bytes().get(self.at) == Some(&byte) {
            self.at += 1;
        }
    }
}

/// How many bytes the next character of a text takes: as written, and as meant.
type StepOfText = fn(&str) -> (usize, usize);

/// The span in the file of the bytes `from` to `to` of a text value, which may be written with escapes.
pub(super) fn span_in_text(source: &Source, string: Span, from: usize, to: usize) -> Span {
    let Some(raw) = source.text.get(string.start..string.end) else {
        return string;
    };
    if raw.contains('\n') {
        // Only YAML has texts of several lines; their indentation is no part of them.
        return string;
    }
    let (quote, step): (usize, StepOfText) = match raw.as_bytes().first() {
        Some(b'"') => (1, step),
        Some(b'\'') => (1, step_in_single_quotes),
        _ => (0, step_plain),
    };
    let (mut start, mut end) = (None, string.end.saturating_sub(quote));
    let (mut decoded, mut at) = (0, quote);
    while at < raw.len().saturating_sub(quote) {
        if start.is_none() && decoded >= from {
            start = Some(string.start + at);
        }
        if decoded >= to {
            end = string.start + at;
            break;
        }
        let (written, meant) = step(&raw[at..]);
        at += written;
        decoded += meant;
    }
    let start = start.unwrap_or(end);
    Span {
        start,
        end: end.max(start),
    }
}

/// The number of bytes of the next character in the file, with its escape, and in the text value.
fn step(raw: &str) -> (usize, usize) {
    let unit = |from: usize| {
        raw.get(from..from + 4)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
    };
    if !raw.starts_with('\\') {
        return step_plain(raw);
    }
    if !raw.starts_with("\\u") {
        return (2, 1);
    }
    match unit(2) {
        Some(0xD800..=0xDBFF) => (12, 4),
        Some(code) => (6, char::from_u32(code).map_or(1, char::len_utf8)),
        None => (2, 1),
    }
}

/// The same for a text of YAML in single quotes, where two of them are one.
fn step_in_single_quotes(raw: &str) -> (usize, usize) {
    if raw.starts_with("''") {
        (2, 1)
    } else {
        step_plain(raw)
    }
}

/// The same for a text of YAML without quotes.
fn step_plain(raw: &str) -> (usize, usize) {
    let length = raw.chars().next().map_or(1, char::len_utf8);
    (length, length)
}
