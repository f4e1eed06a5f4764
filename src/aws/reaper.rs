//! The reaper: one state machine of an account and region, and its role, by which stacks that expire are deleted inside
//! AWS (`docs/reaper.md`). They carry a mark of their own, and belong to no stack.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sfn::types::{ExecutionStatus, StateMachineStatus};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;

use super::Aws;
use super::executions;
use super::resources::role::Roles;
use super::resources::state_machine::{GONE, StateMachines, make, status};
use super::resources::{CallContext, Observed, ResourceCalls, absent, json};
use super::transport::error::ForCall;
use super::transport::error_codes;
use super::transport::waiter::{self, DeletionStatus, wait_deleted};
use crate::engine::{Events, Leftover, ProviderError};
use crate::stack::kinds::{
    LogLevel, LoggingSpec, MachineType, POLICY_NAME, RoleSpec, StateMachineSpec,
};
use crate::stack::policy::{self, PolicyDocument};
use crate::stack::{Kind, TAG_REAPER, Tags, Target};

/// The name of the machine and of its role.
pub const NAME: &str = "treino-reaper";

/// The path of its role: those of stacks have stack and region in theirs.
pub const ROLE_PATH: &str = "/treino/";

/// The ARN of its role.
#[must_use]
pub fn role_arn(target: &Target) -> String {
    let Target {
        partition, account, ..
    } = target;
    format!("arn:{partition}:iam::{account}:role{ROLE_PATH}{NAME}")
}

/// The ARN of its machine.
#[must_use]
pub fn machine_arn(target: &Target) -> String {
    target.arn("states", &format!("stateMachine:{NAME}"))
}

/// How many executions are described at once.
const DESCRIBED_AT_ONCE: usize = 8;

/// How often a machine is made again that is being deleted.
const ATTEMPTS: usize = 3;

/// What the machine and its role are made of.
#[derive(Debug, Clone, Copy)]
pub struct ReaperFiles<'a> {
    /// The definition.
    pub definition: &'a Value,
    /// The policy of the role, complete.
    pub policy: &'a Value,
    /// Its role.
    pub role: ReaperRole<'a>,
}

/// The role of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaperRole<'a> {
    /// Its own, which is made.
    Own,
    /// One that is there already, by its ARN, unless there is a machine that has another.
    Given(&'a str),
    /// That of the machine, where there is one; else its own.
    Kept,
}

/// An execution that waits for a stack's end, or carries it out.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingReaper {
    /// Its ARN.
    pub arn: String,
    /// Its input.
    pub input: Value,
}

/// Starts an execution of the machine, which is made or updated before, and returns its ARN. The last execution deletes
/// its own machine: an execution that was started meanwhile would end with it, so it is started again.
///
/// # Errors
/// What IAM or Step Functions answers; something else has the name of the machine or of the role.
pub async fn start(
    aws: &Aws,
    files: ReaperFiles<'_>,
    (name, input): (&str, &str),
    events: &Events,
) -> Result<String, ProviderError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        ensure(aws, files, events).await?;
        let name = format!("{name}{attempt}");
        let started = executions::start(aws, NAME, Some(&name), input).await;
        let is_deleted = |error: &ProviderError| {
            GONE.contains(&error.code.as_str()) || error_codes::is_state_machine_deleting(error)
        };
        match started {
            Ok(arn) if is_active(aws).await? => return Ok(arn),
            Err(error) if !is_deleted(&error) => return Err(error),
            Err(error) if attempt == ATTEMPTS => return Err(error),
            Ok(_) if attempt == ATTEMPTS => {
                let what = format!("the state machine {NAME} was deleted each time it was made");
                return Err(ProviderError::new(what)
                    .help("run the same command again")
                    .with_leftover(Leftover::Nothing));
            }
            Ok(_) | Err(_) => {}
        }
    }
}

/// The ARN of the role that the machine has, or will have.
///
/// # Errors
/// What Step Functions answers.
pub async fn role(aws: &Aws, role: ReaperRole<'_>) -> Result<String, ProviderError> {
    let live = match role {
        ReaperRole::Own => None,
        ReaperRole::Given(_) | ReaperRole::Kept => StateMachines::read(aws, NAME).await?,
    };
    Ok(match (role, live) {
        (_, Some(live)) => live.spec.role,
        (ReaperRole::Given(arn), None) => arn.to_owned(),
        (ReaperRole::Own | ReaperRole::Kept, None) => role_arn(&aws.target),
    })
}

