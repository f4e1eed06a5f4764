//! Reads again at the end of a deploy what it changed and what depends on that, before it reports success.
//!
//! There is no lock: a second run may have deleted, changed or taken over resources meanwhile ("Two runs at
//! once" in `docs/architecture.md`).

mod late;
mod scope;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Events, Leftover, Outcome, Provider, ProviderError, Stop};
use crate::plan::{self, ActualResource, Change, Ownership, Plan, Step};
use crate::stack::{LateBoundArns, Resource, TAG_EXPIRES, Target};

/// The pauses between checks: AWS's reads are eventually consistent.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_secs(2),
];

/// The pause between checks for what AWS may show minutes late.
const LATE_PAUSE: Duration = Duration::from_secs(5);
/// How long is looked for that.
const LATE_TIMEOUT: Duration = Duration::from_mins(2);

const RETRY_HELP: &str =
    "run the same command again, when nothing else works on the stack any longer";

/// A resource that is not as desired.
struct Unverified {
    /// Its step, by index.
    index: usize,
    outcome: Outcome,
    /// Whether AWS may show late what was just written.
    may_be_late: bool,
}

/// Reads the changed resources and what depends on them, all where a destroy may be under way, until all are as desired, or a few seconds are over; two minutes, where only
/// what is missing may be shown late. Returns the steps, by index, that were not confirmed. Once treino is
/// told to stop, it does not wait any longer; told to stop at once, it checks nothing.
pub(super) async fn verify_applied(
    provider: &dyn Provider,
    plan: &Plan,
    late_bound_arns: &LateBoundArns,
    events: &Events,
    stop: &mut watch::Receiver<Stop>,
) -> Vec<(usize, Outcome)> {
    let (mut wanted, mut rest) = scope::of(plan, late_bound_arns);
    let mut pauses = PAUSES.iter();
    let (began, mut is_noted) = (Instant::now(), false);
    loop {
        let checks = wanted.iter().map(|(index, want)| async move {
            let (outcome, may_be_late) =
                check(provider, &plan.target, &plan.steps[*index], want).await?;
            Some(Unverified {
                index: *index,
                outcome,
                may_be_late,
            })
        });
        let checks = async {
            tokio::join!(
                join_all(checks),
                scope::may_be_destroyed(provider, plan, &rest)
            )
        };
        let (unverified, may_be_destroyed) = tokio::select! {
            biased;
            () = wait_for_stop(stop, Stop::Now) => {
                return wanted.iter().map(|(index, _)| (*index, stopped_before_check())).collect();
            }
            checked = checks => checked,
        };
        let unverified: Vec<Unverified> = unverified.into_iter().flatten().collect();
        if may_be_destroyed {
            wanted.append(&mut rest);
            continue;
        }
        let Some(first) = unverified.first() else {
            return Vec::new();
        };
        let name = |one: &Unverified| &plan.steps[one.index].name;
        let late = unverified.iter().find(|one| one.may_be_late);
        let pause = match (pauses.next(), late) {
            (Some(pause), _) => {
                if *pause == PAUSES[0] {
                    events.note(name(first), "it is not seen as it was left; looking again");
                }
                *pause
            }
            (None, Some(late)) if began.elapsed() < LATE_TIMEOUT => {
                if !std::mem::replace(&mut is_noted, true) {
                    let minutes = LATE_TIMEOUT.as_secs() / 60;
                    events.note(
                        name(late),
                        format!(
                            "AWS may show late what was written just now; looking again for up to {minutes} minutes \
                             (Ctrl-C stops)"
                        ),
                    );
                }
                LATE_PAUSE
            }
            (None, _) => return outcomes(&unverified, Outcome::clone),
        };
        tokio::select! {
            biased;
            () = wait_for_stop(stop, Stop::Gently) => {
                return outcomes(&unverified, |_| stopped_before_check());
            }
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// The outcomes by index; those of what may be late as `late` says.
fn outcomes(
    unverified: &[Unverified],
    late: impl Fn(&Outcome) -> Outcome,
) -> Vec<(usize, Outcome)> {
    let outcome = |one: &Unverified| {
        if one.may_be_late {
            late(&one.outcome)
        } else {
            one.outcome.clone()
        }
    };
    unverified
        .iter()
        .map(|one| (one.index, outcome(one)))
        .collect()
}

/// Waits until treino is told to stop in this way or a stronger one.
async fn wait_for_stop(stop: &mut watch::Receiver<Stop>, how: Stop) {
    if stop.wait_for(|told| *told >= how).await.is_err() {
        // The sender is gone: no stop can come.
        std::future::pending::<()>().await;
    }
}

/// The outcome of a resource that is not as desired, and whether AWS may only be late; `None` if it is as
/// desired.
async fn check(
    provider: &dyn Provider,
    target: &Target,
    step: &Step,
    want: &Resource,
) -> Option<(Outcome, bool)> {
    let (kind, name) = (want.kind, &want.name);
    let failed = |why: String| {
        let error = ProviderError::new(why)
            .help(RETRY_HELP)
            .with_leftover(Leftover::Unknown);
        Outcome::Failed { error }
    };
    match provider.read_again(kind, name).await {
        Ok(None) => {
            let why = format!(
                "the {kind} {name} is not there any longer: something else deleted it meanwhile"
            );
            Some((failed(why), late::is_listed(provider, step).await))
        }
        Ok(Some(live)) => {
            if let Some(whose) = Ownership::of(target, kind, &want.address, name, &live.tags) {
                let why = format!("the {kind} {name} was taken meanwhile: {whose}");
                return Some((failed(why), late::may_be_mark(step, &live.tags)));
            }
            let changes = differences(want, live);
            if changes.is_empty() {
                return None;
            }
            let fields: BTreeSet<&str> = changes.iter().map(Change::field).collect();
            let fields: Vec<&str> = fields.into_iter().collect();
            let fields = fields.join(", ");
            let why = format!("the {kind} {name} differs by now in {fields}");
            let help =
                format!("`treino plan` shows what something else changed meanwhile; {RETRY_HELP}");
            let error = ProviderError::new(why).help(help);
            let may_be_late = late::may_be_changes(step, want, &changes);
            Some((Outcome::Unverified { error }, may_be_late))
        }
        Err(error) => Some((Outcome::Unverified { error }, false)),
    }
}

/// What differs. The expiry tag is not compared: two concurrent runs set different times.
fn differences(want: &Resource, mut live: ActualResource) -> Vec<Change> {
    if let (Some(said), Some(at)) = (live.tags.get_mut(TAG_EXPIRES), want.tags.get(TAG_EXPIRES)) {
        said.clone_from(at);
    }
    plan::differences(want, &live)
}

fn stopped_before_check() -> Outcome {
    let error = ProviderError::new("treino was stopped before it looked at it once more");
    Outcome::Unverified {
        error: error.help("`treino plan` shows whether anything is left to do"),
    }
}
