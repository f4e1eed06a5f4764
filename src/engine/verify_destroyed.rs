//! Verifies that a destroyed stack is gone.

mod observation;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;

use self::observation::{Observation, Search};
use super::{EngineEvent, Events, Provider, ProviderError};
use crate::plan::{Ownership, Unseen};
use crate::stack::{Address, Kind, PossibleKinds, Target};

/// The pause between checks: long enough for a late log line to recreate its log group. It doubles while
/// something is left.
const PAUSE: Duration = Duration::from_millis(400);

/// The longest pause while a list is late.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// The maximum number of checks; what reappeared is deleted again in between.
const MAX_CHECKS: u32 = 5;

/// Consecutive empty checks that prove the deletion.
const REQUIRED_EMPTY_CHECKS: u32 = 2;

/// How long a list may show what is deleted and no longer found by its name. Of secrets, which connections
/// have, AWS says five minutes
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>); of others that
/// they are eventually consistent, as of buckets
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel>), state machines
/// and roles, and no number.
fn patience(kind: Kind) -> Duration {
    match kind {
        Kind::Connection => Duration::from_mins(6),
        _ => Duration::from_mins(2),
    }
}

/// A deleted resource: address, kind and name.
pub type DeletedResource = (Address, Kind, String);

/// The dated record of a destroy.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Receipt {
    /// The stack's account, region, name and owner.
    pub target: Target,
    /// When the destroy began, as an RFC 3339 time.
    pub began: String,
    /// When the last check ended.
    pub ended: String,
    /// Every resource that was deleted.
    pub resources: Vec<AbsenceRecord>,
    /// What still exists or could not be checked. Empty if the deletion is proved.
    pub remains: Vec<String>,
    /// What outlives the stack and is not treino's to delete, such as a table's backups.
    pub kept: Vec<String>,
    /// The kinds that could not be looked for, and why, of which the stack file has no resource.
    pub not_looked_for: Vec<String>,
}

impl Receipt {
    /// Whether everything is proved to be gone.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.remains.is_empty()
    }
}

/// A resource that is gone.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AbsenceRecord {
    /// Its address in the stack.
    pub address: Address,
    pub kind: Kind,
    pub name: String,
    /// How its absence was observed.
    pub seen: String,
    /// The owner of a new resource with the same name, if somebody created one since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub another: Option<Ownership>,
    /// When it was observed, as an RFC 3339 time.
    pub at: String,
}

/// The current time, as an RFC 3339 time in seconds.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Lists everything that was deleted, and everything else with the stack's ownership tags, at least twice, by
/// each service's own list calls. What reappeared is deleted again. The last check also reads each resource
/// by name, as list calls may be stale. What is listed and not found by name is waited for. A resource that
/// somebody else created under a freed name is not the stack's.
///
/// `possible` are the kinds that the stack may have; of the others, those in `unseen` are not listed. The marks of what is
/// in `of_others` are not read: it is known to be another stack's.
pub async fn verify_destroyed(
    provider: &dyn Provider,
    target: &Target,
    deleted: &[DeletedResource],
    (possible, unseen, of_others): (&PossibleKinds, &[Unseen], &[(Kind, String)]),
    began: String,
    events: &Events,
) -> Receipt {
    let mut known = deleted.to_vec();
    let impossible = unseen.iter().filter(|one| !possible.has(one.kind));
    let mut search = Search {
        provider,
        target,
        possible,
        of_others,
        given_up: impossible.map(|one| (one.kind, one.clone())).collect(),
    };
    let mut errors: BTreeMap<(Kind, String), ProviderError> = BTreeMap::new();
    let (mut observed, mut kept) = (Observation::default(), Vec::new());
    let (mut empty, mut is_listing_stale, mut is_last) = (0, false, false);
    let (mut look, mut checks, mut pause) = (0, 0, PAUSE);
    let mut late_since: Option<Instant> = None;
    while checks < MAX_CHECKS {
        if look > 0 {
            tokio::time::sleep(pause).await;
        }
        look += 1;
        events.send(EngineEvent::Verifying {
            look,
            resources: known.len(),
        });
        // What it found missing or could not see is looked for again.
        is_last |= is_listing_stale || empty + 1 == REQUIRED_EMPTY_CHECKS;
        let surviving = async {
            if is_last {
                surviving_data(provider, &known).await
            } else {
                Vec::new()
            }
        };
        (observed, kept) = tokio::join!(search.look(&known, is_last), surviving);
        is_listing_stale |= observed.is_listing_stale();
        known.append(&mut observed.unexpected);
        let late = observed.late();
        if !late.is_empty() {
            empty = 0;
            pause = (pause * 2).min(MAX_PAUSE);
            if !is_waited_for(&late, &mut late_since, target, events) {
                break;
            }
            continue;
        }
        if !observed.remaining.is_empty() {
            (empty, pause) = (0, pause * 2);
            delete_again(provider, &observed, &mut errors, events).await;
        } else if observed.is_inconclusive() {
            (empty, pause) = (0, PAUSE);
        } else {
            (empty, pause) = (empty + 1, PAUSE);
            if empty == REQUIRED_EMPTY_CHECKS {
                break;
            }
        }
        // The lists of several machines of a service may be late by turns.
        checks += u32::from(empty == 0 || late_since.is_none());
    }
    let ended = now();
    let is_gone = |kind: Kind, name: &str| {
        !observed.unlistable.contains(&kind)
            && !observed.remaining.contains_key(&(kind, name.to_owned()))
    };
    let resources = known
        .iter()
        .filter(|(_, kind, name)| is_gone(*kind, name))
        .map(|(address, kind, name)| AbsenceRecord {
            address: address.clone(),
            kind: *kind,
            name: name.clone(),
            seen: absence_in_words(*kind, observed.foreign.get(&(*kind, name.clone())), empty),
            another: observed.foreign.get(&(*kind, name.clone())).cloned(),
            at: ended.clone(),
        })
        .collect();
    Receipt {
        target: target.clone(),
        began,
        resources,
        remains: remains(&observed, &known, &errors, empty),
        kept: if is_last {
            kept
        } else {
            surviving_data(provider, &known).await
        },
        not_looked_for: search.given_up.values().map(Unseen::in_brief).collect(),
        ended,
    }
}