async fn is_active(aws: &Aws) -> Result<bool, ProviderError> {
    let seen = status(aws, &aws.arn(Kind::StateMachine, NAME)).await?;
    Ok(seen.is_some_and(|seen| seen != StateMachineStatus::Deleting))
}

/// Makes machine and role, or updates them to what they are to be.
async fn ensure(aws: &Aws, files: ReaperFiles<'_>, events: &Events) -> Result<(), ProviderError> {
    let live = StateMachines::read(aws, NAME).await?;
    let role = match (files.role, &live) {
        (ReaperRole::Given(_) | ReaperRole::Kept, Some(live)) => live.spec.role.clone(),
        (ReaperRole::Given(arn), None) => arn.to_owned(),
        (ReaperRole::Own | ReaperRole::Kept, _) => ensure_role(aws, files.policy, events).await?,
    };
    let want = StateMachineSpec {
        machine_type: MachineType::Standard,
        definition: files.definition.clone(),
        role,
        logging: LoggingSpec {
            level: LogLevel::Off,
            include_data: false,
            log_group: None,
        },
        tracing: false,
    };
    let arn = aws.arn(Kind::StateMachine, NAME);
    let tags = Tags::from([(TAG_REAPER.to_owned(), "machine".to_owned())]);
    let cx = CallContext {
        name: NAME,
        arn: &arn,
        tags: &tags,
        events,
        is_new: live.is_none(),
    };
    let Some(Observed { spec, tags, .. }) = live else {
        // One of the same definition that somebody else makes meanwhile is as good.
        return match make(aws, cx, &want).await {
            Err(error) if error.is("StateMachineAlreadyExists") => Ok(()),
            made => made,
        };
    };
    check_mark(Kind::StateMachine, &tags)?;
    StateMachines::update(aws, cx, &want, &spec).await
}

/// Makes the role, or updates it, and returns its ARN. A tag for each region says where there is a machine that uses it.
async fn ensure_role(aws: &Aws, policy: &Value, events: &Events) -> Result<String, ProviderError> {
    let target = &aws.target;
    let arn = role_arn(target);
    let want = RoleSpec {
        path: ROLE_PATH.to_owned(),
        trust: PolicyDocument(policy::trust(
            &["states.amazonaws.com"],
            Some(&target.account),
        )),
        policies: BTreeMap::from([(POLICY_NAME.to_owned(), PolicyDocument(policy.clone()))]),
        managed_policies: BTreeSet::new(),
    };
    let tags = Tags::from([
        (TAG_REAPER.to_owned(), "role".to_owned()),
        (region_tag(&target.region), "machine".to_owned()),
    ]);
    let mut cx = CallContext {
        name: NAME,
        arn: &arn,
        tags: &tags,
        events,
        is_new: true,
    };
    let mut live = Roles::read(aws, NAME).await?;
    if live.is_none() {
        match Roles::create(aws, cx, &want).await {
            Ok(()) => return Ok(arn),
            Err(error)
                if Roles::EXISTS.contains(&error.code.as_str())
                    && error.leftover != Leftover::Partial =>
            {
                live = Roles::read(aws, NAME).await?;
            }
            Err(error) => return Err(error),
        }
    }
    let Some(live) = live else {
        return Err(taken(Kind::Role));
    };
    check_mark(Kind::Role, &live.tags)?;
    if live.spec.path != ROLE_PATH {
        return Err(taken(Kind::Role));
    }
    cx.is_new = false;
    Roles::update(aws, cx, &want, &live.spec).await?;
    if !live.tags.contains_key(&region_tag(&target.region)) {
        Roles::tag(aws, cx, &tags).await?;
    }
    Ok(arn)
}

/// The tag of a region with a machine.
fn region_tag(region: &str) -> String {
    format!("{TAG_REAPER}:{region}")
}

/// Refuses what somebody else has made under the name.
fn check_mark(kind: Kind, tags: &Tags) -> Result<(), ProviderError> {
    if tags.contains_key(TAG_REAPER) {
        Ok(())
    } else {
        Err(taken(kind))
    }
}

fn taken(kind: Kind) -> ProviderError {
    let what = format!("the {kind} {NAME} is not treino's: it has no tag `{TAG_REAPER}`");
    ProviderError::new(what)
        .help(
            "delete or rename it; or write `self_destruct: off` in the stack file: nothing then deletes the stack when it \
             has expired",
        )
        .with_leftover(Leftover::Nothing)
}

