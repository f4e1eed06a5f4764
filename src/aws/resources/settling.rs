//! Calls for a resource that AWS may not be ready for: a new one, or one that another change is in progress for.

use std::time::Duration;

use super::CallContext;
use crate::aws::transport::error_codes;
use crate::aws::transport::waiter::{self, retry_while};
use crate::engine::ProviderError;

const NEW: &str = "it is new, and AWS does not see it everywhere yet";
const BUSY: &str = "AWS is busy with another change of it";

/// Repeats a call while another change is in progress (`is_busy`, beside the codes of every service for that). For a
/// resource that this step creates, also while AWS does not see it (`is_unseen`; two minutes at most, as it may be gone)
/// or its tags everywhere.
///
/// # Errors
/// Any other error, or the last one.
pub async fn retry_unsettled<T, F, Fut>(
    cx: CallContext<'_>,
    deadline: Duration,
    (is_unseen, is_busy): (
        impl Fn(&ProviderError) -> bool,
        impl Fn(&ProviderError) -> bool,
    ),
    call: F,
) -> Result<T, ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let waits = (cx.events, cx.name, if cx.is_new { NEW } else { BUSY });
    let is_unsettled =
        |error: &ProviderError| error_codes::is_concurrent_modification(error) || is_busy(error);
    let unseen = |error: &ProviderError| cx.is_new && is_unseen(error);
    let until_seen = deadline.min(waiter::ROLE_PROPAGATION_TIMEOUT);
    let lacks_tags =
        |error: &ProviderError| cx.is_new && error_codes::is_denied_before_tags_are_visible(error);
    retry_while(deadline, waits, is_unsettled, || {
        retry_while(until_seen, waits, unseen, || {
            retry_while(waiter::TAG_PROPAGATION_TIMEOUT, waits, lacks_tags, &call)
        })
    })
    .await
}

/// Whether an error has one of these codes.
pub fn has_code(codes: &'static [&'static str]) -> impl Fn(&ProviderError) -> bool + Copy {
    move |error| codes.contains(&error.code.as_str())
}

/// A kind without errors of its own for a change in progress.
pub fn never(_: &ProviderError) -> bool {
    false
}
