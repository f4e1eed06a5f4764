//! Doing what a check does, and following what starts.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::bench::Bench;
use super::chain::Chain;
use super::look::CheckView;
use super::trigger::{Attempt, Trigger};
use super::way::failed_state;
use crate::aws::executions::{self, MachineDescription};
use crate::history::ExecutionEvent;
use crate::ops::run::key_of;
use crate::ops::run::object_puts::ObjectPuts;
use crate::ops::run::repeat::{Put, Times, until_started};
use crate::ops::run::upload::WAIT_LOCAL;
use crate::ops::{ChainLink, Error, Mismatch};
use crate::stack::{CheckAct, Kind, StackCheck};

/// What came of doing it.
#[derive(Default)]
pub(super) struct Begun {
    /// The ARN of the execution that it started.
    pub(super) execution: Option<String>,
    pub(super) view: CheckView,
    pub(super) wrong: Vec<Mismatch>,
    pub(super) chain: Vec<ChainLink>,
    /// The key of the object that was put.
    pub(super) object: Option<String>,
}

impl Bench<'_> {
    /// The key of the state machine that is meant.
    fn machine_key(&self, check: &StackCheck) -> Option<String> {
        let mut keys = self.loaded.file.state_machines.keys();
        check.machine.clone().or_else(|| keys.next().cloned())
    }

    /// Whether an execution is waited for: it is needed, or a rule starts the machine for what is put.
    fn is_followed(&self, check: &StackCheck, machine: &str) -> bool {
        if check.needs().execution {
            return true;
        }
        let bucket = check.put.as_ref().and_then(|_| self.bucket(check));
        bucket.is_some_and(|bucket| Chain::starts(self.desired, &bucket, machine))
    }

    fn bucket(&self, check: &StackCheck) -> Option<String> {
        self.name_of(Kind::Bucket, self.bucket_key(check)?)
    }

    /// The key of the bucket that is meant: the file's only one, where none is named.
    fn bucket_key<'c>(&'c self, check: &'c StackCheck) -> Option<&'c String> {
        let mut keys = self.loaded.file.buckets.keys();
        check.bucket.as_ref().or_else(|| keys.next())
    }

    pub(super) async fn begin(
        &self,
        check: &StackCheck,
        since: SystemTime,
        deadline: Instant,
    ) -> Result<Begun, Error> {
        let machine = match self.machine_key(check) {
            Some(key) if self.is_followed(check, &key) => {
                match self.name_of(Kind::StateMachine, &key) {
                    Some(_) => Some(self.run.machine(Some(&key)).await?),
                    None => return Ok(not_there(Kind::StateMachine, &key)),
                }
            }
            _ => None,
        };
        if let Some(CheckAct::Input(input)) = check.acts().first() {
            let input = input.to_string();
            return match machine {
                Some(machine) => self.start(&machine, &input, deadline).await,
                // The check of the file refuses it.
                None => Ok(Begun::default()),
            };
        }
        let act = match self.act(check, machine.as_ref()).await? {
            Ok(act) => act,
            Err(begun) => return Ok(*begun),
        };
        let followed = machine
            .filter(|machine| !machine.express)
            .map(|machine| machine.name);
        let known = match &followed {
            Some(machine) => executions::recent(self.run.aws, machine).await?,
            None => BTreeSet::new(),
        };
        let chain = Chain::of(self, &act, followed.clone());
        let object = act.object();
        let doing = Attempt {
            run: self.run,
            act,
            machine: followed.clone(),
            since,
            known,
            puts: ObjectPuts::default(),
            id: Mutex::default(),
        };
        let Some(machine) = followed else {
            doing.put(1).await?;
            return Ok(Begun {
                object,
                ..Begun::default()
            });
        };
        let begun = self.started(&doing, &machine, (&chain, deadline)).await?;
        Ok(Begun { object, ..begun })
    }

    /// Waits until what is done has started an execution, and follows it; stops waiting where it cannot.
    async fn started(
        &self,
        doing: &Attempt<'_>,
        machine: &str,
        (chain, deadline): (&Chain<'_>, Instant),
    ) -> Result<Begun, Error> {
        let began = Instant::now();
        let left = deadline.saturating_duration_since(began);
        let times = Times {
            wait: if self.run.is_local {
                left.min(WAIT_LOCAL)
            } else {
                left
            },
            poll: self.pause(),
        };
        let (executions, links) = tokio::select! {
            started = until_started(doing, times) => (started?.executions, None),
            broken = chain.broken() => (Vec::new(), Some(broken)),
        };
        if let Some(arn) = executions.first() {
            return self.followed(arn, deadline).await;
        }
        let links = match links {
            Some(links) => links,
            None => chain.links().await,
        };
        let waited =
            humantime::format_duration(Duration::from_secs(began.elapsed().as_secs().max(1)));
        let broken = links.iter().find(|link| !link.holds);
        let why = broken.map_or_else(
            || format!("none did within {waited}"),
            |link| format!("none did: {}", link.text),
        );
        Ok(Begun {
            wrong: vec![Mismatch {
                of: "start".to_owned(),
                expected: machine.into(),
                got: Value::Null,
                message: format!("expected an execution of {machine} to start: {why}"),
            }],
            chain: links,
            ..Begun::default()
        })
    }

    async fn start(
        &self,
        machine: &MachineDescription,
        input: &str,
        deadline: Instant,
    ) -> Result<Begun, Error> {
        let aws = self.run.aws;
        if !machine.express {
            let arn = executions::start(aws, &machine.name, None, input).await?;
            return self.followed(&arn, deadline).await;
        }
        let running = executions::run_express(aws, &machine.name, None, input);
        let Ok(ended) = timeout_at(deadline, running).await else {
            return Ok(Begun {
                wrong: vec![still_running(None)],
                ..Begun::default()
            });
        };
        let (execution, _) = ended?;
        Ok(Begun {
            execution: Some(execution.arn.clone()),
            view: CheckView {
                execution: Some(execution.arn),
                result: Some(execution.result),
                ..CheckView::default()
            },
            ..Begun::default()
        })
    }

    async fn followed(&self, arn: &str, deadline: Instant) -> Result<Begun, Error> {
        let events = Mutex::new(Vec::<ExecutionEvent>::new());
        let tell = |event: &ExecutionEvent| {
            events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(event.clone());
        };
        let result = timeout_at(deadline, self.run.followed_with(arn, &tell)).await;
        let events = events.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut begun = Begun {
            execution: Some(arn.to_owned()),
            ..Begun::default()
        };
        match result {
            Ok(result) => begun.view.result = Some(result?),
            Err(_) => begun
                .wrong
                .push(still_running(failed_state(&events).map(|at| at.state))),
        }
        begun.view.execution = Some(arn.to_owned());
        begun.view.events = events;
        Ok(begun)
    }

    /// What is done, with the names that resources have.
    async fn act(
        &self,
        check: &StackCheck,
        machine: Option<&MachineDescription>,
    ) -> Result<Result<Trigger, Box<Begun>>, Error> {
        let missing = |kind: Kind, key: &str| Ok(Err(Box::new(not_there(kind, key))));
        match check.acts().first() {
            Some(CheckAct::Send(send)) => {
                let kind = if self.loaded.file.topics.contains_key(&send.to) {
                    Kind::Topic
                } else {
                    Kind::Queue
                };
                let Some(name) = self.name_of(kind, &send.to) else {
                    return missing(kind, &send.to);
                };
                let text = send.message.as_str().map(String::from);
                let body = text.unwrap_or_else(|| send.message.to_string());
                Ok(Ok(Trigger::Send { kind, name, body }))
            }
            Some(CheckAct::Event(event)) => Ok(Ok(Trigger::Event {
                source: event.source.clone(),
                detail_type: event.detail_type.clone(),
                detail: Value::Object(event.detail.clone()),
            })),
            Some(CheckAct::Put(path)) => {
                let Some(bucket) = self.bucket(check) else {
                    let key = self.bucket_key(check).map_or("", String::as_str);
                    return missing(Kind::Bucket, key);
                };
                let file = self
                    .loaded
                    .sample(path)
                    .unwrap_or(Path::new(path))
                    .to_path_buf();
                let key = match (&check.key, machine) {
                    (Some(key), _) => key.clone(),
                    // Where a rule hears only of some keys, the file gets one of them.
                    (None, Some(machine)) => {
                        let name = key_of(&file)?;
                        let matching = self.run.matching_key(machine, &bucket, name.clone());
                        matching.await.unwrap_or(name)
                    }
                    (None, None) => key_of(&file)?,
                };
                Ok(Ok(Trigger::Put { file, bucket, key }))
            }
            Some(CheckAct::Input(_)) | None => Err(Error::Usage(
                "the check does nothing that can be sent".to_owned(),
            )),
        }
    }
}

fn still_running(at: Option<String>) -> Mismatch {
    let at_state = at
        .as_ref()
        .map_or_else(String::new, |state| format!(" at {state}"));
    Mismatch {
        of: "within".to_owned(),
        expected: Value::Null,
        got: at.into(),
        message: format!(
            "expected the execution to end within the time of the check: it is still running{at_state}"
        ),
    }
}

/// What cannot begin, as a resource of the file is not deployed.
fn not_there(kind: Kind, key: &str) -> Begun {
    Begun {
        wrong: vec![Mismatch {
            of: "start".to_owned(),
            expected: key.into(),
            got: Value::Null,
            message: format!("the {kind} `{key}` is not deployed"),
        }],
        ..Begun::default()
    }
}
