//! What resources contain, counted before they are deleted: one page of a list, and nothing is read.

use aws_sdk_dynamodb::types::Select;
use aws_sdk_sfn::types::ExecutionStatus;
use aws_sdk_sqs::types::QueueAttributeName;

use super::absent;
use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::engine::{Contents, ProviderError};
use crate::stack::Kind;

/// How many things are counted: a page of S3's and of Step Functions' lists.
const MOST: i32 = 1000;

/// The objects of a bucket, and their old versions.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>
pub async fn of_bucket(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
    let call = aws.s3.list_object_versions().bucket(name).max_keys(MOST);
    let page = call.send().await.for_call("S3", "ListObjectVersions");
    let Some(page) = absent(page, &["NoSuchBucket"])? else {
        return Ok(Vec::new());
    };
    let all = page.versions().len() + page.delete_markers().len();
    if page.is_truncated == Some(true) {
        return Ok(vec![at_least("object version", all)]);
    }
    let current = page
        .versions()
        .iter()
        .filter(|version| version.is_latest != Some(false));
    let sizes: Vec<i64> = current.map(|version| version.size.unwrap_or(0)).collect();
    let objects = sized("object", &sizes);
    let old = Contents::exactly("old version", all - sizes.len());
    Ok(vec![objects, old])
}

/// The objects of a directory bucket, which keeps no versions.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub async fn of_directory_bucket(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
    let call = aws.s3.list_objects_v2().bucket(name).max_keys(MOST);
    let page = call.send().await.for_call("S3", "ListObjectsV2");
    let Some(page) = absent(page, &["NoSuchBucket"])? else {
        return Ok(Vec::new());
    };
    let sizes = page
        .contents()
        .iter()
        .map(|object| object.size.unwrap_or(0));
    let sizes: Vec<i64> = sizes.collect();
    if page.is_truncated == Some(true) {
        return Ok(vec![at_least("object", sizes.len())]);
    }
    Ok(vec![sized("object", &sizes)])
}

/// The items of a table. `DescribeTable` has a count that is up to six hours old, which for a young table is 0;
/// so they are counted, and that count is only asked for where there are many, or counting is not allowed.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>
pub async fn of_table(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
    let call = aws.dynamodb.scan().table_name(name);
    let call = call.select(Select::Count).limit(MOST);
    let counted = absent(call.send().await.for_call("DynamoDB", "Scan"), GONE);
    let mut known = Contents::exactly("item", 0);
    if let Ok(page) = &counted {
        let Some(page) = page else {
            return Ok(Vec::new());
        };
        let count = usize::try_from(page.count()).unwrap_or(0);
        known = Contents::exactly("item", count);
        if page.last_evaluated_key().is_none() {
            return Ok(vec![known]);
        }
        known.more = true;
    }
    let call = aws.dynamodb.describe_table().table_name(name);
    let seen = call.send().await.for_call("DynamoDB", "DescribeTable");
    let seen = absent(seen, GONE).ok().flatten();
    let estimate = seen.and_then(|seen| u64::try_from(seen.table?.item_count?).ok());
    match (estimate, counted) {
        (Some(estimate), _) if estimate > known.count => Ok(vec![Contents {
            count: estimate,
            more: false,
            about: true,
            ..known
        }]),
        (_, Ok(_)) => Ok(vec![known]),
        (_, Err(error)) => Err(error),
    }
}

const GONE: &[&str] = &["ResourceNotFoundException"];

/// The messages of a queue: those that wait, are delayed, or are being worked on.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
pub async fn of_queue(aws: &Aws, url: &str) -> Result<Vec<Contents>, ProviderError> {
    let counts = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let call = aws.sqs.get_queue_attributes().queue_url(url);
    let call = call.set_attribute_names(Some(counts.to_vec()));
    let seen = call.send().await.for_call("SQS", "GetQueueAttributes")?;
    let seen = seen.attributes.unwrap_or_default();
    let numbers = counts
        .iter()
        .filter_map(|name| seen.get(name)?.parse::<u64>().ok());
    Ok(vec![Contents {
        count: numbers.sum(),
        about: true,
        ..Contents::exactly("message", 0)
    }])
}

/// The executions of a machine that are running. Express machines have no list of them.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html>
pub async fn of_state_machine(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
    let call = aws
        .states
        .list_executions()
        .state_machine_arn(aws.arn(Kind::StateMachine, name))
        .status_filter(ExecutionStatus::Running)
        .max_results(MOST);
    let page = call
        .send()
        .await
        .for_call("Step Functions", "ListExecutions");
    let none = ["StateMachineDoesNotExist", "StateMachineTypeNotSupported"];
    let Some(page) = absent(page, &none)? else {
        return Ok(Vec::new());
    };
    let mut running = Contents::exactly("running execution", page.executions().len());
    running.more = page.next_token().is_some_and(|token| !token.is_empty());
    Ok(vec![running])
}

fn sized(what: &'static str, sizes: &[i64]) -> Contents {
    let bytes = sizes.iter().filter_map(|size| u64::try_from(*size).ok());
    Contents {
        bytes: Some(bytes.sum()),
        ..Contents::exactly(what, sizes.len())
    }
}

fn at_least(what: &'static str, count: usize) -> Contents {
    Contents {
        more: true,
        ..Contents::exactly(what, count)
    }
}
