//! Reading the history of an execution.

use aws_sdk_sfn::types as sdk;
use aws_sdk_sfn::types::HistoryEventType as Type;

use crate::aws::Aws;
use crate::aws::resources::json;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::ProviderError;
use crate::history::{ExecutionResult, HistoryEvent, HistoryEventKind, StateOutcome};

/// The most events of a page. With their input and output, each may have half a megabyte.
const PAGE: i32 = 1000;
const PAGE_WITH_DATA: i32 = 100;
/// The fewest events of a page.
const SMALLEST_PAGE: i32 = 20;

/// Reads the history of one execution, each event once.
///
/// The events recorded before the first call are read from the first on, page by page. The token of the
/// last page does not lead to later events: those are read from the end, back to the last known event.
#[derive(Debug)]
pub struct HistoryReader {
    execution: String,
    data: bool,
    last_id: i64,
    caught_up: bool,
    token: Option<String>,
    /// The pages of the events recorded before the first call.
    tokens: Pages,
    /// The size of a page from the end: about twice as many events as were new the last time, so that
    /// few are read again.
    page_size: i32,
}

impl HistoryReader {
    /// A reader of an execution; `data` asks for the input and output of its states.
    #[must_use]
    pub fn of(execution: &str, data: bool) -> Self {
        Self {
            execution: execution.to_owned(),
            data,
            last_id: 0,
            caught_up: false,
            token: None,
            tokens: pages(),
            page_size: SMALLEST_PAGE,
        }
    }

    /// Whether all events recorded before the first call have been read.
    #[must_use]
    pub fn caught_up(&self) -> bool {
        self.caught_up
    }

    /// The next events, at most a page of those recorded before the first call.
    ///
    /// # Errors
    /// What Step Functions answers. After an error the call can be repeated.
    pub async fn next(&mut self, aws: &Aws) -> Result<Vec<HistoryEvent>, ProviderError> {
        let mut events = if self.caught_up {
            self.latest(aws).await?
        } else {
            let size = self.largest_page();
            let (events, token) = self.page(aws, (false, size), self.token.clone()).await?;
            self.tokens.next(token.as_deref())?;
            self.caught_up = token.is_none();
            self.token = token;
            events
        };
        events.retain(|event| event.id > self.last_id);
        events.sort_by_key(|event| event.id);
        let new = i32::try_from(events.len()).unwrap_or(i32::MAX);
        self.page_size = new
            .saturating_mul(2)
            .clamp(SMALLEST_PAGE, self.largest_page());
        self.last_id = events.last().map_or(self.last_id, |event| event.id);
        Ok(events)
    }

    fn largest_page(&self) -> i32 {
        if self.data { PAGE_WITH_DATA } else { PAGE }
    }

    async fn latest(&self, aws: &Aws) -> Result<Vec<HistoryEvent>, ProviderError> {
        let mut found = Vec::new();
        let mut token = None;
        let mut tokens = pages();
        loop {
            let (events, next) = self.page(aws, (true, self.page_size), token).await?;
            tokens.next(next.as_deref())?;
            let known = events.iter().any(|event| event.id <= self.last_id);
            found.extend(events);
            if known || next.is_none() {
                return Ok(found);
            }
            token = next;
        }
    }

    async fn page(
        &self,
        aws: &Aws,
        (reverse, size): (bool, i32),
        token: Option<String>,
    ) -> Result<(Vec<HistoryEvent>, Option<String>), ProviderError> {
        let call = aws
            .states
            .get_execution_history()
            .execution_arn(&self.execution)
            .include_execution_data(self.data)
            .max_results(size)
            .reverse_order(reverse)
            .set_next_token(token);
        let page = call
            .send()
            .await
            .for_call("Step Functions", "GetExecutionHistory")?;
        let events = page.events.iter().map(history_event).collect();
        Ok((events, page.next_token.filter(|token| !token.is_empty())))
    }
}

fn pages() -> Pages {
    Pages::of("Step Functions", "GetExecutionHistory")
}

fn history_event(event: &sdk::HistoryEvent) -> HistoryEvent {
    HistoryEvent {
        id: event.id,
        previous: event.previous_event_id,
        at: event.timestamp.as_secs_f64(),
        kind: kind(event),
    }
}

fn kind(event: &sdk::HistoryEvent) -> HistoryEventKind {
    let name = event.r#type.as_str();
    if let (Some(state_type), Some(details)) = (
        name.strip_suffix("StateEntered"),
        event.state_entered_event_details(),
    ) {
        return HistoryEventKind::StateEntered {
            state: details.name.clone(),
            state_type: state_type.to_owned(),
            input: details.input().map(json),
        };
    }
    if let Some(details) = event.state_exited_event_details() {
        return HistoryEventKind::StateExited {
            state: details.name.clone(),
            output: details.output().map(json),
        };
    }
    if let Some(state_type) = name.strip_suffix("StateAborted") {
        return HistoryEventKind::StateAborted {
            state_type: state_type.to_owned(),
        };
    }
    match &event.r#type {
        Type::TaskScheduled | Type::LambdaFunctionScheduled | Type::ActivityScheduled => {
            HistoryEventKind::TaskScheduled
        }
        Type::ParallelStateStarted => HistoryEventKind::ChildrenStarted { items: None },
        Type::ExecutionRedriven => HistoryEventKind::ExecutionRedriven,
        Type::MapStateStarted => HistoryEventKind::ChildrenStarted {
            items: event
                .map_state_started_event_details()
                .and_then(|details| u64::try_from(details.length).ok()),
        },
        Type::ParallelStateSucceeded => children_ended("Parallel", StateOutcome::Succeeded),
        Type::ParallelStateFailed => children_ended("Parallel", StateOutcome::Failed),
        Type::MapStateSucceeded => children_ended("Map", StateOutcome::Succeeded),
        Type::MapStateFailed => children_ended("Map", StateOutcome::Failed),
        _ => iteration(event)
            .or_else(|| map_run(event))
            .or_else(|| attempt_failed(event))
            .or_else(|| execution_ended(event))
            .unwrap_or(HistoryEventKind::Other),
    }
}

