//! The executions that wait for the end of a stack, compared with the one that is wanted.

use std::time::SystemTime;

use super::input::ReaperInput;
use super::names::{is_of, name_prefix};
use crate::aws::Aws;
use crate::aws::reaper::{self, WaitingReaper};
use crate::engine::ProviderError;
use crate::ops::Error;
use crate::plan::{ActualState, EndChange};
use crate::stack::{Kind, TAG_EXPIRES, Target};

/// Executions that have not ended, by their names alone.
#[derive(Debug, Default)]
pub(in crate::ops) struct ListedReapers {
    /// The ARNs of the stack's.
    own: Vec<String>,
    /// How many others there are.
    pub(super) others: usize,
}

/// What waits for the end of a stack.
#[derive(Debug, Default)]
pub(in crate::ops) struct StackReapers {
    /// The execution of the input that is wanted.
    pub(super) kept: Option<String>,
    /// Those of other inputs.
    pub(super) old: Vec<WaitingReaper>,
    /// How many executions of other stacks there are.
    pub(super) others: usize,
    /// What a deploy changes about them.
    pub(in crate::ops) change: Option<EndChange>,
}

impl StackReapers {
    /// Whether one that is not kept has begun to delete the stack.
    pub(in crate::ops) fn has_begun(&self, now: SystemTime) -> bool {
        let begins =
            |one: &WaitingReaper| humantime::parse_rfc3339(one.input["begins"].as_str()?).ok();
        self.old
            .iter()
            .filter_map(begins)
            .any(|begins| begins <= now)
    }
}

/// The executions of the stack and of others; nothing where there is no machine. One request.
///
/// # Errors
/// What Step Functions answers.
pub(in crate::ops) async fn listed(aws: &Aws) -> Result<Option<ListedReapers>, ProviderError> {
    let Some(all) = reaper::running(aws).await? else {
        return Ok(None);
    };
    let prefix = name_prefix(&aws.target);
    let (own, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|arn| name(arn).starts_with(&prefix));
    Ok(Some(ListedReapers {
        own,
        others: others.len(),
    }))
}

/// Compares them with the input that is wanted: none, where the stack has no end. What goes on of its limits is taken
/// over. With `by_name`, the name of the only
/// one is enough: it has a hash of what it deletes, but of earlier resources that are left.
///
/// # Errors
/// What Step Functions answers.
pub(in crate::ops) async fn compared(
    aws: &Aws,
    listed: ListedReapers,
    wanted: Option<&mut ReaperInput>,
    by_name: bool,
) -> Result<StackReapers, ProviderError> {
    let mut found = StackReapers {
        others: listed.others,
        ..StackReapers::default()
    };
    if let (Some(wanted), [only], true) = (&wanted, &listed.own[..], by_name)
        && is_named(wanted, &aws.target, name(only))
    {
        found.kept = Some(only.clone());
        return Ok(found);
    }
    found.old = reaper::described(aws, listed.own).await?;
    let count = found.old.len();
    found.old.retain(|one| is_of(&aws.target, &one.input));
    found.others += count - found.old.len();
    let Some(wanted) = wanted else {
        found.change = (!found.old.is_empty()).then_some(EndChange::Stop);
        return Ok(found);
    };
    wanted.take_over(&found.old);
    if let Some(same) = found.old.iter().position(|one| wanted.is_same(&one.input)) {
        found.kept = Some(found.old.remove(same).arn);
    }
    found.change = match (&found.kept, found.old.is_empty()) {
        (Some(_), true) => None,
        (None, true) => Some(EndChange::Start),
        (_, false) => Some(EndChange::Replace),
    };
    Ok(found)
}

/// What waits for the end of a stack. One without an end needs no permission to see it.
///
/// # Errors
/// What Step Functions answers.
pub(in crate::ops) async fn seen(
    aws: &Aws,
    listed: Option<Result<Option<ListedReapers>, ProviderError>>,
    end: Option<&mut ReaperInput>,
    actual: &ActualState,
) -> Result<Option<StackReapers>, Error> {
    let mut live = actual.live.values();
    // A resource says that the stack has an end, or it may have had limits.
    let had_end =
        live.any(|live| live.tags.contains_key(TAG_EXPIRES) || live.kind == Kind::StateMachine);
    let listed = match listed {
        Some(listed) => listed,
        None if had_end || end.is_some() => self::listed(aws).await,
        None => return Ok(None),
    };
    let found = match listed {
        Ok(listed) => {
            let listed = listed.unwrap_or_default();
            compared(aws, listed, end, !super::has_left(actual)).await
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_denied() || aws.does_not_offer(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// Whether an execution of this name does what is wanted. One that goes on from another has that one's name, and more.
fn is_named(wanted: &ReaperInput, target: &Target, name: &str) -> bool {
    let Some(content) = wanted.in_name() else {
        return false;
    };
    let rest = name.strip_prefix(&(name_prefix(target) + content));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_that_has_begun_is_one_whose_time_has_come() {
        let now = humantime::parse_rfc3339("2026-11-28T20:00:00Z").unwrap();
        for (begins, expected) in [
            (json!("2026-11-28T19:59:59Z"), true),
            (json!("2026-11-28T20:00:01Z"), false),
            (json!(null), false),
        ] {
            let old = WaitingReaper {
                arn: "arn".into(),
                began: 0,
                input: json!({"begins": begins}),
            };
            let found = StackReapers {
                old: vec![old],
                ..StackReapers::default()
            };
            assert_eq!(found.has_begun(now), expected);
        }
    }
}
