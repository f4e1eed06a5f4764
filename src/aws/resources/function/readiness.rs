//! Waiting until a function can be changed or used.

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types::{LastUpdateStatus, State};

use super::GONE;
use crate::aws::Aws;
use crate::aws::resources::helpers::absent;
use crate::aws::resources::{CallContext, deleted_since_plan};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::waiter::{self, retry_while, wait_for};
use crate::engine::{Leftover, ProviderError};
use crate::stack::Kind;

/// Makes a change, retrying while another update is in progress or the role is not usable yet.
pub async fn changed<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let waits = (
        cx.events,
        cx.name,
        "Lambda is not ready for this change yet",
    );
    retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, is_not_ready, call).await
}

/// Whether Lambda is not ready yet for a change of a function or of its role.
pub fn is_not_ready(error: &ProviderError) -> bool {
    error_codes::is_role_not_assumable_by_lambda(error)
        || error_codes::is_role_unknown_to_kms(error)
        || error_codes::is_function_update_in_progress(error)
}

/// The state of a function that cannot be used, or whose last update failed; `None` of a usable one.
pub fn unready(state: Option<&State>, last: Option<&LastUpdateStatus>) -> Option<String> {
    match (state, last) {
        (Some(state @ (State::Pending | State::Failed)), _) => Some(state.as_str().to_owned()),
        (_, Some(last @ (LastUpdateStatus::InProgress | LastUpdateStatus::Failed))) => {
            Some(last.as_str().to_owned())
        }
        _ => None,
    }
}

/// Waits until no update is in progress, and returns whether the last one failed.
pub async fn last_update_failed(aws: &Aws, cx: CallContext<'_>) -> Result<bool, ProviderError> {
    let seen = wait_no_update_in_progress(aws, cx).await?;
    Ok(failed(cx.name, &seen).is_err())
}

/// Waits until the function is active and no update is in progress.
///
/// # Errors
/// The last update failed.
pub async fn wait_updated(aws: &Aws, cx: CallContext<'_>) -> Result<(), ProviderError> {
    let seen = wait_no_update_in_progress(aws, cx).await?;
    failed(cx.name, &seen)
}

/// Waits as long as Lambda is busy with the function. `GetFunctionConfiguration` may know nothing of one made a moment
/// ago; one it knew and no longer knows was deleted by something else.
async fn wait_no_update_in_progress(
    aws: &Aws,
    cx: CallContext<'_>,
) -> Result<GetFunctionConfigurationOutput, ProviderError> {
    let is_ready = |seen: &GetFunctionConfigurationOutput| {
        let is_updating = seen.last_update_status == Some(LastUpdateStatus::InProgress);
        !matches!(seen.state, Some(State::Pending)) && !is_updating
    };
    let unseen = (cx.events, cx.name, "the function is not seen yet");
    let first = wait_for(waiter::READ_AFTER_CREATE_TIMEOUT, unseen, || async {
        match configuration(aws, cx.name).await? {
            None if !cx.is_new => Err(deleted_since_plan(Kind::Function, cx)),
            seen => Ok(seen),
        }
    })
    .await?;
    if is_ready(&first) {
        return Ok(first);
    }
    let waits = (cx.events, cx.name, "the function is not ready yet");
    wait_for(waiter::STATUS_TIMEOUT, waits, || async {
        match configuration(aws, cx.name).await? {
            Some(seen) => Ok(is_ready(&seen).then_some(seen)),
            None => Err(deleted_since_plan(Kind::Function, cx)),
        }
    })
    .await
}

async fn configuration(
    aws: &Aws,
    name: &str,
) -> Result<Option<GetFunctionConfigurationOutput>, ProviderError> {
    let asked = aws.lambda.get_function_configuration().function_name(name);
    let answer = asked.send().await;
    absent(answer.for_call("Lambda", "GetFunctionConfiguration"), GONE)
}

fn failed(name: &str, seen: &GetFunctionConfigurationOutput) -> Result<(), ProviderError> {
    let why = match (&seen.state, &seen.last_update_status) {
        (Some(State::Failed), _) => seen.state_reason(),
        (_, Some(LastUpdateStatus::Failed)) => seen.last_update_status_reason(),
        _ => return Ok(()),
    };
    let why = why.filter(|why| !why.is_empty());
    let why = why.unwrap_or("Lambda gives no reason");
    Err(
        ProviderError::new(format!("Lambda could not make {name} ready: {why}"))
            .with_leftover(Leftover::Partial),
    )
}
