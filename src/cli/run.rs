//! `treino run`

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};

use super::terminal::Terminal;
use super::{Error, Exit, input, value_parsers};
use crate::ops::{self, RunAction, RunEnd, RunOptions, Session, StackRef};

/// Show a stack working: start an execution, follow it, show what it leaves
///
/// With FILE, the file is put into the stack's bucket, the execution that its event starts is
/// followed, and the item of that key is shown, with what changed in it. With --input, an execution is
/// started directly. Each state is a line when it ends; states of a branch or of a Map's iteration stand behind its number;
/// iterations are counted where there are more than 10. Ctrl-C ends the following, not the execution.
///
/// Express machines leave no history: they are run to their end, and their result is shown.
///
/// With -v, each state is shown when it begins, too, with its input and output, and no iteration is
/// left out. With --json, all of them are events; docs/following.md says which.
///
/// Ends with 0 if the execution succeeded, with 1 if it failed, timed out or was stopped, and with
/// 130 after Ctrl-C; when nobody reads its output any longer, it stops following and ends with 141.
#[derive(Debug, Args)]
#[command(override_usage = USAGE)]
#[command(group = ArgGroup::new("what").required(true).args(["file", "input", "follow", "list", "stop"]))]
pub struct Run {
    /// The stack file, or the stack's name
    #[arg(value_name = "STACK")]
    stack: OsString,
    /// The file to put into the stack's bucket
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Start an execution directly with this JSON, with that of @FILE, or of standard input (-)
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    input: Option<OsString>,
    /// Follow an execution that is under way, or show one that has ended, by its name or ARN; without one, the
    /// latest
    #[arg(long, value_name = "EXECUTION", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the option may have no value")]
    follow: Option<Option<String>>,
    /// List the latest executions: when they started, how they ended, how long they took
    #[arg(long)]
    list: bool,
    /// The most executions to list
    #[arg(long, value_name = "NUMBER", requires = "list", default_value_t = LISTED, value_parser = value_parsers::limit)]
    limit: usize,
    /// Stop an execution by its name or ARN; without one, all that are under way
    #[arg(long, value_name = "EXECUTION", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the option may have no value")]
    stop: Option<Option<String>>,
    /// The state machine's key in the stack file, where there are several
    #[arg(long, value_name = "KEY")]
    machine: Option<String>,
    /// The execution's name; AWS makes one up without
    #[arg(long, value_name = "NAME", value_parser = value_parsers::execution, conflicts_with_all = ["file", "follow", "list", "stop"])]
    name: Option<String>,
    /// The object's key; the file's name without one
    #[arg(long, value_name = "KEY", conflicts_with_all = ["input", "follow", "list", "stop"])]
    key: Option<String>,
    /// The bucket's key in the stack file, where there are several
    #[arg(long, value_name = "KEY", conflicts_with_all = ["input", "follow", "list", "stop"])]
    bucket: Option<String>,
    /// How long to wait for the event to start an execution
    #[arg(long, value_name = "TIME", conflicts_with_all = ["input", "follow", "list", "stop"], value_parser = humantime::parse_duration)]
    wait: Option<Duration>,
}

/// How many executions are listed where nothing is said.
const LISTED: usize = 20;

/// clap would put the choice before the stack.
const USAGE: &str = "treino run [OPTIONS] <STACK> <FILE>
       treino run [OPTIONS] <STACK> --input <JSON|@FILE|->
       treino run [OPTIONS] <STACK> --follow [EXECUTION]
       treino run [OPTIONS] <STACK> --stop [EXECUTION]
       treino run [OPTIONS] <STACK> --list [--limit <NUMBER>]";

impl Run {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let action = match (self.file, self.input, self.follow, self.stop) {
            _ if self.list => RunAction::List { limit: self.limit },
            (Some(file), ..) => RunAction::Put {
                file,
                key: self.key,
                bucket: self.bucket,
                wait: self.wait,
            },
            (_, Some(given), ..) => RunAction::Start {
                input: input::read(&given, terminal)?,
                name: self.name,
            },
            (_, _, Some(execution), _) => RunAction::Follow(execution),
            (.., stop) => RunAction::Stop(stop.flatten()),
        };
        let options = RunOptions {
            stack: StackRef::parse(&self.stack),
            action,
            machine: self.machine,
            data: terminal.is_verbose(),
        };
        Ok(match ops::run(session, &options, terminal).await? {
            RunEnd::Succeeded => Exit::Done,
            RunEnd::Failed => Exit::Failed,
            RunEnd::Stopped => Exit::Stopped,
            RunEnd::Unread => Exit::Unread,
        })
    }
}
