//! The command line: one file per verb, whose doc comments are the help. A verb parses its arguments, calls
//! an operation, and ends with an exit code.

mod check;
mod class;
mod completions;
mod cost;
mod deploy;
mod descriptors;
mod destroy;
mod doctor;
mod encoding;
mod extend;
mod handout;
mod init;
mod input;
mod local;
mod logs;
mod options;
mod plan;
mod run;
mod schema;
mod status;
mod sweep;
mod terminal;
mod test;
mod usage;
mod value_parsers;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use self::options::Common;
use self::terminal::Terminal;
use crate::engine::{Leftover, ProviderError};
use crate::ops::{Completion, Error, Session, SessionOptions};
use crate::report::{self, Out, Stream};

/// Deploys a small serverless lab to AWS from one YAML file, shows it working, and destroys it
/// completely.
///
/// Try it without an AWS account: every verb works on an AWS on this machine with --local.
#[derive(Debug, Parser)]
#[command(name = "treino", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done, or nothing to change; 1 failed; 2 bad usage or bad stack file, and \
    changes waiting with `plan --exit-code`; 3 finished, but something could not be verified; 130 stopped by Ctrl-C; \
    141 the output pipe of `run` was closed. What could not be written is a failure.";

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Init),
    Check(check::Check),
    Cost(cost::Cost),
    Doctor(doctor::Doctor),
    Plan(plan::PlanArgs),
    Deploy(deploy::Deploy),
    Run(run::Run),
    Test(test::TestArgs),
    Logs(logs::Logs),
    Status(status::Status),
    Extend(extend::Extend),
    Destroy(destroy::Destroy),
    Sweep(sweep::Sweep),
    #[command(subcommand)]
    Class(class::Class),
    #[command(subcommand)]
    Local(local::Local),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Done, or nothing to do.
    Done,
    /// It failed, and said so.
    Failed,
    /// Changes are waiting (`plan --exit-code`), or something is wrong with a file (`check`).
    Waiting,
    /// Something could not be verified.
    Unverified,
    /// The user stopped it.
    Stopped,
    /// Nobody reads its output any longer, and how it would have ended is not known.
    Unread,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Waiting => 2,
            Self::Unverified => 3,
            Self::Stopped => 130,
            Self::Unread => report::UNREAD,
        }
    }
}

impl From<Completion> for Exit {
    fn from(completion: Completion) -> Self {
        match completion {
            Completion::Complete => Self::Done,
            Completion::Blocked
            | Completion::Unknown
            | Completion::Declined
            | Completion::Failed => Self::Failed,
            Completion::Stopped => Self::Stopped,
            Completion::Unverified => Self::Unverified,
        }
    }
}

/// The exit code of an error.
fn code_of(error: &Error) -> u8 {
    match error {
        Error::Diagnostics(_) | Error::Usage(_) => 2,
        Error::Provider(_) | Error::Local(_) => 1,
        Error::Stopped(_) => 130,
    }
}

/// Runs the verb that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    descriptors::told_of_long_files();
    let arguments = || std::env::args_os().skip(1);
    let code = match (usage::with_odd_dash(arguments()), Cli::try_parse()) {
        (Some(error), _) => refused(&error),
        (None, Ok(cli)) => run(cli),
        (None, Err(error)) => not_parsed(&usage::clarified(error, arguments())),
    };
    ExitCode::from(report::ended(code))
}

/// Where output goes if the arguments cannot be parsed.
fn out_unparsed() -> Out {
    let json = usage::wants_json(std::env::args_os().skip(1));
    Out {
        json,
        text: !json,
        ..Out::default()
    }
}

/// Says what is wrong with the arguments.
fn refused(error: &Error) -> u8 {
    Terminal::new(out_unparsed()).failed(error);
    code_of(error)
}

/// Help, the version, or what is wrong with the arguments.
fn not_parsed(error: &clap::Error) -> u8 {
    if error.kind() == ErrorKind::InvalidUtf8 {
        return refused(&Error::Usage(encoding::arguments()));
    }
    let out = out_unparsed();
    if out.json && error.use_stderr() {
        out.event(&usage::event(error));
        return u8::try_from(error.exit_code()).unwrap_or(2);
    }
    let stream = if error.use_stderr() {
        Stream::Error
    } else {
        Stream::Output
    };
    report::write(stream, &error.render().ansi().to_string());
    u8::try_from(error.exit_code()).unwrap_or(2)
}

fn run(cli: Cli) -> u8 {
    let terminal = Terminal::new(cli.common.out());
    let exit = match cli.verb {
        Verb::Init(verb) => verb.run(&offline(&cli.common), &terminal),
        Verb::Check(verb) => verb.run(&offline(&cli.common), &terminal),
        Verb::Cost(verb) if !verb.so_far => verb.run(&offline(&cli.common), &terminal),
        Verb::Schema(verb) => Ok(verb.run()),
        Verb::Completions(verb) => Ok(verb.run()),
        verb => online(verb, &cli.common, &terminal),
    };
    match exit {
        Ok(exit) => {
            terminal.finish();
            exit.code()
        }
        Err(error) => {
            terminal.failed(&error);
            code_of(&error)
        }
    }
}

/// The session of a verb that reaches no AWS.
fn offline(common: &Common) -> Session {
    Session::new(SessionOptions {
        owner: common.owner.clone(),
        region: common.region_or_of_environment(),
        given: common.given(),
        ..SessionOptions::default()
    })
}

/// Runs a verb that reaches AWS, or the local AWS.
fn online(verb: Verb, common: &Common, terminal: &Terminal) -> Result<Exit, Error> {
    encoding::variables()?;
    descriptors::require_open_files()?;
    // One thread does: the work is waiting for answers.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        let what = format!("the system gives no resources to wait for answers: {error}");
        ProviderError::new(what).with_leftover(Leftover::Nothing)
    })?;
    runtime.block_on(async {
        tokio::select! {
            exit = operate(verb, common, terminal) => exit,
            never = terminal.redraw_loop() => match never {},
        }
    })
}

async fn operate(verb: Verb, common: &Common, terminal: &Terminal) -> Result<Exit, Error> {
    if let Verb::Local(verb) = verb {
        return verb.run(common, terminal).await;
    }
    if let Verb::Class(verb) = verb {
        return Box::pin(verb.run(&common.session()?, terminal)).await;
    }
    let session = Session::new(common.session()?);
    match verb {
        Verb::Doctor(verb) => verb.run(&session, terminal).await,
        Verb::Plan(verb) => verb.run(&session, terminal).await,
        Verb::Deploy(verb) => verb.run(&session, terminal).await,
        Verb::Run(verb) => verb.run(&session, terminal).await,
        Verb::Test(verb) => verb.run(&session, terminal).await,
        Verb::Logs(verb) => verb.run(&session, terminal).await,
        Verb::Cost(verb) => verb.run_so_far(&session, terminal).await,
        Verb::Status(verb) => verb.run(&session, terminal).await,
        Verb::Extend(verb) => verb.run(&session, terminal).await,
        Verb::Destroy(verb) => verb.run(&session, terminal).await,
        Verb::Sweep(verb) => verb.run(&session, terminal).await,
        Verb::Init(_)
        | Verb::Check(_)
        | Verb::Class(_)
        | Verb::Local(_)
        | Verb::Schema(_)
        | Verb::Completions(_) => Ok(Exit::Done),
    }
}
