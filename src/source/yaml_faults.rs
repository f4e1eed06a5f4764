//! Mistakes that the parser of YAML reports far from their place, or as something else.

use super::{Diagnostic, Source, Span};

/// A mistake, where it is in the text it was looked for in, and the way out.
#[derive(Debug, PartialEq, Eq)]
pub struct YamlFault {
    pub message: String,
    pub help: String,
    span: Span,
}

impl YamlFault {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "each search ends with what it has found"
    )]
    fn new(
        span: (usize, usize),
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<Self> {
        Some(Self {
            message: message.into(),
            help: help.into(),
            span: Span {
                start: span.0,
                end: span.1,
            },
        })
    }

    pub(super) fn in_source(self, source: &std::sync::Arc<Source>) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.message);
        diagnostic.at(source, self.span).help(self.help)
    }
}

/// A line of a text, and the offset of its first character.
type SourceLine<'t> = (usize, &'t str);

/// The mistake behind an error of the parser: what it says, and the offset it says it for.
pub(super) fn fault(text: &str, reason: &str, at: usize) -> Option<YamlFault> {
    let at = at.min(text.len());
    let lines: Vec<SourceLine> = text
        .split_inclusive('\n')
        .scan(0, |next, line| {
            let start = *next;
            *next += line.len();
            Some((start, line.trim_end()))
        })
        .collect();
    let here = lines
        .partition_point(|(start, _)| *start <= at)
        .saturating_sub(1);
    let has = |part: &str| reason.contains(part);
    control_character(text)
        .or_else(|| tab(&lines, here, has("tab")))
        .or_else(|| {
            (has("multiline quoted scalar")
                || has("unclosed quote")
                || has("quoted scalar") && has("end of stream"))
            .then(|| unclosed_quote(text, &lines, at))?
        })
        .or_else(|| has("trailing content after").then(|| after_quotes(reason, at))?)
        .or_else(|| (has("unknown escape") || has("hexadecimal")).then(|| escape(text, at))?)
        .or_else(|| special_begin(text.get(at..)?, at, reason))
        .or_else(|| template(lines.get(here)?))
        .or_else(|| {
            let is_it = has("mapping values are not allowed") || has("did not find expected key");
            is_it.then(|| no_place_for_colon(&lines, here, at))?
        })
        .or_else(|| {
            let (start, line) = lines.get(here)?;
            has("simple key expected").then(|| separator_of_line(*start, line))?
        })
        .or_else(|| has("document start").then(|| second_begin(&lines, here, at))?)
}

fn control_character(text: &str) -> Option<YamlFault> {
    let is_refused = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    let (at, bad) = text.char_indices().find(|(_, c)| is_refused(*c))?;
    let message = format!(
        "the file contains the control character {}",
        bad.escape_unicode()
    );
    let help = "remove it; check that this is the file you mean";
    YamlFault::new((at, at), message, help)
}

/// A tab in the indentation of a line. The parser may name the line before, or what follows the tab.
fn tab(lines: &[SourceLine], here: usize, is_said: bool) -> Option<YamlFault> {
    let indentation = |(start, line): &SourceLine| {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let at = start + line[..blanks].find('\t')?;
        (!line[blanks..].starts_with(['{', '}', '[', ']', '"'])).then_some(at)
    };
    let further = if is_said { lines.len() } else { here + 1 };
    let at = lines.get(here..further)?.iter().find_map(indentation)?;
    YamlFault::new(
        (at, at + 1),
        "a tab cannot indent YAML",
        "indent with spaces",
    )
}

fn unclosed_quote(text: &str, lines: &[SourceLine], at: usize) -> Option<YamlFault> {
    let (open, quote) = open_quote(lines, at)?;
    let help = match text.get(open + 1..)?.lines().next() {
        Some(line) if line.trim().is_empty() => format!("remove it, or close it with {quote}"),
        _ => format!("close it with {quote} on its line, or remove it"),
    };
    YamlFault::new((open, open + 1), "this quotation mark is not closed", help)
}

