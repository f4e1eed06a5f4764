//! Reads everything again at the end of a deploy, before it reports success.
//!
//! There is no lock: a second run may have deleted, changed or taken over resources meanwhile ("Two runs at
//! once" in `docs/architecture.md`).

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::{Events, Leftover, Outcome, Provider, ProviderError, Stop};
use crate::plan::{self, ActualResource, Change, Ownership, Plan};
use crate::stack::{LateBoundArns, Resource, TAG_EXPIRES, Target};

/// The pauses between checks: AWS's reads are eventually consistent.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_secs(2),
];

const RETRY_HELP: &str =
    "run the same command again, when nothing else works on the stack any longer";

/// Reads every desired resource until all are as desired, or a few seconds are over. Returns the steps, by
/// index, that were not confirmed. Once treino is told to stop, it does not wait any longer; told to stop at
/// once, it checks nothing.
pub(super) async fn verify_applied(
    provider: &dyn Provider,
    plan: &Plan,
    late_bound_arns: &LateBoundArns,
    events: &Events,
    stop: &mut watch::Receiver<Stop>,
) -> Vec<(usize, Outcome)> {
    let wanted = plan.steps.iter().enumerate();
    let wanted: Vec<(usize, Resource)> = wanted
        .filter(|(index, step)| {
            // A later step of the same resource changes it further.
            let next = plan.steps.get(index + 1);
            !next.is_some_and(|next| next.narrows && next.address == step.address)
        })
        .filter_map(|(index, step)| {
            Some((
                index,
                step.want.as_ref()?.with_late_bound_arns(late_bound_arns),
            ))
        })
        .collect();
    let mut pauses = PAUSES.iter();
    loop {
        let checks = wanted.iter().map(|(index, want)| async move {
            let outcome = check(provider, &plan.target, want).await;
            outcome.map(|outcome| (*index, outcome))
        });
        let unverified: Vec<(usize, Outcome)> = tokio::select! {
            biased;
            () = wait_for_stop(stop, Stop::Now) => {
                return wanted.iter().map(|(index, _)| (*index, stopped_before_check())).collect();
            }
            unverified = join_all(checks) => unverified.into_iter().flatten().collect(),
        };
        let (Some((first, _)), Some(pause)) = (unverified.first(), pauses.next()) else {
            return unverified;
        };
        if *pause == PAUSES[0] {
            let name = &plan.steps[*first].name;
            events.note(name, "it is not seen as it was left; looking again");
        }
        tokio::select! {
            biased;
            () = wait_for_stop(stop, Stop::Gently) => return unverified,
            () = tokio::time::sleep(*pause) => {}
        }
    }
}

/// Waits until treino is told to stop in this way or a stronger one.
async fn wait_for_stop(stop: &mut watch::Receiver<Stop>, how: Stop) {
    if stop.wait_for(|told| *told >= how).await.is_err() {
        // The sender is gone: no stop can come.
        std::future::pending::<()>().await;
    }
}

/// The outcome of a resource that is not as desired; `None` if it is.
async fn check(provider: &dyn Provider, target: &Target, want: &Resource) -> Option<Outcome> {
    let (kind, name) = (want.kind, &want.name);
    let failed = |why: String| {
        let error = ProviderError::new(why)
            .help(RETRY_HELP)
            .with_leftover(Leftover::Nothing);
        Some(Outcome::Failed { error })
    };
    match provider.read(kind, name).await {
        Ok(None) => failed(format!(
            "the {kind} {name} is not there any longer: something else deleted it meanwhile"
        )),
        Ok(Some(live)) => {
            if let Some(whose) = Ownership::of(target, kind, &want.address, name, &live.tags) {
                return failed(format!("the {kind} {name} was taken meanwhile: {whose}"));
            }
            let fields = differing_fields(want, live)?;
            let why = format!("the {kind} {name} differs by now in {fields}");
            let help =
                format!("`treino plan` shows what something else changed meanwhile; {RETRY_HELP}");
            let error = ProviderError::new(why).help(help);
            Some(Outcome::Unverified { error })
        }
        Err(error) => Some(Outcome::Unverified { error }),
    }
}

/// The fields that differ. The expiry tag is not compared: two concurrent runs set different times.
fn differing_fields(want: &Resource, mut live: ActualResource) -> Option<String> {
    if let (Some(said), Some(at)) = (live.tags.get_mut(TAG_EXPIRES), want.tags.get(TAG_EXPIRES)) {
        said.clone_from(at);
    }
    let changes = plan::differences(want, &live);
    let fields: BTreeSet<&str> = changes.iter().map(Change::field).collect();
    let fields: Vec<&str> = fields.into_iter().collect();
    (!fields.is_empty()).then(|| fields.join(", "))
}

fn stopped_before_check() -> Outcome {
    let error = ProviderError::new("treino was stopped before it looked at it once more");
    Outcome::Unverified {
        error: error.help("`treino plan` shows whether anything is left to do"),
    }
}
