//! Applies a plan.

use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

use super::verify_applied::verify_applied;
use super::{EngineEvent, Events, Leftover, Provider, ProviderError, Schedule};
use crate::plan::{Action, ActualResource, Plan, Step};
use crate::stack::{Address, LateBoundArns, Resource};

/// Whether and how the user wants to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Do not stop.
    No,
    /// Running steps finish; no further step begins.
    Gently,
    /// Abandon running steps at once.
    Now,
}

/// How one step ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The step had nothing to do.
    Kept,
    Done,
    Failed {
        /// The error, with what may be left over.
        error: ProviderError,
    },
    /// It was not started.
    Skipped {
        /// The step it needed, or that treino was stopped.
        because: String,
    },
    /// It was running when treino was told to stop at once.
    Unknown,
    /// It was done or unchanged, but the check after the deploy did not confirm it.
    Unverified {
        error: ProviderError,
    },
}

/// How each step of a plan ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The outcome of each address, in the plan's order.
    pub outcomes: Vec<(Address, Outcome)>,
    /// Whether the user stopped it.
    pub stopped: bool,
    /// The ARNs that AWS generated, before or during this run.
    pub late_bound_arns: LateBoundArns,
}

impl Summary {
    /// Whether every step is done and confirmed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes
            .iter()
            .all(|(_, outcome)| matches!(outcome, Outcome::Kept | Outcome::Done))
    }

    pub fn failures(&self) -> impl Iterator<Item = (&Address, &ProviderError)> {
        self.outcomes
            .iter()
            .filter_map(|(address, outcome)| match outcome {
                Outcome::Failed { error } => Some((address, error)),
                _ => None,
            })
    }
}

/// Applies a plan. Each step starts as soon as the steps it needs are done.
///
/// Guarantees: a step starts only when all its prerequisites are done; a failed step stops only the steps
/// that need it; after a gentle stop every started step has ended; if all steps are done, every desired
/// resource was read again at the end. After [`Stop::Now`] running calls are abandoned, and their steps end
/// as [`Outcome::Unknown`].
pub async fn apply(
    provider: &dyn Provider,
    plan: &Plan,
    events: &Events,
    mut stop: watch::Receiver<Stop>,
) -> Summary {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; plan.steps.len()];
    let mut schedule = Schedule::new(plan.steps.iter().map(|step| step.after.clone()).collect());
    let mut running = FuturesUnordered::new();
    let mut late_bound_arns = plan.late_bound_arns.clone();
    loop {
        if *stop.borrow() > Stop::No {
            for index in schedule.stop() {
                let because = "treino was stopped".to_owned();
                outcomes[index] = Some(skip(&plan.steps[index], because, events));
            }
        }
        for index in schedule.ready() {
            running.push(run_step(
                provider,
                index,
                &plan.steps[index],
                late_bound_arns.clone(),
                events,
            ));
        }
        let ended = tokio::select! {
            biased;
            ended = running.next() => ended,
            changed = stop.changed() => {
                if changed.is_ok() && *stop.borrow() < Stop::Now {
                    continue;
                }
                if changed.is_ok() {
                    break;
                }
                running.next().await
            }
        };
        let Some((index, result)) = ended else { break };
        match result {
            Ok((outcome, arn)) => {
                schedule.done(index);
                outcomes[index] = Some(outcome);
                late_bound_arns.extend(arn);
            }
            Err(error) => {
                outcomes[index] = Some(Outcome::Failed { error });
                for (skipped, needed) in schedule.failed(index) {
                    let because = format!("it needs {}", plan.steps[needed].address);
                    outcomes[skipped] = Some(skip(&plan.steps[skipped], because, events));
                }
            }
        }
    }
    // After a stop at once, only steps that had started are unknown.
    for index in schedule.stop() {
        let because = "treino was stopped".to_owned();
        outcomes[index] = Some(skip(&plan.steps[index], because, events));
    }
    let outcomes = plan
        .steps
        .iter()
        .zip(outcomes)
        .map(|(step, outcome)| (step.address.clone(), outcome.unwrap_or(Outcome::Unknown)));
    let mut summary = Summary {
        outcomes: outcomes.collect(),
        stopped: false,
        late_bound_arns,
    };
    if summary.is_complete() {
        let unverified =
            verify_applied(provider, plan, &summary.late_bound_arns, events, &mut stop).await;
        for (index, outcome) in unverified {
            summary.outcomes[index].1 = outcome;
        }
    }
    summary.stopped = *stop.borrow() > Stop::No;
    summary
}

