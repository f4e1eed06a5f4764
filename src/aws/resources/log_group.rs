//! CloudWatch Logs log groups.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::LogGroup;

use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, has_code, never, partial,
    retry_unsettled,
};
use crate::aws::shared_lists::SharedLists;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, ProviderError};
use crate::stack::kinds::LogGroupSpec;
use crate::stack::{Kind, Tags, may_be_ours};

pub struct LogGroups;

const GONE: &[&str] = &["ResourceNotFoundException"];

impl ResourceCalls for LogGroups {
    const KIND: Kind = Kind::LogGroup;
    const EXISTS: &'static [&'static str] = &["ResourceAlreadyExistsException"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("CloudWatch Logs", "DescribeLogGroups", "logGroups"),
        RequiredField::json("CloudWatch Logs", "DescribeLogStreams", "logStreams"),
        RequiredField::json("CloudWatch Logs", "FilterLogEvents", "events"),
        RequiredField::json("CloudWatch Logs", "ListTagsForResource", "tags"),
    ];
    type Spec = LogGroupSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<LogGroupSpec>>, ProviderError> {
        if may_be_ours(name) && SharedLists::lack::<Self>(aws, name).await {
            return Ok(None);
        }
        // One request where there is none: of those for tags AWS takes half as many.
        let Some(group) = find(aws, name).await? else {
            return Ok(None);
        };
        let tags = Self::read_tags(aws, name).await?;
        Ok(tags.map(|tags| observed(&group, tags)))
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<LogGroupSpec>>, ProviderError> {
        let (tags, group) = tokio::try_join!(Self::read_tags(aws, name), find(aws, name))?;
        Ok(tags.zip(group).map(|(tags, group)| observed(&group, tags)))
    }

    async fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &LogGroupSpec,
    ) -> Result<(), ProviderError> {
        let tags: HashMap<String, String> = cx.tags.clone().into_iter().collect();
        let waits = (
            cx.events,
            cx.name,
            "the log group is busy with another change",
        );
        retry_while(
            waiter::PROPAGATION_TIMEOUT,
            waits,
            error_codes::is_concurrent_modification,
            || async {
                let call = aws
                    .logs
                    .create_log_group()
                    .log_group_name(cx.name)
                    .set_tags(Some(tags.clone()));
                call.send()
                    .await
                    .for_call("CloudWatch Logs", "CreateLogGroup")
            },
        )
        .await?;
        // A new log group has no retention.
        match want.retention_days {
            Some(_) => put_retention(aws, cx, want).await.map_err(partial),
            None => Ok(()),
        }
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &LogGroupSpec,
        live: &LogGroupSpec,
    ) -> Result<(), ProviderError> {
        if want == live {
            Ok(())
        } else {
            put_retention(aws, cx, want).await
        }
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags: HashMap<String, String> = tags.clone().into_iter().collect();
        settled(cx, || async {
            let call = aws.logs.tag_resource().resource_arn(cx.arn);
            let call = call.set_tags(Some(tags.clone()));
            let answer = call.send().await;
            answer.for_call("CloudWatch Logs", "TagResource").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.logs.untag_resource().resource_arn(cx.arn);
            let call = call.set_tag_keys(Some(keys.to_vec()));
            let answer = call.send().await;
            answer
                .for_call("CloudWatch Logs", "UntagResource")
                .map(drop)
        })
        .await
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let waits = (events, name, "the log group is busy with another change");
        let deleted = retry_while(
            waiter::PROPAGATION_TIMEOUT,
            waits,
            error_codes::is_concurrent_modification,
            || async {
                let call = aws.logs.delete_log_group().log_group_name(name);
                call.send()
                    .await
                    .for_call("CloudWatch Logs", "DeleteLogGroup")
            },
        )
        .await;
        absent(deleted, GONE).map(drop)
    }

    /// By its streams: of these calls AWS takes five times as many as of those for tags. Who may not make them reads the tags
    /// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>).
    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let call = aws.logs.describe_log_streams().log_group_name(name);
        let answer = call.limit(1).send().await;
        match answer.for_call("CloudWatch Logs", "DescribeLogStreams") {
            Err(error) if error.is_denied() => Ok(Self::read_tags(aws, name).await?.is_some()),
            answer => Ok(absent(answer, GONE)?.is_some()),
        }
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut seen = Pages::of("CloudWatch Logs", "DescribeLogGroups");
        let mut pages = aws.logs.describe_log_groups().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.for_call("CloudWatch Logs", "DescribeLogGroups")?;
            seen.next(page.next_token())?;
            names.extend(
                page.log_groups()
                    .iter()
                    .filter_map(|group| group.log_group_name.clone())
                    .filter(|n| may_be_ours(n)),
            );
        }
        Ok(names)
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws
            .logs
            .list_tags_for_resource()
            .resource_arn(aws.arn(Kind::LogGroup, name));
        let answer = absent(
            call.send()
                .await
                .for_call("CloudWatch Logs", "ListTagsForResource"),
            GONE,
        )?;
        Ok(answer.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
    }
}

fn observed(group: &LogGroup, tags: Tags) -> Observed<LogGroupSpec> {
    let created = group.creation_time;
    let created = created.map(aws_smithy_types::DateTime::from_millis);
    let retention = group.retention_in_days;
    Observed {
        spec: LogGroupSpec {
            retention_days: retention.and_then(|days| u32::try_from(days).ok()),
        },
        tags,
        created: super::time(created.as_ref()),
        unready: None,
    }
}

/// The log group of this name. The answer of `DescribeLogGroups` is sorted, and the shortest name that begins with a prefix is
/// the prefix: what is not on the first page that has any is not there
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>).
async fn find(aws: &Aws, name: &str) -> Result<Option<LogGroup>, ProviderError> {
    let mut pages = aws
        .logs
        .describe_log_groups()
        .log_group_name_prefix(name)
        .into_paginator()
        .send();
    let mut seen = Pages::of("CloudWatch Logs", "DescribeLogGroups");
    while let Some(page) = pages.next().await {
        let page = page.for_call("CloudWatch Logs", "DescribeLogGroups")?;
        seen.next(page.next_token())?;
        let groups = page.log_groups.unwrap_or_default();
        if !groups.is_empty() {
            let is_it = |group: &LogGroup| group.log_group_name.as_deref() == Some(name);
            return Ok(groups.into_iter().find(is_it));
        }
    }
    Ok(None)
}

async fn put_retention(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &LogGroupSpec,
) -> Result<(), ProviderError> {
    if let Some(days) = want
        .retention_days
        .and_then(|days| i32::try_from(days).ok())
    {
        settled(cx, || async {
            let call = aws.logs.put_retention_policy().log_group_name(cx.name);
            let answer = call.retention_in_days(days).send().await;
            answer
                .for_call("CloudWatch Logs", "PutRetentionPolicy")
                .map(drop)
        })
        .await
    } else {
        settled(cx, || async {
            let call = aws.logs.delete_retention_policy().log_group_name(cx.name);
            let answer = call.send().await;
            answer
                .for_call("CloudWatch Logs", "DeleteRetentionPolicy")
                .map(drop)
        })
        .await
    }
}

/// Makes a change of a log group that CloudWatch Logs may not see everywhere yet.
async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let errors = (has_code(GONE), never);
    retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, call).await
}
