//! One more look at what a deploy made or relied on, before it says that it is done.
//!
//! Nothing keeps a second run from working on the same stack meanwhile: what this one has ticked off may
//! have been deleted, changed or taken by somebody else since ("Two runs at once" in
//! `docs/architecture.md`).

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::{Events, Leftover, Outcome, Provider, ProviderError, Stop};
use crate::plan::{self, ActualResource, Change, Ownership, Plan};
use crate::stack::{LateBoundArns, Resource, TAG_EXPIRES, Target};

/// The pauses between looks: what AWS answers may be older than what was done a moment ago.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
    Duration::from_secs(2),
];

const AGAIN: &str = "run the same command again, when nothing else works on the stack any longer";

/// Looks at everything the plan wants, until all of it stands as it is wanted or a few seconds are
/// over; answers the steps, by index, of which that was not seen. Once treino is told to stop, what is
/// not seen is not waited for; told to stop at once, nothing is looked at.
pub(super) async fn verify_applied(
    provider: &dyn Provider,
    plan: &Plan,
    made: &LateBoundArns,
    events: &Events,
    stop: &mut watch::Receiver<Stop>,
) -> Vec<(usize, Outcome)> {
    let wanted = plan.steps.iter().enumerate();
    let wanted: Vec<(usize, Resource)> = wanted
        .filter_map(|(index, step)| Some((index, step.want.as_ref()?.settled(made))))
        .collect();
    let mut pauses = PAUSES.iter();
    loop {
        let looks = wanted.iter().map(|(index, want)| async move {
            let doubt = doubt(provider, &plan.target, want).await;
            doubt.map(|doubt| (*index, doubt))
        });
        let doubts: Vec<(usize, Outcome)> = tokio::select! {
            biased;
            () = told(stop, Stop::Now) => {
                return wanted.iter().map(|(index, _)| (*index, not_looked_at())).collect();
            }
            doubts = join_all(looks) => doubts.into_iter().flatten().collect(),
        };
        let (Some((first, _)), Some(pause)) = (doubts.first(), pauses.next()) else {
            return doubts;
        };
        if *pause == PAUSES[0] {
            let name = &plan.steps[*first].name;
            events.note(name, "it is not seen as it was left; looking again");
        }
        tokio::select! {
            biased;
            () = told(stop, Stop::Gently) => return doubts,
            () = tokio::time::sleep(*pause) => {}
        }
    }
}

/// Waits until treino is told to stop so, or more.
async fn told(stop: &mut watch::Receiver<Stop>, how: Stop) {
    if stop.wait_for(|told| *told >= how).await.is_err() {
        // There is nobody left to tell.
        std::future::pending::<()>().await;
    }
}

/// Why a resource cannot be said to stand as it is wanted.
async fn doubt(provider: &dyn Provider, target: &Target, want: &Resource) -> Option<Outcome> {
    let (kind, name) = (want.kind, &want.name);
    let failed = |why: String| {
        let error = ProviderError::ours(why)
            .help(AGAIN)
            .leaving(Leftover::Nothing);
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
            let differs = differs(want, live)?;
            let why = format!("the {kind} {name} differs by now in {differs}");
            let help =
                format!("`treino plan` shows what something else changed meanwhile; {AGAIN}");
            let error = ProviderError::ours(why).help(help);
            Some(Outcome::Unverified { error })
        }
        Err(error) => Some(Outcome::Unverified { error }),
    }
}

/// The fields in which what stands is not what is wanted. When it expires is not one of them: of two
/// runs at once each has its own time.
fn differs(want: &Resource, mut live: ActualResource) -> Option<String> {
    if let (Some(said), Some(at)) = (live.tags.get_mut(TAG_EXPIRES), want.tags.get(TAG_EXPIRES)) {
        said.clone_from(at);
    }
    let changes = plan::differences(want, &live);
    let fields: BTreeSet<&str> = changes.iter().map(Change::field).collect();
    let fields: Vec<&str> = fields.into_iter().collect();
    (!fields.is_empty()).then(|| fields.join(", "))
}

fn not_looked_at() -> Outcome {
    let error = ProviderError::ours("treino was stopped before it looked at it once more");
    Outcome::Unverified {
        error: error.help("`treino plan` shows whether anything is left to do"),
    }
}
