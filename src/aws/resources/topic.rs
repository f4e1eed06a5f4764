//! SNS topics with the subscriptions of queues and functions.

mod subscriptions;

use std::collections::HashMap;

use aws_sdk_sns::types::Tag;
use serde_json::{Value, json};

use super::ownership::verify_created;
use super::principal::named;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, has_code, json as parsed, never,
    partial, retry_unsettled,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, DeletionStatus, retry_while, wait_deleted};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, ProviderError};
use crate::stack::kinds::{TopicSpec, is_fifo};
use crate::stack::{Kind, Tags};

pub struct Topics;

const GONE: &[&str] = &["NotFound", "NotFoundException"];
/// The error codes of the tag calls for a missing topic.
const UNTAGGED: &[&str] = &[
    "ResourceNotFound",
    "ResourceNotFoundException",
    "NotFound",
    "NotFoundException",
];
/// Our own code for AWS's `InvalidParameter`, where it means that the topic is there.
const TOPIC_EXISTS: &str = "TopicExists";
/// The id of the policy that AWS gives every topic.
const DEFAULT_POLICY: &str = "__default_policy_ID";

impl ResourceCalls for Topics {
    const KIND: Kind = Kind::Topic;
    const EXISTS: &'static [&'static str] = &[TOPIC_EXISTS];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::text("SNS", "GetSubscriptionAttributes", "<Attributes"),
        RequiredField::text("SNS", "GetTopicAttributes", "<Attributes"),
        RequiredField::text("SNS", "ListSubscriptionsByTopic", "<Subscriptions"),
        RequiredField::text("SNS", "ListTagsForResource", "<Tags"),
        RequiredField::text("SNS", "ListTopics", "<Topics"),
    ];
    type Spec = TopicSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<TopicSpec>>, ProviderError> {
        let arn = aws.arn(Kind::Topic, name);
        let Some(seen) = absent(attributes(aws, &arn).await, GONE)? else {
            return Ok(None);
        };
        let (tags, subscriptions) =
            tokio::join!(Self::read_tags(aws, name), subscriptions::read(aws, &arn));
        let (Some(tags), Some(subscriptions)) = (tags?, absent(subscriptions, GONE)?) else {
            return Ok(None);
        };
        let text = |name: &str| seen.get(name).map(String::as_str).unwrap_or_default();
        let policy = match own_policy(text("Policy")) {
            Some(policy) => Some(named(aws, &policy).await?),
            None => None,
        };
        Ok(Some(Observed {
            spec: TopicSpec {
                display_name: text("DisplayName").to_owned(),
                content_based_deduplication: text("ContentBasedDeduplication") == "true",
                policy,
                subscriptions: subscriptions.into_iter().map(|(_, spec)| spec).collect(),
            },
            tags,
            created: None,
            unready: None,
        }))
    }

    async fn create(aws: &Aws, cx: CallContext<'_>, want: &TopicSpec) -> Result<(), ProviderError> {
        let mut attributes = HashMap::new();
        let mut set = |name: &str, value: String| attributes.insert(name.to_owned(), value);
        if !want.display_name.is_empty() {
            set("DisplayName", want.display_name.clone());
        }
        if let Some(policy) = &want.policy {
            set("Policy", policy.to_string());
        }
        if is_fifo(cx.name) {
            set("FifoTopic", "true".to_owned());
            let deduplicates = want.content_based_deduplication;
            set("ContentBasedDeduplication", deduplicates.to_string());
        }
        let call = aws.sns.create_topic().name(cx.name);
        let call = call
            .set_attributes(Some(attributes))
            .set_tags(Some(sdk_tags!(Tag, cx.tags)?));
        let exists = |error| {
            if error_codes::topic_exists(&error) {
                let code = TOPIC_EXISTS.into();
                return ProviderError { code, ..error };
            }
            error
        };
        with_roles(cx, || {
            settled(cx, || async {
                let made = call.clone().send().await.for_call("SNS", "CreateTopic");
                made.map_err(exists)
            })
        })
        .await?;
        // Some AWS-compatible endpoints do not compare the tags, as SNS does.
        verify_created::<Self>(aws, cx).await?;
        subscriptions::change(aws, cx, &want.subscriptions, &[])
            .await
            .map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &TopicSpec,
        live: &TopicSpec,
    ) -> Result<(), ProviderError> {
        if want.policy != live.policy {
            let policy = want.policy.as_ref().map(ToString::to_string);
            let policy = policy.unwrap_or_else(|| default_policy(aws, cx.arn).to_string());
            set(aws, cx, "Policy", &policy).await?;
        }
        if want.display_name != live.display_name {
            set(aws, cx, "DisplayName", &want.display_name).await?;
        }
        if want.content_based_deduplication != live.content_based_deduplication {
            let deduplicates = want.content_based_deduplication.to_string();
            set(aws, cx, "ContentBasedDeduplication", &deduplicates).await?;
        }
        if want.subscriptions != live.subscriptions {
            let seen = subscriptions::read(aws, cx.arn).await?;
            subscriptions::change(aws, cx, &want.subscriptions, &seen).await?;
        }
        Ok(())
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, tags)?;
        settled(cx, || async {
            let call = aws.sns.tag_resource().resource_arn(cx.arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.for_call("SNS", "TagResource").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.sns.untag_resource().resource_arn(cx.arn);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("SNS", "UntagResource").map(drop)
        })
        .await
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws.sns.list_tags_for_resource();
        let call = call.resource_arn(aws.arn(Kind::Topic, name));
        let answer = call.send().await.for_call("SNS", "ListTagsForResource");
        let tags = absent(answer, UNTAGGED)?.map(|answer| answer.tags.unwrap_or_default());
        Ok(tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect()))
    }

    /// SNS deletes the subscriptions of a topic with it.
    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let arn = aws.arn(Kind::Topic, name);
        let delete = || async {
            let deleted = aws.sns.delete_topic().topic_arn(&arn).send().await;
            absent(deleted.for_call("SNS", "DeleteTopic"), GONE).map(drop)
        };
        delete().await?;
        let look = || async {
            let exists = Self::exists(aws, name).await?;
            Ok(if exists {
                DeletionStatus::Exists
            } else {
                DeletionStatus::Deleted
            })
        };
        let say = (events, name, "the topic is being deleted");
        wait_deleted(waiter::STATUS_TIMEOUT, say, look, delete).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut pages = Pages::of("SNS", "ListTopics");
        let mut next = None;
        loop {
            let call = aws.sns.list_topics().set_next_token(next);
            let page = call.send().await.for_call("SNS", "ListTopics")?;
            let arns = page.topics().iter().filter_map(|topic| topic.topic_arn());
            names.extend(arns.filter_map(|arn| Some(arn.rsplit_once(':')?.1.to_owned())));
            next = pages.next(page.next_token())?;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let seen = attributes(aws, &aws.arn(Kind::Topic, name)).await;
        Ok(absent(seen, GONE)?.is_some())
    }
}

