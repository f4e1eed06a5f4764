//! The reaper ends a stack inside AWS (`docs/reaper.md`): what a deploy, a destroy and an extension do about it.

mod grant;
mod input;
mod limits;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

pub(super) use self::grant::{explain, grant, granted_role, write_grants};
use self::input::{MOST_BYTES, is_of, name_prefix};
pub(super) use self::input::{ReaperInput, StackEnd};
pub(super) use self::limits::{Counting, in_words};
use self::limits::{is_ended, is_limited, limit_status};
use super::apply::with_events;
use super::frontend::Reporter;
use super::plan::Prepared;
use super::{Error, LimitStatus, inventory};
use crate::aws::Aws;
use crate::aws::reaper::{self, ReaperFiles, ReaperRole, WaitingReaper};
use crate::engine::{Events, ProviderError, is_journal_name};
use crate::plan::{ActualState, Orphan};
use crate::source::{counted, hexadecimal};
use crate::stack::{DesiredState, Kind, StackLimits, Target, policy};

const DEFINITION: &str = include_str!("reaper/reaper.asl.json");
const POLICY: &str = include_str!("reaper/policy.json");

/// The definition of its machine.
fn definition() -> Value {
    serde_json::from_str(DEFINITION).unwrap_or_default()
}

/// The policy of its role. One role is used by the machines of all regions.
fn policy_of(target: &Target) -> Value {
    let text = POLICY
        .replace("arn:aws:", &format!("arn:{}:", target.partition))
        .replace("REGION", "*")
        .replace("ACCOUNT", &target.account);
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let statements = document["Statement"].as_array().cloned();
    policy::document(&statements.unwrap_or_default())
}

/// When a stack that is deployed ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeployEnd<'a> {
    /// When it expires, where it does.
    pub(super) until: Option<SystemTime>,
    /// Its limits.
    pub(super) limits: Option<&'a StackLimits>,
    /// From when on executions are counted.
    pub(super) counting: Counting,
}

/// The input for a stack that is deployed: all of it, and what earlier files of it have left. Nothing for one without
/// an end and limits.
///
/// # Errors
/// The system gives no random number.
pub(super) fn of_deploy(
    desired: &DesiredState,
    actual: &ActualState,
    end: DeployEnd<'_>,
    is_aws: bool,
) -> Result<Option<ReaperInput>, Error> {
    if end.until.is_none() && end.limits.is_none() {
        return Ok(None);
    }
    let wanted = desired.resources.values().map(|want| Orphan {
        address: want.address.clone(),
        kind: want.kind,
        name: want.name.clone(),
        spec: None,
    });
    let left = actual.orphans.iter();
    let left = left.filter(|one| !is_journal_name(one.kind, &one.name));
    let all = wanted.chain(left.cloned());
    let all: Vec<Orphan> = all.chain(inventory::of_deploy(desired, actual)).collect();
    let mut input = of_resources(&desired.target, &all, end.until, is_aws)?;
    if let Some(limits) = end.limits {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        input = input.limited(&desired.target, (limits, now), is_aws);
    }
    input.counting = end.counting;
    Ok(Some(input))
}

/// The input that deletes these resources, with the limits of the execution that waits for their stack.
///
/// # Errors
/// The system gives no random number.
pub(super) fn of_resources(
    target: &Target,
    resources: &[Orphan],
    until: Option<SystemTime>,
    is_aws: bool,
) -> Result<ReaperInput, Error> {
    let random = random()?;
    let end = until.map(|until| StackEnd::new(until, SystemTime::now(), random));
    // Lambda writes its last lines up to some seconds late; the local AWS at once.
    let pause = if is_aws { 30 } else { 1 };
    let mut input = ReaperInput::new(target, resources, end, pause);
    input.counting = Counting::AsBefore;
    Ok(input)
}

fn random() -> Result<u64, Error> {
    let random = getrandom::u64();
    random.map_err(|error| ProviderError::new(error.to_string()).into())
}

/// The role of the machine, by that of `defaults`.
fn role_for(default_role: Option<&str>) -> ReaperRole<'_> {
    default_role.map_or(ReaperRole::Own, ReaperRole::Given)
}

