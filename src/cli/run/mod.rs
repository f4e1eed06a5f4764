//! `treino run`

mod follow;
mod input;
mod select;
mod stop;
mod upload;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use serde_json::json;

use super::session::{Named, Standing};
use super::{Common, End, Error, ask, value_parsers};
use crate::aws::{AwsProvider, executions};
use crate::history::{ExecutionEvent, ExecutionResult};
use crate::plan::Owned;
use crate::report::{self, Out};
use crate::stack::Kind;

/// Show a stack working: start an execution, follow it, show what it leaves
///
/// With FILE, the file is put into the stack's bucket, the execution that its event starts is
/// followed, and the item it leaves is shown. With --input, an execution is started directly. Each
/// state is a line when it ends; states of a branch or of a Map's iteration stand behind its number;
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
#[command(group = ArgGroup::new("what").required(true).args(["file", "input", "follow", "stop"]))]
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
    /// Follow an execution that is under way, or show one that has ended, by its name or ARN
    #[arg(long, value_name = "EXECUTION")]
    follow: Option<String>,
    /// Stop an execution by its name or ARN; without one, all that are under way
    #[arg(long, value_name = "EXECUTION", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "the option may have no value")]
    stop: Option<Option<String>>,
    /// The state machine's key in the stack file, where there are several
    #[arg(long, value_name = "KEY")]
    machine: Option<String>,
    /// The execution's name; AWS makes one up without
    #[arg(long, value_name = "NAME", value_parser = value_parsers::execution, conflicts_with_all = ["file", "follow", "stop"])]
    name: Option<String>,
    /// The object's key; the file's name without one
    #[arg(long, value_name = "KEY", conflicts_with_all = ["input", "follow", "stop"])]
    key: Option<String>,
    /// The bucket's key in the stack file, where there are several
    #[arg(long, value_name = "KEY", conflicts_with_all = ["input", "follow", "stop"])]
    bucket: Option<String>,
    /// How long to wait for the event to start an execution
    #[arg(long, value_name = "TIME", conflicts_with_all = ["input", "follow", "stop"], value_parser = humantime::parse_duration)]
    wait: Option<Duration>,
}

/// clap would put the choice before the stack.
const USAGE: &str = "treino run [OPTIONS] <STACK> <FILE>
       treino run [OPTIONS] <STACK> --input <JSON|@FILE|->
       treino run [OPTIONS] <STACK> --follow <EXECUTION>
       treino run [OPTIONS] <STACK> --stop [EXECUTION]";

/// What a run works with.
pub(super) struct Place<'a> {
    pub(super) cloud: &'a AwsProvider,
    pub(super) out: Out,
    /// Whether it is the AWS on this machine, where everything is quicker.
    pub(super) local: bool,
    /// As it was named.
    pub(super) stack: &'a str,
    pub(super) resources: &'a [Owned],
}

impl Run {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let stack = Named::of(&self.stack).stack("run")?;
        let input = self.input.as_deref();
        let input = input.map(|input| input::read(input, out)).transpose()?;
        if let Some(file) = &self.file
            && !file.is_file()
        {
            let why = if file.exists() {
                "is not a file"
            } else {
                "no such file"
            };
            return Err(Error::Usage(format!("{}: {why}", file.display())));
        }
        let Standing { cloud, resources } = Standing::find(common, out, &stack).await?;
        let place = Place {
            cloud: &cloud,
            out,
            local: common.local,
            stack: &self.stack.to_string_lossy(),
            resources: &resources,
        };
        if let Some(execution) = &self.stop {
            return place
                .stop(self.machine.as_deref(), execution.as_deref())
                .await;
        }
        if let Some(execution) = &self.follow {
            let execution = place.found(self.machine.as_deref(), execution).await?;
            return place.follow(&execution.arn, None).await;
        }
        let name = select::one(&resources, Kind::StateMachine, self.machine.as_deref())?;
        let machine = executions::describe_machine(&cloud.0, &name).await?;
        match (&self.file, input) {
            (Some(file), _) => {
                let bucket = select::one(&resources, Kind::Bucket, self.bucket.as_deref())?;
                let key = self.object_key(file)?;
                place.put(&machine, &bucket, (file, &key), self.wait).await
            }
            (None, input) => {
                let input = input.unwrap_or_default();
                let name = self.name.as_deref();
                if machine.express {
                    return place.express(&machine, name, &input).await;
                }
                let execution = executions::start(&cloud.0, &machine.name, name, &input).await?;
                place.follow(&execution, None).await
            }
        }
    }

    fn object_key(&self, file: &std::path::Path) -> Result<String, Error> {
        match (&self.key, file.file_name()) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(name)) => name.to_str().map(String::from).ok_or_else(|| {
                Error::Usage(format!(
                    "the name of {} is not UTF-8 text, which keys of objects are: give a --key",
                    file.display()
                ))
            }),
            (None, None) => Err(Error::Usage(format!(
                "{} has no file name: give a --key",
                file.display()
            ))),
        }
    }
}