async fn attributes(aws: &Aws, arn: &str) -> Result<HashMap<String, String>, ProviderError> {
    let answer = aws.sns.get_topic_attributes().topic_arn(arn).send().await;
    let answer = answer.for_call("SNS", "GetTopicAttributes")?;
    Ok(answer.attributes.unwrap_or_default())
}

async fn set(aws: &Aws, cx: CallContext<'_>, name: &str, value: &str) -> Result<(), ProviderError> {
    with_roles(cx, || {
        settled(cx, || async {
            let call = aws.sns.set_topic_attributes().topic_arn(cx.arn);
            let call = call.attribute_name(name).attribute_value(value);
            let answer = call.send().await;
            answer.for_call("SNS", "SetTopicAttributes").map(drop)
        })
    })
    .await
}

/// Makes a change of a topic that SNS may not see everywhere yet.
async fn settled<T, F, Fut>(cx: CallContext<'_>, call: F) -> Result<T, ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let errors = (has_code(UNTAGGED), never);
    retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, call).await
}

/// Makes a call, waiting while IAM does not know a role that the policy names.
async fn with_roles<T, F, Fut>(cx: CallContext<'_>, call: F) -> Result<T, ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let waits = (
        cx.events,
        cx.name,
        "SNS does not know the policy's role yet",
    );
    let passing = error_codes::topic_principal_unknown;
    retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, call).await
}

/// A topic's policy, unless it is the one AWS gives every topic.
fn own_policy(text: &str) -> Option<Value> {
    let policy = parsed(text);
    let is_default = text.is_empty() || policy["Id"] == DEFAULT_POLICY;
    (!is_default).then_some(policy)
}

/// The policy that AWS gives every topic: there is none without.
fn default_policy(aws: &Aws, arn: &str) -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": DEFAULT_POLICY,
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission",
                "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic", "SNS:Publish",
            ],
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": aws.target.account } },
        }],
    })
}
