//! Running one check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep, timeout_at};

use super::act::{Act, Doing};
use super::chain::Chain;
use super::judge::{failed_state, may_still_come, mismatches, visited};
use super::look::{CheckView, Mailbox, chosen_item, items};
use super::{diagnose, drift};
use crate::aws::executions::{self, MachineDescription};
use crate::history::ExecutionEvent;
use crate::ops::logs::collected;
use crate::ops::run::repeat::{Put, Times, until_started};
use crate::ops::run::select::{name_of_execution, only};
use crate::ops::run::upload::{POLL_AWS, POLL_LOCAL, WAIT_LOCAL};
use crate::ops::run::{RunContext, key_of};
use crate::ops::session::Session;
use crate::ops::{ChainLink, CheckCause, CheckOutcome, CheckResult, Error, Mismatch};
use crate::stack::{CheckAct, DesiredState, Kind, Loaded, StackCheck};

/// After the end of an execution, an item or a log line may be so late.
const LATE_AWS: Duration = Duration::from_secs(15);
const LATE_LOCAL: Duration = Duration::from_secs(2);
/// How many log lines of a failure are told.
const LINES: usize = 20;

/// What the checks of a stack are run with.
pub(super) struct Bench<'a> {
    session: &'a Session,
    pub(super) run: &'a RunContext<'a>,
    loaded: &'a Loaded,
    pub(super) desired: &'a DesiredState,
    file: &'a Path,
    set: &'a BTreeMap<String, String>,
    /// How what is deployed differs from the file; looked at where a check fails, once.
    drift: OnceCell<Vec<CheckCause>>,
}

