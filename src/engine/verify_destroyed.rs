//! The proof that a destroyed stack is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use futures_util::future::{join_all, try_join_all};
use serde::Serialize;

use super::survey::marked;
use super::{Event, Events, Provider, ProviderError, Scope, destroy_journal};
use crate::plan::{Owned, Ownership, Unseen};
use crate::stack::{Address, Kind, Target};

/// The pause before the second look: long enough for a last log line to bring its group back.
const PAUSE: Duration = Duration::from_millis(400);

/// How often it is looked in all; what came back is deleted again in between.
const LOOKS: u32 = 5;

/// How many looks in a row see nothing where all is gone.
const EMPTY_LOOKS: u32 = 2;

/// Of each kind, how many resources are asked for by name at once.
const ASKED_AT_ONCE: usize = 8;

/// What was deleted: its place in the stack, its kind, its name in AWS.
pub type Deleted = (Address, Kind, String);

/// The dated record of a destroy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Receipt {
    /// Whose stack it was, and where.
    pub target: Target,
    /// When the destroy began, as an RFC 3339 time.
    pub began: String,
    /// When the last look ended.
    pub ended: String,
    /// Every resource that was deleted.
    pub resources: Vec<Absence>,
    /// What is still there, or could not be looked for; empty is the proof.
    pub remains: Vec<String>,
    /// What outlives the stack on purpose, such as a table's backups.
    pub kept: Vec<String>,
}

impl Receipt {
    /// Whether everything was seen to be gone.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.remains.is_empty()
    }
}

/// One resource that is gone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Absence {
    /// Its place in the stack.
    pub address: Address,
    /// What it was.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// How its absence was seen.
    pub seen: String,
    /// Whose it is, where somebody else has made another one of this name since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub another: Option<Ownership>,
    /// When that was, as an RFC 3339 time.
    pub at: String,
}

/// Now, as receipts write it.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Looks, twice at least, by each service's own listing, for everything that was deleted and for
/// anything else that carries the stack's mark; deletes what came back. The look that ends it asks for
/// each resource by its name as well, as a listing may be behind. What somebody else has made meanwhile
/// under a name that became free is theirs.
pub async fn verify_destroyed(
    provider: &dyn Provider,
    target: &Target,
    deleted: &[Deleted],
    began: String,
    events: &Events,
) -> Receipt {
    let mut known = deleted.to_vec();
    let mut errors: BTreeMap<(Kind, String), ProviderError> = BTreeMap::new();
    let mut seen = Look::default();
    let (mut empty, mut is_behind) = (0, false);
    for look in 1..=LOOKS {
        if look > 1 {
            tokio::time::sleep(PAUSE).await;
        }
        events.send(Event::Verifying {
            look,
            resources: known.len(),
        });
        let closely = is_behind || empty + 1 == EMPTY_LOOKS;
        seen = look_around(provider, target, &known, closely).await;
        is_behind |= seen.left.values().any(|how| *how == STANDS);
        known.append(&mut seen.found);
        if !seen.left.is_empty() {
            empty = 0;
            delete_again(provider, &seen, &mut errors, events).await;
        } else if seen.may_see_more() {
            empty = 0;
        } else {
            empty += 1;
            if empty == EMPTY_LOOKS {
                break;
            }
        }
    }
    let ended = now();
    let is_gone = |kind: Kind, name: &str| {
        !seen.blind.contains(&kind) && !seen.left.contains_key(&(kind, name.to_owned()))
    };
    let resources = known
        .iter()
        .filter(|(_, kind, name)| is_gone(*kind, name))
        .map(|(address, kind, name)| Absence {
            address: address.clone(),
            kind: *kind,
            name: name.clone(),
            seen: absence(*kind, seen.theirs.get(&(*kind, name.clone())), empty),
            another: seen.theirs.get(&(*kind, name.clone())).cloned(),
            at: ended.clone(),
        })
        .collect();
    Receipt {
        target: target.clone(),
        began,
        resources,
        remains: remains(&seen, &known, &errors, empty),
        kept: kept(provider, &known).await,
        ended,
    }
}

/// How a resource was seen to be gone, in words.
fn absence(kind: Kind, another: Option<&Ownership>, empty: u32) -> String {
    if let Some(whose) = another {
        return format!("another one has its name now: {whose}");
    }
    let kinds = kind.section().replace('_', " ");
    let closely = if empty == EMPTY_LOOKS {
        ", nor known by its name"
    } else {
        ""
    };
    format!("not among the {kinds} that AWS lists{closely}")
}

/// What cannot be said to be gone, in words.
fn remains(
    seen: &Look,
    known: &[Deleted],
    errors: &BTreeMap<(Kind, String), ProviderError>,
    empty: u32,
) -> Vec<String> {
    let mut remains: Vec<String> = seen
        .left
        .iter()
        .map(|(of, how)| match errors.get(of) {
            Some(error) => format!("{} {} {how}: {error}", of.0, of.1),
            None => format!("{} {} {how}", of.0, of.1),
        })
        .collect();
    if remains.is_empty() && !seen.may_see_more() && empty < EMPTY_LOOKS {
        // The last look came too late to be followed by another.
        remains.push("nothing is listed any longer, but that was seen only once".to_owned());
    }
    remains.extend(seen.errors.iter().map(|(kind, error)| {
        let (kind, why) = (*kind, error.to_string());
        Unseen { kind, why }.to_string()
    }));
    let blind = known
        .iter()
        .filter(|(_, kind, _)| seen.blind.contains(kind));
    remains.extend(blind.map(|(_, kind, name)| format!("{kind} {name} was not seen to be gone")));
    remains
}

