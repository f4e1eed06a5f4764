//! Colours, by meaning. anstream strips them where they are not wanted.

use anstyle::{AnsiColor, Style};

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Emphasised text.
#[must_use]
pub fn bold(text: &str) -> String {
    styled(Style::new().bold(), text)
}

/// Secondary text.
#[must_use]
pub fn dim(text: &str) -> String {
    styled(Style::new().dimmed(), text)
}

/// A creation, or a success.
#[must_use]
pub fn success(text: &str) -> String {
    styled(AnsiColor::Green.on_default(), text)
}

/// A change, or a warning.
#[must_use]
pub fn warning(text: &str) -> String {
    styled(AnsiColor::Yellow.on_default(), text)
}

/// A deletion, or an error.
#[must_use]
pub fn error(text: &str) -> String {
    styled(AnsiColor::Red.on_default().bold(), text)
}

/// The width of a line of text.
const WIDTH: usize = 78;

/// A text in lines, each with what it begins with.
#[must_use]
pub fn wrapped(text: &str, first: &str, others: &str) -> Vec<String> {
    let mut lines = vec![first.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        let is_begun = line > others.chars().count().max(first.chars().count());
        if is_begun && line + 1 + word.chars().count() > WIDTH {
            lines.push(others.to_owned());
        }
        if let Some(line) = lines.last_mut() {
            let blank = !line.is_empty() && !line.ends_with(' ');
            *line = format!("{line}{}{word}", if blank { " " } else { "" });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_at_words() {
        let lines = wrapped(&"word ".repeat(40), "- ", "  ");
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        assert!(
            lines[0].starts_with("- word") && lines[1].starts_with("  word"),
            "{lines:?}"
        );
        let long = "x".repeat(100);
        assert_eq!(
            wrapped(&format!("{long} y"), "- ", "  "),
            [format!("- {long}"), "  y".to_owned()]
        );
    }
}
