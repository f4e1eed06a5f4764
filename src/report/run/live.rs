//! What is under way, on the last line of a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::engine::without_commands;
use crate::report::Out;

/// A line that is drawn anew, where there is a terminal.
pub struct Live {
    out: Out,
    bar: Option<ProgressBar>,
}

impl Live {
    /// A line at the end of the output.
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

    /// Whether there is a terminal to draw it on.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Prints a line before it.
    pub fn say(&self, text: &str) {
        self.apart(|| self.out.say(text));
    }

    /// Prints a line that is no result before it.
    pub fn aside(&self, text: &str) {
        self.apart(|| self.out.aside(text));
    }

    fn apart(&self, print: impl FnOnce()) {
        match &self.bar {
            // The bar's own writer knows nothing of --color; anstream does.
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Draws it anew.
    pub fn show(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(without_commands(text).into_owned());
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
