//! `treino logs`

use std::ffi::OsString;
use std::time::SystemTime;

use clap::Args;

use super::terminal::Terminal;
use super::{Error, Exit, value_parsers};
use crate::ops::{self, LogsEnd, LogsOptions, Session, StackRef};

/// Show what the stack's functions and state machines logged
///
/// Lambda's own START, END and REPORT lines are left out unless something went wrong; -v shows them.
/// State machines log if they have `logging`. Times are local, of the zone that is shown (`TZ`); with --json they are UTC.
///
/// With --execution, the lines are those of the function calls whose request ids the execution's
/// history names: of `lambda:invoke` tasks, and of errors that name theirs. Where the history leaves
/// some out (tasks whose resource is a function's ARN), lines of that function are chosen by the time
/// of the call, and may be those of another call at the same time; this is then said.
///
/// With -f it ends by Ctrl-C, with exit code 130, or when nobody reads its output any longer.
#[derive(Debug, Args)]
pub struct Logs {
    /// The stack file, its folder, or the stack's name [default: stack.yaml in this folder]
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
    /// Go on with what is logged from now on
    #[arg(short, long)]
    follow: bool,
    /// How far to look back: 10m, 2h, or a time like 2026-01-31T12:00:00Z [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = value_parsers::since, conflicts_with = "execution")]
    since: Option<SystemTime>,
    /// Only this function, by its key in the stack file; may be repeated
    #[arg(long, value_name = "KEY")]
    function: Vec<String>,
    /// Only this state machine, by its key in the stack file
    #[arg(long, value_name = "KEY", conflicts_with = "function")]
    machine: Option<String>,
    /// Only what belongs to this execution, by its name or ARN
    #[arg(long, value_name = "EXECUTION", conflicts_with = "follow")]
    execution: Option<String>,
}

impl Logs {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = LogsOptions {
            stack: StackRef::named_or_here(self.stack.as_deref(), session)?,
            follow: self.follow,
            since: self.since,
            functions: self.function,
            machine: self.machine,
            execution: self.execution,
        };
        Ok(match ops::logs(session, &options, terminal).await? {
            LogsEnd::Done => Exit::Done,
            LogsEnd::Stopped => Exit::Stopped,
        })
    }
}
