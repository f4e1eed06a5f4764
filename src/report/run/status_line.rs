//! The last line of a terminal, which shows what is running.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::engine::strip_terminal_commands;
use crate::report::Out;

/// A line that is drawn again and again, if standard error is a terminal.
pub struct StatusLine {
    out: Out,
    bar: Option<ProgressBar>,
}

impl StatusLine {
    /// A line below the output.
    #[must_use]
    pub fn new(out: Out) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("  {spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { out, bar }
    }

    /// Whether there is a terminal.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Prints a line above it.
    pub fn say(&self, text: &str) {
        self.without_line(|| self.out.say(text));
    }

    /// Prints a line that is no result above it.
    pub fn aside(&self, text: &str) {
        self.without_line(|| self.out.aside(text));
    }

    fn without_line(&self, print: impl FnOnce()) {
        match &self.bar {
            // The bar's own writer knows nothing of --color; anstream does.
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Sets its text.
    pub fn show(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(strip_terminal_commands(text).into_owned());
        }
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
