//! `treino check`

use std::path::PathBuf;

use clap::Args;

use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, Session};

/// Find what is wrong with stack files and definitions; no AWS, no credentials, nothing is changed
///
/// A stack file is checked with its definitions and its functions' code, as `plan` and `deploy` do
/// it; parameters and environment variables need no value yet. A Step Functions definition is checked alone, so its references are not resolved.
/// Ends with 2 if there is an error. With --json, each diagnostic is an event with its file, its line
/// and column and those of its end (from 1, in characters, the end not included), severity, message
/// and help.
#[derive(Debug, Args)]
pub struct Check {
    /// Stack files (.yaml, .yml), Step Functions definitions (.json), or folders: all stack files
    /// and *.asl.json directly in them [default: stack.yaml in this folder]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// End with 2 also if there are only warnings
    #[arg(long)]
    strict: bool,
}

impl Check {
    pub(super) fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let found = ops::check(session, &self.files, terminal)?;
        let is_wrong = found.errors > 0 || self.strict && found.warnings > 0;
        Ok(if is_wrong { Exit::Waiting } else { Exit::Done })
    }
}
