//! The targets of a rule.

use aws_sdk_eventbridge::types::{SqsParameters, Target};
use serde_json::{Value, json};

use super::super::{CallContext, absent, builder_result, json as parsed};
use super::{BUS, GONE};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, Leftover, ProviderError, sanitize};
use crate::stack::kinds::TargetSpec;

/// The most targets `PutTargets` and `RemoveTargets` take at once.
const TARGETS_AT_ONCE: usize = 100;

pub async fn targets(aws: &Aws, name: &str) -> Result<Vec<Target>, ProviderError> {
    let mut targets = Vec::new();
    let mut pages = Pages::of("EventBridge", "ListTargetsByRule");
    let mut next = None;
    loop {
        let call = aws
            .events
            .list_targets_by_rule()
            .rule(name)
            .event_bus_name(BUS)
            .set_next_token(next);
        let page = call
            .send()
            .await
            .for_call("EventBridge", "ListTargetsByRule")?;
        next = pages.next(page.next_token())?;
        targets.extend(page.targets.unwrap_or_default());
        if next.is_none() {
            return Ok(targets);
        }
    }
}

pub fn target_spec(seen: &Target) -> TargetSpec {
    // Settings that treino does not write are kept in the spec, so that the diff shows them as drift.
    let transformed = seen.input_transformer.is_some() || seen.input_path.is_some();
    let queued = seen
        .dead_letter_config
        .as_ref()
        .is_some_and(|queue| queue.arn.is_some());
    let retried = seen.retry_policy.is_some();
    TargetSpec {
        id: seen.id.clone(),
        arn: seen.arn.clone(),
        role: seen.role_arn.clone(),
        input: seen.input.as_deref().map(parsed),
        message_group: seen
            .sqs_parameters
            .as_ref()
            .and_then(|queue| queue.message_group_id.clone()),
        other: (transformed || queued || retried).then(|| {
            json!({ "input_transformed": transformed, "dead_letter_queue": queued, "retry_policy": retried })
        }),
    }
}

/// Adds targets. `PutTargets` answers 200 and lists the targets it refused.
pub async fn put_targets(
    aws: &Aws,
    cx: CallContext<'_>,
    targets: &[&TargetSpec],
) -> Result<(), ProviderError> {
    let passing = |error: &ProviderError| {
        error_codes::is_role_not_assumable_by_eventbridge(error)
            || error_codes::is_concurrent_modification(error)
            || cx.is_new && GONE.contains(&error.code.as_str())
    };
    for batch in targets.chunks(TARGETS_AT_ONCE) {
        let batch: Result<Vec<Target>, _> = batch
            .iter()
            .map(|target| {
                let built = Target::builder()
                    .id(&target.id)
                    .arn(&target.arn)
                    .set_role_arn(target.role.clone());
                let group = target.message_group.as_ref().map(|group| {
                    let queue = SqsParameters::builder().message_group_id(group);
                    queue.build()
                });
                built
                    .set_sqs_parameters(group)
                    .set_input(target.input.as_ref().map(Value::to_string))
                    .build()
            })
            .collect();
        let batch = builder_result(batch)?;
        let waits = (
            cx.events,
            cx.name,
            "EventBridge does not know the new role yet",
        );
        retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, || async {
            let call = aws
                .events
                .put_targets()
                .rule(cx.name)
                .event_bus_name(BUS)
                .set_targets(Some(batch.clone()));
            let answer = call.send().await.for_call("EventBridge", "PutTargets")?;
            match answer.failed_entries().first() {
                None => Ok(()),
                Some(entry) => Err(entry_error(
                    "PutTargets",
                    entry.target_id(),
                    entry.error_code(),
                    entry.error_message(),
                )),
            }
        })
        .await?;
    }
    Ok(())
}

/// Removes targets. `RemoveTargets` answers 200 and lists the targets it did not remove.
pub async fn remove_targets(
    aws: &Aws,
    name: &str,
    ids: &[String],
    events: &Events,
) -> Result<(), ProviderError> {
    for batch in ids.chunks(TARGETS_AT_ONCE) {
        let waits = (events, name, "the rule is busy with another change");
        let removed = retry_while(
            waiter::PROPAGATION_TIMEOUT,
            waits,
            error_codes::is_concurrent_modification,
            || async {
                let call = aws
                    .events
                    .remove_targets()
                    .rule(name)
                    .event_bus_name(BUS)
                    .set_ids(Some(batch.to_vec()));
                let answer = call.send().await.for_call("EventBridge", "RemoveTargets")?;
                match answer.failed_entries().first() {
                    None => Ok(()),
                    Some(entry) => Err(entry_error(
                        "RemoveTargets",
                        entry.target_id(),
                        entry.error_code(),
                        entry.error_message(),
                    )),
                }
            },
        )
        .await;
        if absent(removed, GONE)?.is_none() {
            return Ok(());
        }
    }
    Ok(())
}

fn entry_error(
    operation: &str,
    target: Option<&str>,
    code: Option<&str>,
    message: Option<&str>,
) -> ProviderError {
    ProviderError {
        service: "EventBridge".into(),
        operation: operation.into(),
        code: code.unwrap_or("FailedEntry").into(),
        message: format!(
            "target {}: {}",
            target.unwrap_or("?"),
            sanitize(message.unwrap_or("no reason given"))
        ),
        leftover: Leftover::Partial,
        ..ProviderError::default()
    }
}
