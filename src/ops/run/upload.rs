//! Putting a file, and waiting for the execution its event starts.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::join_all;
use serde_json::Value;

use super::object_puts::ObjectPuts;
use super::repeat::{Put, Started, Times, until_started};
use super::select::name_of_execution;
use super::way::Way;
use super::{RunContext, RunEnd};
use crate::aws::executions::{self, MachineDescription};
use crate::aws::resources;
use crate::engine::{Leftover, ProviderError};
use crate::ops::{Error, Event};
use crate::stack::Kind;
use crate::stack::object_keys::{self, KeyFilter};

/// On AWS the first events of a bucket or a trail take minutes to reach `EventBridge`; here they do not.
const WAIT_AWS: Duration = Duration::from_mins(10);
pub(in crate::ops) const WAIT_LOCAL: Duration = Duration::from_secs(20);
pub(in crate::ops) const POLL_AWS: Duration = Duration::from_secs(1);
pub(in crate::ops) const POLL_LOCAL: Duration = Duration::from_millis(150);

/// A file that is put, and the executions it starts.
struct FilePut<'a> {
    run: &'a RunContext<'a>,
    machine: &'a str,
    bucket: &'a str,
    file: &'a Path,
    key: &'a str,
    /// When the file was put first.
    since: SystemTime,
    /// The executions before that.
    known: BTreeSet<String>,
    puts: ObjectPuts,
}

impl Put for FilePut<'_> {
    async fn put(&self, puts: u32) -> Result<(), Error> {
        let object = (self.bucket, self.key);
        self.puts.put(self.run, object, self.file).await?;
        let (file, bucket) = (self.file.display().to_string(), self.bucket.to_owned());
        let key = self.key.to_owned();
        self.run.out.send(if puts == 1 {
            Event::Put { file, bucket, key }
        } else {
            Event::PutAgain {
                file,
                bucket,
                key,
                puts,
            }
        });
        if puts == 1 {
            self.run.out.send(Event::WaitingForExecution {
                machine: self.machine.to_owned(),
            });
        }
        Ok(())
    }

    async fn started(&self) -> Result<Vec<String>, Error> {
        let object = (self.bucket, self.key);
        let machine = (self.machine, self.since);
        let started = self.puts.started(self.run, machine, object, &self.known);
        started.await
    }

    async fn say_waiting(&self) {
        let why = self.run.way().await.why_late();
        let text = format!("waiting for the event to start an execution ({why})");
        self.run.out.info(text);
    }
}

impl RunContext<'_> {
    /// Puts a file and follows what it starts.
    pub(super) async fn put(
        &self,
        machine: &MachineDescription,
        bucket: &str,
        (file, key): (&Path, &str),
        wait: Option<Duration>,
    ) -> Result<RunEnd, Error> {
        let wait = wait.unwrap_or(if self.is_local { WAIT_LOCAL } else { WAIT_AWS });
        if machine.express {
            self.upload(bucket, (file, key)).await?;
            self.out.send(Event::NotFollowed {
                machine: machine.name.clone(),
                stack: self.stack.to_owned(),
                logs: self.out.commands().write("logs", &[]),
            });
            return Ok(RunEnd::Succeeded);
        }
        let items = self.items_before(key).await;
        let file = FilePut {
            run: self,
            machine: &machine.name,
            bucket,
            file,
            key,
            known: executions::recent(self.aws, &machine.name).await?,
            since: SystemTime::now(),
            puts: ObjectPuts::default(),
        };
        let times = Times {
            wait,
            poll: if self.is_local { POLL_LOCAL } else { POLL_AWS },
        };
        let began = Instant::now();
        let Started { executions, puts } = tokio::select! {
            started = until_started(&file, times) => started?,
            () = self.out.stop() => {
                self.out.send(Event::NoLongerWaitedFor { express: false });
                return Ok(RunEnd::Stopped);
            }
            () = self.out.unread() => return Ok(RunEnd::Unread),
        };
        let Some((followed, others)) = executions.split_first() else {
            let waited = began.elapsed();
            return Err(not_started(waited, puts, self.way().await).into());
        };
        let mut said = BTreeSet::from([followed.clone()]);
        self.say_others(others, &mut said);
        let end = self.follow(followed, &items).await?;
        if puts > 1 && matches!(end, RunEnd::Succeeded | RunEnd::Failed) {
            self.say_others(&file.started().await?, &mut said);
        }
        Ok(end)
    }

    /// Says which executions the file has started beside the one that is followed.
    fn say_others(&self, executions: &[String], said: &mut BTreeSet<String>) {
        for arn in executions {
            if said.insert(arn.clone()) {
                self.out.send(Event::AlsoStarted {
                    name: name_of_execution(arn).to_owned(),
                    arn: arn.clone(),
                    stack: self.stack.to_owned(),
                    follow: self.command("--follow", name_of_execution(arn)),
                });
            }
        }
    }

    /// How the stack's rules hear of objects.
    pub(in crate::ops) async fn way(&self) -> Way {
        let rules = self.rules().await;
        if !rules.is_empty() && rules.iter().all(|spec| spec["enabled"] == false) {
            return Way::Disabled;
        }
        Way::of(rules.iter().map(|spec| &spec["pattern"]))
    }

    /// The specs of the stack's rules, without those that cannot be read.
    async fn rules(&self) -> Vec<Value> {
        let rules = self.resources.iter().filter(|one| one.kind == Kind::Rule);
        let rules = rules.map(|rule| resources::of(Kind::Rule).read(self.aws, &rule.name));
        let read = join_all(rules).await.into_iter();
        read.filter_map(|rule| Some(rule.ok()??.spec)).collect()
    }

    /// The key to put a file under, by its name: one that a rule which starts the machine hears of.
    pub(in crate::ops) async fn matching_key(
        &self,
        machine: &MachineDescription,
        bucket: &str,
        name: String,
    ) -> Result<String, Error> {
        let arn = self.aws.arn(Kind::StateMachine, &machine.name);
        let rules = self.rules().await;
        let starts_it = |spec: &&Value| {
            let targets = spec["targets"].as_array();
            let mut targets = targets.into_iter().flatten();
            targets.any(|target| target["arn"] == arn.as_str())
                && object_keys::buckets(&spec["pattern"]).contains(&bucket)
        };
        let filters = rules.iter().filter(starts_it);
        let filters: Vec<KeyFilter> = filters
            .map(|spec| KeyFilter::of(&spec["pattern"]))
            .collect();
        let found = filters.iter().find_map(|filter| filter.key_for(&name));
        match filters.first() {
            None => Ok(name),
            Some(first) => found.ok_or_else(|| {
                Error::Usage(format!(
                    "the rule starts the machine for keys like {}, and not for {name}: put another file, or give a --key",
                    first.in_words()
                ))
            }),
        }
    }

    async fn upload(&self, bucket: &str, (file, key): (&Path, &str)) -> Result<(), Error> {
        executions::upload(self.aws, bucket, key, file).await?;
        self.out.send(Event::Put {
            file: file.display().to_string(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        });
        Ok(())
    }
}

fn not_started(waited: Duration, puts: u32, way: Way) -> ProviderError {
    let shown = humantime::format_duration(Duration::from_secs(waited.as_secs()));
    let times = if puts == 1 {
        String::new()
    } else {
        format!(" {puts} times")
    };
    ProviderError::new(format!(
        "the file was put{times}, but no execution started within {shown}"
    ))
    .help(way.help(waited))
    .with_leftover(Leftover::Nothing)
}
