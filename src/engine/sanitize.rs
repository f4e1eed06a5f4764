//! Makes text from outside (error messages, codes, object keys) safe to print, on one line.

use std::borrow::Cow;

/// The longest text that is shown; AWS's messages are shorter.
const MAX_CHARACTERS: usize = 1000;

/// The text on one line, shortened to [`MAX_CHARACTERS`], without control characters that a terminal would
/// execute.
#[must_use]
pub fn sanitize(text: &str) -> String {
    let shown: String = text.chars().take(MAX_CHARACTERS).map(to_one_line).collect();
    match text.chars().nth(MAX_CHARACTERS) {
        Some(_) => format!("{shown}... ({} characters)", text.chars().count()),
        None => shown,
    }
}

/// Whether a terminal would interpret the character instead of showing it.
fn is_terminal_command(c: char) -> bool {
    // Besides control characters: characters that change the text direction.
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Removes terminal control sequences, except line breaks, tabs, and the colours and weights treino itself
/// prints.
#[must_use]
pub fn strip_terminal_commands(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| matches!(c, '\n' | '\t') || !is_terminal_command(c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if let Some(length) = colour_sequence_length(rest) {
            shown.push_str(&rest[..length]);
            length
        } else {
            shown.push(if harmless(c) { c } else { '\u{fffd}' });
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    Cow::Owned(shown)
}

/// Escapes these characters in JSON text: JSON itself requires it only for some of them.
#[must_use]
pub fn escape_terminal_commands(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_terminal_command) {
        return Cow::Borrowed(json);
    }
    let escape = |c: char| {
        if is_terminal_command(c) {
            format!("\\u{:04x}", u32::from(c))
        } else {
            c.to_string()
        }
    };
    Cow::Owned(json.chars().map(escape).collect())
}

/// The length of a colour or weight sequence at the start of the text: `ESC [ 1 ; 31 m`.
fn colour_sequence_length(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let is_ours = |number: &str| {
        let number = number.parse::<u8>();
        number.is_ok_and(|number| matches!(number, 0..=2 | 30..=37 | 90..=97))
    };
    let known = numbers[..end].split(';').all(is_ours);
    (known && numbers[end..].starts_with('m')).then_some(2 + end + 1)
}

fn to_one_line(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_terminal_command(c) => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_short_line() {
        assert_eq!(
            sanitize("Access Denied\nerror: \u{1b}]0;x\u{7}"),
            "Access Denied error: \u{fffd}]0;x\u{fffd}"
        );
        let long = sanitize(&"é".repeat(5_000_000));
        assert_eq!(long.chars().filter(|c| *c == 'é').count(), MAX_CHARACTERS);
        assert!(long.ends_with("... (5000000 characters)"), "{long}");
    }

    #[test]
    fn escaped_json_keeps_its_value() {
        let text = "a\u{9b}2J\u{202e}\u{7f}\u{1b}é";
        let json = serde_json::to_string(text).unwrap();
        let shown = escape_terminal_commands(&json);
        assert!(shown.chars().all(|c| !is_terminal_command(c)), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }

    #[test]
    fn colours_are_kept_and_terminal_commands_removed() {
        let ours = "\u{1b}[1m\u{1b}[31mfailed\u{1b}[0m\tA\n";
        assert_eq!(strip_terminal_commands(ours), ours);
        assert!(matches!(
            strip_terminal_commands("plain é"),
            Cow::Borrowed(_)
        ));
        for (theirs, shown) in [
            // Window title, clear screen, concealed text, cursor up.
            ("\u{1b}]0;title\u{7}", "\u{fffd}]0;title\u{fffd}"),
            ("\u{1b}[2J", "\u{fffd}[2J"),
            ("\u{1b}[8mx", "\u{fffd}[8mx"),
            ("\u{1b}[1A", "\u{fffd}[1A"),
            ("\u{9b}2J", "\u{fffd}2J"),
            ("a\rb", "a\u{fffd}b"),
            ("\u{202e}txt", "\u{fffd}txt"),
            ("\u{1b}[", "\u{fffd}["),
            ("\u{1b}[38;5;1m", "\u{fffd}[38;5;1m"),
        ] {
            assert_eq!(strip_terminal_commands(theirs), shown);
        }
    }
}
