//! `treino class`

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::extend::NewEnd;
use super::handout::{HandoutClassArgs, HandoutPages, PageLanguage};
use super::options::Parameters;
use super::terminal::Terminal;
use super::{Error, Exit, value_parsers};
use crate::class::{
    self, AT_ONCE, ClassOptions, DeployClass, DestroyClass, ExtendClass, RunClass, TestClass,
};
use crate::ops::{self, GivenEnd, ResultFiles, RunAction, Session, SessionOptions, StackRef};

/// One stack for each student of a roster
#[derive(Debug, Subcommand)]
pub enum Class {
    Plan(PlanClassArgs),
    Deploy(DeployClassArgs),
    Status(StatusClassArgs),
    Run(RunClassArgs),
    Handout(HandoutClassArgs),
    Test(TestClassArgs),
    Extend(ExtendClassArgs),
    Destroy(DestroyClassArgs),
}

/// Who is meant.
#[derive(Debug, Args)]
pub(super) struct Students {
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

/// When the stacks end.
#[derive(Debug, Args)]
struct EndArgs {
    /// How long the stacks are deployed, from now, such as 2h, or never: in place of the file's `expires`, until a
    /// deploy for which the file says less
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "renew",
        allow_hyphen_values = true
    )]
    expires: Option<String>,
    /// Restart the `expires` countdown
    #[arg(long)]
    renew: bool,
}

impl EndArgs {
    fn given(&self, session: &Session) -> Result<GivenEnd, Error> {
        let lifetime = self.expires.as_deref();
        let lifetime = lifetime.map(|text| super::deploy::lifetime(text, session));
        Ok(GivenEnd {
            lifetime: lifetime.transpose()?,
            renew: self.renew,
        })
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
    end: EndArgs,
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
    /// Write a web page for each student into this folder: names, states, commands, and when it ends
    #[arg(long, value_name = "DIR")]
    handout: Option<PathBuf>,
    /// The language of the pages
    #[arg(
        long,
        value_name = "LANGUAGE",
        value_enum,
        default_value = "en",
        requires = "handout"
    )]
    lang: PageLanguage,
    #[command(flatten)]
    end: EndArgs,
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
    /// The bucket's key in the stack file, where there are several
    #[arg(long, value_name = "KEY", requires = "file")]
    bucket: Option<String>,
    /// How long to wait for the event to start an execution
    #[arg(long, value_name = "TIME", requires = "file", value_parser = value_parsers::duration)]
    wait: Option<Duration>,
    #[command(flatten)]
    students: Students,
}

/// Run the checks of the stack file for each student: did the labs work?
///
/// Nothing is deployed. One student's failure, or a stack that is not there, stops nobody else's checks. Each student is
/// told with how many checks passed, and with the cause of the first that did not.
///
/// Ends with 0 if every check of everybody passed, with 1 if one failed, with 2 if the roster, the stack file or an
/// argument is wrong, with 3 if a check could not be judged, and with 130 after Ctrl-C.
#[derive(Debug, Args)]
pub struct TestClassArgs {
    /// The stack file, its folder, or the stack's name, where its file is in this folder
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
    /// The checks to run [default: all]
    #[arg(value_name = "CHECK")]
    checks: Vec<String>,
    #[command(flatten)]
    students: Students,
    /// Write the results to this file, as `JUnit` XML: a suite for each student
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the results to this file, as marks: for each student the `result.json` of graders for GitHub Classroom
    #[arg(long, value_name = "FILE")]
    marks: Option<PathBuf>,
    /// Write the marks to this file, as a table for a spreadsheet: a line for each student
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    parameters: Parameters,
}