/// What outlives the resources on purpose. That it cannot be looked for is no more than said, as it
/// is none of the stack's.
async fn kept(provider: &dyn Provider, known: &[Deleted]) -> Vec<String> {
    let of = known.iter().map(|(_, kind, name)| async move {
        match provider.kept(*kind, name).await {
            Ok(kept) => kept,
            Err(error) => vec![format!("of {kind} {name}, it is not known what: {error}")],
        }
    });
    join_all(of).await.concat()
}

/// What one look saw.
#[derive(Default)]
struct Look {
    /// What still stands, and how that was seen.
    left: BTreeMap<(Kind, String), &'static str>,
    /// What somebody else made under a name of what was deleted.
    theirs: BTreeMap<(Kind, String), Ownership>,
    /// What of it was not known of.
    found: Vec<Deleted>,
    /// Kinds that could not be looked for.
    errors: BTreeMap<Kind, ProviderError>,
    /// Those of them of which not even what was deleted could be.
    blind: BTreeSet<Kind>,
}

impl Look {
    /// Whether another look may see what this one could not: what is denied stays denied.
    fn may_see_more(&self) -> bool {
        self.errors.values().any(|error| !error.is_denied())
    }
}

const LISTED: &str = "is still listed";
const STANDS: &str = "is not listed, and yet it stands";

async fn look_around(
    provider: &dyn Provider,
    target: &Target,
    known: &[Deleted],
    closely: bool,
) -> Look {
    let mut names: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (_, kind, name) in known {
        names.entry(*kind).or_default().push(name.clone());
    }
    let listings = names.iter().map(|(kind, names)| async move {
        (*kind, left_of(provider, *kind, names, closely).await)
    });
    let scope = Scope {
        stack: Some(target.stack.clone()),
        known: Vec::new(),
    };
    let (listings, marked) = tokio::join!(join_all(listings), marked(provider, target, &scope));
    let mut look = Look::default();
    for (kind, left) in listings {
        match left {
            Ok(left) => look
                .left
                .extend(left.into_iter().map(|(name, how)| ((kind, name), how))),
            Err(error) => {
                look.blind.insert(kind);
                look.errors.insert(kind, error);
            }
        }
    }
    let (owned, errors) = marked;
    tell_apart(provider, target, known, &owned, &mut look).await;
    for owned in owned
        .into_iter()
        .filter(|owned| !destroy_journal::is(owned))
    {
        let of = (owned.kind, owned.name);
        if !known
            .iter()
            .any(|(_, kind, name)| (*kind, name) == (of.0, &of.1))
        {
            look.found.push((owned.address, of.0, of.1.clone()));
        }
        look.left.insert(of, LISTED);
    }
    for (kind, error) in errors {
        look.errors.entry(kind).or_insert(error);
    }
    look
}

/// Takes out what stands without the stack's mark because somebody else made it. What cannot be read
/// is on its way out, or left.
async fn tell_apart(
    provider: &dyn Provider,
    target: &Target,
    known: &[Deleted],
    owned: &[Owned],
    look: &mut Look,
) {
    let left = std::mem::take(&mut look.left);
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
                Err(error) => drop(look.errors.insert(*kind, error)),
            }
        }
        match whose {
            Some(whose) => drop(look.theirs.insert(of, whose)),
            None => drop(look.left.insert(of, how)),
        }
    }
}

/// What of these names a service still lists, or knows when it is asked for them.
async fn left_of(
    provider: &dyn Provider,
    kind: Kind,
    names: &[String],
    closely: bool,
) -> Result<Vec<(String, &'static str)>, ProviderError> {
    let by_name = async {
        let mut stand = Vec::new();
        let asked: &[String] = if closely { names } else { &[] };
        for some in asked.chunks(ASKED_AT_ONCE) {
            let answers = some.iter().map(|name| provider.stands(kind, name));
            let answers = try_join_all(answers).await?;
            let asked = some.iter().zip(answers);
            stand.extend(asked.filter(|(_, stands)| *stands).map(|(name, _)| name));
        }
        Ok(stand)
    };
    let (listed, stand) = tokio::try_join!(provider.listed(kind, names), by_name)?;
    let unlisted = stand.into_iter().filter(|name| !listed.contains(name));
    let mut left: Vec<_> = unlisted.map(|name| (name.clone(), STANDS)).collect();
    left.extend(listed.into_iter().map(|name| (name, LISTED)));
    Ok(left)
}

/// Deletes what is left, in the order in which a destroy does.
async fn delete_again(
    provider: &dyn Provider,
    seen: &Look,
    errors: &mut BTreeMap<(Kind, String), ProviderError>,
    events: &Events,
) {
    let mut left: Vec<_> = seen.left.keys().collect();
    left.sort_by_key(|(kind, _)| steps_before(*kind));
    for of in left {
        let (kind, name) = of;
        events.note(name, format!("this {kind} came back; deleting it again"));
        match provider.delete(*kind, name, events).await {
            Ok(()) => errors.remove(of),
            Err(error) => errors.insert(of.clone(), error),
        };
    }
}

/// How many kinds go before this one, one after the other.
fn steps_before(kind: Kind) -> usize {
    let before = kind.facts().deleted_after.iter();
    before
        .map(|kind| 1 + steps_before(*kind))
        .max()
        .unwrap_or(0)
}