/// Whether the lists that are late are given more time; it is said once that they are.
fn is_waited_for(
    late: &[(Kind, Option<&str>)],
    since: &mut Option<Instant>,
    target: &Target,
    events: &Events,
) -> bool {
    let longest = late.iter().map(|(kind, _)| patience(*kind)).max();
    let longest = longest.unwrap_or_default();
    let Some(since) = since else {
        *since = Some(Instant::now());
        for (kind, name) in late {
            let minutes = patience(*kind).as_secs() / 60;
            events.note(
                name.unwrap_or(&target.stack),
                format!(
                    "this {kind} is still listed, and not found by its name: AWS's lists may be late, so it is \
                     looked at for up to {minutes} minutes more (Ctrl-C stops)"
                ),
            );
        }
        return true;
    };
    since.elapsed() < longest
}

/// How the absence of a resource was observed, in words.
fn absence_in_words(kind: Kind, another: Option<&Ownership>, empty: u32) -> String {
    if let Some(whose) = another {
        return format!("another one has its name now: {whose}");
    }
    let kinds = kind.section().replace('_', " ");
    let nor_by_name = if empty == REQUIRED_EMPTY_CHECKS {
        ", nor known by its name"
    } else {
        ""
    };
    format!("not among the {kinds} that AWS lists{nor_by_name}")
}

/// What is not proved to be gone, in words.
fn remains(
    observed: &Observation,
    known: &[DeletedResource],
    errors: &BTreeMap<(Kind, String), ProviderError>,
    empty: u32,
) -> Vec<String> {
    let mut remains: Vec<String> = observed
        .remaining
        .iter()
        .map(|(of, trace)| {
            let left = format!("{} {} {}", of.0, of.1, trace.in_words());
            match errors.get(of) {
                Some(error) => format!("{left}: {error}"),
                None => left,
            }
        })
        .collect();
    if remains.is_empty() && !observed.is_inconclusive() && empty < REQUIRED_EMPTY_CHECKS {
        // The first empty check was the last one allowed.
        remains.push("nothing is listed any longer, but that was seen only once".to_owned());
    }
    let errors = observed.errors.iter();
    remains.extend(errors.map(|(kind, error)| error.unseen(*kind).to_string()));
    let blind = known
        .iter()
        .filter(|(_, kind, _)| observed.unlistable.contains(kind));
    remains.extend(blind.map(|(_, kind, name)| format!("{kind} {name} was not confirmed deleted")));
    remains
}

/// What outlives the resources. A failed call is only reported, as these are not the stack's resources.
async fn surviving_data(provider: &dyn Provider, known: &[DeletedResource]) -> Vec<String> {
    let of = known.iter().map(|(_, kind, name)| async move {
        match provider.surviving_data(*kind, name).await {
            Ok(kept) => kept,
            Err(error) => vec![format!("of {kind} {name}, it is not known what: {error}")],
        }
    });
    join_all(of).await.concat()
}

/// Deletes what remains, in the order of a destroy.
async fn delete_again(
    provider: &dyn Provider,
    observed: &Observation,
    errors: &mut BTreeMap<(Kind, String), ProviderError>,
    events: &Events,
) {
    let mut left = observed.to_delete();
    left.sort_by_key(|(kind, _)| deletion_depth(*kind));
    for of in left {
        let (kind, name) = of;
        events.note(name, format!("this {kind} came back; deleting it again"));
        match provider.delete(*kind, name, events).await {
            Ok(()) => errors.remove(of),
            Err(error) => errors.insert(of.clone(), error),
        };
    }
}

/// How many kinds must be deleted before this one, one after the other.
fn deletion_depth(kind: Kind) -> usize {
    let before = kind.facts().deleted_after.iter();
    before
        .map(|kind| 1 + deletion_depth(*kind))
        .max()
        .unwrap_or(0)
}
