//! The subscriptions of queues and functions to a topic.

use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::aws::Aws;
use crate::aws::resources::{CallContext, absent, json as parsed};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::engine::ProviderError;
use crate::stack::event_pattern::EventPattern;
use crate::stack::kinds::{FilterScope, SubscriptionSpec};

/// The protocols of queues and functions. They need no confirmation.
const PROTOCOLS: [&str; 2] = ["sqs", "lambda"];
/// What stands for the ARN of a subscription that nobody has confirmed.
const PENDING: &str = "PendingConfirmation";
/// How many subscriptions are asked for at once.
const ASKED_AT_ONCE: usize = 8;

/// A subscription with its ARN.
type SubscriptionWithArn = (String, SubscriptionSpec);

/// Those of queues and functions, by endpoint.
pub async fn read(aws: &Aws, topic: &str) -> Result<Vec<SubscriptionWithArn>, ProviderError> {
    let mut listed = Vec::new();
    let mut pages = Pages::of("SNS", "ListSubscriptionsByTopic");
    let mut next = None;
    loop {
        let call = aws.sns.list_subscriptions_by_topic().topic_arn(topic);
        let page = call.set_next_token(next).send().await;
        let page = page.for_call("SNS", "ListSubscriptionsByTopic")?;
        next = pages.next(page.next_token())?;
        for one in page.subscriptions.unwrap_or_default() {
            let is_ours = one.protocol().is_some_and(|one| PROTOCOLS.contains(&one));
            if let (true, Some(arn), Some(endpoint)) = (is_ours, one.subscription_arn, one.endpoint)
                && arn != PENDING
            {
                listed.push((arn, endpoint));
            }
        }
        if next.is_none() {
            break;
        }
    }
    let reads = stream::iter(listed).map(|(arn, endpoint)| async move {
        let call = aws.sns.get_subscription_attributes().subscription_arn(&arn);
        let seen = call
            .send()
            .await
            .for_call("SNS", "GetSubscriptionAttributes");
        // Removed since it was listed.
        let seen = absent(seen, super::GONE)?;
        let seen = seen.map(|seen| seen.attributes.unwrap_or_default());
        Ok::<_, ProviderError>(seen.map(|seen| {
            let text = |name: &str| seen.get(name).filter(|text| !text.is_empty());
            let filter = text("FilterPolicy").map(|text| EventPattern(parsed(text)));
            let filter = filter.filter(|filter| filter.0 != serde_json::json!({}));
            let scope = match text("FilterPolicyScope").map(String::as_str) {
                Some("MessageBody") => FilterScope::MessageBody,
                _ => FilterScope::MessageAttributes,
            };
            let spec = SubscriptionSpec {
                endpoint,
                raw_message_delivery: text("RawMessageDelivery").is_some_and(|on| on == "true"),
                filter_policy_scope: filter.as_ref().map(|_| scope),
                filter_policy: filter,
            };
            (arn, spec)
        }))
    });
    let read: Vec<Option<SubscriptionWithArn>> =
        reads.buffered(ASKED_AT_ONCE).try_collect().await?;
    let mut read: Vec<SubscriptionWithArn> = read.into_iter().flatten().collect();
    read.sort_by(|a, b| a.1.endpoint.cmp(&b.1.endpoint));
    Ok(read)
}

/// Updates the subscriptions. One that differs is removed first: SNS refuses to create it again with
/// other attributes.
pub async fn change(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &[SubscriptionSpec],
    live: &[SubscriptionWithArn],
) -> Result<(), ProviderError> {
    for (arn, _) in live.iter().filter(|(_, spec)| !want.contains(spec)) {
        let call = aws.sns.unsubscribe().subscription_arn(arn);
        absent(
            call.send().await.for_call("SNS", "Unsubscribe"),
            super::GONE,
        )?;
    }
    let is_live = |one: &&SubscriptionSpec| live.iter().any(|(_, spec)| spec == *one);
    for one in want.iter().filter(|one| !is_live(one)) {
        let waits = (cx.events, cx.name, "the topic is not seen yet");
        let unseen = |error: &ProviderError| super::GONE.contains(&error.code.as_str());
        retry_while(waiter::READ_AFTER_CREATE_TIMEOUT, waits, unseen, || {
            super::settled(cx, || subscribe(aws, cx.arn, one))
        })
        .await?;
    }
    Ok(())
}

async fn subscribe(aws: &Aws, topic: &str, one: &SubscriptionSpec) -> Result<(), ProviderError> {
    // The service is the third part of an ARN.
    let protocol = one.endpoint.split(':').nth(2).unwrap_or_default();
    let mut call = aws
        .sns
        .subscribe()
        .topic_arn(topic)
        .protocol(protocol)
        .endpoint(&one.endpoint);
    if one.raw_message_delivery {
        call = call.attributes("RawMessageDelivery", "true");
    }
    if let Some(filter) = &one.filter_policy {
        let scope = match one.filter_policy_scope {
            Some(FilterScope::MessageBody) => "MessageBody",
            _ => "MessageAttributes",
        };
        call = call
            .attributes("FilterPolicy", filter.to_string())
            .attributes("FilterPolicyScope", scope);
    }
    call.send().await.for_call("SNS", "Subscribe").map(drop)
}