fn skip(step: &Step, because: String, events: &Events) -> Outcome {
    if !step.is_change() {
        return Outcome::Kept;
    }
    events.send(EngineEvent::Skipped {
        address: step.address.clone(),
        kind: step.kind,
        action: step.action.verb(),
        because: because.clone(),
    });
    Outcome::Skipped { because }
}

async fn run_step(
    provider: &dyn Provider,
    index: usize,
    step: &Step,
    late_bound_arns: LateBoundArns,
    events: &Events,
) -> (
    usize,
    Result<(Outcome, Option<(String, String)>), ProviderError>,
) {
    if !step.is_change() {
        return (index, Ok((Outcome::Kept, None)));
    }
    let began = Instant::now();
    let (address, kind, name, action) = (
        step.address.clone(),
        step.kind,
        step.name.clone(),
        step.action.verb(),
    );
    events.send(EngineEvent::Started {
        address,
        kind,
        name,
        action,
    });
    let want = step
        .want
        .as_ref()
        .map(|want| want.with_late_bound_arns(&late_bound_arns));
    let result = execute(provider, step, want.as_ref(), events).await;
    let result = match step.action {
        Action::Create => result,
        _ => result.map_err(ProviderError::of_existing),
    };
    let (address, name) = (step.address.clone(), step.name.clone());
    events.send(match &result {
        Ok(_) => EngineEvent::Done {
            address,
            kind,
            name,
            action,
            seconds: began.elapsed().as_secs_f64(),
        },
        Err(error) => EngineEvent::Failed {
            address,
            kind,
            name,
            action,
            error: error.clone(),
        },
    });
    (index, result.map(|arn| (Outcome::Done, arn)))
}

/// Executes a step; returns the placeholder and the ARN if AWS generated one.
async fn execute(
    provider: &dyn Provider,
    step: &Step,
    want: Option<&Resource>,
    events: &Events,
) -> Result<Option<(String, String)>, ProviderError> {
    match (&step.action, want, &step.live) {
        (Action::Create, Some(want), _) => {
            provider.create(want, events).await?;
            read_late_bound_arn(provider, want).await
        }
        (Action::Update { .. }, Some(want), Some(live)) => {
            provider.update(want, live, events).await?;
            Ok(None)
        }
        (Action::Replace { .. }, Some(want), _) => {
            provider.delete(step.kind, &step.name, events).await?;
            let created = provider.create(want, events).await;
            created.map_err(|error| error.with_leftover(Leftover::Partial))?;
            read_late_bound_arn(provider, want).await
        }
        (Action::Delete, ..) => {
            provider.delete(step.kind, &step.name, events).await?;
            Ok(None)
        }
        _ => Err(ProviderError::new("the plan's step lacks what it needs")
            .with_leftover(Leftover::Nothing)),
    }
}

/// Reads the ARN that AWS generated, for resources that refer to it.
async fn read_late_bound_arn(
    provider: &dyn Provider,
    want: &Resource,
) -> Result<Option<(String, String)>, ProviderError> {
    if !want.kind.facts().arn_is_made {
        return Ok(None);
    }
    let live = provider.read(want.kind, &want.name).await;
    let live = live.map_err(|error| error.with_leftover(Leftover::Partial))?;
    let arn = live.as_ref().and_then(ActualResource::late_bound_arn);
    Ok(arn.map(|arn| (want.arn.clone(), arn.to_owned())))
}