impl Place<'_> {
    /// Follows an execution, then shows its output and the items kept under a key.
    async fn follow(&self, execution: &str, key: Option<&str>) -> Result<End, Error> {
        let name = select::name_of(execution);
        self.out.say(format!("execution {name}"));
        self.out
            .event(&json!({ "event": "execution", "name": name, "arn": execution }));
        let ending = tokio::select! {
            done = follow::watch(self, execution) => done?,
            () = ask::signal() => return Ok(self.left(name)),
            () = report::unread() => return Ok(End::Unread),
        };
        self.show(&ending, key).await
    }

    /// What is said when a person stops following.
    fn left(&self, name: &str) -> End {
        let again = format!("treino run {}", self.stack);
        let local = if self.local { " --local" } else { "" };
        self.out.aside(format!(
            "no longer followed: the execution {name} goes on\n  follow it again: {again} --follow {name}{local}\n  \
             stop it: {again} --stop {name}{local}"
        ));
        self.out
            .event(&json!({ "event": "no_longer_followed", "name": name }));
        End::Stopped
    }

    /// Runs an express machine, which is over when it answers.
    async fn express(
        &self,
        machine: &executions::MachineDescription,
        name: Option<&str>,
        input: &str,
    ) -> Result<End, Error> {
        let text = format!("running {} (express, up to five minutes)", machine.name);
        self.out.aside(report::dim(&text));
        let running = executions::run_express(&self.cloud.0, &machine.name, name, input);
        let (execution, billed) = tokio::select! {
            done = running => done?,
            () = ask::signal() => {
                self.out.aside(
                    "no longer waited for: the express execution goes on to its end, and its result is lost",
                );
                return Ok(End::Stopped);
            }
            () = report::unread() => return Ok(End::Unread),
        };
        let (name, arn) = (&execution.name, &execution.arn);
        self.out.say(format!("execution {name} (express)"));
        self.out
            .event(&json!({ "event": "execution", "name": name, "arn": arn, "express": true }));
        let seconds = execution.ended.unwrap_or(execution.started) - execution.started;
        let event = ExecutionEvent::ended(execution.result.clone(), seconds);
        self.out.event(&event);
        for line in report::RunRenderer::new(self.out.verbose, false).render(&event) {
            self.out.say(line);
        }
        if let Some(billed) = billed {
            self.out
                .event(&json!({ "event": "billed", "billed": billed }));
            if self.out.verbose {
                let (time, memory) = (billed.milliseconds, billed.megabytes);
                let text = format!("billed {time} ms, {memory} MB");
                self.out.say(report::dim(&text));
            }
        }
        self.show(&execution.result, None).await
    }

    async fn show(&self, ending: &ExecutionResult, key: Option<&str>) -> Result<End, Error> {
        if let Some(output) = &ending.output {
            self.out.say(report::output(output, self.out.verbose));
        }
        if let Some(key) = key {
            self.items(key).await?;
        }
        Ok(if ending.status == "SUCCEEDED" {
            End::Done
        } else {
            End::Failed
        })
    }

    /// Shows what the stack's tables hold under a key.
    async fn items(&self, key: &str) -> Result<(), Error> {
        for table in self
            .resources
            .iter()
            .filter(|owned| owned.kind == Kind::Table)
        {
            if let Some(item) = executions::item(&self.cloud.0, &table.name, key).await? {
                self.out.say(report::item(&table.name, &item));
                self.out
                    .event(&json!({ "event": "item", "table": table.name, "item": item }));
            }
        }
        Ok(())
    }
}