/// Sees to it that one execution waits for the end of the stack that is deployed, and none where it has no end. Returns
/// its ARN.
///
/// # Errors
/// A call fails; the stack is too large.
pub(super) async fn begin(
    prepared: &Prepared<'_>,
    out: &Reporter<'_>,
) -> Result<Option<String>, Error> {
    let aws = prepared.provider().0;
    if let Some(input) = &prepared.end {
        let role = role_for(prepared.default_role.as_deref());
        return renew(&aws, role, input, out).await.map(Some);
    }
    match of_stack(&aws).await {
        // A stack without an end needs no permission for the reaper.
        Err(error) if error.is_denied() || aws.does_not_offer(&error) => {}
        Err(error) => return Err(error.into()),
        Ok(found) => stop(&aws, found.unwrap_or_default().own).await?,
    }
    Ok(None)
}

/// Sees that the execution still waits: a destroy of another stack may have deleted the machine meanwhile.
///
/// # Errors
/// A call fails.
pub(super) async fn verify(
    prepared: &Prepared<'_>,
    waiting: &str,
    out: &Reporter<'_>,
) -> Result<(), Error> {
    let provider = prepared.provider();
    let seen = reaper::described(&provider.0, [waiting.to_owned()]).await?;
    if !seen.is_empty() {
        return Ok(());
    }
    begin(prepared, &out.silent()).await?;
    // The role may be another of the same name: policies know the one that was deleted.
    let role = prepared.end.as_ref().and_then(ReaperInput::role);
    let all = prepared.desired.resources.values();
    let all: Vec<(Kind, &str)> = all.map(|one| (one.kind, one.name.as_str())).collect();
    let written = with_events(out, |events| async move {
        write_grants(&provider, all, role, &events).await
    });
    Ok(written.await?)
}

/// Sees to it that one execution with this input waits. A new one is started before an old one is stopped. Returns its
/// ARN.
///
/// # Errors
/// A call fails; the stack is too large.
pub(super) async fn renew(
    aws: &Aws,
    role: ReaperRole<'_>,
    input: &ReaperInput,
    out: &Reporter<'_>,
) -> Result<String, Error> {
    let mut old = of_stack(aws).await?.unwrap_or_default().own;
    let mut input = input.clone();
    input.take_over(&old);
    let same = old.iter().position(|one| input.is_same(&one.input));
    let arn = if let Some(same) = same {
        old.remove(same).arn
    } else {
        start(aws, role, &input, out).await?
    };
    stop(aws, old).await?;
    Ok(arn)
}

/// Gives a stack no end any more: an execution waits only where the stack has limits. Returns whether that deletes the
/// stack when a limit is passed.
///
/// # Errors
/// A call fails.
pub(super) async fn unending(
    aws: &Aws,
    input: &ReaperInput,
    out: &Reporter<'_>,
) -> Result<bool, Error> {
    let waiting = of_stack(aws).await.ok().flatten().unwrap_or_default().own;
    if waiting.iter().any(|one| is_limited(&one.input)) {
        renew(aws, ReaperRole::Kept, input, out).await?;
    } else {
        ended(aws, out).await;
    }
    Ok(waiting.iter().any(|one| is_ended(&one.input)))
}

async fn start(
    aws: &Aws,
    role: ReaperRole<'_>,
    input: &ReaperInput,
    out: &Reporter<'_>,
) -> Result<String, Error> {
    let stack = &aws.target.stack;
    let text = serde_json::to_string(input).unwrap_or_default();
    if text.len() > MOST_BYTES {
        return Err(Error::Usage(format!(
            "{stack} has {}, too many for the reaper, which deletes it when it expires: divide it into two stacks, or \
             write `self_destruct: off`",
            counted(input.resources(), "resource")
        )));
    }
    let name = name_prefix(&aws.target) + &hexadecimal(&random()?.to_be_bytes()[..4]);
    let (definition, policy) = (&definition(), &policy_of(&aws.target));
    let files = ReaperFiles {
        definition,
        policy,
        role,
    };
    let started = with_events(out, |events| async move {
        reaper::start(aws, files, (&name, &text), &events).await
    });
    let arn = started.await.map_err(|error| {
        if !error.is_denied() || error.help.is_some() {
            return error;
        }
        error.help(
            "the reaper deletes a stack that expires: allow these credentials to make it, name a role for it by \
             `defaults: { role: ARN }`, or write `self_destruct: off`",
        )
    })?;
    Ok(arn)
}

