//! Starting, finding and stopping executions of standard machines.

use aws_sdk_sfn::types::ExecutionStatus;

use crate::aws::Aws;
use crate::aws::error::Called;
use crate::aws::kinds::{absent, json};
use crate::aws::pages::Pages;
use crate::engine::{Fault, Residue};
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
    /// When it began, in seconds since 1970.
    pub began: f64,
    /// When it ended.
    pub ended: Option<f64>,
    /// How it ended, or its status.
    pub result: ExecutionResult,
}

impl Execution {
    /// Whether it is under way.
    #[must_use]
    pub fn runs(&self) -> bool {
        matches!(self.result.status.as_str(), "RUNNING" | "PENDING_REDRIVE")
    }
}

/// Why an input of so many bytes cannot start an execution, if it cannot.
#[must_use]
pub fn input_limit(bytes: usize) -> Option<String> {
    (bytes > INPUT_LIMIT).then(|| {
        format!("the input has {bytes} bytes, and Step Functions takes at most {INPUT_LIMIT}")
    })
}

/// That an input is longer than what was read of it.
#[must_use]
pub fn input_too_long(read: u64) -> String {
    format!("the input has over {read} bytes, and Step Functions takes at most {INPUT_LIMIT}")
}

/// Starts an execution directly; answers its ARN.
///
/// # Errors
/// What Step Functions answers.
pub async fn start(
    aws: &Aws,
    machine: &str,
    name: Option<&str>,
    input: &str,
) -> Result<String, Fault> {
    let call = aws
        .states
        .start_execution()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .set_name(name.map(String::from))
        .input(input);
    let answer = call.send().await.of("Step Functions", "StartExecution");
    match answer {
        Ok(answer) => Ok(answer.execution_arn),
        Err(fault) if fault.is("ExecutionAlreadyExists") => Err(fault
            .help(
                "an execution's name can be used again after 90 days: choose another --name, or see \
                 that one with --follow",
            )
            .leaving(Residue::Nothing)),
        Err(fault) => Err(fault),
    }
}

/// An execution of a machine by its name or ARN; nothing if there is none.
///
/// # Errors
/// What Step Functions answers.
pub async fn describe(aws: &Aws, arn: &str) -> Result<Option<Execution>, Fault> {
    let call = aws.states.describe_execution().execution_arn(arn);
    let seen = call.send().await.of("Step Functions", "DescribeExecution");
    let Some(seen) = absent(seen, &["ExecutionDoesNotExist"])? else {
        return Ok(None);
    };
    Ok(Some(Execution {
        name: seen.name.clone().unwrap_or_else(|| name_of(arn).to_owned()),
        began: seen.start_date.as_secs_f64(),
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

/// The executions of a machine that are under way, as ARNs.
///
/// # Errors
/// What Step Functions answers.
pub async fn under_way(aws: &Aws, machine: &str) -> Result<Vec<String>, Fault> {
    let call = aws
        .states
        .list_executions()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .status_filter(ExecutionStatus::Running);
    let mut found = Vec::new();
    let mut pages = call.into_paginator().send();
    let mut ends = Pages::of("Step Functions", "ListExecutions");
    while let Some(page) = pages.next().await {
        let page = page.of("Step Functions", "ListExecutions")?;
        ends.next(page.next_token())?;
        found.extend(page.executions.into_iter().map(|each| each.execution_arn));
    }
    Ok(found)
}

/// Stops an execution; answers whether it was under way.
///
/// # Errors
/// What Step Functions answers.
pub async fn stop(aws: &Aws, arn: &str) -> Result<bool, Fault> {
    let call = aws
        .states
        .stop_execution()
        .execution_arn(arn)
        .error("treino.Stopped")
        .cause("stopped with treino run --stop");
    // It may have ended since it was seen.
    let over = ["ExecutionDoesNotExist", "ValidationException"];
    let answer = absent(
        call.send().await.of("Step Functions", "StopExecution"),
        &over,
    )?;
    Ok(answer.is_some())
}

/// The last part of an ARN.
fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
