//! Colours, by meaning. anstream strips them where they are not wanted.

use anstyle::{AnsiColor, Style};

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Something to be seen first.
#[must_use]
pub fn bold(text: &str) -> String {
    styled(Style::new().bold(), text)
}

/// Something by the way.
#[must_use]
pub fn dim(text: &str) -> String {
    styled(Style::new().dimmed(), text)
}

/// Something made, or well.
#[must_use]
pub fn success(text: &str) -> String {
    styled(AnsiColor::Green.on_default(), text)
}

/// Something changed, or to be looked at.
#[must_use]
pub fn warning(text: &str) -> String {
    styled(AnsiColor::Yellow.on_default(), text)
}

/// Something gone, or wrong.
#[must_use]
pub fn error(text: &str) -> String {
    styled(AnsiColor::Red.on_default().bold(), text)
}
