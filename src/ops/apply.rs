//! Carrying out a plan, for deploy and destroy.

use std::convert::Infallible;
use std::time::Instant;

use tokio::sync::{mpsc, watch};

use super::frontend::Reporter;
use super::{Event, OutcomeOf};
use crate::engine::{self, Events, Outcome, Provider, Stop, Summary};
use crate::plan::Plan;

/// How an operation that changes a stack ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// All is as it should be.
    Complete,
    /// Something that is not the stack's stands in the way: nothing was changed.
    Blocked,
    /// There was nothing of the stack, and its name is not known: nothing was changed.
    Unknown,
    /// The question was answered with no: nothing was changed.
    Declined,
    /// A step failed.
    Failed,
    /// It was stopped.
    Stopped,
    /// Everything was done, and could not be seen to be so.
    Unverified,
}

impl Completion {
    /// How an apply ended.
    pub(super) fn of(summary: &Summary) -> Self {
        let only_unverified = summary.outcomes.iter().all(|(_, outcome)| {
            matches!(
                outcome,
                Outcome::Kept | Outcome::Done | Outcome::Unverified { .. }
            )
        });
        match (summary.is_complete(), summary.stopped) {
            (true, _) => Self::Complete,
            (false, true) => Self::Stopped,
            (false, false) if only_unverified => Self::Unverified,
            (false, false) => Self::Failed,
        }
    }
}

/// Applies a plan, and says how it ended. The frontend can stop it.
pub(super) async fn apply(provider: &dyn Provider, plan: &Plan, out: &Reporter<'_>) -> Summary {
    apply_after(async {}, provider, plan, out).await
}

/// Applies a plan after something else. A stop lets that finish, and then no step begins; a second stop abandons
/// it.
pub(super) async fn apply_after(
    before: impl Future<Output = ()>,
    provider: &dyn Provider,
    plan: &Plan,
    out: &Reporter<'_>,
) -> Summary {
    let began = Instant::now();
    let (stop, stopped) = watch::channel(Stop::No);
    let applied = with_events(out, |events| async move {
        let mut at_once = stopped.clone();
        tokio::select! {
            () = before => {}
            _ = at_once.wait_for(|stop| *stop == Stop::Now) => {}
        }
        engine::apply(provider, plan, &events, stopped).await
    });
    let summary = tokio::select! {
        summary = applied => summary,
        never = forward_stops(out, &stop) => match never {},
    };
    let outcomes = summary.outcomes.iter().cloned().zip(&plan.steps);
    let outcomes = outcomes.map(|((address, outcome), step)| OutcomeOf {
        address,
        action: step.action.verb(),
        outcome,
    });
    out.send(Event::Summary {
        complete: summary.is_complete(),
        stopped: summary.stopped,
        seconds: began.elapsed().as_secs_f64(),
        outcomes: outcomes.collect(),
    });
    summary
}

/// Runs an operation of the engine. All of its events reach the frontend before this returns.
pub(super) async fn with_events<T, F: Future<Output = T>>(
    out: &Reporter<'_>,
    work: impl FnOnce(Events) -> F,
) -> T {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let forward = async {
        while let Some(event) = receiver.recv().await {
            out.send(event);
        }
    };
    let (answer, ()) = tokio::join!(work(Events::to(sender)), forward);
    answer
}

/// The first request to stop lets running calls finish; the second abandons them.
async fn forward_stops(out: &Reporter<'_>, stop: &watch::Sender<Stop>) -> Infallible {
    for (how, at_once) in [(Stop::Gently, false), (Stop::Now, true)] {
        out.stop().await;
        out.send(Event::Stopping { at_once });
        // The receiver is gone only when the apply has ended.
        let _ = stop.send(how);
    }
    std::future::pending().await
}
