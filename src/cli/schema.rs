//! `treino schema`

use clap::Args;

use super::Exit;
use crate::report::{self, Stream};
use crate::{ops, stack};

/// Print the JSON Schema of the stack file, for editors
#[derive(Debug, Args)]
pub struct Schema {
    /// Print that of the events of --json instead
    #[arg(long)]
    events: bool,
    /// Print that of `treino.yaml` instead: what the stacks beside it have to keep to
    #[arg(long, conflicts_with = "events")]
    guards: bool,
}

impl Schema {
    pub(super) fn run(&self) -> Exit {
        let schema = if self.events {
            ops::event::schema()
        } else if self.guards {
            stack::guards_schema()
        } else {
            stack::schema()
        };
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        // The schema is the result, with or without --json.
        report::line(Stream::Output, &text);
        Exit::Done
    }
}
