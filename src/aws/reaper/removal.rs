//! The reaper is deleted where nothing waits any more.

use aws_sdk_sfn::types::StateMachineStatus;

use super::{NAME, WaitingReaper, described, region_tag, running, stop};
use crate::aws::Aws;
use crate::aws::resources::role::Roles;
use crate::aws::resources::state_machine::{GONE, StateMachines, status};
use crate::aws::resources::{CallContext, ResourceCalls, absent};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::waiter::{self, DeletionStatus, wait_deleted};
use crate::engine::{Events, ProviderError};
use crate::stack::{Kind, TAG_REAPER};

/// What of the reaper was deleted.
#[derive(Debug, Clone, Default)]
pub struct Removed {
    /// The machine of this region.
    pub machine: bool,
    /// The role.
    pub role: bool,
    /// Executions that began while the machine was being deleted, which ended them; each with the machine's role.
    pub interrupted: Vec<(WaitingReaper, String)>,
}

/// Whether this region has no machine, and the account no role of one.
///
/// # Errors
/// What Step Functions or IAM answers.
pub async fn is_absent(aws: &Aws) -> Result<bool, ProviderError> {
    let arn = aws.arn(Kind::StateMachine, NAME);
    let (machine, role) = tokio::try_join!(status(aws, &arn), Roles::read_tags(aws, NAME))?;
    Ok(machine.is_none() && role.is_none())
}

/// Deletes the machine of this region, if no execution waits but those that were `stopped` just now, and the role with the
/// last machine. What is not treino's stays.
///
/// # Errors
/// What Step Functions or IAM answers.
pub async fn remove(
    aws: &Aws,
    stopped: &[String],
    events: &Events,
) -> Result<Removed, ProviderError> {
    let mut removed = Removed::default();
    let live = StateMachines::read(aws, NAME).await?;
    if let Some(live) = live.filter(|live| live.tags.contains_key(TAG_REAPER)) {
        // One may have begun since the others were counted. Lists may be late: what was stopped may still be in it.
        let running = running(aws).await?.unwrap_or_default();
        if running.iter().any(|arn| !stopped.contains(arn)) {
            return Ok(removed);
        }
        let late = delete_machine(aws, events).await?;
        removed.machine = true;
        let role = live.spec.role;
        removed.interrupted = late.into_iter().map(|one| (one, role.clone())).collect();
    }
    if removed.interrupted.is_empty() {
        removed.role = remove_role(aws, events).await?;
    }
    Ok(removed)
}

/// Deletes the machine, and returns the executions that began at the last moment: AWS lets them wait, and ends them with
/// their next state; until then the machine is there, and no other can be made.
async fn delete_machine(aws: &Aws, events: &Events) -> Result<Vec<WaitingReaper>, ProviderError> {
    let arn = &aws.arn(Kind::StateMachine, NAME);
    // Not [`StateMachines::delete`]: it stops what runs, and that would be another stack's.
    let call = aws.states.delete_state_machine().state_machine_arn(arn);
    let answer = call.send().await;
    let answer = answer.for_call("Step Functions", "DeleteStateMachine");
    absent(answer, GONE).map(drop)?;
    let late = described(aws, running(aws).await?.unwrap_or_default()).await?;
    for one in &late {
        stop(aws, &one.arn).await?;
    }
    let look = || async {
        Ok(match status(aws, arn).await? {
            None => DeletionStatus::Deleted,
            Some(StateMachineStatus::Deleting) => DeletionStatus::Deleting,
            Some(_) => DeletionStatus::Exists,
        })
    };
    let say = (events, NAME, "the state machine is being deleted");
    wait_deleted(waiter::STATUS_TIMEOUT, say, look, || async { Ok(()) }).await?;
    Ok(late)
}

/// Deletes the role where no other region has a machine. The last execution of a region deletes its machine and not the
/// role: that region's tag is then left, and goes with the next removal there. Returns whether the role was deleted.
///
/// # Errors
/// What IAM answers.
pub async fn remove_role(aws: &Aws, events: &Events) -> Result<bool, ProviderError> {
    let tags = match Roles::read_tags(aws, NAME).await {
        // Who may not read roles has made none.
        Err(error) if error.is_denied() => None,
        tags => tags?,
    };
    let Some(tags) = tags.filter(|tags| tags.contains_key(TAG_REAPER)) else {
        return Ok(false);
    };
    let here = region_tag(&aws.target.region);
    let of_region = |key: &&String| {
        key.strip_prefix(TAG_REAPER)
            .is_some_and(|rest| rest.starts_with(':'))
    };
    let others = tags.keys().filter(of_region).any(|key| *key != here);
    if !others {
        Roles::delete(aws, NAME, events).await?;
        return Ok(true);
    }
    if tags.contains_key(&here) {
        let cx = CallContext {
            name: NAME,
            arn: "",
            tags: &tags,
            events,
            is_new: false,
        };
        Roles::untag(aws, cx, &[here]).await?;
    }
    Ok(false)
}
