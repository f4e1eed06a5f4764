//! The reaper ends a stack inside AWS (`docs/reaper.md`): what a deploy, a destroy and an extension do about it.

mod ended;
mod grant;
mod input;
mod limits;
mod names;
mod seen;
mod waiting;

use std::time::SystemTime;

use serde_json::Value;

pub(super) use self::ended::ended;
pub(super) use self::grant::{explain, grant, granted_role, write_grants};
use self::input::{MOST_BYTES, PAUSE};
pub(super) use self::input::{ReaperInput, StackEnd};
pub(super) use self::limits::{Counting, in_words};
use self::limits::{is_ended, is_limited};
use self::names::name_prefix;
pub(super) use self::seen::{StackWait, end_of, ends};
use self::waiting::compared;
pub(super) use self::waiting::{StackReapers, listed, seen};
use super::apply::with_events;
use super::frontend::Reporter;
use super::plan::Prepared;
use super::{Error, inventory};
use crate::aws::Aws;
use crate::aws::reaper::{self, ReaperFiles, ReaperRole, WaitingReaper};
use crate::engine::{Leftover, ProviderError, is_journal_name};
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
    let of_inventory = inventory::of_deploy(desired, actual);
    let mut all: Vec<Orphan> = wanted.chain(of_inventory).collect();
    let mut input = of_resources(&desired.target, &all, end.until, is_aws)?;
    if has_left(actual) {
        all.extend(left(actual).cloned());
        let whole = of_resources(&desired.target, &all, end.until, is_aws)?;
        input = whole.named_as(input);
    }
    if let Some(limits) = end.limits {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        input = input.limited(&desired.target, (limits, now), is_aws);
    }
    input.counting = end.counting;
    Ok(Some(input))
}

/// What earlier files of the stack have left.
fn left(actual: &ActualState) -> impl Iterator<Item = &Orphan> {
    let left = actual.orphans.iter();
    left.filter(|one| !is_journal_name(one.kind, &one.name))
}

/// Whether earlier files of the stack have left something.
pub(super) fn has_left(actual: &ActualState) -> bool {
    left(actual).next().is_some()
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
    let pause = if is_aws { PAUSE } else { 1 };
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
    let role = role_for(prepared.default_role.as_deref());
    match (&prepared.end, &prepared.waiting) {
        // The plan has seen it: an unchanged deploy asks no more.
        (
            Some(_),
            Some(StackReapers {
                kept: Some(arn),
                old,
                ..
            }),
        ) if old.is_empty() => Ok(Some(arn.clone())),
        (Some(input), _) => renew(&aws, role, input, out).await.map(Some),
        (None, Some(waiting)) => Ok(stop(&aws, &waiting.old).await.map(|()| None)?),
        (None, None) => Ok(None),
    }
}

/// Sees that the execution still waits: a destroy of another stack may have deleted the machine meanwhile.
///
/// # Errors
/// A call fails. The stack has expired meanwhile: another execution then deletes what this one did not find yet.
pub(super) async fn verify(
    prepared: &Prepared<'_>,
    waiting: &str,
    out: &Reporter<'_>,
) -> Result<(), Error> {
    let Some(input) = &prepared.end else {
        return Ok(());
    };
    let provider = prepared.provider();
    let aws = &provider.0;
    let role = role_for(prepared.default_role.as_deref());
    if input.has_begun(SystemTime::now()) {
        start(aws, role, input, &out.silent()).await?;
        let stack = &aws.target.stack;
        let expires = input.expires.as_deref().unwrap_or_default();
        let what =
            format!("{stack} expired at {expires}, before this deploy had ended: AWS deletes it");
        return Err(ProviderError::new(what)
            .help("write a longer `expires` into the stack file, and deploy it again")
            .with_leftover(Leftover::Nothing)
            .into());
    }
    let described = reaper::described(aws, [waiting.to_owned()]);
    // An execution of a machine that is being deleted waits on, and ends with its next state.
    let (seen, is_active) = tokio::try_join!(described, reaper::is_active(aws))?;
    if !seen.is_empty() && is_active {
        return Ok(());
    }
    renew(aws, role, input, &out.silent()).await?;
    // The role may be another of the same name: policies know the one that was deleted.
    let role = input.role();
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
    let listed = listed(aws).await?.unwrap_or_default();
    let mut input = input.clone();
    let mut found = compared(aws, listed, Some(&mut input), false).await?;
    let waits = found.kept.is_some() || !found.old.is_empty();
    if waits && !reaper::is_active(aws).await? {
        // A machine that is being deleted stays until its executions have ended.
        stop(aws, &found.old).await?;
        found.old.clear();
        if let Some(kept) = found.kept.take() {
            reaper::stop(aws, &kept).await?;
        }
    }
    let arn = match found.kept {
        Some(arn) => arn,
        None => start(aws, role, &input, out).await?,
    };
    stop(aws, &found.old).await?;
    // Another deploy of the stack may have started one meanwhile: the last that began stays.
    let listed = self::listed(aws).await?.unwrap_or_default();
    let own = compared(aws, listed, None, false).await?.old;
    let began = own.iter().find(|one| one.arn == arn);
    let began = began.map(|one| (one.began, one.arn.clone()));
    let is_earlier = |one: &WaitingReaper| {
        began
            .as_ref()
            .is_some_and(|(time, arn)| (one.began, &one.arn) < (*time, arn))
    };
    let earlier: Vec<_> = own.into_iter().filter(is_earlier).collect();
    stop(aws, &earlier).await?;
    Ok(arn)
}

/// Whether AWS has begun to delete the stack.
///
/// # Errors
/// What Step Functions answers.
pub(super) async fn has_begun(aws: &Aws) -> Result<bool, ProviderError> {
    let listed = listed(aws).await?.unwrap_or_default();
    let found = compared(aws, listed, None, false).await?;
    Ok(found.has_begun(SystemTime::now()))
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
    let listed = listed(aws).await.ok().flatten().unwrap_or_default();
    let found = compared(aws, listed, None, false).await;
    let waiting = found.unwrap_or_default().old;
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
    let random = hexadecimal(&random()?.to_be_bytes()[..4]);
    let name = name_prefix(&aws.target) + input.in_name().unwrap_or("not.said") + &random;
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
            "AWS deletes a stack that ends by itself by a state machine with a role: allow these credentials to make both, \
             name a role that is there by `defaults: { role: ARN }`, or write `self_destruct: off`: the stack then stays \
             until `treino destroy`",
        )
    })?;
    Ok(arn)
}

async fn stop(aws: &Aws, executions: &[WaitingReaper]) -> Result<(), ProviderError> {
    for one in executions {
        reaper::stop(aws, &one.arn).await?;
    }
    Ok(())
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
