//! The command line: one file per verb, whose doc comments are the help.

mod adopt;
mod ask;
mod check;
mod completions;
mod deploy;
mod descriptors;
mod destroy;
mod encoding;
mod local;
mod logs;
mod looking;
mod parameters;
mod plan;
mod run;
mod schema;
mod session;
mod status;
mod value_parsers;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::engine::{Leftover, ProviderError};
use crate::report::{self, Out, Stream};
use crate::source::{Diagnostic, Diagnostics};

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
    141 nobody reads the output of `run` any longer. What could not be written is a failure.";

/// What every verb takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
struct Common {
    /// Use the AWS on this machine: no account, no Docker, no cost
    #[arg(long, global = true, env = "TREINO_LOCAL", value_parser = clap::builder::FalseyValueParser::new())]
    local: bool,
    /// The AWS region
    #[arg(long, global = true, value_name = "REGION", value_parser = value_parsers::region)]
    region: Option<String>,
    /// The profile of the AWS configuration files
    #[arg(long, global = true, value_name = "NAME", env = "AWS_PROFILE")]
    profile: Option<String>,
    /// An AWS-compatible endpoint to use instead of AWS
    #[arg(long, global = true, value_name = "URL", value_parser = value_parsers::endpoint)]
    endpoint_url: Option<String>,
    /// Whose copy of the stack it is, where several people share an account
    #[arg(long, global = true, value_name = "NAME", env = "TREINO_OWNER", value_parser = value_parsers::owner)]
    owner: Option<String>,
    /// Print events as one JSON object a line; human text goes to standard error
    #[arg(long, global = true)]
    json: bool,
    /// Whether to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: clap::ColorChoice,
    /// Print more: unchanged resources, whole specs, each step's beginning
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Check),
    Plan(plan::Plan),
    Deploy(deploy::Deploy),
    Run(run::Run),
    Logs(logs::Logs),
    Status(status::Status),
    Destroy(destroy::Destroy),
    #[command(subcommand)]
    Local(local::Local),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

/// How a verb ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Done, or nothing to do.
    Done,
    /// It failed, and said so.
    Failed,
    /// Changes are waiting (`plan --exit-code`).
    Waiting,
    /// Something is wrong with a file, and was said (`check`).
    Wrong,
    /// Something could not be verified.
    Unverified,
    /// The user stopped it.
    Stopped,
    /// Nobody reads its output any longer, and how it would have ended is not known.
    Unread,
}

/// Why a verb could not go on.
enum Error {
    /// Something is wrong with a file.
    Diagnostics(Diagnostics),
    /// Something is wrong with how it was called.
    Usage(String),
    /// A call failed.
    ProviderError(ProviderError),
    /// The local AWS failed.
    Local(Diagnostic),
}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(diagnostics)
    }
}

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::ProviderError(error)
    }
}

impl From<Diagnostic> for Error {
    fn from(failure: Diagnostic) -> Self {
        Self::Local(failure)
    }
}

/// Runs the verb that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    descriptors::told_of_long_files();
    let code = match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => not_parsed(&error),
    };
    ExitCode::from(report::ended(code))
}

/// Help, the version, or what is wrong with the arguments.
fn not_parsed(error: &clap::Error) -> u8 {
    if error.kind() == ErrorKind::InvalidUtf8 {
        return failed(Error::Usage(encoding::arguments()), Out::default());
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
    match cli.common.color {
        clap::ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        clap::ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        clap::ColorChoice::Auto => {}
    }
    let common = cli.common;
    let out = Out {
        json: common.json,
        verbose: common.verbose,
    };
    let ended = match cli.verb {
        Verb::Check(verb) => verb.run(&common, out),
        Verb::Plan(verb) => speaking(verb.run(&common, out)),
        Verb::Deploy(verb) => speaking(verb.run(&common, out)),
        Verb::Run(verb) => speaking(verb.run(&common, out)),
        Verb::Logs(verb) => speaking(verb.run(&common, out)),
        Verb::Status(verb) => speaking(verb.run(&common, out)),
        Verb::Destroy(verb) => speaking(verb.run(&common, out)),
        Verb::Local(verb) => speaking(verb.run(&common, out)),
        Verb::Schema(verb) => verb.run(out),
        Verb::Completions(verb) => verb.run(),
    };
    match ended {
        Ok(End::Done) => 0,
        Ok(End::Failed) => 1,
        Ok(End::Waiting | End::Wrong) => 2,
        Ok(End::Unverified) => 3,
        Ok(End::Stopped) => 130,
        Ok(End::Unread) => report::UNREAD,
        Err(error) => failed(error, out),
    }
}

/// Runs a verb that speaks to AWS.
fn speaking(verb: impl Future<Output = Result<End, Error>>) -> Result<End, Error> {
    encoding::variables()?;
    descriptors::room()?;
    // One thread does: the work is waiting for answers.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(verb),
        Err(error) => {
            let what = format!("the system gives no resources to wait for answers: {error}");
            Err(ProviderError::new(what)
                .with_leftover(Leftover::Nothing)
                .into())
        }
    }
}

fn failed(error: Error, out: Out) -> u8 {
    let (text, message, code) = match error {
        Error::Diagnostics(diagnostics) => {
            let count = diagnostics
                .0
                .iter()
                .filter(|p| p.severity == crate::source::Severity::Error)
                .count();
            let noun = if count == 1 { "error" } else { "errors" };
            let drawn = report::diagnostics(&diagnostics);
            (
                format!(
                    "{drawn}\n\n{}",
                    report::error(&format!("{count} {noun}; nothing was changed"))
                ),
                plain(&diagnostics),
                2,
            )
        }
        Error::Usage(text) => (format!("{} {text}", report::error("error:")), text, 2),
        Error::ProviderError(error) => (report::provider_error(&error), error.to_string(), 1),
        Error::Local(failure) => {
            let help = format!(
                "{} {}",
                report::bold("help:"),
                failure.help.as_deref().unwrap_or_default()
            );
            (
                format!("{} {failure}\n  {help}", report::error("error:")),
                failure.message,
                1,
            )
        }
    };
    out.event(&serde_json::json!({ "event": "error", "message": message }));
    out.aside(text);
    code
}

fn plain(diagnostics: &Diagnostics) -> String {
    let messages: Vec<&str> = diagnostics
        .0
        .iter()
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    messages.join("; ")
}
