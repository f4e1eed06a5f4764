//! The calls behind `treino run`: putting a file, finding the execution it started, reading its
//! history and the item it left.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sfn::types::{ExecutionListItem, HistoryEvent, HistoryEventType};
use serde_json::{Map, Value, json};

use super::Aws;
use super::error::Called;
use super::kinds::absent;
use crate::engine::{Ending, Fault, Happening, Residue, What};
use crate::stack::Kind;

/// Puts a file into a bucket, with the content type its name suggests.
///
/// # Errors
/// The file cannot be read, or S3 refuses.
pub async fn put(aws: &Aws, bucket: &str, key: &str, file: &Path) -> Result<(), Fault> {
    let body = ByteStream::from_path(file).await.map_err(|error| {
        Fault::ours(format!("{} cannot be read: {error}", file.display())).leaving(Residue::Nothing)
    })?;
    let content_type = mime_guess::from_path(file).first_or_octet_stream();
    let call = aws
        .s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .body(body)
        .content_type(content_type.essence_str());
    call.send().await.of("S3", "PutObject").map(drop)
}

/// Starts an execution directly; answers its ARN.
///
/// # Errors
/// What Step Functions answers.
pub async fn start(aws: &Aws, machine: &str, input: &str) -> Result<String, Fault> {
    let call = aws
        .states
        .start_execution()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .input(input);
    Ok(call
        .send()
        .await
        .of("Step Functions", "StartExecution")?
        .execution_arn)
}

/// The executions a machine has had lately, so that a new one can be told apart.
///
/// # Errors
/// What Step Functions answers.
pub async fn running(aws: &Aws, machine: &str) -> Result<BTreeSet<String>, Fault> {
    Ok(latest(aws, machine)
        .await?
        .into_iter()
        .map(|execution| execution.execution_arn)
        .collect())
}

async fn latest(aws: &Aws, machine: &str) -> Result<Vec<ExecutionListItem>, Fault> {
    let call = aws
        .states
        .list_executions()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .max_results(50);
    Ok(call
        .send()
        .await
        .of("Step Functions", "ListExecutions")?
        .executions)
}

/// The execution whose input is an event about this object, started since `since` and not `known`
/// from before.
///
/// # Errors
/// What Step Functions answers.
pub async fn execution_of(
    aws: &Aws,
    machine: &str,
    since: SystemTime,
    (bucket, key): (&str, &str),
    known: &BTreeSet<String>,
) -> Result<Option<String>, Fault> {
    // Clocks differ by a little; the input decides.
    let earliest = since
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        - 60.0;
    let new = latest(aws, machine).await?.into_iter().filter(|execution| {
        execution.start_date.as_secs_f64() >= earliest && !known.contains(&execution.execution_arn)
    });
    for execution in new {
        let call = aws
            .states
            .describe_execution()
            .execution_arn(&execution.execution_arn);
        let seen = call.send().await.of("Step Functions", "DescribeExecution");
        let Some(seen) = absent(seen, &["ExecutionDoesNotExist"])? else {
            continue;
        };
        let input: Value =
            serde_json::from_str(seen.input().unwrap_or_default()).unwrap_or_default();
        if is_about(&input, bucket, key) {
            return Ok(Some(execution.execution_arn));
        }
    }
    Ok(None)
}

fn is_about(input: &Value, bucket: &str, key: &str) -> bool {
    let at = |pointer: &str| input.pointer(pointer).and_then(Value::as_str);
    let by_cloudtrail = (
        at("/detail/requestParameters/bucketName"),
        at("/detail/requestParameters/key"),
    );
    let by_s3 = (at("/detail/bucket/name"), at("/detail/object/key"));
    [by_cloudtrail, by_s3].contains(&(Some(bucket), Some(key)))
}

/// An execution's whole history so far.
///
/// # Errors
/// What Step Functions answers.
pub async fn history(aws: &Aws, execution: &str) -> Result<Vec<Happening>, Fault> {
    let mut events = Vec::new();
    let mut pages = aws
        .states
        .get_execution_history()
        .execution_arn(execution)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.of("Step Functions", "GetExecutionHistory")?;
        events.extend(page.events.iter().map(happening));
    }
    Ok(events)
}

