//! Characters that look like others or like nothing, as text copied from web pages, chats and documents has them.

use std::sync::Arc;

use super::{Diagnostic, Diagnostics, Node, Source, Span, Value};

/// Below these keys a text is prose or data of the user's, which may have any character.
const FREE_TEXTS: [&str; 14] = [
    "description",
    "display_name",
    "Comment",
    "Cause",
    "environment",
    "input",
    "example",
    "Result",
    "Payload",
    "tags",
    "headers",
    "query",
    "body",
    "default",
];

const OPENING_QUOTES: &str = "“„‟”‘’‚‛«";
const CLOSING_QUOTES: &str = "“”‟‘’‛»";

/// Whether a character is a space that is not the plain one.
fn is_odd_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Whether a character shows nothing, and is not a space.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character is a line break of Unicode that files do not have.
fn is_odd_line_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What a character is and what to write instead, if it looks like another or like nothing.
#[must_use]
pub fn odd_character(c: char) -> Option<(String, String)> {
    let code = format!("U+{:04X}", u32::from(c));
    let (message, help) = if is_odd_space(c) {
        let name = if matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}') {
            "a no-break space"
        } else {
            "a special space"
        };
        (
            format!("this is {name} ({code}), not a plain one"),
            "write a plain space instead: text that was copied from a web page or a document may have others",
        )
    } else if is_odd_line_break(c) {
        (
            format!("this is a line break of another kind ({code})"),
            "delete it, or press Enter instead: text that was copied from a document may have such characters",
        )
    } else if is_invisible(c) {
        (
            format!("this is an invisible character ({code})"),
            "delete it, or type the text again: text that was copied may have such characters",
        )
    } else if OPENING_QUOTES.contains(c) || CLOSING_QUOTES.contains(c) {
        (
            format!("`{c}` is a curly quotation mark"),
            "write the straight one, \" or ': editors for documents and chats replace it",
        )
    } else if matches!(c, '–' | '—' | '−' | '‐' | '‑') {
        (
            format!("`{c}` is a dash ({code}), not a hyphen"),
            "write the hyphen, -",
        )
    } else if matches!(c, '：' | '，' | '｛' | '｝' | '［' | '］') {
        (
            format!("`{c}` is a full-width character ({code})"),
            "write the plain one, of the Latin keyboard",
        )
    } else {
        return None;
    };
    Some((message, help.to_owned()))
}

/// What is odd at or just before the place of a syntax error: a Markdown fence, or the first odd character of its
/// line or of the line before.
#[must_use]
pub fn near_syntax_error(source: &Arc<Source>, at: Span) -> Option<Diagnostic> {
    if let Some(fence) = fence(source) {
        return Some(fence);
    }
    let (lines, from, _) = source.lines_before(at.start);
    let odd = lines.char_indices().find_map(|(index, c)| {
        let before = lines[..index].chars().next_back();
        let after = lines[index + c.len_utf8()..].chars().next();
        may_break(before, c, after).then(|| Some((index, c, odd_character(c)?)))?
    });
    let (index, c, (message, help)) = odd?;
    let start = from + index;
    let span = Span {
        start,
        end: start + c.len_utf8(),
    };
    Some(Diagnostic::error(message).at(source, span).help(help))
}

/// Whether an odd character may be what breaks the syntax between these two: within a word of prose it is not.
fn may_break(before: Option<char>, c: char, after: Option<char>) -> bool {
    let begins = before.is_none_or(|c| c.is_whitespace() || ":[{,-(".contains(c));
    let ends = after.is_none_or(|c| c.is_whitespace() || ",]}:".contains(c));
    if is_odd_space(c) {
        before.is_none_or(|c| "\n :-,".contains(c) || is_odd_space(c))
    } else if OPENING_QUOTES.contains(c) || CLOSING_QUOTES.contains(c) {
        begins || ends
    } else if matches!(c, '–' | '—' | '−' | '‐' | '‑') {
        begins
    } else {
        true
    }
}

/// A Markdown fence around the file.
fn fence(source: &Arc<Source>) -> Option<Diagnostic> {
    let text = &source.text;
    let mut lines = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let is_fence = |line: &str| line.starts_with("```") || line.starts_with("~~~");
    let (start, line) = lines.find(|(_, line)| is_fence(line.trim_start()))?;
    let span = Span {
        start,
        end: start + line.trim_end().len(),
    };
    Some(
        Diagnostic::error("this line is a Markdown fence, not a part of the file")
            .at(source, span)
            .help("remove the lines that begin with ``` or ~~~"),
    )
}