/// Executions that have not ended.
#[derive(Debug, Default)]
struct StackReapers {
    /// The stack's.
    own: Vec<WaitingReaper>,
    /// How many others there are.
    others: usize,
}

/// The executions of the stack; nothing where there is no machine.
async fn of_stack(aws: &Aws) -> Result<Option<StackReapers>, ProviderError> {
    let Some(all) = reaper::running(aws).await? else {
        return Ok(None);
    };
    let count = all.len();
    let prefix = name_prefix(&aws.target);
    let is_named = |arn: &String| {
        arn.rsplit(':')
            .next()
            .is_some_and(|name| name.starts_with(&prefix))
    };
    let mut own = reaper::described(aws, all.into_iter().filter(is_named)).await?;
    own.retain(|one| is_of(&aws.target, &one.input));
    Ok(Some(StackReapers {
        others: count - own.len(),
        own,
    }))
}

async fn stop(aws: &Aws, executions: Vec<WaitingReaper>) -> Result<(), ProviderError> {
    for one in executions {
        reaper::stop(aws, &one.arn).await?;
    }
    Ok(())
}

/// Stops the reaper of a stack that is deleted or has no end any more. Machine and role are deleted if no other stack has
/// one. What fails is a warning: a reaper that finds nothing does nothing.
pub(super) async fn ended(aws: &Aws, out: &Reporter<'_>) {
    let running = match of_stack(aws).await {
        Ok(running) => running,
        Err(error) if error.is_denied() || aws.does_not_offer(&error) => return,
        Err(error) => return out.warn(format!("the stack's reaper is not looked for: {error}")),
    };
    let removed = async {
        let Some(StackReapers { own, others }) = running else {
            // The last execution deletes its machine, and cannot delete its own role.
            return reaper::remove_role(aws, &Events::none()).await;
        };
        stop(aws, own).await?;
        if others == 0 {
            reaper::remove(aws, &Events::none()).await?;
        }
        Ok(())
    };
    match removed.await {
        Err(error) if !error.is_denied() => {
            out.warn(format!("not all of the reaper is deleted: {error}"));
        }
        _ => {}
    }
}

/// When the reaper of one stack begins; nothing where none waits.
///
/// # Errors
/// What Step Functions answers.
pub(super) async fn end_of(aws: &Aws) -> Result<Option<String>, ProviderError> {
    let own = of_stack(aws).await?.unwrap_or_default().own;
    let begins = own.first().and_then(|one| one.input["begins"].as_str());
    Ok(begins.map(String::from))
}

/// What waits for a stack.
#[derive(Debug, Clone, Default)]
pub(super) struct StackWait {
    /// When the deletion begins.
    pub(super) begins: Option<String>,
    /// Its limits, and what was counted.
    pub(super) limits: Option<LimitStatus>,
}

/// What waits for each stack, by stack and owner; nothing where that cannot be seen. That is said where one `expires`, or
/// the call fails otherwise than by a denial.
pub(super) async fn ends(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_complete_and_for_every_region() {
        let target = Target {
            partition: "aws-us-gov".into(),
            region: "us-gov-west-1".into(),
            account: "111122223333".into(),
            stack: "lab".into(),
            owner: None,
        };
        let text = policy_of(&target).to_string();
        assert!(text.contains("arn:aws-us-gov:dynamodb:*:111122223333:table/*"));
        assert!(
            !text.contains("REGION") && !text.contains("ACCOUNT") && !text.contains("arn:aws:")
        );
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
        assert!(text.len() < 10_240);
        assert!(definition()["States"].is_object());
    }
}