fn happening(event: &HistoryEvent) -> Happening {
    Happening {
        id: event.id,
        previous: event.previous_event_id,
        at: event.timestamp.as_secs_f64(),
        what: what(event),
    }
}

fn what(event: &HistoryEvent) -> What {
    use HistoryEventType as T;
    let kind = event.r#type.as_str();
    if let Some(entered) = event.state_entered_event_details() {
        return What::Entered(entered.name.clone());
    }
    if let Some(exited) = event.state_exited_event_details() {
        return What::Exited(exited.name.clone());
    }
    let attempt = |error: Option<&str>, cause: Option<&str>| What::AttemptFailed {
        error: error.unwrap_or(kind).to_owned(),
        cause: cause.unwrap_or_default().to_owned(),
    };
    let ended = |status: &str, output: Option<&str>, error: Option<&str>, cause: Option<&str>| {
        What::Ended(Ending {
            status: status.to_owned(),
            output: output.map(super::kinds::json),
            error: error.map(String::from),
            cause: cause.map(String::from),
        })
    };
    match &event.r#type {
        T::TaskScheduled | T::LambdaFunctionScheduled | T::ActivityScheduled => What::Scheduled,
        T::TaskFailed => {
            let details = event.task_failed_event_details();
            attempt(
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        T::TaskTimedOut => {
            let details = event.task_timed_out_event_details();
            attempt(
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        T::LambdaFunctionFailed => {
            let details = event.lambda_function_failed_event_details();
            attempt(
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        T::LambdaFunctionTimedOut => {
            let details = event.lambda_function_timed_out_event_details();
            attempt(
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        T::ExecutionSucceeded => ended(
            "SUCCEEDED",
            event
                .execution_succeeded_event_details()
                .and_then(|d| d.output()),
            None,
            None,
        ),
        T::ExecutionFailed => {
            let details = event.execution_failed_event_details();
            ended(
                "FAILED",
                None,
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        T::ExecutionAborted => {
            let details = event.execution_aborted_event_details();
            ended(
                "ABORTED",
                None,
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        T::ExecutionTimedOut => {
            let details = event.execution_timed_out_event_details();
            ended(
                "TIMED_OUT",
                None,
                details.and_then(|d| d.error()),
                details.and_then(|d| d.cause()),
            )
        }
        _ => What::Other,
    }
}

/// The item whose partition key, where the table has no sort key and the key is text, is `value`.
///
/// # Errors
/// What DynamoDB answers.
pub async fn item(aws: &Aws, table: &str, value: &str) -> Result<Option<Value>, Fault> {
    let seen = aws
        .dynamodb
        .describe_table()
        .table_name(table)
        .send()
        .await
        .of("DynamoDB", "DescribeTable")?;
    let Some(seen) = seen.table else {
        return Ok(None);
    };
    let [key] = seen.key_schema() else {
        return Ok(None);
    };
    let call = aws
        .dynamodb
        .get_item()
        .table_name(table)
        .consistent_read(true);
    let call = call.key(&key.attribute_name, AttributeValue::S(value.to_owned()));
    // A key of another type is refused: then this is not the item's table.
    let answer = absent(
        call.send().await.of("DynamoDB", "GetItem"),
        &["ValidationException"],
    )?;
    let item = answer.and_then(|answer| answer.item);
    Ok(item.map(|item| {
        let mut fields: Vec<_> = item.into_iter().collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect::<Map<_, _>>(),
        )
    }))
}

/// A DynamoDB value as a person would write it.
fn plain(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(number) => serde_json::from_str(&number).unwrap_or(Value::String(number)),
        AttributeValue::Bool(value) => Value::Bool(value),
        AttributeValue::L(items) => Value::Array(items.into_iter().map(plain).collect()),
        AttributeValue::M(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, plain(value)))
                    .collect(),
            )
        }
        AttributeValue::Ss(items) | AttributeValue::Ns(items) => json!(items),
        AttributeValue::B(bytes) => Value::String(format!("<{} bytes>", bytes.as_ref().len())),
        _ => Value::Null,
    }
}
