//! `treino class`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::options::Parameters;
use super::terminal::Terminal;
use super::{Error, Exit, value_parsers};
use crate::class::{self, AT_ONCE, ClassOptions, DeployClass, DestroyClass, RunClass};
use crate::ops::{self, RunAction, Session, SessionOptions, StackRef};

/// One stack for each student of a roster
#[derive(Debug, Subcommand)]
pub enum Class {
    Plan(PlanClassArgs),
    Deploy(DeployClassArgs),
    Status(StatusClassArgs),
    Run(RunClassArgs),
    Destroy(DestroyClassArgs),
}

/// Who is meant.
#[derive(Debug, Args)]
struct Students {
    /// The class: a CSV file with the columns `owner` and, where wanted, `name`, `profile` or `role_arn`, `region`
    #[arg(long, value_name = "FILE.csv")]
    roster: PathBuf,
    /// Only these students
    #[arg(long, value_name = "OWNER,...", value_delimiter = ',', value_parser = value_parsers::owner)]
    only: Vec<String>,
    /// How many students' stacks to work on at once
    #[arg(long, value_name = "N", default_value_t = AT_ONCE, value_parser = at_once)]
    at_once: usize,
}

fn at_once(text: &str) -> Result<usize, String> {
    let number = value_parsers::whole_number(text, 1, 100)?;
    usize::try_from(number).map_err(|error| error.to_string())
}

impl From<Students> for ClassOptions {
    fn from(given: Students) -> Self {
        Self {
            roster: given.roster,
            only: given.only,
            at_once: given.at_once,
        }
    }
}

/// Show what a deploy for the class would do
///
/// It plans each student's stack, looks whether one student's stack reaches another's, and counts what the class needs of
/// the account's quotas. It changes nothing.
#[derive(Debug, Args)]
pub struct PlanClassArgs {
    /// The stack file, or its folder [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    #[command(flatten)]
    students: Students,
    #[command(flatten)]
    parameters: Parameters,
}

/// Create or update the stack of each student
///
/// It plans all, asks once, and deploys several at once. One student's failure stops nobody else's. Repeated after a failure
/// or a kill, it goes on.
#[derive(Debug, Args)]
pub struct DeployClassArgs {
    /// The stack file, or its folder [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    #[command(flatten)]
    students: Students,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    parameters: Parameters,
}

/// Show what is deployed for each student, and what ran
#[derive(Debug, Args)]
pub struct StatusClassArgs {
    /// The stack's file or name [default: stack.yaml in this folder]
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
    #[command(flatten)]
    students: Students,
    /// Count, too, what each stack has cost so far
    #[arg(long)]
    cost: bool,
}

/// Run each student's state machine, and show how it ended
#[derive(Debug, Args)]
pub struct RunClassArgs {
    /// The stack's file or name
    #[arg(value_name = "STACK")]
    stack: OsString,
    /// The file to put into each student's bucket
    #[arg(value_name = "FILE", required_unless_present = "input")]
    file: Option<PathBuf>,
    /// Start each student's machine with this JSON; `@FILE` reads it from a file
    #[arg(long, value_name = "JSON", conflicts_with = "file")]
    input: Option<OsString>,
    /// The state machine's key in the stack file, where there are several
    #[arg(long, value_name = "KEY")]
    machine: Option<String>,
    #[command(flatten)]
    students: Students,
}

/// Delete the stack of each student, and prove that it is gone
///
/// The trail that they share is deleted after the last stack of the class.
#[derive(Debug, Args)]
pub struct DestroyClassArgs {
    /// The stack's file or name [default: stack.yaml in this folder]
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
    #[command(flatten)]
    students: Students,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Class {
    pub(super) async fn run(
        self,
        base: &SessionOptions,
        terminal: &Terminal,
    ) -> Result<Exit, Error> {
        if let Some(owner) = &base.owner {
            return Err(Error::Usage(format!(
                "--owner {owner}: the owners of a class are in its roster; --only {owner} is one of them"
            )));
        }
        let session = Session::new(base.clone());
        let stack_of =
            |stack: Option<OsString>| StackRef::named_or_here(stack.as_deref(), &session);
        let completion = match self {
            Self::Plan(given) => {
                let options = DeployClass {
                    file: ops::stack_file(given.stack.as_deref())?,
                    class: given.students.into(),
                    set: given.parameters.values()?,
                    yes: false,
                    plan: true,
                };
                class::deploy(base, &options, terminal).await?
            }
            Self::Deploy(given) => {
                let options = DeployClass {
                    file: ops::stack_file(given.stack.as_deref())?,
                    class: given.students.into(),
                    set: given.parameters.values()?,
                    yes: given.yes,
                    plan: false,
                };
                class::deploy(base, &options, terminal).await?
            }
            Self::Status(given) => {
                let stack = stack_of(given.stack)?;
                class::status(base, &stack, &given.students.into(), given.cost, terminal).await?
            }
            Self::Run(given) => {
                let stack = stack_of(Some(given.stack))?;
                let mut words = Vec::new();
                let action = match (given.file, given.input) {
                    (Some(file), _) => {
                        words.push(file.display().to_string());
                        RunAction::Put {
                            file,
                            key: None,
                            bucket: None,
                            wait: None,
                        }
                    }
                    (None, input) => {
                        let input = input.unwrap_or_default();
                        words.extend(["--input".to_owned(), input.display().to_string()]);
                        RunAction::Start {
                            input: super::input::read(&input, terminal)?,
                            name: None,
                        }
                    }
                };
                if let Some(machine) = &given.machine {
                    words.extend(["--machine".to_owned(), machine.clone()]);
                }
                let options = RunClass {
                    stack,
                    class: given.students.into(),
                    action,
                    machine: given.machine,
                    words,
                };
                class::run(base, &options, terminal).await?
            }
            Self::Destroy(given) => {
                let options = DestroyClass {
                    stack: stack_of(given.stack)?,
                    class: given.students.into(),
                    yes: given.yes,
                };
                class::destroy(base, &options, terminal).await?
            }
        };
        Ok(completion.into())
    }
}
