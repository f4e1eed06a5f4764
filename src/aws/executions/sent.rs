//! Sending an event or a message, and finding the executions that it started.

use std::collections::BTreeSet;
use std::time::SystemTime;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::Value;

use super::upload::new_executions;
use crate::aws::Aws;
use crate::aws::resources::queue_url;
use crate::aws::transport::error::ForCall;
use crate::engine::{Leftover, ProviderError};

/// Puts an event on the default event bus. Returns the id that `EventBridge` gives it.
///
/// # Errors
/// `EventBridge` refuses it: the call, or this entry of it.
pub async fn put_event(
    aws: &Aws,
    (source, detail_type): (&str, &str),
    detail: &Value,
) -> Result<String, ProviderError> {
    let entry = PutEventsRequestEntry::builder()
        .source(source)
        .detail_type(detail_type)
        .detail(detail.to_string());
    let call = aws.events.put_events().entries(entry.build());
    let answer = call.send().await.for_call("EventBridge", "PutEvents")?;
    let entry = answer.entries().first();
    match entry.and_then(|entry| entry.event_id()) {
        Some(id) => Ok(id.to_owned()),
        None => {
            let why = entry
                .and_then(|entry| entry.error_message())
                .unwrap_or("it has no id");
            let error = ProviderError::new(format!("EventBridge does not take the event: {why}"));
            Err(error.with_leftover(Leftover::Nothing))
        }
    }
}

/// Sends a message to a queue. Returns its id.
///
/// # Errors
/// What SQS answers; the queue is not found.
pub async fn send_message(aws: &Aws, queue: &str, body: &str) -> Result<String, ProviderError> {
    let url = queue_url(aws, queue)
        .await?
        .ok_or_else(|| no_queue(queue))?;
    let mut call = aws.sqs.send_message().queue_url(url).message_body(body);
    if crate::stack::kinds::is_fifo(queue) {
        call = call
            .message_group_id("treino-test")
            .message_deduplication_id(unique());
    }
    let answer = call.send().await.for_call("SQS", "SendMessage")?;
    Ok(answer.message_id.unwrap_or_default())
}

/// Publishes to a topic. Returns the message's id.
///
/// # Errors
/// What SNS answers.
pub async fn publish(aws: &Aws, topic: &str, body: &str) -> Result<String, ProviderError> {
    let arn = aws.arn(crate::stack::Kind::Topic, topic);
    let mut call = aws.sns.publish().topic_arn(arn).message(body);
    if crate::stack::kinds::is_fifo(topic) {
        call = call
            .message_group_id("treino-test")
            .message_deduplication_id(unique());
    }
    let answer = call.send().await.for_call("SNS", "Publish")?;
    Ok(answer.message_id.unwrap_or_default())
}

/// What no other message of this program has.
fn unique() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    format!(
        "treino-{}-{}",
        std::process::id(),
        since.unwrap_or_default().as_nanos()
    )
}

/// The error of a queue that is not found.
fn no_queue(queue: &str) -> ProviderError {
    ProviderError::new(format!("there is no queue {queue}")).with_leftover(Leftover::Nothing)
}

/// The ARNs of the executions that something with this id started, after `since` and not among `known`; the earliest
/// first. An input that is no event, such as the constant of a rule, may be of any of them.
///
/// # Errors
/// What Step Functions answers.
pub async fn started_by_id(
    aws: &Aws,
    machine: &str,
    since: SystemTime,
    id: &str,
    known: &BTreeSet<String>,
) -> Result<Vec<String>, ProviderError> {
    let found = new_executions(aws, machine, since, known).await?;
    let is_its = |input: &Value| {
        let is_event = input.get("id").is_some() && input.get("detail-type").is_some();
        !is_event || input["id"] == id
    };
    let found = found.into_iter().filter(|(_, input)| is_its(input));
    Ok(found.map(|(arn, _)| arn).collect())
}

/// A message of a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedMessage {
    /// Its body: as JSON where it is JSON, else a text.
    pub body: Value,
    /// When it was sent, in milliseconds since 1970.
    pub sent: i64,
    receipt: String,
}

/// Receives messages of a queue, at most ten, which are then hidden for a while.
///
/// # Errors
/// What SQS answers; the queue is not found.
pub async fn receive(
    aws: &Aws,
    queue: &str,
    hidden: i32,
) -> Result<Vec<ReceivedMessage>, ProviderError> {
    let url = queue_url(aws, queue)
        .await?
        .ok_or_else(|| no_queue(queue))?;
    let call = aws
        .sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10)
        .visibility_timeout(hidden)
        .message_system_attribute_names(
            aws_sdk_sqs::types::MessageSystemAttributeName::SentTimestamp,
        );
    let answer = call.send().await.for_call("SQS", "ReceiveMessage")?;
    let sent = aws_sdk_sqs::types::MessageSystemAttributeName::SentTimestamp;
    let messages = answer.messages.unwrap_or_default().into_iter();
    let received = messages.map(|message| {
        let sent = message
            .attributes
            .as_ref()
            .and_then(|all| all.get(&sent)?.parse().ok());
        let text = message.body.unwrap_or_default();
        ReceivedMessage {
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
            sent: sent.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
        }
    });
    Ok(received.collect())
}

/// Deletes a message that was received, or makes it visible again.
///
/// # Errors
/// What SQS answers; the queue is not found.
pub async fn settle(
    aws: &Aws,
    queue: &str,
    message: &ReceivedMessage,
    is_taken: bool,
) -> Result<(), ProviderError> {
    let url = queue_url(aws, queue)
        .await?
        .ok_or_else(|| no_queue(queue))?;
    let receipt = &message.receipt;
    if is_taken {
        let call = aws
            .sqs
            .delete_message()
            .queue_url(url)
            .receipt_handle(receipt);
        return call.send().await.for_call("SQS", "DeleteMessage").map(drop);
    }
    let call = aws
        .sqs
        .change_message_visibility()
        .queue_url(url)
        .receipt_handle(receipt);
    let answer = call.visibility_timeout(0).send().await;
    answer.for_call("SQS", "ChangeMessageVisibility").map(drop)
}
