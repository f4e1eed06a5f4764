//! Reading an execution's history until it has ended.

use std::time::{Duration, Instant, SystemTime};

use super::Place;
use crate::aws::{executions, transport::error_codes};
use crate::cli::Error;
use crate::engine::ProviderError;
use crate::history::{ExecutionEvent, ExecutionResult, ExecutionTracker};
use crate::report::{self, RunRenderer, StatusLine};

/// The longest pause between two looks; they are closer while something happens.
const LONGEST: Duration = Duration::from_secs(1);
/// How often what is under way is drawn anew.
const DRAWN: Duration = Duration::from_millis(250);
/// After so long without a word it is said, where nothing is drawn, what is waited for.
const QUIET: Duration = Duration::from_mins(1);
/// How long to ask on where there is no answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Follows an execution to its end.
pub(super) async fn watch(place: &Place<'_>, execution: &str) -> Result<ExecutionResult, Error> {
    let aws = &place.cloud.0;
    let out = place.out;
    let data = out.verbose;
    let first = Duration::from_millis(if place.local { 100 } else { 250 });
    let mut history = executions::HistoryReader::of(execution, data);
    let mut tracker = ExecutionTracker::of(executions::definition_facts(aws, execution).await);
    let live = StatusLine::new(out);
    let mut renderer = RunRenderer::new(out.verbose, live.is_drawn());
    let mut pause = first;
    let mut silent: Option<Instant> = None;
    let mut said = Instant::now();
    loop {
        let behind = !history.caught_up();
        let news = match history.next(aws).await {
            Ok(news) => {
                silent = None;
                news
            }
            Err(error) => {
                let since = *silent.get_or_insert_with(|| {
                    if !error.is("ExecutionDoesNotExist") {
                        live.aside(&report::dim(&format!("asking again: {error}")));
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
            said = Instant::now();
        } else if !live.is_drawn() && said.elapsed() >= QUIET {
            said = Instant::now();
            let under_way = renderer.running_summary(seconds_now());
            live.aside(&report::dim(&format!("still under way: {under_way}")));
        }
        for event in &mut events {
            with_output(place, execution, event).await;
            out.event(event);
            for line in renderer.render(event) {
                live.say(&line);
            }
        }
        if history.caught_up()
            && let Some((ending, is_last)) = ending(&events)
            && (is_last || is_over(place, execution).await?)
        {
            return Ok(ending);
        }
        // There is more to read at once while the beginning is not caught up with.
        if behind && !history.caught_up() {
            continue;
        }
        pause = if news.is_empty() {
            (pause * 3 / 2).min(LONGEST)
        } else {
            first
        };
        drawn(&live, &renderer, pause).await;
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

/// Some emulators' histories go on after the end.
async fn is_over(place: &Place<'_>, execution: &str) -> Result<bool, ProviderError> {
    let seen = executions::describe(&place.cloud.0, execution).await?;
    Ok(seen.is_none_or(|seen| !seen.is_running()))
}

/// The history is read without data, of which the output is part.
async fn with_output(place: &Place<'_>, execution: &str, event: &mut ExecutionEvent) {
    let ExecutionEvent::ExecutionEnded { status, output, .. } = event else {
        return;
    };
    if output.is_none()
        && status == "SUCCEEDED"
        && let Ok(Some(seen)) = executions::describe(&place.cloud.0, execution).await
    {
        *output = seen.result.output;
    }
}

/// An execution just started may not be seen yet, and a long one outlasts a passing error.
fn worth_asking_again(error: &ProviderError, since: Instant) -> bool {
    if error.is("ExecutionDoesNotExist") {
        return since.elapsed() < Duration::from_secs(10);
    }
    error_codes::is_transient(error) && since.elapsed() < PATIENCE
}

fn seconds_now() -> f64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}

async fn drawn(live: &StatusLine, renderer: &RunRenderer, pause: Duration) {
    let until = Instant::now() + pause;
    while Instant::now() < until {
        if live.is_drawn() {
            live.show(renderer.running_summary(seconds_now()));
        }
        let left = until.saturating_duration_since(Instant::now());
        tokio::time::sleep(left.min(DRAWN)).await;
    }
}
