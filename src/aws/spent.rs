//! The calls behind `treino cost --so-far`: what has happened to resources, as far as it can be counted.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_sfn::types::HistoryEvent;

use super::Aws;
use super::executions;
use super::resources::absent;
use super::transport::error::ForCall;
use super::transport::pages::Pages;
use crate::engine::ProviderError;

/// The most executions of a machine, lines of a log group and pages of a bucket that are counted.
const MOST_EXECUTIONS: usize = 10_000;
const MOST_LINES: u64 = 100_000;
const MOST_PAGES: usize = 100;

/// How many executions' histories are read: the latest.
const HISTORIES: usize = 50;

/// The executions of a standard machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionsCount {
    /// How many there are.
    pub executions: u64,
    /// Whether there are more.
    pub more: bool,
    /// Of how many the history was read.
    pub read: u64,
    /// How many states these entered, and attempts they made again.
    pub transitions: u64,
    /// How often these made each call, by service and action as Step Functions names them.
    pub calls: BTreeMap<(String, String), u64>,
}

/// The calls of a function, by the lines that Lambda logs of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallsCount {
    /// How many there are.
    pub calls: u64,
    /// Whether there are more.
    pub more: bool,
    /// Billed milliseconds times MB.
    pub megabyte_milliseconds: u128,
}

/// The objects of a bucket, old versions included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectsCount {
    /// How many there are.
    pub objects: u64,
    /// Whether there are more.
    pub more: bool,
    /// Their bytes.
    pub bytes: u64,
    /// Their bytes times the seconds since each was put.
    pub byte_seconds: u128,
}

/// What a table or log group stores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredBytes {
    /// How many bytes, as AWS measures them from time to time.
    pub bytes: u64,
    /// For how many seconds it exists.
    pub seconds: u64,
}

/// Counts the executions of a machine, and reads the history of the latest.
///
/// # Errors
/// What Step Functions answers.
pub async fn executions(aws: &Aws, machine: &str) -> Result<ExecutionsCount, ProviderError> {
    let (found, more) = executions::list(aws, machine, MOST_EXECUTIONS).await?;
    let mut count = ExecutionsCount {
        executions: u64::try_from(found.len()).unwrap_or(u64::MAX),
        more,
        ..ExecutionsCount::default()
    };
    for one in found.iter().take(HISTORIES) {
        let read = add_history(aws, &one.arn, &mut count).await;
        if read.as_ref().is_err_and(ProviderError::is_denied) {
            break;
        }
        read?;
    }
    Ok(count)
}

async fn add_history(
    aws: &Aws,
    execution: &str,
    count: &mut ExecutionsCount,
) -> Result<(), ProviderError> {
    let call = aws
        .states
        .get_execution_history()
        .execution_arn(execution)
        .include_execution_data(false);
    let mut pages = call.into_paginator().send();
    let mut ends = Pages::of("Step Functions", "GetExecutionHistory");
    let (mut attempts, mut tasks) = (0_u64, 0_u64);
    while let Some(page) = pages.next().await {
        let page = page.for_call("Step Functions", "GetExecutionHistory")?;
        ends.next(page.next_token())?;
        for event in page.events() {
            let name = event.r#type().as_str();
            count.transitions += u64::from(name.ends_with("StateEntered"));
            tasks += u64::from(name == "TaskStateEntered");
            attempts += u64::from(is_attempt(name));
            if let Some(call) = called(event) {
                *count.calls.entry(call).or_default() += 1;
            }
        }
    }
    // AWS bills each retry as one more: <https://aws.amazon.com/step-functions/pricing/>.
    count.transitions += attempts.saturating_sub(tasks);
    count.read += 1;
    Ok(())
}

fn is_attempt(name: &str) -> bool {
    [
        "TaskScheduled",
        "LambdaFunctionScheduled",
        "ActivityScheduled",
    ]
    .contains(&name)
}

/// The service and action of a task that was scheduled.
fn called(event: &HistoryEvent) -> Option<(String, String)> {
    let task = event.task_scheduled_event_details()?;
    let service = task.resource_type.trim_start_matches("aws-sdk:");
    let action = task.resource.split('.').next().unwrap_or_default();
    Some((service.to_owned(), action.to_owned()))
}

/// Counts the calls of a function in its log group, as far back as lines are kept.
///
/// # Errors
/// What CloudWatch Logs answers; a group that is missing is empty.
pub async fn calls(aws: &Aws, group: &str) -> Result<CallsCount, ProviderError> {
    let mut count = CallsCount::default();
    let mut pages = Pages::of("CloudWatch Logs", "FilterLogEvents");
    let mut token = None;
    loop {
        let call = aws
            .logs
            .filter_log_events()
            .log_group_name(group)
            .filter_pattern("\"REPORT RequestId\"")
            .set_next_token(token);
        let answer = call.send().await;
        let answer = answer.for_call("CloudWatch Logs", "FilterLogEvents");
        let Some(page) = absent(answer, &["ResourceNotFoundException"])? else {
            return Ok(count);
        };
        for event in page.events() {
            let line = event.message().unwrap_or_default();
            if let Some((milliseconds, megabytes)) = reported(line) {
                count.calls += 1;
                count.megabyte_milliseconds += u128::from(milliseconds) * u128::from(megabytes);
            }
        }
        token = page
            .next_token()
            .filter(|token| !token.is_empty())
            .map(String::from);
        pages.next(token.as_deref())?;
        count.more = token.is_some() && count.calls >= MOST_LINES;
        if token.is_none() || count.more {
            return Ok(count);
        }
    }
}