/// The ARNs of the executions that have not ended, of every stack. Nothing where there is no machine.
///
/// # Errors
/// What Step Functions answers.
pub async fn running(aws: &Aws) -> Result<Option<Vec<String>>, ProviderError> {
    absent(executions::running(aws, NAME).await, GONE)
}

/// These executions with their input. One that has ended since it was listed is left out.
///
/// # Errors
/// What Step Functions answers.
pub async fn described(
    aws: &Aws,
    arns: impl IntoIterator<Item = String>,
) -> Result<Vec<WaitingReaper>, ProviderError> {
    let described = stream::iter(arns).map(|arn| async move {
        let call = aws.states.describe_execution().execution_arn(&arn);
        let answer = call.send().await;
        let answer = answer.for_call("Step Functions", "DescribeExecution");
        let seen = absent(answer, &["ExecutionDoesNotExist"])?;
        let seen = seen.filter(|seen| seen.status == ExecutionStatus::Running);
        let input = seen.and_then(|seen| seen.input);
        Ok::<_, ProviderError>(input.map(|input| WaitingReaper {
            arn,
            input: json(&input),
        }))
    });
    let found: Vec<_> = described.buffered(DESCRIBED_AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Stops an execution: its stack has another one, or none any more.
///
/// # Errors
/// What Step Functions answers.
pub async fn stop(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    let call = aws
        .states
        .stop_execution()
        .execution_arn(arn)
        .error("treino.Replaced")
        .cause("treino has replaced this execution, or destroyed its stack");
    let answer = call.send().await;
    let answer = answer.for_call("Step Functions", "StopExecution");
    // It may have ended since it was listed.
    let ended = ["ExecutionDoesNotExist", "ValidationException"];
    absent(answer, &ended).map(drop)
}

/// Deletes the machine of this region, for which no execution may wait, and the role with the last machine. What is not
/// treino's stays.
///
/// # Errors
/// What Step Functions or IAM answers.
pub async fn remove(aws: &Aws, events: &Events) -> Result<(), ProviderError> {
    let tags = StateMachines::read_tags(aws, NAME).await?;
    if tags.is_some_and(|tags| tags.contains_key(TAG_REAPER)) {
        delete_machine(aws, events).await?;
    }
    remove_role(aws, events).await
}

async fn delete_machine(aws: &Aws, events: &Events) -> Result<(), ProviderError> {
    let arn = &aws.arn(Kind::StateMachine, NAME);
    // Not [`StateMachines::delete`]: it stops what runs, and that would be another stack's.
    let delete = || async {
        let call = aws.states.delete_state_machine().state_machine_arn(arn);
        let answer = call.send().await;
        let answer = answer.for_call("Step Functions", "DeleteStateMachine");
        absent(answer, GONE).map(drop)
    };
    delete().await?;
    let look = || async {
        Ok(match status(aws, arn).await? {
            None => DeletionStatus::Deleted,
            Some(StateMachineStatus::Deleting) => DeletionStatus::Deleting,
            Some(_) => DeletionStatus::Exists,
        })
    };
    let say = (events, NAME, "the state machine is being deleted");
    wait_deleted(waiter::STATUS_TIMEOUT, say, look, || async { Ok(()) }).await
}

/// Deletes the role where no other region has a machine. The last execution of a region deletes its machine and not the
/// role: that region's tag is then left, and goes with the next removal there.
///
/// # Errors
/// What IAM answers.
pub async fn remove_role(aws: &Aws, events: &Events) -> Result<(), ProviderError> {
    let Some(tags) = Roles::read_tags(aws, NAME).await? else {
        return Ok(());
    };
    if !tags.contains_key(TAG_REAPER) {
        return Ok(());
    }
    let here = region_tag(&aws.target.region);
    let of_region = |key: &&String| {
        key.strip_prefix(TAG_REAPER)
            .is_some_and(|rest| rest.starts_with(':'))
    };
    let others = tags.keys().filter(of_region).any(|key| *key != here);
    if !others {
        return Roles::delete(aws, NAME, events).await;
    }
    if tags.contains_key(&here) {
        let cx = CallContext {
            name: NAME,
            arn: "",
            tags: &tags,
            events,
            is_new: false,
        };
        return Roles::untag(aws, cx, &[here]).await;
    }
    Ok(())
}