/// The quotation mark that is open at an offset.
fn open_quote(lines: &[SourceLine], end: usize) -> Option<(usize, char)> {
    let mut open: Option<(usize, char)> = None;
    // The indentation of the line that a text in block style belongs to.
    let mut block: Option<usize> = None;
    let mut depth = 0_usize;
    for (start, line) in lines.iter().take_while(|(start, _)| *start < end) {
        let indent = line.len() - line.trim_start().len();
        if open.is_none() && block.is_some_and(|outer| line.is_empty() || indent > outer) {
            continue;
        }
        let mut may_open = true;
        let mut before = ' ';
        let mut chars = line.char_indices().peekable();
        while let Some((index, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            match open {
                Some((_, '"')) if c == '\\' => drop(chars.next()),
                Some((_, '\'')) if c == '\'' && next == Some('\'') => drop(chars.next()),
                Some((_, quote)) => {
                    if c == quote {
                        open = None;
                        may_open = false;
                    }
                }
                None => match c {
                    '#' if before.is_whitespace() => break,
                    '"' | '\'' if may_open => open = Some((start + index, c)),
                    '[' | '{' if may_open => depth += 1,
                    ']' | '}' => depth = depth.saturating_sub(1),
                    ',' => may_open = depth > 0,
                    ':' => may_open = depth > 0 || next.is_none_or(char::is_whitespace),
                    '-' | ' ' | '\t' => {}
                    _ => may_open = false,
                },
            }
            before = c;
        }
        let last = line.split([' ', '\t']).next_back().unwrap_or_default();
        let is_block = last.starts_with(['|', '>'])
            && last[1..]
                .chars()
                .all(|c| matches!(c, '-' | '+' | '0'..='9'));
        block = (open.is_none() && is_block).then_some(indent);
    }
    open
}

fn after_quotes(reason: &str, at: usize) -> Option<YamlFault> {
    let (quote, other, help) = if reason.contains("single") {
        ('\'', '"', "write two of them, ''")
    } else {
        ('"', '\'', "write \\\"")
    };
    let message = format!("the text in {quote} ends before this");
    let help = format!("for a {quote} within the text {help}, or put the whole text in {other}");
    YamlFault::new((at, at), message, help)
}

/// A backslash in double quotes that begins no escape (<https://yaml.org/spec/1.2.2/#57-escaped-characters>).
fn escape(text: &str, at: usize) -> Option<YamlFault> {
    let rest = text.get(at..)?.lines().next()?;
    let digits = |letter: char| match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let mut found = None;
    let mut chars = rest.char_indices();
    while let Some((index, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let Some((_, letter)) = chars.next() else {
            break;
        };
        let hex = chars.as_str().chars().take(digits(letter));
        let is_hex = hex.filter(char::is_ascii_hexdigit).count() == digits(letter);
        if !"0abtnvfre \"/\\N_LPxuU\t".contains(letter) || !is_hex {
            found = Some(at + index);
            break;
        }
    }
    let start = found?;
    YamlFault::new(
        (start, start + 1),
        "this text contains a backslash that means nothing in YAML",
        "write `/` in a path; elsewhere write two backslashes, or put the text in single quotes",
    )
}

/// A character that begins something in YAML, where a text was meant.
fn special_begin(rest: &str, at: usize, reason: &str) -> Option<YamlFault> {
    let token: &str = rest.split([' ', '\n', '\r', ',', ']', '}']).next()?;
    let first = rest.chars().next()?;
    let name = token.get(1..).unwrap_or_default();
    let quoted = format!("put the text in quotes: \"{token}\"");
    match first {
        '*' if name.is_empty() || name.contains(['*', '.', '/', '?', '[']) => YamlFault::new(
            (at, at + token.len()),
            "`*` begins an alias in YAML, not a text",
            quoted,
        ),
        '&' if name.is_empty() => YamlFault::new(
            (at, at + 1),
            "`&` begins an anchor in YAML, not a text",
            "put the text in quotes",
        ),
        '|' | '>' if reason.contains("block scalar") => YamlFault::new(
            (at, at + 1),
            format!("a text after `{first}` begins on the next line"),
            "write it there, indented; or put it in quotes here",
        ),
        ',' if reason.contains("expected key") => YamlFault::new(
            (at, at + 1),
            "a comma is not allowed here",
            "remove it: lines need none, only `[...]` and `{...}` do",
        ),
        _ => None,
    }
}

/// A placeholder of Jinja, Helm or Handlebars.
fn template((start, line): &SourceLine) -> Option<YamlFault> {
    let at = line.find("{{").filter(|_| line.contains("}}"))?;
    let at = start + at;
    YamlFault::new(
        (at, at + 2),
        "`{{` belongs to a template language, which treino does not read",
        "write the value; one from outside is `${env:VARIABLE}` or `${param.NAME}`, in quotes",
    )
}

/// `a: b` below a line that has no place for it.
fn no_place_for_colon(lines: &[SourceLine], here: usize, at: usize) -> Option<YamlFault> {
    let (start, line) = lines.get(here)?;
    if line.get(..at - start)?.contains(": ") {
        return None;
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_content = |(_, line): &&SourceLine| {
        !line.trim_start().is_empty() && !line.trim_start().starts_with('#')
    };
    let mut above = lines.get(..here)?.iter().enumerate().rev();
    let (_, (before_start, before)) = above.clone().find(|(_, line)| is_content(line))?;
    if let Some(found) = separator_of_line(*before_start, before) {
        return Some(found);
    }
    let own = indent(line);
    let outer = above.find(|(_, line)| is_content(line) && indent(line.1) < own);
    let (number, (_, outer)) = outer?;
    let (_, value) = outer.split_once(": ")?;
    let is_open = value.starts_with(['{', '[']) && !value.ends_with(['}', ']']);
    if value.trim().is_empty() || value.starts_with(['|', '>', '#']) || is_open {
        return None;
    }
    let column = indent(outer) + 1;
    YamlFault::new(
        (start + own, start + own),
        "this line is indented further than the line it follows",
        format!(
            "line {} has its value already: begin this one in column {column} as well",
            number + 1
        ),
    )
}

fn separator_of_line(start: usize, line: &str) -> Option<YamlFault> {
    let own = line.trim_start().trim_start_matches("- ").trim_start();
    let at = start + line.len() - own.len();
    let found = missing_separator(own)?;
    let span = Span {
        start: at,
        end: at + own.len(),
    };
    Some(YamlFault { span, ..found })
}

/// `key:value`, `key = value` and `key value`, where `key: value` is meant.
#[must_use]
pub fn missing_separator(text: &str) -> Option<YamlFault> {
    let text = text.lines().next()?.trim();
    let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
    let (key, rest) = text.split_at(text.find(ends)?);
    let value = rest.trim_start();
    let is_key = key.starts_with(char::is_alphabetic) && !text.contains(": ");
    let (message, value) = if let Some(value) = value.strip_prefix('=') {
        ("YAML has `:` between a key and its value, not `=`", value)
    } else if let Some(value) = rest.strip_prefix(':') {
        ("a space is missing after the colon", value)
    } else {
        let value = value.trim_start_matches(';');
        let is_one = value.starts_with(char::is_whitespace) || rest.len() > value.len();
        let is_one = is_one && value.split_whitespace().count() == 1;
        (
            "a colon is missing after the key",
            value.get(..).filter(|_| is_one)?,
        )
    };
    let value = value.trim();
    let is_value = !value.is_empty() && !value.starts_with([':', '/']) && !value.ends_with(':');
    (is_key && is_value)
        .then(|| YamlFault::new((0, text.len()), message, format!("write `{key}: {value}`")))?
}

/// A line that is indented less than the first.
fn second_begin(lines: &[SourceLine], here: usize, at: usize) -> Option<YamlFault> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let first = lines.get(..here)?.iter();
    let mut first =
        first.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let (start, line) = first.next()?;
    let own = lines.get(here).map(|(_, line)| indent(line))?;
    let blanks = indent(line);
    (blanks > own)
        .then(|| {
            YamlFault::new(
                (*start, start + blanks),
                "the first line is indented further than those below",
                "remove the spaces before its first word",
            )
        })?
        .filter(|_| at > 0)
}

#[cfg(test)]
mod tests;