/// What came of doing it.
#[derive(Default)]
struct Begun {
    /// The ARN of the execution that it started.
    execution: Option<String>,
    view: CheckView,
    wrong: Vec<Mismatch>,
    chain: Vec<ChainLink>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        session: &'a Session,
        run: &'a RunContext<'a>,
        (loaded, desired): (&'a Loaded, &'a DesiredState),
        (file, set): (&'a Path, &'a BTreeMap<String, String>),
    ) -> Self {
        Self {
            session,
            run,
            loaded,
            desired,
            file,
            set,
            drift: OnceCell::new(),
        }
    }

    /// Runs a check. A call that fails leaves it without a judgement.
    pub(super) async fn result(&self, name: &str, check: &StackCheck) -> CheckResult {
        let began = Instant::now();
        let result = self.checked(check).await.unwrap_or_else(|error| {
            let help = error
                .help()
                .map_or_else(String::new, |help| format!("; {help}"));
            CheckResult {
                outcome: CheckOutcome::Unknown,
                message: Some(format!("{error}{help}")),
                ..CheckResult::default()
            }
        });
        CheckResult {
            check: name.to_owned(),
            description: check.description.clone(),
            points: check.points,
            seconds: (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            ..result
        }
    }

    async fn checked(&self, check: &StackCheck) -> Result<CheckResult, Error> {
        if let Some(reference) = check.unresolved() {
            return Err(Error::Usage(format!(
                "`{reference}` has no value: set the variable, or give the parameter with --set"
            )));
        }
        let (since, deadline) = (SystemTime::now(), Instant::now() + check.time_limit());
        let (expect, run) = (&check.expect, self.run);
        let table = expect
            .item
            .as_ref()
            .and_then(|item| self.name_of(Kind::Table, &item.table));
        let queue = expect
            .message
            .as_ref()
            .and_then(|one| self.name_of(Kind::Queue, &one.queue));
        let before = items(run, table.as_deref()).await?;
        let mut begun = self.begin(check, since, deadline).await?;
        let mut mailbox = Mailbox::default();
        let until = self.until(&begun, deadline);
        let mut wrong = std::mem::take(&mut begun.wrong);
        while wrong.is_empty() {
            if let Some(item) = &expect.item {
                let now = items(run, table.as_deref()).await?;
                begun.view.item = Some(chosen_item(item, before.as_deref(), now.as_deref()));
            }
            if let Some(message) = &expect.message {
                let found = mailbox
                    .look(run, (queue.as_deref(), message), since)
                    .await?;
                begun.view.message = Some(found);
            }
            if expect.log.is_some() {
                begun.view.lines = self.lines(&begun, since).await?;
            }
            let found = mismatches(check, &begun.view);
            if found.is_empty() {
                break;
            }
            if !may_still_come(&found) || Instant::now() >= until {
                wrong = found;
                break;
            }
            sleep(self.pause()).await;
        }
        let message = begun
            .view
            .message
            .as_ref()
            .and_then(|view| view.found.clone());
        mailbox
            .close(run, queue.as_deref(), message.as_ref())
            .await?;
        let result = CheckResult {
            outcome: if wrong.is_empty() {
                CheckOutcome::Passed
            } else {
                CheckOutcome::Failed
            },
            execution: begun
                .execution
                .as_deref()
                .map(|arn| name_of_execution(arn).to_owned()),
            visited: visited(&begun.view.events),
            mismatches: wrong,
            chain: std::mem::take(&mut begun.chain),
            ..CheckResult::default()
        };
        if result.outcome == CheckOutcome::Passed {
            return Ok(result);
        }
        Ok(self.explained(result, begun, since).await)
    }

    /// Until when an item, a message or a line is waited for.
    fn until(&self, begun: &Begun, deadline: Instant) -> Instant {
        let is_later = |kind: Kind| matches!(kind, Kind::Queue | Kind::Topic);
        let mut resources = self.desired.resources.values();
        if begun.execution.is_none() || resources.any(|one| is_later(one.kind)) {
            return deadline;
        }
        let late = if self.run.is_local {
            LATE_LOCAL
        } else {
            LATE_AWS
        };
        deadline.min(Instant::now() + late)
    }

    fn pause(&self) -> Duration {
        if self.run.is_local {
            POLL_LOCAL
        } else {
            POLL_AWS
        }
    }

    /// The name of a resource that is deployed.
    pub(super) fn name_of(&self, kind: Kind, key: &str) -> Option<String> {
        only(self.run.resources, kind, Some(key)).ok()
    }

    async fn lines(
        &self,
        begun: &Begun,
        since: SystemTime,
    ) -> Result<Vec<crate::ops::CheckLogLine>, Error> {
        let ended = begun.view.result.is_some() && !begun.view.events.is_empty();
        let of = begun
            .execution
            .as_deref()
            .filter(|_| ended)
            .map(|arn| (arn, None));
        collected(self.run, since, of).await
    }

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
        let mut keys = self.loaded.file.buckets.keys();
        let key = check.bucket.as_ref().or_else(|| keys.next())?;
        self.name_of(Kind::Bucket, key)
    }

    async fn begin(
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
        let doing = Doing {
            run: self.run,
            act,
            machine: followed.clone(),
            since,
            known,
            id: Mutex::default(),
        };
        let Some(machine) = followed else {
            doing.put(1).await?;
            return Ok(Begun::default());
        };
        self.started(&doing, &machine, (&chain, deadline)).await
    }

    /// Waits until what is done has started an execution, and follows it; stops waiting where it cannot.
    async fn started(
        &self,
        doing: &Doing<'_>,
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
                expected: json!(machine),
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
    ) -> Result<Result<Act, Box<Begun>>, Error> {
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
                Ok(Ok(Act::Send { kind, name, body }))
            }
            Some(CheckAct::Event(event)) => Ok(Ok(Act::Event {
                source: event.source.clone(),
                detail_type: event.detail_type.clone(),
                detail: Value::Object(event.detail.clone()),
            })),
            Some(CheckAct::Put(path)) => {
                let Some(bucket) = self.bucket(check) else {
                    return missing(Kind::Bucket, check.bucket.as_deref().unwrap_or_default());
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
                Ok(Ok(Act::Put { file, bucket, key }))
            }
            Some(CheckAct::Input(_)) | None => Err(Error::Usage(
                "the check does nothing that can be sent".to_owned(),
            )),
        }
    }

    /// A failure with all that can be said of it. What cannot be read is left out.
    async fn explained(
        &self,
        mut result: CheckResult,
        mut begun: Begun,
        since: SystemTime,
    ) -> CheckResult {
        let mut lines = std::mem::take(&mut begun.view.lines);
        for _ in 0..10 {
            if !lines.is_empty() || begun.execution.is_none() {
                break;
            }
            lines = self.lines(&begun, since).await.unwrap_or_default();
            sleep(self.pause()).await;
        }
        result.failed_at = failed_state(&begun.view.events);
        let functions = diagnose::functions(self).await;
        let texts = diagnose::texts(&begun.view.events, begun.view.result.as_ref(), &lines);
        result.causes = diagnose::causes(&texts, &functions, self);
        let drift = self
            .drift
            .get_or_init(|| drift::causes(self.session, (self.file, self.set), self.run.out));
        for cause in drift.await {
            if !result.causes.iter().any(|one| one.message == cause.message) {
                result.causes.push(cause.clone());
            }
        }
        let first = result.mismatches.first().map(|one| one.message.clone());
        let cause = result.causes.first().map(|cause| cause.message.clone());
        let parts: Vec<String> = first.into_iter().chain(cause).collect();
        result.message = Some(parts.join("; "));
        let from = lines.len().saturating_sub(LINES);
        result.log = lines.split_off(from);
        result
    }
}

fn still_running(at: Option<String>) -> Mismatch {
    let at_state = at
        .as_ref()
        .map_or_else(String::new, |state| format!(" at {state}"));
    Mismatch {
        of: "within".to_owned(),
        expected: Value::Null,
        got: json!(at),
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
            expected: json!(key),
            got: Value::Null,
            message: format!("the {kind} `{key}` is not deployed"),
        }],
        ..Begun::default()
    }
}
