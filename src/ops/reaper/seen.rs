//! What waits for the stacks of an account, for a status.

use std::collections::BTreeMap;

use serde_json::Value;

use super::limits::limit_status;
use super::waiting::{compared, listed};
use crate::aws::Aws;
use crate::aws::reaper;
use crate::engine::ProviderError;
use crate::ops::LimitStatus;
use crate::ops::frontend::Reporter;

/// When the reaper of one stack begins; nothing where none waits.
///
/// # Errors
/// What Step Functions answers.
pub(in crate::ops) async fn end_of(aws: &Aws) -> Result<Option<String>, ProviderError> {
    let listed = listed(aws).await?.unwrap_or_default();
    let found = compared(aws, listed, None, false).await?;
    let begins = found
        .old
        .first()
        .and_then(|one| one.input["begins"].as_str());
    Ok(begins.map(String::from))
}

/// What waits for a stack.
#[derive(Debug, Clone, Default)]
pub(in crate::ops) struct StackWait {
    /// When the deletion begins.
    pub(in crate::ops) begins: Option<String>,
    /// Its limits, and what was counted.
    pub(in crate::ops) limits: Option<LimitStatus>,
}

/// What waits for each stack, by stack and owner; nothing where that cannot be seen. That is said where one `expires`, or
/// the call fails otherwise than by a denial.
pub(in crate::ops) async fn ends(
    aws: &Aws,
    expires: bool,
    out: &Reporter<'_>,
) -> Option<BTreeMap<(String, Option<String>), StackWait>> {
    let found = async {
        let running = reaper::running(aws).await?;
        reaper::described(aws, running.unwrap_or_default()).await
    };
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            if !aws.does_not_offer(&error) && (expires || !error.is_denied()) {
                out.warn(format!(
                    "whether stacks end by themselves is not seen: {error}"
                ));
            }
            return None;
        }
    };
    let text = |value: &Value| value.as_str().map(String::from);
    let mut ends = BTreeMap::new();
    for one in &found {
        let owner = text(&one.input["owner"]).filter(|owner| !owner.is_empty());
        let Some(stack) = text(&one.input["stack"]) else {
            continue;
        };
        let limits = limit_status(aws, &one.input).await;
        let limits = limits.unwrap_or_else(|error| {
            out.warn(format!(
                "the executions of {stack} are not counted: {error}"
            ));
            None
        });
        let begins = text(&one.input["begins"]);
        ends.insert((stack, owner), StackWait { begins, limits });
    }
    Some(ends)
}
