//! What the calls of several kinds need.

use serde_json::Value;

use super::CallContext;
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Leftover, ProviderError};
use crate::stack::{Kind, Tags};

pub fn deleted_since_plan(kind: Kind, cx: CallContext<'_>) -> ProviderError {
    let gone = format!(
        "something else deleted the {kind} {} since the plan was made",
        cx.name
    );
    ProviderError::new(gone)
        .help("run the same command again: it makes what is missing")
        .with_leftover(Leftover::Unknown)
}

/// An "already exists" error of our own, for AWS calls that create or update.
pub fn is_there(code: &str, message: &str) -> ProviderError {
    let error = ProviderError {
        code: code.to_owned(),
        ..ProviderError::new(message)
    };
    error.with_leftover(Leftover::Nothing)
}

/// Tags AWS sets itself can be neither set nor removed.
pub fn without_aws(tags: Tags) -> Tags {
    tags.into_iter()
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect()
}

/// The result of an SDK builder, which fails only if a required field is missing.
pub fn builder_result<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, ProviderError> {
    result.map_err(|error| ProviderError::new(error.to_string()))
}

/// `None` if AWS answers with one of these "not found" codes.
pub fn absent<T>(
    result: Result<T, ProviderError>,
    codes: &[&str],
) -> Result<Option<T>, ProviderError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if codes.contains(&error.code.as_str()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first page of a listing, or nothing where the service is not offered. It is asked once
/// without trying again, as a name that does not exist will not exist in a moment.
pub async fn where_served<T>(
    aws: &Aws,
    once: impl Future<Output = Result<T, ProviderError>>,
    again: impl AsyncFnOnce() -> Result<T, ProviderError>,
) -> Result<Option<T>, ProviderError> {
    match once.await {
        Ok(page) => Ok(Some(page)),
        Err(error) if aws.does_not_offer(&error) => Ok(None),
        Err(error) if aws.is_hurried => Err(error),
        Err(_) => again().await.map(Some),
    }
}

/// The last second of the year 9999: RFC 3339 has no later.
const LAST: u64 = 253_402_300_799;

/// An AWS time as RFC 3339; nothing where it is none.
pub fn time(time: Option<&aws_smithy_types::DateTime>) -> Option<String> {
    let seconds = u64::try_from(time?.secs()).ok()?;
    if seconds > LAST {
        return None;
    }
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    Some(humantime::format_rfc3339_seconds(at).to_string())
}

/// Marks the error of a later call: the resource was created and is left behind.
pub fn partial(error: ProviderError) -> ProviderError {
    error.with_leftover(Leftover::Partial)
}

/// What to do about a policy that names a principal IAM does not know, even after a while.
pub fn with_principal_help(error: ProviderError) -> ProviderError {
    if error_codes::is_invalid_principal(&error) {
        return error.help(
            "the policy names a role, user or account that does not exist: mend its `Principal`, then run the same \
             command again",
        );
    }
    error
}

/// A pattern, policy or definition as AWS holds it: JSON text.
pub fn json(text: &str) -> Value {
    // Text that is not valid JSON is shown as it is, so that the diff names it.
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
