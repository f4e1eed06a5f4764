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
