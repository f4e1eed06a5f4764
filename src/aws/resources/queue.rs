//! SQS queues.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_types::DateTime;
use serde_json::{Value, json};

use super::ownership::verify_created;
use super::principal::named;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, contents, has_code,
    json as parsed, partial, retry_unsettled, time,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, DeletionStatus, retry_while, wait_deleted, wait_for};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Contents, Events, ProviderError};
use crate::stack::kinds::{DeadLetterSpec, QueueSpec, is_fifo};
use crate::stack::{Kind, Tags};

pub struct Queues;

const GONE: &[&str] = &[
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
];
const DELETED_RECENTLY: &str =
    "the name of a queue deleted just now is not free yet (it takes a minute)";
/// How many names `ListQueues` answers at once. Without a number it leaves out the token of the next page.
const PAGE: i32 = 1000;

impl ResourceCalls for Queues {
    const KIND: Kind = Kind::Queue;
    const EXISTS: &'static [&'static str] = &["QueueAlreadyExists", "QueueNameExists"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("SQS", "CreateQueue", "QueueUrl"),
        RequiredField::json("SQS", "GetQueueUrl", "QueueUrl"),
        RequiredField::json("SQS", "GetQueueAttributes", "Attributes"),
        // Queues and tags are left out where there are none.
        RequiredField::request_id("SQS", "ListQueues"),
        RequiredField::request_id("SQS", "ListQueueTags"),
    ];
    type Spec = QueueSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<QueueSpec>>, ProviderError> {
        let Some(url) = url(aws, name).await? else {
            return Ok(None);
        };
        let (seen, tags) = tokio::join!(attributes(aws, &url), tags(aws, &url));
        let (Some(seen), Some(tags)) = (absent(seen, GONE)?, absent(tags, GONE)?) else {
            return Ok(None);
        };
        let created = seen
            .get(&QueueAttributeName::CreatedTimestamp)
            .and_then(|seconds| seconds.parse().ok())
            .map(DateTime::from_secs);
        Ok(Some(Observed {
            spec: spec(aws, &seen).await?,
            tags,
            created: time(created.as_ref()),
            unready: None,
        }))
    }

    async fn create(aws: &Aws, cx: CallContext<'_>, want: &QueueSpec) -> Result<(), ProviderError> {
        let mut wanted = written(want);
        // AWS refuses an empty text where nothing is set.
        wanted.retain(|_, value| !value.is_empty());
        if is_fifo(cx.name) {
            wanted.insert(QueueAttributeName::FifoQueue, "true".to_owned());
        } else {
            wanted.remove(&QueueAttributeName::ContentBasedDeduplication);
        }
        let tags: HashMap<String, String> = cx.tags.clone().into_iter().collect();
        let call = aws.sqs.create_queue().queue_name(cx.name);
        let call = call.set_attributes(Some(wanted)).set_tags(Some(tags));
        let waits = (cx.events, cx.name, DELETED_RECENTLY);
        retry_while(
            waiter::NAME_RELEASE_TIMEOUT,
            waits,
            error_codes::queue_deleted_recently,
            || {
                with_roles(cx, want, || {
                    settled(cx, || async {
                        call.clone().send().await.for_call("SQS", "CreateQueue")
                    })
                })
            },
        )
        .await?;
        // CreateQueue also succeeds for an existing queue of the same attributes, whatever its tags.
        verify_created::<Self>(aws, cx).await
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &QueueSpec,
        live: &QueueSpec,
    ) -> Result<(), ProviderError> {
        let (mut wanted, stands) = (written(want), written(live));
        wanted.retain(|name, value| stands.get(name) != Some(value));
        if wanted.is_empty() {
            return Ok(());
        }
        let Some(url) = url(aws, cx.name).await? else {
            return Err(super::deleted_since_plan(Kind::Queue, cx));
        };
        let call = aws.sqs.set_queue_attributes().queue_url(&url);
        let call = call.set_attributes(Some(wanted));
        with_roles(cx, want, || {
            settled(cx, || async {
                let answer = call.clone().send().await;
                answer.for_call("SQS", "SetQueueAttributes")
            })
        })
        .await?;
        let waits = (
            cx.events,
            cx.name,
            "the queue's old attributes are still read",
        );
        wait_for(waiter::STATUS_TIMEOUT, waits, || async {
            let seen = attributes(aws, &url).await?;
            Ok((spec(aws, &seen).await? == *want).then_some(()))
        })
        .await
        .map_err(partial)
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let Some(url) = url(aws, cx.name).await? else {
            return Err(super::deleted_since_plan(Kind::Queue, cx));
        };
        let tags: HashMap<String, String> = tags.clone().into_iter().collect();
        settled(cx, || async {
            let call = aws.sqs.tag_queue().queue_url(&url);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.for_call("SQS", "TagQueue").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        let Some(url) = url(aws, cx.name).await? else {
            return Err(super::deleted_since_plan(Kind::Queue, cx));
        };
        settled(cx, || async {
            let call = aws.sqs.untag_queue().queue_url(&url);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("SQS", "UntagQueue").map(drop)
        })
        .await
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        match url(aws, name).await? {
            Some(url) => absent(tags(aws, &url).await, GONE),
            None => Ok(None),
        }
    }

    /// For up to a minute, AWS answers for a deleted queue as if it was there.
    async fn contents(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
        let Some(url) = url(aws, name).await? else {
            return Ok(Vec::new());
        };
        let seen = contents::of_queue(aws, &url).await;
        Ok(absent(seen, GONE)?.unwrap_or_default())
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let delete = || async {
            let Some(url) = url(aws, name).await? else {
                return Ok(());
            };
            let call = aws.sqs.delete_queue().queue_url(url);
            absent(call.send().await.for_call("SQS", "DeleteQueue"), GONE).map(drop)
        };
        delete().await?;
        let look = || async {
            Ok(match url(aws, name).await? {
                None => DeletionStatus::Deleted,
                Some(_) => DeletionStatus::Exists,
            })
        };
        let say = (events, name, "the queue is being deleted");
        wait_deleted(waiter::STATUS_TIMEOUT, say, look, delete).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut pages = Pages::of("SQS", "ListQueues");
        let mut next = None;
        loop {
            let call = aws.sqs.list_queues().max_results(PAGE);
            let page = call.set_next_token(next).send().await;
            let page = page.for_call("SQS", "ListQueues")?;
            let urls = page.queue_urls().iter();
            names.extend(urls.filter_map(|url| Some(url.rsplit_once('/')?.1.to_owned())));
            next = pages.next(page.next_token())?;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(url(aws, name).await?.is_some())
    }
}

/// The URL of a queue, if there is one of this name.
pub(in crate::aws) async fn url(aws: &Aws, name: &str) -> Result<Option<String>, ProviderError> {
    let call = aws.sqs.get_queue_url().queue_name(name);
    let answer = absent(call.send().await.for_call("SQS", "GetQueueUrl"), GONE)?;
    Ok(answer.and_then(|answer| answer.queue_url))
}

type Attributes = HashMap<QueueAttributeName, String>;

async fn attributes(aws: &Aws, url: &str) -> Result<Attributes, ProviderError> {
    let call = aws.sqs.get_queue_attributes().queue_url(url);
    let call = call.attribute_names(QueueAttributeName::All);
    let answer = call.send().await.for_call("SQS", "GetQueueAttributes")?;
    Ok(answer.attributes.unwrap_or_default())
}

async fn tags(aws: &Aws, url: &str) -> Result<Tags, ProviderError> {
    let call = aws.sqs.list_queue_tags().queue_url(url);
    let answer = call.send().await.for_call("SQS", "ListQueueTags")?;
    // AWS leaves them out where there are none.
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}

async fn spec(aws: &Aws, seen: &Attributes) -> Result<QueueSpec, ProviderError> {
    let text = |name| seen.get(&name).map(String::as_str).unwrap_or_default();
    let number = |name| text(name).parse().unwrap_or_default();
    let policy = match text(QueueAttributeName::Policy) {
        "" => None,
        text => Some(named(aws, &parsed(text)).await?),
    };
    Ok(QueueSpec {
        content_based_deduplication: text(QueueAttributeName::ContentBasedDeduplication) == "true",
        visibility_timeout: number(QueueAttributeName::VisibilityTimeout),
        retention: number(QueueAttributeName::MessageRetentionPeriod),
        delay: number(QueueAttributeName::DelaySeconds),
        receive_wait: number(QueueAttributeName::ReceiveMessageWaitTimeSeconds),
        dead_letter: dead_letter(text(QueueAttributeName::RedrivePolicy)),
        policy,
    })
}

/// AWS answers the number as it was given: as a number or a text.
fn dead_letter(text: &str) -> Option<DeadLetterSpec> {
    let redrive: Value = serde_json::from_str(text).ok()?;
    let most = &redrive["maxReceiveCount"];
    let most = most
        .as_i64()
        .or_else(|| most.as_str()?.parse().ok())
        .and_then(|most| i32::try_from(most).ok());
    Some(DeadLetterSpec {
        queue: redrive["deadLetterTargetArn"].as_str()?.to_owned(),
        max_receives: most.unwrap_or_default(),
    })
}

/// The attributes of a spec. An empty text takes one away.
fn written(spec: &QueueSpec) -> Attributes {
    let policy = spec.policy.as_ref().map(ToString::to_string);
    let dead_letter = spec.dead_letter.as_ref().map(|to| {
        json!({ "deadLetterTargetArn": to.queue, "maxReceiveCount": to.max_receives }).to_string()
    });
    HashMap::from([
        (
            QueueAttributeName::VisibilityTimeout,
            spec.visibility_timeout.to_string(),
        ),
        (
            QueueAttributeName::MessageRetentionPeriod,
            spec.retention.to_string(),
        ),
        (QueueAttributeName::DelaySeconds, spec.delay.to_string()),
        (
            QueueAttributeName::ReceiveMessageWaitTimeSeconds,
            spec.receive_wait.to_string(),
        ),
        (
            QueueAttributeName::RedrivePolicy,
            dead_letter.unwrap_or_default(),
        ),
        (QueueAttributeName::Policy, policy.unwrap_or_default()),
        (
            QueueAttributeName::ContentBasedDeduplication,
            spec.content_based_deduplication.to_string(),
        ),
    ])
}

/// Makes a call, waiting while IAM does not know a role that the policy names.
async fn with_roles<T, F, Fut>(
    cx: CallContext<'_>,
    want: &QueueSpec,
    call: F,
) -> Result<T, ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let policy = want.policy.as_ref().map(ToString::to_string);
    let names_role = policy.is_some_and(|policy| policy.contains(":role/"));
    let passing = |error: &ProviderError| names_role && error_codes::queue_policy_refused(error);
    let waits = (
        cx.events,
        cx.name,
        "SQS does not know the policy's role yet",
    );
    retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, call).await
}

/// Makes a change of a queue that SQS may not see everywhere yet.
async fn settled<T, F, Fut>(cx: CallContext<'_>, call: F) -> Result<T, ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let errors = (
        has_code(GONE),
        error_codes::is_dead_letter_queue_not_visible,
    );
    retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, call).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_often_is_read_as_a_number_or_a_text() {
        for most in ["3", "\"3\""] {
            let text = format!("{{\"deadLetterTargetArn\": \"a\", \"maxReceiveCount\": {most}}}");
            let read = dead_letter(&text).unwrap();
            assert_eq!((read.queue.as_str(), read.max_receives), ("a", 3));
        }
        assert_eq!(dead_letter(""), None);
    }
}
