//! What a person reads and a program parses: plans, events, receipts as text, progress and JSON.
//!
//! Human text goes to standard output; with `--json` it goes to standard error, and standard
//! output carries one JSON object a line.

mod diagnostic;
mod explain;
mod foreign;
mod logs;
mod plan;
mod progress;
mod receipt;
mod run;
mod secrets;
mod status;
mod style;
mod written;

use std::io::IsTerminal;

use serde::Serialize;

pub use diagnostic::{diagnostics, every_problem};
pub use explain::explain;
pub use foreign::{foreign, word};
pub use logs::{Columns, time};
pub use plan::{another_file, plan, reads, summary};
pub use progress::Progress;
pub use receipt::receipt;
pub use run::{RunRenderer, StatusLine, item, output};
pub use secrets::{hide, hide_credential, redacted, redacted_event};
pub use status::{Standing, standing};
pub use style::{bold, dim, error, good, warning};
pub use written::{Stream, UNREAD, ended, line, unread, write};

use crate::engine::{ProviderError, escape_terminal_commands, strip_terminal_commands};

/// Where output goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Out {
    /// JSON events on standard output, human text on standard error.
    pub json: bool,
    /// More of everything.
    pub verbose: bool,
}

/// So many resources, all there are, with the verb that goes with one or with many.
fn all(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("the 1 resource{one}"),
        _ => format!("all {count} resources{many}"),
    }
}

impl Out {
    /// Prints a line for a person.
    pub fn say(&self, text: impl AsRef<str>) {
        let stream = if self.json {
            Stream::Error
        } else {
            Stream::Output
        };
        line(stream, &strip_terminal_commands(&redacted(text.as_ref())));
    }

    /// Prints a line for a person that is no result: always on standard error.
    pub fn aside(&self, text: impl AsRef<str>) {
        line(
            Stream::Error,
            &strip_terminal_commands(&redacted(text.as_ref())),
        );
    }

    /// Prints an event for a program, with `--json`.
    pub fn event(&self, event: &impl Serialize) {
        if self.json
            && let Ok(event) = serde_json::to_value(event)
        {
            let text = redacted_event(event).to_string();
            line(Stream::Output, &escape_terminal_commands(&text));
        }
    }

    /// Whether a person is there to be asked.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

/// An error with its cause, what is left behind and the way out.
#[must_use]
pub fn provider_error(failed: &ProviderError) -> String {
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
