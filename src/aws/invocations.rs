//! What an execution called, to choose the log lines that are its.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sfn::types::HistoryEvent;
use serde_json::Value;

use super::Aws;
use super::transport::error::ForCall;
use super::transport::pages::Pages;
use crate::engine::ProviderError;

/// The functions an execution called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocations {
    /// The request ids that its history names.
    pub ids: BTreeSet<String>,
    /// The calls of which the history gives no request id: those of tasks that name a function as their resource, and those
    /// under way.
    pub unnamed: Vec<UnnamedCall>,
}

/// A call of a function that has no request id in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnnamedCall {
    /// The function's name; nothing where the task does not say it.
    pub function: Option<String>,
    /// When it was scheduled, in milliseconds since 1970.
    pub from: i64,
    /// When it ended; nothing of one under way.
    pub until: Option<i64>,
}

impl UnnamedCall {
    /// Whether a function may have logged for this call then. The clocks of the two services may differ by `slack`
    /// milliseconds.
    #[must_use]
    pub fn covers(&self, function: &str, at: i64, slack: i64) -> bool {
        let is_its = self.function.as_ref().is_none_or(|name| name == function);
        is_its && at >= self.from - slack && self.until.is_none_or(|until| at <= until + slack)
    }
}

/// Reads an execution's history for the functions it called.
///
/// # Errors
/// What Step Functions answers.
pub async fn invocations(aws: &Aws, execution: &str) -> Result<Invocations, ProviderError> {
    let call = aws
        .states
        .get_execution_history()
        .execution_arn(execution)
        .include_execution_data(true);
    let mut pages = call.into_paginator().send();
    let mut calls = CallReader::default();
    let mut ends = Pages::of("Step Functions", "GetExecutionHistory");
    while let Some(page) = pages.next().await {
        let page = page.for_call("Step Functions", "GetExecutionHistory")?;
        ends.next(page.next_token())?;
        for event in page.events() {
            calls.read(event);
        }
    }
    Ok(calls.ended())
}

/// Reads the calls in a history. An event names the one before it: a call is scheduled, started, and ends.
#[derive(Default)]
struct CallReader {
    /// The call that an event is of, by the ids of both.
    of: BTreeMap<i64, i64>,
    /// The calls by the id of the event that scheduled them, each with whether its request is known.
    calls: BTreeMap<i64, (UnnamedCall, bool)>,
    ids: BTreeSet<String>,
}

impl CallReader {
    fn read(&mut self, event: &HistoryEvent) {
        if let Some(FunctionCall { function }) = called(event) {
            let call = UnnamedCall {
                function,
                from: millis(event),
                until: None,
            };
            self.of.insert(event.id, event.id);
            self.calls.insert(event.id, (call, false));
            return;
        }
        let id = request_id(event);
        self.ids.extend(id.clone());
        let Some(call) = self.of.get(&event.previous_event_id).copied() else {
            return;
        };
        let name = event.r#type.as_str();
        if name.ends_with("Started") {
            self.of.insert(event.id, call);
        } else if let Some((call, is_named)) = self.calls.get_mut(&call) {
            call.until = Some(millis(event));
            *is_named = id.is_some();
        }
    }

    fn ended(self) -> Invocations {
        let calls = self.calls.into_values();
        let unnamed = calls.filter(|(_, is_named)| !is_named);
        Invocations {
            ids: self.ids,
            unnamed: unnamed.map(|(call, _)| call).collect(),
        }
    }
}

fn millis(event: &HistoryEvent) -> i64 {
    event.timestamp.to_millis().unwrap_or_default()
}

/// A call of a function.
struct FunctionCall {
    /// The function's name, where the event says it.
    function: Option<String>,
}

/// The call that an event schedules, if it does.
fn called(event: &HistoryEvent) -> Option<FunctionCall> {
    if let Some(task) = event.task_scheduled_event_details() {
        let parameters: Option<Value> = serde_json::from_str(&task.parameters).ok();
        let name = parameters.and_then(|all| Some(function_name(all["FunctionName"].as_str()?)));
        return (task.resource_type == "lambda").then_some(FunctionCall { function: name });
    }
    let call = event.lambda_function_scheduled_event_details()?;
    Some(FunctionCall {
        function: Some(function_name(&call.resource)),
    })
}

