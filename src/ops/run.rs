//! Showing a stack working: starting an execution, following it, stopping it.

mod follow;
mod input;
mod items;
mod list;
mod repeat;
mod select;
mod stop;
mod upload;
mod way;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::input::Input;
use self::items::ItemBefore;
use self::select::{name_of_execution, only};
use super::frontend::{Frontend, Reporter};
use super::session::Session;
use super::stack_ref::{DeployedStack, StackRef};
use super::{Error, Event};
use crate::aws::{Aws, executions};
use crate::history::{ExecutionEvent, ExecutionResult};
use crate::plan::Owned;
use crate::stack::Kind;

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOptions {
    /// The stack.
    pub stack: StackRef,
    /// What is done.
    pub action: RunAction,
    /// The state machine's key in the stack file, where there are several.
    pub machine: Option<String>,
    /// Whether the input and output of each state are read.
    pub data: bool,
}

/// What is done with a stack's state machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunAction {
    /// A file is put into a bucket, and the execution that its event starts is followed.
    Put {
        /// The file.
        file: PathBuf,
        /// The object's key; the file's name without one.
        key: Option<String>,
        /// The bucket's key in the stack file, where there are several.
        bucket: Option<String>,
        /// How long to wait for the execution; ten minutes on AWS without it.
        wait: Option<Duration>,
    },
    /// An execution is started and followed.
    Start {
        /// Its input.
        input: Input,
        /// Its name; AWS makes one up without.
        name: Option<String>,
    },
    /// An execution is followed, or shown if it has ended, by its name or ARN; without one, the latest.
    Follow(Option<String>),
    /// The latest executions are listed.
    List {
        /// How many at most.
        limit: usize,
    },
    /// An execution is stopped, by its name or ARN; without one, all that are under way.
    Stop(Option<String>),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// The execution succeeded, or what else was to be done is done.
    Succeeded,
    /// The execution failed, timed out or was stopped.
    Failed,
    /// The frontend asked to stop: the execution goes on.
    Stopped,
    /// Nobody reads the events any longer: the execution goes on.
    Unread,
}

/// Starts, follows or stops executions of a stack that is deployed.
///
/// # Errors
/// The options fit neither the stack nor each other, AWS cannot be reached, or a call fails. An execution
/// that fails is no error, but a [`RunEnd`].
pub async fn run(
    session: &Session,
    options: &RunOptions,
    frontend: &dyn Frontend,
) -> Result<RunEnd, Error> {
    let out = session.reporter(frontend);
    out.answer(run_inner(session, options, &out).await)
}

async fn run_inner(
    session: &Session,
    options: &RunOptions,
    out: &Reporter<'_>,
) -> Result<RunEnd, Error> {
    let (stack, possible) = options.stack.name_and_kinds(session, "run")?;
    let mut started_with = String::new();
    match &options.action {
        RunAction::Start { input, .. } => started_with = input.checked()?,
        RunAction::Put { file, .. } => check_is_file(file)?,
        RunAction::Follow(_) | RunAction::Stop(_) | RunAction::List { .. } => {}
    }
    let DeployedStack {
        provider,
        resources,
    } = DeployedStack::find(session, out, &stack, &possible).await?;
    let run = RunContext {
        aws: &provider.0,
        out,
        is_local: session.is_local(),
        stack: &options.stack.as_given(),
        resources: &resources,
        data: options.data,
    };
    let machine = options.machine.as_deref();
    match &options.action {
        RunAction::Stop(execution) => run.stop(machine, execution.as_deref()).await,
        RunAction::List { limit } => run.list(machine, *limit).await,
        RunAction::Follow(Some(execution)) => {
            let execution = run.execution(machine, execution).await?;
            run.follow(&execution.arn, &[]).await
        }
        RunAction::Follow(None) => {
            let execution = run.latest(machine).await?;
            run.follow(&execution, &[]).await
        }
        RunAction::Put {
            file,
            key,
            bucket,
            wait,
        } => {
            let machine = run.machine(machine).await?;
            let bucket = only(&resources, Kind::Bucket, bucket.as_deref())?;
            let key = match key {
                Some(key) => key.clone(),
                None => key_of(file)?,
            };
            run.put(&machine, &bucket, (file, &key), *wait).await
        }
        RunAction::Start { name, .. } => {
            let machine = run.machine(machine).await?;
            let name = name.as_deref();
            if machine.express {
                return run.express(&machine, name, &started_with).await;
            }
            if let Some(name) = name {
                run.say_if_running(&machine, name).await?;
            }
            let started = executions::start(run.aws, &machine.name, name, &started_with);
            run.follow(&started.await?, &[]).await
        }
    }
}

