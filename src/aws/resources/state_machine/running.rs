//! What a machine is doing: its status, and its executions.

use aws_sdk_sfn::types::{ExecutionStatus, StateMachineStatus};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::super::absent;
use super::GONE;
use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::{Events, ProviderError};

/// How many executions are stopped at once.
const STOPS_AT_ONCE: usize = 8;

/// The status of a machine, if it exists.
pub(in crate::aws) async fn status(
    aws: &Aws,
    arn: &str,
) -> Result<Option<StateMachineStatus>, ProviderError> {
    let call = aws.states.describe_state_machine().state_machine_arn(arn);
    let seen = call
        .send()
        .await
        .for_call("Step Functions", "DescribeStateMachine");
    let seen = absent(seen, GONE)?;
    Ok(seen.map(|seen| seen.status.unwrap_or(StateMachineStatus::Active)))
}

/// Stops the running executions. Executions of express machines cannot be listed.
pub(super) async fn stop_executions(
    aws: &Aws,
    name: &str,
    arn: &str,
    events: &Events,
) -> Result<(), ProviderError> {
    let call = aws
        .states
        .list_executions()
        .state_machine_arn(arn)
        .status_filter(ExecutionStatus::Running);
    let mut pages = call.into_paginator().send();
    // All pages first: what is stopped is no longer listed, and the next page would begin too late.
    let mut running = Vec::new();
    let mut seen = Pages::of("Step Functions", "ListExecutions");
    while let Some(page) = pages.next().await {
        let codes = [GONE, &["StateMachineTypeNotSupported"]].concat();
        let Some(page) = absent(page.for_call("Step Functions", "ListExecutions"), &codes)? else {
            break;
        };
        seen.next(page.next_token())?;
        running.extend(page.executions);
    }
    match running.as_slice() {
        [] => return Ok(()),
        [one] => events.note(name, format!("stopping the execution {}", one.name())),
        more => events.note(name, format!("stopping {} executions", more.len())),
    }
    let stops = stream::iter(running).map(|execution| async move {
        let call = aws
            .states
            .stop_execution()
            .execution_arn(execution.execution_arn());
        let call = call
            .error("treino.Destroyed")
            .cause("treino destroys the stack");
        // It may have ended since it was listed. If it still runs, the next round stops it.
        absent(
            call.send()
                .await
                .for_call("Step Functions", "StopExecution"),
            &["ExecutionDoesNotExist", "ValidationException"],
        )
        .map(drop)
    });
    stops
        .buffer_unordered(STOPS_AT_ONCE)
        .try_collect::<()>()
        .await
}