/// The name of a function in what a call names it by: a name, an ARN or a part of one, with a version or not.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
fn function_name(text: &str) -> String {
    let name = match text.split_once(":function:") {
        Some((_, name)) => name,
        None => text.strip_prefix("function:").unwrap_or(text),
    };
    name.split(':').next().unwrap_or_default().to_owned()
}

/// A result of `lambda:invoke` holds it, and so does the cause of an error of some runtimes.
fn request_id(event: &HistoryEvent) -> Option<String> {
    let succeeded = event.task_succeeded_event_details();
    let failed = event.task_failed_event_details().and_then(|d| d.cause());
    let failed = failed.or_else(|| {
        let details = event.lambda_function_failed_event_details();
        details.and_then(|details| details.cause())
    });
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    let (value, pointer) = match (succeeded.and_then(|d| d.output()), failed) {
        (Some(output), _) => (parsed(output)?, "/SdkResponseMetadata/RequestId"),
        (None, Some(cause)) => (parsed(cause)?, "/requestId"),
        (None, None) => return None,
    };
    value.pointer(pointer)?.as_str().map(String::from)
}

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::primitives::DateTime;
    use aws_sdk_sfn::types::{
        HistoryEventType, LambdaFunctionFailedEventDetails, LambdaFunctionScheduledEventDetails,
    };

    use super::*;

    fn event(id: i64, previous: i64, kind: HistoryEventType) -> HistoryEvent {
        let event = HistoryEvent::builder()
            .id(id)
            .previous_event_id(previous)
            .r#type(kind)
            .timestamp(DateTime::from_secs(id));
        event.build().unwrap()
    }

    fn scheduled(id: i64, function: &str) -> HistoryEvent {
        let details = LambdaFunctionScheduledEventDetails::builder().resource(format!(
            "arn:aws:lambda:us-east-1:111122223333:function:{function}"
        ));
        let mut event = event(id, 1, HistoryEventType::LambdaFunctionScheduled);
        event.lambda_function_scheduled_event_details = Some(details.build().unwrap());
        event
    }

    #[test]
    fn calls_without_a_request_id_are_known_by_their_time() {
        let cause = "{\"requestId\": \"r-1\"}";
        let details = LambdaFunctionFailedEventDetails::builder().cause(cause);
        let mut failed = event(7, 6, HistoryEventType::LambdaFunctionFailed);
        failed.lambda_function_failed_event_details = Some(details.build());
        let events = [
            scheduled(2, "lab-one:live"),
            event(3, 2, HistoryEventType::LambdaFunctionStarted),
            scheduled(4, "lab-two"),
            event(5, 3, HistoryEventType::LambdaFunctionSucceeded),
            scheduled(6, "lab-one"),
            failed,
        ];
        let mut reader = CallReader::default();
        for event in &events {
            reader.read(event);
        }
        let found = reader.ended();
        assert_eq!(found.ids, BTreeSet::from(["r-1".to_owned()]));
        let call = |function: &str, from, until| UnnamedCall {
            function: Some(function.to_owned()),
            from,
            until,
        };
        assert_eq!(
            found.unnamed,
            [
                call("lab-one", 2000, Some(5000)),
                call("lab-two", 4000, None)
            ]
        );
        let one = &found.unnamed[0];
        for (function, at, covers) in [
            ("lab-one", 2000, true),
            ("lab-one", 5500, true),
            ("lab-one", 5501, false),
            ("lab-one", 1499, false),
            ("lab-two", 3000, false),
        ] {
            assert_eq!(one.covers(function, at, 500), covers, "{function} {at}");
        }
        assert!(found.unnamed[1].covers("lab-two", 9_999_999, 500));
    }

    #[test]
    fn a_function_is_named_in_several_ways() {
        for text in [
            "lab-one",
            "lab-one:live",
            "function:lab-one",
            "111122223333:function:lab-one",
            "arn:aws:lambda:us-east-1:111122223333:function:lab-one:3",
        ] {
            assert_eq!(function_name(text), "lab-one", "{text}");
        }
    }
}
