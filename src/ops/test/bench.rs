//! Running one check.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

use super::begin::Begun;
use super::judge::{may_still_come, mismatches, with_values};
use super::look::{Mailbox, chosen_item, items};
use super::merge::merged;
use super::other_resource::other_resource;
use super::running::TestedCopy;
use super::way::{failed_state, span, visited};
use super::{diagnose, drift, live};
use crate::aws::executions::StoredItem;
use crate::ops::logs::collected;
use crate::ops::run::select::{name_of_execution, only};
use crate::ops::run::upload::{POLL_AWS, POLL_LOCAL, WAIT_LOCAL};
use crate::ops::run::{RunContext, key_of};
use crate::ops::session::Session;
use crate::ops::{CheckCause, CheckLogLine, CheckOutcome, CheckResult, Error};
use crate::stack::{DesiredState, Kind, Loaded, StackCheck};

/// After the end of an execution, an item or a log line may be so late.
const LATE_AWS: Duration = Duration::from_secs(15);
const LATE_LOCAL: Duration = Duration::from_secs(2);
/// The clocks of two machines may differ by so much.
const CLOCKS_DIFFER: Duration = Duration::from_secs(2);
/// How many log lines of a failure are told.
const LINES: usize = 20;

/// What the checks of a stack are run with.
pub(super) struct Bench<'a> {
    session: &'a Session,
    pub(super) run: &'a RunContext<'a>,
    pub(super) loaded: &'a Loaded,
    pub(super) desired: &'a DesiredState,
    copy: TestedCopy<'a>,
    /// How what is deployed differs from the file; looked at where a check fails, once.
    drift: OnceCell<Vec<CheckCause>>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        session: &'a Session,
        run: &'a RunContext<'a>,
        (copy, desired): (&TestedCopy<'a>, &'a DesiredState),
    ) -> Self {
        Self {
            session,
            run,
            loaded: copy.loaded,
            desired,
            copy: *copy,
            drift: OnceCell::new(),
        }
    }

    /// Whether the trail of a class is to record what is put.
    pub(super) fn shares_trail(&self) -> bool {
        self.copy.sharing
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
        let before = self.items_before(check, table.as_deref()).await?;
        let mut begun = self.begin(check, since, deadline).await?;
        let object = begun.object.take();
        let mut mailbox = Mailbox::default();
        let until = self.until(&begun, deadline);
        let mut wrong = std::mem::take(&mut begun.wrong);
        let check = &with_values(check, &begun.view);
        let expect = &check.expect;
        while wrong.is_empty() {
            if let Some(item) = &expect.item {
                let now = items(run, (table.as_deref(), item), object.as_deref()).await?;
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
            // A table or queue that is not there gets nothing any more.
            let views = [&begun.view.item, &begun.view.message];
            let is_gone = views.into_iter().flatten().any(|view| !view.exists);
            if is_gone || !may_still_come(&found) || Instant::now() >= until {
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

    /// The items before the check. Where the whole table would have to be read for that and may not be, every item
    /// counts as new.
    async fn items_before(
        &self,
        check: &StackCheck,
        table: Option<&str>,
    ) -> Result<Option<Vec<StoredItem>>, Error> {
        let Some(item) = &check.expect.item else {
            return Ok(None);
        };
        let name = check
            .put
            .as_ref()
            .map(|path| key_of(Path::new(path)))
            .transpose()?;
        let object = check.key.clone().or(name);
        match items(self.run, (table, item), object.as_deref()).await {
            Err(error) if error.is_denied() => Ok(None),
            items => Ok(items?),
        }
    }

    /// Until when an item, a message or a line is waited for.
    fn until(&self, begun: &Begun, deadline: Instant) -> Instant {
        let is_later = |kind: Kind| matches!(kind, Kind::Queue | Kind::Topic);
        let mut resources = self.desired.resources.values();
        let has_later = resources.any(|one| is_later(one.kind));
        let late = match (begun.execution.is_some(), has_later, self.run.is_local) {
            (false, ..) | (true, true, false) => return deadline,
            (true, true, true) => WAIT_LOCAL,
            (true, false, true) => LATE_LOCAL,
            (true, false, false) => LATE_AWS,
        };
        deadline.min(Instant::now() + late)
    }

    pub(super) fn pause(&self) -> Duration {
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

    async fn lines(&self, begun: &Begun, since: SystemTime) -> Result<Vec<CheckLogLine>, Error> {
        let span = begun.execution.as_deref().zip(span(&begun.view.events));
        let Some((arn, (start, end))) = span else {
            // The clocks of the two machines may differ by a little.
            let from = since.checked_sub(CLOCKS_DIFFER).unwrap_or(since);
            return collected(self.run, from, None).await;
        };
        let start = Duration::try_from_secs_f64(start).unwrap_or_default();
        collected(self.run, UNIX_EPOCH + start, Some((arn, end))).await
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
        let functions = live::functions(self).await;
        let texts = diagnose::texts(&begun.view.events, begun.view.result.as_ref(), &lines);
        result.causes = diagnose::causes(&texts, &functions, self);
        if result.causes.is_empty() && result.chain.is_empty() {
            let other = other_resource(&result.mismatches, &functions, self);
            result.causes.extend(other);
        }
        let drift = self
            .drift
            .get_or_init(|| drift::causes(self.session, &self.copy, self.run.out));
        result.causes = merged(
            std::mem::take(&mut result.causes),
            (&result.chain, self.shares_trail()),
            drift.await,
        );
        let first = result.mismatches.first().map(|one| one.message.clone());
        let is_new = |cause: &&CheckCause| {
            first
                .as_ref()
                .is_none_or(|first| !first.contains(&cause.message))
        };
        let cause = result
            .causes
            .iter()
            .find(is_new)
            .map(|cause| cause.message.clone());
        let parts: Vec<String> = first.into_iter().chain(cause).collect();
        result.message = Some(parts.join("; "));
        let from = lines.len().saturating_sub(LINES);
        result.log = lines.split_off(from);
        result
    }
}