fn check_is_file(file: &Path) -> Result<(), Error> {
    if file.is_file() {
        return Ok(());
    }
    let why = if file.exists() {
        "is not a file"
    } else {
        "no such file"
    };
    Err(Error::Usage(format!("{}: {why}", file.display())))
}

/// The key of an object that is a file's name.
fn key_of(file: &Path) -> Result<String, Error> {
    let shown = file.display();
    let Some(name) = file.file_name() else {
        return Err(Error::Usage(format!(
            "{shown} has no file name: give a --key"
        )));
    };
    name.to_str().map(String::from).ok_or_else(|| {
        Error::Usage(format!(
            "the name of {shown} is not UTF-8 text, which keys of objects are: give a --key"
        ))
    })
}

/// What a run works with.
pub(super) struct RunContext<'a> {
    pub(super) aws: &'a Aws,
    pub(super) out: &'a Reporter<'a>,
    /// Whether it is the local AWS, where everything is quicker.
    pub(super) is_local: bool,
    /// The stack, as it was given.
    pub(super) stack: &'a str,
    pub(super) resources: &'a [Owned],
    /// Whether the input and output of each state are read.
    pub(super) data: bool,
}

impl RunContext<'_> {
    /// The state machine that is meant.
    async fn machine(&self, key: Option<&str>) -> Result<executions::MachineDescription, Error> {
        let name = only(self.resources, Kind::StateMachine, key)?;
        Ok(executions::describe_machine(self.aws, &name).await?)
    }

    /// Step Functions answers a name and an input that an execution under way has with that execution.
    async fn say_if_running(
        &self,
        machine: &executions::MachineDescription,
        name: &str,
    ) -> Result<(), Error> {
        let arn = self.arn_of_execution(&machine.name, name);
        let known = executions::describe(self.aws, &arn).await?;
        if known.is_some_and(|known| known.is_running()) {
            self.out.info(format!(
                "an execution {name} is running already: with the same input none is started, and that one is followed"
            ));
        }
        Ok(())
    }

    /// Follows an execution, then shows what became of items.
    async fn follow(&self, execution: &str, items: &[ItemBefore]) -> Result<RunEnd, Error> {
        let name = name_of_execution(execution);
        self.out.send(Event::Execution {
            name: name.to_owned(),
            arn: execution.to_owned(),
            express: false,
        });
        let ending = tokio::select! {
            done = self.followed(execution) => done?,
            () = self.out.stop() => {
                self.out.send(Event::NoLongerFollowed {
                    name: name.to_owned(),
                    stack: self.stack.to_owned(),
                    local: self.is_local,
                });
                return Ok(RunEnd::Stopped);
            }
            () = self.out.unread() => return Ok(RunEnd::Unread),
        };
        self.send_items(items).await?;
        Ok(end(&ending))
    }

    /// Runs an express machine, which is over when it answers.
    async fn express(
        &self,
        machine: &executions::MachineDescription,
        name: Option<&str>,
        input: &str,
    ) -> Result<RunEnd, Error> {
        self.out.info(format!(
            "running {} (express, up to five minutes)",
            machine.name
        ));
        let running = executions::run_express(self.aws, &machine.name, name, input);
        let (execution, billed) = tokio::select! {
            done = running => done?,
            () = self.out.stop() => {
                self.out.send(Event::NoLongerWaitedFor { express: true });
                return Ok(RunEnd::Stopped);
            }
            () = self.out.unread() => return Ok(RunEnd::Unread),
        };
        self.out.send(Event::Execution {
            name: execution.name.clone(),
            arn: execution.arn.clone(),
            express: true,
        });
        let seconds = execution.ended.unwrap_or(execution.started) - execution.started;
        self.out
            .send(ExecutionEvent::ended(execution.result.clone(), seconds));
        if let Some(billed) = billed {
            self.out.send(Event::Billed { billed });
        }
        Ok(end(&execution.result))
    }
}

fn end(ending: &ExecutionResult) -> RunEnd {
    if ending.status == "SUCCEEDED" {
        RunEnd::Succeeded
    } else {
        RunEnd::Failed
    }
}
