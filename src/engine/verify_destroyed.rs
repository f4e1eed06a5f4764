//! Verifies that a destroyed stack is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use futures_util::future::{join_all, try_join_all};
use schemars::JsonSchema;
use serde::Serialize;

use super::survey::list_marked;
use super::{EngineEvent, Events, Provider, ProviderError, Scope, destroy_journal};
use crate::plan::{Owned, Ownership, Unseen};
use crate::stack::{Address, Kind, Target};

/// The pause between checks: long enough for a late log line to recreate its log group.
const PAUSE: Duration = Duration::from_millis(400);

/// The maximum number of checks; what reappeared is deleted again in between.
const MAX_CHECKS: u32 = 5;

/// Consecutive empty checks that prove the deletion.
const REQUIRED_EMPTY_CHECKS: u32 = 2;

/// Concurrent reads by name, per kind.
const MAX_CONCURRENT_READS: usize = 8;

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
/// by name, as list calls may be stale. A resource that somebody else created under a freed name is not the
/// stack's.
pub async fn verify_destroyed(
    provider: &dyn Provider,
    target: &Target,
    deleted: &[DeletedResource],
    began: String,
    events: &Events,
) -> Receipt {
    let mut known = deleted.to_vec();
    let mut errors: BTreeMap<(Kind, String), ProviderError> = BTreeMap::new();
    let mut observed = Observation::default();
    let (mut empty, mut is_listing_stale) = (0, false);
    for look in 1..=MAX_CHECKS {
        if look > 1 {
            tokio::time::sleep(PAUSE).await;
        }
        events.send(EngineEvent::Verifying {
            look,
            resources: known.len(),
        });
        let also_by_name = is_listing_stale || empty + 1 == REQUIRED_EMPTY_CHECKS;
        observed = observe(provider, target, &known, also_by_name).await;
        is_listing_stale |= observed.remaining.values().any(|how| *how == STILL_EXISTS);
        known.append(&mut observed.unexpected);
        if !observed.remaining.is_empty() {
            empty = 0;
            delete_again(provider, &observed, &mut errors, events).await;
        } else if observed.is_inconclusive() {
            empty = 0;
        } else {
            empty += 1;
            if empty == REQUIRED_EMPTY_CHECKS {
                break;
            }
        }
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
        kept: surviving_data(provider, &known).await,
        ended,
    }
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
        .map(|(of, how)| match errors.get(of) {
            Some(error) => format!("{} {} {how}: {error}", of.0, of.1),
            None => format!("{} {} {how}", of.0, of.1),
        })
        .collect();
    if remains.is_empty() && !observed.is_inconclusive() && empty < REQUIRED_EMPTY_CHECKS {
        // The first empty check was the last one allowed.
        remains.push("nothing is listed any longer, but that was seen only once".to_owned());
    }
    remains.extend(observed.errors.iter().map(|(kind, error)| {
        let (kind, why) = (*kind, error.to_string());
        Unseen { kind, why }.to_string()
    }));
    let blind = known
        .iter()
        .filter(|(_, kind, _)| observed.unlistable.contains(kind));
    remains.extend(blind.map(|(_, kind, name)| format!("{kind} {name} was not seen to be gone")));
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

/// The result of one check.
#[derive(Default)]
struct Observation {
    /// Resources that still exist, and how that was observed.
    remaining: BTreeMap<(Kind, String), &'static str>,
    /// Resources of other owners with the name of a deleted one.
    foreign: BTreeMap<(Kind, String), Ownership>,
    /// Resources of the stack that were not in the list of deleted ones.
    unexpected: Vec<DeletedResource>,
    /// Errors of kinds that could not be listed.
    errors: BTreeMap<Kind, ProviderError>,
    /// Kinds whose deleted resources could not be checked.
    unlistable: BTreeSet<Kind>,
}

impl Observation {
    /// Whether another check may succeed where this one failed: a denied call stays denied.
    fn is_inconclusive(&self) -> bool {
        self.errors.values().any(|error| !error.is_denied())
    }
}

const STILL_LISTED: &str = "is still listed";
const STILL_EXISTS: &str = "is not listed, and yet it stands";

async fn observe(
    provider: &dyn Provider,
    target: &Target,
    known: &[DeletedResource],
    also_by_name: bool,
) -> Observation {
    let mut names: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (_, kind, name) in known {
        names.entry(*kind).or_default().push(name.clone());
    }
    let listings = names.iter().map(|(kind, names)| async move {
        (
            *kind,
            list_remaining(provider, *kind, names, also_by_name).await,
        )
    });
    let scope = Scope {
        stack: Some(target.stack.clone()),
        known: Vec::new(),
    };
    let (listings, marked) =
        tokio::join!(join_all(listings), list_marked(provider, target, &scope));
    let mut observed = Observation::default();
    for (kind, left) in listings {
        match left {
            Ok(left) => observed
                .remaining
                .extend(left.into_iter().map(|(name, how)| ((kind, name), how))),
            Err(error) => {
                observed.unlistable.insert(kind);
                observed.errors.insert(kind, error);
            }
        }
    }
    let (owned, errors) = marked;
    separate_foreign(provider, target, known, &owned, &mut observed).await;
    for owned in owned
        .into_iter()
        .filter(|owned| !destroy_journal::is_journal(owned))
    {
        let of = (owned.kind, owned.name);
        if !known
            .iter()
            .any(|(_, kind, name)| (*kind, name) == (of.0, &of.1))
        {
            observed
                .unexpected
                .push((owned.address, of.0, of.1.clone()));
        }
        observed.remaining.insert(of, STILL_LISTED);
    }
    for (kind, error) in errors {
        observed.errors.entry(kind).or_insert(error);
    }
    observed
}

/// Moves resources that somebody else created to `foreign`. A resource that cannot be read counts as
/// remaining.
async fn separate_foreign(
    provider: &dyn Provider,
    target: &Target,
    known: &[DeletedResource],
    owned: &[Owned],
    observed: &mut Observation,
) {
    let left = std::mem::take(&mut observed.remaining);
    for (of, how) in left {
        let (kind, name) = &of;
        let is_marked = owned
            .iter()
            .any(|owned| owned.kind == *kind && owned.name == *name);
        let address = known.iter().find(|(_, k, n)| k == kind && n == name);
        let mut whose = None;
        if let (false, Some((address, ..))) = (is_marked, address) {
            match provider.read(*kind, name).await {
                Ok(live) => {
                    whose = live
                        .and_then(|live| Ownership::of(target, *kind, address, name, &live.tags));
                }
                Err(error) => drop(observed.errors.insert(*kind, error)),
            }
        }
        match whose {
            Some(whose) => drop(observed.foreign.insert(of, whose)),
            None => drop(observed.remaining.insert(of, how)),
        }
    }
}

/// Which of these names a service still lists or still finds by name.
async fn list_remaining(
    provider: &dyn Provider,
    kind: Kind,
    names: &[String],
    also_by_name: bool,
) -> Result<Vec<(String, &'static str)>, ProviderError> {
    let by_name = async {
        let mut stand = Vec::new();
        let asked: &[String] = if also_by_name { names } else { &[] };
        for some in asked.chunks(MAX_CONCURRENT_READS) {
            let answers = some.iter().map(|name| provider.exists(kind, name));
            let answers = try_join_all(answers).await?;
            let asked = some.iter().zip(answers);
            stand.extend(asked.filter(|(_, stands)| *stands).map(|(name, _)| name));
        }
        Ok(stand)
    };
    let (listed, stand) = tokio::try_join!(provider.listed(kind, names), by_name)?;
    let unlisted = stand.into_iter().filter(|name| !listed.contains(name));
    let mut left: Vec<_> = unlisted.map(|name| (name.clone(), STILL_EXISTS)).collect();
    left.extend(listed.into_iter().map(|name| (name, STILL_LISTED)));
    Ok(left)
}

/// Deletes what remains, in the order of a destroy.
async fn delete_again(
    provider: &dyn Provider,
    observed: &Observation,
    errors: &mut BTreeMap<(Kind, String), ProviderError>,
    events: &Events,
) {
    let mut left: Vec<_> = observed.remaining.keys().collect();
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