/// The odd characters of a parsed file that are probably mistakes: in keys, and in texts that are not prose.
#[must_use]
pub fn odd_characters(source: &Arc<Source>, root: &Node) -> Diagnostics {
    let mut found = Diagnostics::default();
    visit(source, root, &mut found);
    found.0.dedup();
    found
}

fn visit(source: &Arc<Source>, node: &Node, found: &mut Diagnostics) {
    if let Value::String(text) = &node.value {
        let is_prose = text.contains([' ', '\n']);
        let is_quoted = text.starts_with(|c| OPENING_QUOTES.contains(c))
            && text.ends_with(|c| CLOSING_QUOTES.contains(c));
        let odd = text.chars().enumerate().find(|(index, c)| {
            (is_quoted && *index == 0)
                || (!is_prose && (is_odd_space(*c) || is_invisible(*c) || is_odd_line_break(*c)))
                || (*index == 0 && is_odd_space(*c))
        });
        push(source, node.span, odd.map(|(_, c)| c), found);
    }
    for entry in node.entries() {
        let key = &entry.key;
        let odd = key.chars().enumerate().find(|(index, c)| {
            is_odd_space(*c)
                || is_invisible(*c)
                || is_odd_line_break(*c)
                || (*index == 0 && (OPENING_QUOTES.contains(*c) || odd_character(*c).is_some()))
        });
        push(source, entry.key_span, odd.map(|(_, c)| c), found);
        if !FREE_TEXTS.contains(&key.as_str()) {
            visit(source, &entry.value, found);
        }
    }
    for item in node.items() {
        visit(source, item, found);
    }
}

fn push(source: &Arc<Source>, within: Span, odd: Option<char>, found: &mut Diagnostics) {
    let Some((c, (message, help))) = odd.and_then(|c| Some((c, odd_character(c)?))) else {
        return;
    };
    let written = source.text.get(within.start..within.end);
    let at = written.and_then(|text| text.find(c));
    let span = at.map_or(within, |at| Span {
        start: within.start + at,
        end: within.start + at + c.len_utf8(),
    });
    let diagnostic = Diagnostic::error(message).at(source, span).help(help);
    if !found.0.contains(&diagnostic) {
        found.push(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse};
    use super::*;

    /// The messages of a file, with the column of each.
    fn found(text: &str) -> Vec<(String, usize)> {
        let source = Source::new("a.yaml", text);
        let wrong = match parse(&source) {
            Ok(root) => odd_characters(&source, &root),
            Err(wrong) => wrong,
        };
        let each = wrong.0.into_iter();
        each.map(|one| {
            let place = one.place.expect("a place");
            (one.message, place.span.line_column(&source).1)
        })
        .collect()
    }

    #[test]
    fn characters_that_look_like_others_are_named() {
        for (text, words, column) in [
            (
                "stack:\u{a0}lab\nbuckets: { a: {} }",
                "no-break space (U+00A0)",
                7,
            ),
            ("stack: \u{a0}lab", "no-break space (U+00A0)", 8),
            (
                "buckets:\n\u{a0}\u{a0}images: {}",
                "no-break space (U+00A0)",
                1,
            ),
            (
                "buckets:\n  im\u{200b}ages: {}",
                "invisible character (U+200B)",
                5,
            ),
            ("stack: la\u{200b}b", "invisible character (U+200B)", 10),
            ("stack: \"la\u{feff}b\"", "invisible character (U+FEFF)", 11),
            ("stack: la\u{2028}b", "another kind (U+2028)", 10),
            ("stack: lab\u{2028}buckets: {}", "another kind (U+2028)", 11),
            ("stack: lab\n\u{2029}b: {}", "another kind (U+2029)", 1),
            ("stack: \"la\u{85}b\"", "another kind (U+0085)", 11),
            ("stack: “lab”", "curly quotation mark", 8),
            ("stack: 'lab’\nb: 1", "curly quotation mark", 12),
            ("“stack”: lab", "curly quotation mark", 1),
            ("a: [“b”, ‘c’]", "curly quotation mark", 5),
            ("```yaml\nstack: lab\n```\n", "Markdown fence", 1),
            ("stack：lab\nb: {}", "full-width character", 6),
            ("a:\n  – b\n  – c\nd: [", "dash (U+2013)", 3),
        ] {
            let found = found(text);
            assert!(
                found
                    .first()
                    .is_some_and(|(message, at)| message.contains(words) && *at == column),
                "{text:?}: {found:?}"
            );
        }
    }

    #[test]
    fn prose_may_have_any_character() {
        for text in [
            "description: l’été « chaud » à 10\u{a0}€",
            "description: “a”",
            "tags: { a: 'une photo\u{a0}: été' }",
            "environment: { SIGN: \"\u{200b}\" }",
            "description: 日本語 👩\u{200d}🚀",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