/// Billed milliseconds and MB of memory in a line that Lambda logs at the end of each call.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>
fn reported(line: &str) -> Option<(u64, u64)> {
    if !line.starts_with("REPORT RequestId:") {
        return None;
    }
    let field = |name: &str, unit: &str| {
        let (_, rest) = line.split_once(name)?;
        rest.split_once(unit)?.0.trim().parse::<u64>().ok()
    };
    Some((
        field("Billed Duration:", "ms")?,
        field("Memory Size:", "MB")?,
    ))
}

/// Counts the objects of a bucket.
///
/// # Errors
/// What S3 answers; a bucket that is missing is empty.
pub async fn objects(
    aws: &Aws,
    bucket: &str,
    now: SystemTime,
) -> Result<ObjectsCount, ProviderError> {
    let now = since_epoch(now);
    let mut count = ObjectsCount::default();
    let (mut key, mut version) = (None, None);
    for _ in 0..MOST_PAGES {
        let call = aws.s3.list_object_versions().bucket(bucket);
        let call = call.set_key_marker(key).set_version_id_marker(version);
        let answer = call.send().await.for_call("S3", "ListObjectVersions");
        let Some(page) = absent(answer, &["NoSuchBucket"])? else {
            return Ok(count);
        };
        for one in page.versions() {
            let bytes = u64::try_from(one.size.unwrap_or(0)).unwrap_or(0);
            let put = one
                .last_modified()
                .map_or(now, |time| u64::try_from(time.secs()).unwrap_or(0));
            count.objects += 1;
            count.bytes = count.bytes.saturating_add(bytes);
            count.byte_seconds += u128::from(bytes) * u128::from(now.saturating_sub(put));
        }
        if page.is_truncated != Some(true) {
            return Ok(count);
        }
        key = page.next_key_marker;
        version = page.next_version_id_marker;
    }
    count.more = true;
    Ok(count)
}

/// The size of a table, which DynamoDB measures every six hours.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>
///
/// # Errors
/// What DynamoDB answers; a table that is missing is empty.
pub async fn table(aws: &Aws, name: &str, now: SystemTime) -> Result<StoredBytes, ProviderError> {
    let call = aws.dynamodb.describe_table().table_name(name);
    let answer = call.send().await.for_call("DynamoDB", "DescribeTable");
    let seen = absent(answer, &["ResourceNotFoundException"])?;
    let Some(table) = seen.and_then(|seen| seen.table) else {
        return Ok(StoredBytes::default());
    };
    let made = table.creation_date_time.map_or(0, |time| time.secs());
    Ok(StoredBytes {
        bytes: u64::try_from(table.table_size_bytes.unwrap_or(0)).unwrap_or(0),
        seconds: age(now, u64::try_from(made).unwrap_or(0)),
    })
}

/// The size of a log group.
///
/// # Errors
/// What CloudWatch Logs answers; a group that is missing is empty.
pub async fn log_group(
    aws: &Aws,
    name: &str,
    now: SystemTime,
) -> Result<StoredBytes, ProviderError> {
    let call = aws.logs.describe_log_groups().log_group_name_prefix(name);
    let answer = call.send().await;
    let page = answer.for_call("CloudWatch Logs", "DescribeLogGroups")?;
    let mut groups = page.log_groups().iter();
    // The one that has the name itself is listed first.
    let Some(group) = groups.find(|one| one.log_group_name() == Some(name)) else {
        return Ok(StoredBytes::default());
    };
    let made = group.creation_time.unwrap_or_default() / 1_000;
    Ok(StoredBytes {
        bytes: u64::try_from(group.stored_bytes.unwrap_or(0)).unwrap_or(0),
        seconds: age(now, u64::try_from(made).unwrap_or(0)),
    })
}

fn since_epoch(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |past| past.as_secs())
}

/// The seconds since a time; none since one that is not known.
fn age(now: SystemTime, made: u64) -> u64 {
    if made == 0 {
        return 0;
    }
    since_epoch(now).saturating_sub(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_is_billed() {
        let line = "REPORT RequestId: 1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t\n";
        assert_eq!(reported(line), Some((13, 128)));
        assert_eq!(reported("REPORT RequestId: 1\tDuration: 12.34 ms"), None);
        assert_eq!(
            reported("a line about REPORT RequestId: 1 Billed Duration: 13 ms Memory Size: 128 MB"),
            None
        );
    }
}