/// Give the stack of each student another end
///
/// The trail that they share then ends after the last of them.
#[derive(Debug, Args)]
#[command(
    override_usage = "treino class extend [OPTIONS] --roster <FILE.csv> <STACK> <TIME|--until TIME|--never>"
)]
#[command(group = clap::ArgGroup::new("end").required(true))]
pub struct ExtendClassArgs {
    /// The stack's file or name
    #[arg(value_name = "STACK")]
    stack: OsString,
    #[command(flatten)]
    end: NewEnd,
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
            let is_said = |word: std::ffi::OsString| {
                word.to_str()
                    .is_some_and(|word| word == "--owner" || word.starts_with("--owner="))
            };
            let by = if std::env::args_os().any(is_said) {
                "--owner "
            } else {
                "TREINO_OWNER="
            };
            return Err(Error::Usage(format!(
                "{by}{owner}: the owners of a class are in its roster; --only {owner} is one of them"
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
                    end: given.end.given(&session)?,
                    yes: false,
                    plan: true,
                    handouts: None,
                };
                class::deploy(base, &options, terminal).await?.completion
            }
            Self::Deploy(given) => {
                let pages = given.handout.as_deref();
                let pages = pages.map(|path| HandoutPages::prepare("--handout", path, given.lang));
                let pages = pages.transpose()?;
                let options = DeployClass {
                    file: ops::stack_file(given.stack.as_deref())?,
                    class: given.students.into(),
                    set: given.parameters.values()?,
                    end: given.end.given(&session)?,
                    yes: given.yes,
                    plan: false,
                    handouts: pages.as_ref().map(HandoutPages::words),
                };
                let deployed = class::deploy(base, &options, terminal).await?;
                if let (Some(pages), Some(made)) = (pages, deployed.handouts) {
                    pages.write(&made, terminal)?;
                }
                deployed.completion
            }
            Self::Handout(given) => return given.run(base, terminal).await,
            Self::Status(given) => {
                let stack = stack_of(given.stack)?;
                class::status(base, &stack, &given.students.into(), given.cost, terminal).await?
            }
            Self::Run(given) => {
                let stack = stack_of(Some(given.stack.clone()))?;
                class::run(base, &given.options(stack, terminal)?, terminal).await?
            }
            Self::Test(given) => {
                let options = TestClass {
                    stack: stack_of(given.stack)?,
                    class: given.students.into(),
                    set: given.parameters.values()?,
                    checks: given.checks,
                    files: ResultFiles {
                        junit: given.junit,
                        marks: given.marks,
                        csv: given.csv,
                    },
                };
                class::test(base, &options, terminal).await?
            }
            Self::Extend(given) => {
                let options = ExtendClass {
                    stack: stack_of(Some(given.stack))?,
                    class: given.students.into(),
                    extension: given.end.extension(),
                    words: given.end.words(),
                };
                class::extend(base, &options, terminal).await?
            }
            Self::Destroy(given) => {
                let options = DestroyClass {
                    stack: stack_of(given.stack)?,
                    class: given.students.into(),
                    yes: given.yes,
                };
                Box::pin(class::destroy(base, &options, terminal)).await?
            }
        };
        Ok(completion.into())
    }
}

impl RunClassArgs {
    fn options(self, stack: StackRef, terminal: &Terminal) -> Result<RunClass, Error> {
        let mut words = Vec::new();
        let action = match (self.file, self.input) {
            (Some(file), _) => {
                words.push(file.display().to_string());
                RunAction::Put {
                    file,
                    key: None,
                    bucket: self.bucket.clone(),
                    wait: self.wait,
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
        if let Some(bucket) = self.bucket {
            words.extend(["--bucket".to_owned(), bucket]);
        }
        if let Some(wait) = self.wait {
            let wait = humantime::format_duration(wait).to_string();
            words.extend(["--wait".to_owned(), wait]);
        }
        if let Some(machine) = &self.machine {
            words.extend(["--machine".to_owned(), machine.clone()]);
        }
        Ok(RunClass {
            stack,
            class: self.students.into(),
            action,
            machine: self.machine,
            words,
        })
    }
}
