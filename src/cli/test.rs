//! `treino test`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::options::Parameters;
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, Session, StackRef, TestOptions};

/// Run the checks of a stack file against what is deployed: did the lab work?
///
/// Each check under `checks:` puts a file, starts an execution, or sends a message or an event, and compares what comes
/// of it: how the execution ends, the item in a table, what was logged. Nothing is deployed. A check that fails says what
/// was expected, what came, at which state it went wrong, and why, as far as that can be seen.
///
/// Ends with 0 if every check passed, with 1 if one failed, with 2 if the stack file or an argument is wrong, with 3 if a
/// check could not be judged, and with 130 after Ctrl-C.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The stack file, its folder, or the stack's name, where its file is in this folder
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
    /// The checks to run [default: all]
    #[arg(value_name = "CHECK")]
    checks: Vec<String>,
    /// Write the results to this file, as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the results to this file, as marks: the `result.json` of graders for GitHub Classroom
    #[arg(long, value_name = "FILE")]
    marks: Option<PathBuf>,
    /// Destroy the stack afterwards, and judge the checks with `empty_after_destroy`
    #[arg(long)]
    destroy: bool,
    /// Destroy without asking
    #[arg(short, long, requires = "destroy")]
    yes: bool,
    #[command(flatten)]
    parameters: Parameters,
}

impl TestArgs {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = TestOptions {
            stack: StackRef::named_or_here(self.stack.as_deref(), session)?,
            set: self.parameters.values()?,
            checks: self.checks,
            destroy: self.destroy,
            yes: self.yes,
            junit: self.junit,
            marks: self.marks,
        };
        let tested = ops::test(session, &options, terminal).await?;
        Ok(
            match (tested.stopped, tested.counts.failed, tested.counts.unknown) {
                (true, ..) => Exit::Stopped,
                (_, 0, 0) => Exit::Done,
                (_, 0, _) => Exit::Unverified,
                _ => Exit::Failed,
            },
        )
    }
}
