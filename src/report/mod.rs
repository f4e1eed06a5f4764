//! Events, plans and receipts as the text a person reads.
//!
//! Text goes to standard output. With `--json`, standard output carries one event a line as JSON, and there is no text;
//! with `--text` too, it goes to standard error. Secrets are masked before: [`crate::ops`] sends none.

mod class;
mod contents;
mod cost;
mod deploy;
mod destroy;
mod diagnostic;
mod doctor;
mod ending;
mod explain;
mod foreign;
pub mod handout;
mod init;
mod links;
mod local;
mod log_lines;
mod logs;
mod plan;
mod progress;
mod receipt;
mod run;
mod so_far;
mod status;
mod style;
mod sweep;
mod test;
mod text;
mod time;
mod written;

pub use diagnostic::{all_diagnostics, diagnostics};
pub use foreign::foreign;
pub use plan::{installed, plan, reads, summary};
pub use receipt::receipt;

pub use run::{RunRenderer, executions, item, item_deleted, output};
pub use status::status;
pub use style::{bold, dim, error, success, warning};
pub use text::Text;
pub use written::{Stream, UNREAD, ended, line, unread, write};

use crate::engine::{ProviderError, escape_terminal_commands, strip_terminal_commands};
use crate::ops::{Error, Event};
use crate::source::counted;

/// Where output goes.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// JSON events on standard output.
    pub json: bool,
    /// Text for people: on standard output, or on standard error beside events.
    pub text: bool,
    /// More of everything.
    pub verbose: bool,
}

/// So many resources, all there are, with the verb that goes with one or with many.
fn all(count: usize, one: &str, many: &str) -> String {
    let resources = counted(count, "resource");
    match count {
        1 => format!("the {resources}{one}"),
        _ => format!("all {resources}{many}"),
    }
}

impl Default for Out {
    fn default() -> Self {
        Self {
            json: false,
            text: true,
            verbose: false,
        }
    }
}

impl Out {
    /// Where text for a person goes.
    fn stream(self) -> Stream {
        if self.json {
            Stream::Error
        } else {
            Stream::Output
        }
    }

    /// Prints a line for a person.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.text {
            return;
        }
        line(self.stream(), &strip_terminal_commands(text.as_ref()));
    }

    /// Prints a line for a person that is no result: always on standard error.
    pub fn aside(&self, text: impl AsRef<str>) {
        if !self.text {
            return;
        }
        line(Stream::Error, &strip_terminal_commands(text.as_ref()));
    }

    /// Prints an event for a program, with `--json`.
    pub fn event(&self, event: &Event) {
        if self.json
            && let Ok(text) = serde_json::to_string(event)
        {
            line(Stream::Output, &escape_terminal_commands(&text));
        }
    }
}

/// Why an operation could not go on, with the way out.
#[must_use]
pub fn failure(failed: &Error) -> String {
    match failed {
        Error::Diagnostics(found) => {
            let errors = counted(failed.count(), "error");
            let unchanged = error(&format!("{errors}; nothing was changed"));
            format!("{}\n\n{unchanged}", diagnostics(found))
        }
        Error::Usage(text) => format!("{} {text}", error("error:")),
        Error::Provider(failed) => provider_error(failed),
        Error::Stopped(stopped) => {
            let help = stopped.help.as_deref().unwrap_or_default();
            format!("{}\n{}", warning(&stopped.message), dim(help))
        }
        Error::Local(failed) => {
            let help = failed.help.as_deref().unwrap_or_default();
            format!("{} {failed}\n  {} {help}", error("error:"), bold("help:"))
        }
    }
}

/// An error with its cause, what is left behind and the way out.
fn provider_error(failed: &ProviderError) -> String {
    let mut text = format!("{} {failed}", error("error:"));
    if let Some(help) = &failed.help {
        text.push_str("\n  ");
        text.push_str(&bold("help:"));
        text.push(' ');
        text.push_str(help);
    }
    if let Some(id) = &failed.request_id {
        text.push_str(&dim(&format!("\n  request id: {id}")));
    }
    text
}
