//! Reading an execution's history until it has ended.

use std::time::{Duration, Instant};

use super::RunContext;
use crate::aws::{executions, transport::error_codes};
use crate::engine::ProviderError;
use crate::history::{ExecutionEvent, ExecutionResult, ExecutionTracker};
use crate::ops::{Error, Event};

/// The longest pause between two reads of the history. It is shorter while events arrive.
const LONGEST: Duration = Duration::from_secs(1);
/// The time without an event after which the execution is reported as still running.
const QUIET: Duration = Duration::from_mins(1);
/// How long transient errors are retried.
const RETRY_TIMEOUT: Duration = Duration::from_mins(2);

impl RunContext<'_> {
    /// Follows an execution to its end.
    pub(super) async fn followed(&self, execution: &str) -> Result<ExecutionResult, Error> {
        self.followed_with(execution, &|event| self.out.send(event.clone()))
            .await
    }

    /// The same; each event is told.
    pub(in crate::ops) async fn followed_with(
        &self,
        execution: &str,
        tell: &(dyn Fn(&ExecutionEvent) + Sync),
    ) -> Result<ExecutionResult, Error> {
        let aws = self.aws;
        let first = Duration::from_millis(if self.is_local { 100 } else { 250 });
        let mut history = executions::HistoryReader::of(execution, self.data);
        let mut tracker = ExecutionTracker::of(executions::definition_facts(aws, execution).await);
        let mut pause = first;
        let mut unanswered: Option<Instant> = None;
        let mut latest = Instant::now();
        loop {
            let behind = !history.caught_up();
            let news = match history.next(aws).await {
                Ok(news) => {
                    unanswered = None;
                    news
                }
                Err(error) => {
                    let since = *unanswered.get_or_insert_with(|| {
                        if !error.is("ExecutionDoesNotExist") {
                            self.out.info(format!("asking again: {error}"));
                        }
                        Instant::now()
                    });
                    if !worth_asking_again(&error, since) {
                        return Err(error.into());
                    }
                    tokio::time::sleep(LONGEST).await;
                    continue;
                }
            };
            let mut events = tracker.read(&news);
            if !events.is_empty() {
                latest = Instant::now();
            } else if latest.elapsed() >= QUIET {
                latest = Instant::now();
                self.out.send(Event::StillRunning {});
            }
            for event in &mut events {
                self.add_output(execution, event).await;
                tell(event);
            }
            if history.caught_up()
                && let Some((ending, is_last)) = ending(&events)
                && (is_last || self.is_over(execution).await?)
            {
                return Ok(ending);
            }
            // Until the history is read up to now, the next page can be read at once.
            if behind && !history.caught_up() {
                continue;
            }
            pause = if news.is_empty() {
                (pause * 3 / 2).min(LONGEST)
            } else {
                first
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Some emulators' histories go on after the end.
    async fn is_over(&self, execution: &str) -> Result<bool, ProviderError> {
        let seen = executions::describe(self.aws, execution).await?;
        Ok(seen.is_none_or(|seen| !seen.is_running()))
    }

    /// The history is read without data, of which the output is part.
    async fn add_output(&self, execution: &str, event: &mut ExecutionEvent) {
        let ExecutionEvent::ExecutionEnded { status, output, .. } = event else {
            return;
        };
        if output.is_none()
            && status == "SUCCEEDED"
            && let Ok(Some(seen)) = executions::describe(self.aws, execution).await
        {
            *output = seen.result.output;
        }
    }
}

/// How it ended, if it did, and whether nothing came after that: an execution may be taken up again
/// where it failed.
fn ending(events: &[ExecutionEvent]) -> Option<(ExecutionResult, bool)> {
    let end = events
        .iter()
        .rposition(|event| matches!(event, ExecutionEvent::ExecutionEnded { .. }))?;
    match events.get(end)? {
        ExecutionEvent::ExecutionEnded {
            status,
            output,
            error,
            cause,
            ..
        } => {
            let ending = ExecutionResult {
                status: status.clone(),
                output: output.clone(),
                error: error.clone(),
                cause: cause.clone(),
            };
            Some((ending, end + 1 == events.len()))
        }
        _ => None,
    }
}

/// An execution just started may not be seen yet, and a long one outlasts a passing error.
fn worth_asking_again(error: &ProviderError, since: Instant) -> bool {
    if error.is("ExecutionDoesNotExist") {
        return since.elapsed() < Duration::from_secs(10);
    }
    error_codes::is_transient(error) && since.elapsed() < RETRY_TIMEOUT
}
