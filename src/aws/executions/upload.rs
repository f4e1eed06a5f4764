//! Uploading a file, and finding the execution that its event started.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sfn::types::ExecutionListItem;
use serde_json::Value;

use super::request_id::RequestIdReader;
use crate::aws::Aws;
use crate::aws::resources::absent;
use crate::aws::transport::error::ForCall;
use crate::engine::{Leftover, ProviderError};
use crate::stack::Kind;

/// Uploads a file to a bucket, with the content type its name suggests. Returns the id that S3 gives the request, which the
/// event of the object names.
///
/// # Errors
/// The file cannot be read, or S3 refuses.
pub async fn upload(
    aws: &Aws,
    bucket: &str,
    key: &str,
    file: &Path,
) -> Result<Option<String>, ProviderError> {
    let body = ByteStream::from_path(file).await.map_err(|error| {
        ProviderError::new(format!("{} cannot be read: {error}", file.display()))
            .with_leftover(Leftover::Nothing)
    })?;
    let content_type = mime_guess::from_path(file).first_or_octet_stream();
    let call = aws
        .s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .body(body)
        .content_type(content_type.essence_str());
    let request = RequestIdReader::default();
    let call = call.customize().interceptor(request.clone());
    call.send().await.for_call("S3", "PutObject")?;
    Ok(request.id())
}

/// The ARNs of the latest executions of a machine, to know a new one from them.
///
/// # Errors
/// What Step Functions answers.
pub async fn recent(aws: &Aws, machine: &str) -> Result<BTreeSet<String>, ProviderError> {
    Ok(latest(aws, machine)
        .await?
        .into_iter()
        .map(|execution| execution.execution_arn)
        .collect())
}

async fn latest(aws: &Aws, machine: &str) -> Result<Vec<ExecutionListItem>, ProviderError> {
    let call = aws
        .states
        .list_executions()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .max_results(50);
    Ok(call
        .send()
        .await
        .for_call("Step Functions", "ListExecutions")?
        .executions)
}

/// The executions whose input is an event about this object, started after `since` and not among `known`: the ARN of each,
/// and the id of the request that its event names, if it does. The earliest is first.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
///
/// # Errors
/// What Step Functions answers.
pub async fn started_by_object(
    aws: &Aws,
    machine: &str,
    since: SystemTime,
    (bucket, key): (&str, &str),
    (known, is_local): (&BTreeSet<String>, bool),
) -> Result<Vec<(String, Option<String>)>, ProviderError> {
    let found = new_executions(aws, machine, since, known).await?;
    let found = found
        .into_iter()
        .filter(|(_, input)| is_about(input, bucket, key));
    Ok(found
        .map(|(arn, input)| (arn, request_of(&input, is_local)))
        .collect())
}

/// The id of the request to S3 that an event is of. On the local AWS, events of S3 itself name another.
fn request_of(input: &Value, is_local: bool) -> Option<String> {
    let by_cloudtrail = input.pointer("/detail/requestID");
    let by_s3 = input.pointer("/detail/request-id").filter(|_| !is_local);
    let found = by_cloudtrail.or(by_s3);
    found.and_then(Value::as_str).map(String::from)
}

/// The ARNs of the executions started after `since` and not among `known`, each with its input; the earliest first.
pub(super) async fn new_executions(
    aws: &Aws,
    machine: &str,
    since: SystemTime,
    known: &BTreeSet<String>,
) -> Result<Vec<(String, Value)>, ProviderError> {
    // The clocks of the two machines may differ by a little; the input decides.
    let earliest = since
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        - 60.0;
    let new = latest(aws, machine).await?.into_iter().filter(|execution| {
        execution.start_date.as_secs_f64() >= earliest && !known.contains(&execution.execution_arn)
    });
    let mut started = Vec::new();
    for execution in new {
        let call = aws
            .states
            .describe_execution()
            .execution_arn(&execution.execution_arn);
        let seen = call
            .send()
            .await
            .for_call("Step Functions", "DescribeExecution");
        let Some(seen) = absent(seen, &["ExecutionDoesNotExist"])? else {
            continue;
        };
        let input: Value =
            serde_json::from_str(seen.input().unwrap_or_default()).unwrap_or_default();
        started.push(((execution.start_date, execution.execution_arn), input));
    }
    started.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(started
        .into_iter()
        .map(|((_, arn), input)| (arn, input))
        .collect())
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
