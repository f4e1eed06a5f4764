//! `treino schema`

use clap::Args;

use super::{End, Error};
use crate::report::Out;

/// Print the JSON Schema of the stack file, for editors
#[derive(Debug, Args)]
pub struct Schema {}

impl Schema {
    #[allow(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "verbs are alike"
    )]
    pub(super) fn run(self, _: Out) -> Result<End, Error> {
        let text = serde_json::to_string_pretty(&crate::stack::schema()).unwrap_or_default();
        // The schema is the result, with or without --json.
        Out::default().say(text);
        Ok(End::Done)
    }
}
