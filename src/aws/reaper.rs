//! The reaper: one state machine of an account and region, and its role, by which stacks that expire are deleted inside
//! AWS (`docs/reaper.md`). They carry a mark of their own, and belong to no stack.

mod removal;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_sfn::types::{ExecutionStatus, StateMachineStatus};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;

pub use self::removal::{Removed, is_absent, remove, remove_role};
use super::Aws;
use super::executions;
use super::resources::role::Roles;
use super::resources::state_machine::{GONE, StateMachines, make, status};
use super::resources::{CallContext, Observed, ResourceCalls, absent, json};
use super::transport::error::ForCall;
use super::transport::error_codes;
use crate::engine::{Events, Leftover, ProviderError};
use crate::stack::kinds::{
    LogLevel, LoggingSpec, MachineType, POLICY_NAME, RoleSpec, StateMachineSpec,
};
use crate::stack::policy::{self, PolicyDocument};
use crate::stack::{Kind, REAPER, TAG_REAPER, Tags, Target};

/// The name of the machine and of its role.
pub const NAME: &str = REAPER;

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

const OTHER_ROLE: &str = "AWS deletes a stack that ends by itself by a state machine: name a role that Step Functions may assume by \
     `defaults: { role: ARN }`, or write `self_destruct: off`: the stack then stays until `treino destroy`";

/// How many executions are described at once.
const DESCRIBED_AT_ONCE: usize = 8;

/// How often a machine is made again that is being deleted.
const ATTEMPTS: u32 = 5;

/// The pause before the second attempt.
const REMADE_AFTER: Duration = Duration::from_secs(1);

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
    /// When it began, in nanoseconds since 1970.
    pub began: i128,
    /// Its input.
    pub input: Value,
}

/// Starts an execution of the machine, which is made or updated before, and returns its ARN. The last execution deletes
/// its own machine: an execution that was started meanwhile would end with it, so it is started again. AWS may also not
/// know a new machine everywhere yet: one whose machine is not seen is stopped, so that only one waits.
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
            // A machine that is being deleted stays until its executions have ended.
            Ok(arn) => stop(aws, &arn).await?,
            Err(_) => {}
        }
        tokio::time::sleep(REMADE_AFTER * attempt).await;
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

/// Whether the machine is there, and not being deleted.
///
/// # Errors
/// What Step Functions answers.
pub async fn is_active(aws: &Aws) -> Result<bool, ProviderError> {
    let seen = status(aws, &aws.arn(Kind::StateMachine, NAME)).await?;
    Ok(seen.is_some_and(|seen| seen != StateMachineStatus::Deleting))
}

/// Makes machine and role, or updates them to what they are to be.
async fn ensure(aws: &Aws, files: ReaperFiles<'_>, events: &Events) -> Result<(), ProviderError> {
    let live = StateMachines::read(aws, NAME).await?;
    let role = match (files.role, &live) {
        (ReaperRole::Given(_) | ReaperRole::Kept, Some(live)) => live.spec.role.clone(),
        (ReaperRole::Given(arn), None) => {
            check_trust(aws, arn).await?;
            arn.to_owned()
        }
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
            Err(error) if error_codes::is_role_not_assumable_by_step_functions(&error) => {
                Err(error.help(OTHER_ROLE))
            }
            made => made,
        };
    };
    check_mark(Kind::StateMachine, &tags)?;
    StateMachines::update(aws, cx, &want, &spec).await
}

/// Refuses a role that Step Functions cannot assume, where its trust policy can be read: Step Functions would be asked for
/// minutes, as it does not know new roles at once.
async fn check_trust(aws: &Aws, role: &str) -> Result<(), ProviderError> {
    let name = role.rsplit('/').next().unwrap_or(role);
    let seen = match Roles::read(aws, name).await {
        Err(error) if error.is_denied() => return Ok(()),
        seen => seen?,
    };
    if seen.is_none_or(|seen| trusts_states(&seen.spec.trust.0)) {
        return Ok(());
    }
    let what = format!("the role {role} does not let states.amazonaws.com assume it");
    Err(ProviderError::new(what)
        .help(OTHER_ROLE)
        .with_leftover(Leftover::Nothing))
}

/// Whether a trust policy names Step Functions, by its global or a regional name, or everybody.
fn trusts_states(trust: &Value) -> bool {
    let is_states = |who: &Value| {
        let who = who.as_str().unwrap_or_default();
        who == "*" || who.starts_with("states.")
    };
    let statements = trust["Statement"].as_array().into_iter().flatten();
    let mut allowed = statements.filter(|one| one["Effect"] == "Allow");
    allowed.any(|one| {
        let principal = &one["Principal"];
        let of_type = ["Service", "AWS"].map(|of_type| &principal[of_type]);
        let mut all = of_type.into_iter().chain([principal]);
        all.any(|who| is_states(who) || who.as_array().into_iter().flatten().any(is_states))
    })
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
            "delete or rename it; or write `self_destruct: off` in the stack file: AWS then does not delete the stack when \
             it has expired",
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
        Ok::<_, ProviderError>(seen.and_then(|seen| {
            Some(WaitingReaper {
                arn,
                began: seen.start_date.as_nanos(),
                input: json(&seen.input?),
            })
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trust_policy_names_step_functions_or_does_not() {
        let by = |effect: &str, principal: Value| {
            let statement =
                json!({ "Effect": effect, "Principal": principal, "Action": "sts:AssumeRole" });
            trusts_states(&policy::document(&[statement]))
        };
        assert!(by("Allow", json!({ "Service": "states.amazonaws.com" })));
        let several =
            json!({ "Service": ["lambda.amazonaws.com", "states.us-east-1.amazonaws.com"] });
        assert!(by("Allow", several.clone()));
        assert!(by("Allow", json!("*")) && by("Allow", json!({ "AWS": "*" })));
        assert!(!by("Deny", several));
        assert!(!by("Allow", json!({ "Service": "lambda.amazonaws.com" })));
        assert!(!by(
            "Allow",
            json!({ "AWS": "arn:aws:iam::111122223333:root" })
        ));
    }
}