fn children_ended(state_type: &'static str, outcome: StateOutcome) -> HistoryEventKind {
    HistoryEventKind::ChildrenEnded {
        state_type,
        outcome,
    }
}

fn iteration(event: &sdk::HistoryEvent) -> Option<HistoryEventKind> {
    let (details, outcome) = match &event.r#type {
        Type::MapIterationStarted => (event.map_iteration_started_event_details(), None),
        Type::MapIterationSucceeded => (
            event.map_iteration_succeeded_event_details(),
            Some(StateOutcome::Succeeded),
        ),
        Type::MapIterationFailed => (
            event.map_iteration_failed_event_details(),
            Some(StateOutcome::Failed),
        ),
        Type::MapIterationAborted => (
            event.map_iteration_aborted_event_details(),
            Some(StateOutcome::Aborted),
        ),
        _ => return None,
    };
    let details = details?;
    let map = details.name.clone().unwrap_or_default();
    let index = u64::try_from(details.index).unwrap_or_default();
    Some(match outcome {
        None => HistoryEventKind::IterationStarted { map, index },
        Some(outcome) => HistoryEventKind::IterationEnded {
            map,
            index,
            outcome,
        },
    })
}

fn map_run(event: &sdk::HistoryEvent) -> Option<HistoryEventKind> {
    let ended = |outcome, error: Option<&str>, cause: Option<&str>| HistoryEventKind::MapRunEnded {
        outcome,
        error: error.map(String::from),
        cause: cause.map(String::from),
    };
    Some(match &event.r#type {
        Type::MapRunStarted => HistoryEventKind::MapRunStarted {
            arn: event
                .map_run_started_event_details()
                .and_then(|details| details.map_run_arn.clone())
                .unwrap_or_default(),
        },
        Type::MapRunRedriven => HistoryEventKind::MapRunStarted {
            arn: event
                .map_run_redriven_event_details()
                .and_then(|details| details.map_run_arn.clone())
                .unwrap_or_default(),
        },
        Type::MapRunSucceeded => ended(StateOutcome::Succeeded, None, None),
        Type::MapRunAborted => ended(StateOutcome::Aborted, None, None),
        Type::MapRunFailed => {
            let details = event.map_run_failed_event_details();
            ended(
                StateOutcome::Failed,
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        _ => return None,
    })
}

/// Error and cause of the first of these details that the event has. In the SDK each failure has details
/// of a type of its own, with the same two fields.
macro_rules! error_and_cause {
    ($event:expr, $($details:ident),*) => {
        None::<(Option<&str>, Option<&str>)>
            $(.or_else(|| $event.$details().map(|details| (details.error(), details.cause()))))*
    };
}

fn attempt_failed(event: &sdk::HistoryEvent) -> Option<HistoryEventKind> {
    if let Some(details) = event.evaluation_failed_event_details() {
        let location = details.location().map(|at| format!(" (in {at})"));
        return Some(HistoryEventKind::AttemptFailed {
            error: details.error().unwrap_or("no error name").to_owned(),
            cause: format!(
                "{}{}",
                details.cause().unwrap_or_default(),
                location.unwrap_or_default()
            ),
        });
    }
    let (error, cause) = error_and_cause!(
        event,
        task_failed_event_details,
        task_timed_out_event_details,
        task_start_failed_event_details,
        task_submit_failed_event_details,
        lambda_function_failed_event_details,
        lambda_function_timed_out_event_details,
        lambda_function_schedule_failed_event_details,
        lambda_function_start_failed_event_details,
        activity_failed_event_details,
        activity_timed_out_event_details,
        activity_schedule_failed_event_details
    )?;
    Some(HistoryEventKind::AttemptFailed {
        error: error.unwrap_or("no error name").to_owned(),
        cause: cause.unwrap_or_default().to_owned(),
    })
}

fn execution_ended(event: &sdk::HistoryEvent) -> Option<HistoryEventKind> {
    let status = match &event.r#type {
        Type::ExecutionSucceeded => "SUCCEEDED",
        Type::ExecutionFailed => "FAILED",
        Type::ExecutionAborted => "ABORTED",
        Type::ExecutionTimedOut => "TIMED_OUT",
        _ => return None,
    };
    let output = event
        .execution_succeeded_event_details()
        .and_then(|details| details.output());
    let failed = error_and_cause!(
        event,
        execution_failed_event_details,
        execution_aborted_event_details,
        execution_timed_out_event_details
    );
    let (error, cause) = failed.unwrap_or_default();
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(String::from);
    Some(HistoryEventKind::ExecutionEnded(ExecutionResult {
        status: status.to_owned(),
        output: output.map(json),
        error: text(error),
        cause: text(cause),
    }))
}
