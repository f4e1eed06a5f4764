//! What becomes of the reaper when a stack needs it no more.

use super::names::name_prefix;
use super::waiting::{StackReapers, compared, listed};
use super::{definition, policy_of, random, stop};
use crate::aws::Aws;
use crate::aws::reaper::{self, ReaperFiles, ReaperRole, Removed, WaitingReaper};
use crate::engine::{Events, ProviderError};
use crate::ops::Error;
use crate::ops::frontend::Reporter;
use crate::source::hexadecimal;

/// Stops the reaper of a stack that is deleted or has no end any more. Machine and role are deleted if no other stack has
/// one, which is said. What fails is a warning: a reaper that finds nothing does nothing.
pub(in crate::ops) async fn ended(aws: &Aws, out: &Reporter<'_>) {
    let running = async {
        Ok::<_, ProviderError>(match listed(aws).await? {
            Some(listed) => Some(compared(aws, listed, None, false).await?),
            None => None,
        })
    };
    let running = match running.await {
        Ok(running) => running,
        Err(error) if error.is_denied() || aws.does_not_offer(&error) => return,
        Err(error) => {
            return out.warn(format!(
                "whether the state machine {} is still needed is not seen: {error}",
                reaper::NAME
            ));
        }
    };
    let removed = async {
        let Some(StackReapers { old, others, .. }) = running else {
            // The last execution deletes its machine, and cannot delete its own role.
            let role = reaper::remove_role(aws, &Events::none()).await?;
            return Ok(Removed {
                role,
                ..Removed::default()
            });
        };
        let stopped: Vec<String> = old.iter().map(|one| one.arn.clone()).collect();
        stop(aws, &old).await?;
        if others > 0 {
            return Ok(Removed::default());
        }
        reaper::remove(aws, &stopped, &Events::none()).await
    };
    match removed.await {
        Ok(removed) => {
            tell(&removed, out);
            if let Err(error) = start_again(aws, removed.interrupted).await {
                out.warn(format!(
                    "another stack may not end by itself any more: {error}; deploy it again"
                ));
            }
        }
        Err(error) if error.is_denied() => out.info(format!(
            "the state machine {0} and its role stay, which cost nothing: {error}",
            reaper::NAME
        )),
        Err(error) => out.warn(format!(
            "the state machine {} and its role, which cost nothing, are not both deleted: {error}",
            reaper::NAME
        )),
    }
}

fn tell(removed: &Removed, out: &Reporter<'_>) {
    let what = match (removed.machine, removed.role) {
        (true, true) => format!("the state machine {} and its role", reaper::NAME),
        (true, false) => format!("the state machine {}", reaper::NAME),
        (false, true) => format!("the role {}", reaper::NAME),
        (false, false) => return,
    };
    out.info(format!(
        "also deleted: {what}, as no stack here ends by itself any more"
    ));
}

/// Starts executions again that began while the machine was being deleted, unless their deploy has done so.
async fn start_again(aws: &Aws, interrupted: Vec<(WaitingReaper, String)>) -> Result<(), Error> {
    for (one, role) in interrupted {
        let mut target = aws.target.clone();
        let text = |field: &str| one.input[field].as_str().unwrap_or_default().to_owned();
        target.stack = text("stack");
        target.owner = Some(text("owner")).filter(|owner| !owner.is_empty());
        let running = reaper::running(aws).await?.unwrap_or_default();
        let prefix = name_prefix(&target);
        if running
            .iter()
            .any(|arn| arn.contains(&format!(":{prefix}")))
        {
            continue;
        }
        let name = prefix + &hexadecimal(&random()?.to_be_bytes()[..4]);
        let files = ReaperFiles {
            definition: &definition(),
            policy: &policy_of(&target),
            role: ReaperRole::Given(&role),
        };
        let input = one.input.to_string();
        reaper::start(aws, files, (&name, &input), &Events::none()).await?;
    }
    Ok(())
}
