//! Starting, finding and stopping executions of standard machines.

use aws_sdk_sfn::types::ExecutionStatus;

use crate::aws::Aws;
use crate::aws::resources::{absent, json};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::{Leftover, ProviderError};
use crate::history::ExecutionResult;
use crate::stack::Kind;

/// The most bytes an execution's input may have.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const INPUT_LIMIT: usize = 256 * 1024;

/// An execution as Step Functions describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it started, in seconds since 1970.
    pub started: f64,
    /// When it ended, in seconds since 1970; none while it runs.
    pub ended: Option<f64>,
    /// How it ended; of a running execution, its status alone.
    pub result: ExecutionResult,
}

impl Execution {
    /// Whether it has not ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.result.status.as_str(), "RUNNING" | "PENDING_REDRIVE")
    }
}

/// Why an input of this many bytes is too long, if it is.
#[must_use]
pub fn input_limit(bytes: usize) -> Option<String> {
    (bytes > INPUT_LIMIT).then(|| {
        format!("the input has {bytes} bytes, and Step Functions takes at most {INPUT_LIMIT}")
    })
}

/// The message for an input of which only the first `read` bytes were read.
#[must_use]
pub fn input_too_long(read: u64) -> String {
    format!("the input has over {read} bytes, and Step Functions takes at most {INPUT_LIMIT}")
}

/// Starts an execution. Returns its ARN.
///
/// # Errors
/// What Step Functions answers.
pub async fn start(
    aws: &Aws,
    machine: &str,
    name: Option<&str>,
    input: &str,
) -> Result<String, ProviderError> {
    let call = aws
        .states
        .start_execution()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .set_name(name.map(String::from))
        .input(input);
    let answer = call
        .send()
        .await
        .for_call("Step Functions", "StartExecution");
    match answer {
        Ok(answer) => Ok(answer.execution_arn),
        Err(error) if error.is("ExecutionAlreadyExists") => Err(error
            .help(
                "an execution's name can be used again after 90 days: choose another --name, or see \
                 that one with --follow",
            )
            .with_leftover(Leftover::Nothing)),
        Err(error) => Err(error),
    }
}

/// The execution of this ARN; none if it does not exist.
///
/// # Errors
/// What Step Functions answers.
pub async fn describe(aws: &Aws, arn: &str) -> Result<Option<Execution>, ProviderError> {
    let call = aws.states.describe_execution().execution_arn(arn);
    let seen = call
        .send()
        .await
        .for_call("Step Functions", "DescribeExecution");
    let Some(seen) = absent(seen, &["ExecutionDoesNotExist"])? else {
        return Ok(None);
    };
    Ok(Some(Execution {
        name: seen.name.clone().unwrap_or_else(|| name_of(arn).to_owned()),
        started: seen.start_date.as_secs_f64(),
        ended: seen.stop_date.map(|date| date.as_secs_f64()),
        result: ExecutionResult {
            status: seen.status.as_str().to_owned(),
            output: seen.output.as_deref().map(json),
            error: seen.error.clone(),
            cause: seen.cause.clone(),
        },
        arn: seen.execution_arn,
    }))
}

/// The ARNs of the running executions of a machine.
///
/// # Errors
/// What Step Functions answers.
pub async fn running(aws: &Aws, machine: &str) -> Result<Vec<String>, ProviderError> {
    let call = aws
        .states
        .list_executions()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .status_filter(ExecutionStatus::Running);
    let mut found = Vec::new();
    let mut pages = call.into_paginator().send();
    let mut ends = Pages::of("Step Functions", "ListExecutions");
    while let Some(page) = pages.next().await {
        let page = page.for_call("Step Functions", "ListExecutions")?;
        ends.next(page.next_token())?;
        found.extend(page.executions.into_iter().map(|each| each.execution_arn));
    }
    Ok(found)
}

/// Stops an execution. Returns false if it had ended already.
///
/// # Errors
/// What Step Functions answers.
pub async fn stop(aws: &Aws, arn: &str) -> Result<bool, ProviderError> {
    let call = aws
        .states
        .stop_execution()
        .execution_arn(arn)
        .error("treino.Stopped")
        .cause("stopped with treino run --stop");
    // It may have ended since it was described.
    let ended = ["ExecutionDoesNotExist", "ValidationException"];
    let answer = absent(
        call.send()
            .await
            .for_call("Step Functions", "StopExecution"),
        &ended,
    )?;
    Ok(answer.is_some())
}

/// The last part of an ARN.
fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
