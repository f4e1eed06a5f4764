//! The proof that a destroyed stack is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use futures_util::future::try_join_all;
use serde::Serialize;

use super::{Event, Events, Fault, Listing, Provider, listing};
use crate::plan::{Unseen, Whose};
use crate::stack::{Address, Kind, Site};

/// The pause before the second look: long enough for a last log line to bring its group back.
const PAUSE: Duration = Duration::from_millis(400);

/// How often it is looked in all; what came back is deleted again in between.
const LOOKS: u32 = 5;

/// How many looks in a row see nothing where all is gone.
const EMPTY_LOOKS: u32 = 2;

/// The dated record of a destroy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Receipt {
    /// Whose stack it was, and where.
    pub site: Site,
    /// When the destroy began, as an RFC 3339 time.
    pub began: String,
    /// When the last look ended.
    pub ended: String,
    /// Every resource that was deleted.
    pub resources: Vec<Absence>,
    /// What is still there, or could not be looked for; empty is the proof.
    pub remains: Vec<String>,
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
    /// Whose another one is that has its name now.
    pub another: Option<Whose>,
    /// When that was, as an RFC 3339 time.
    pub at: String,
}

/// Now, as receipts write it.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// Looks, twice at least, by each service's own listing, for everything that was deleted and for
/// anything else that carries the stack's mark; deletes what came back. What somebody else has made
/// meanwhile under a name that became free is theirs.
pub async fn verify(
    provider: &dyn Provider,
    site: &Site,
    deleted: &[(Address, Kind, String)],
    began: String,
    events: &Events,
) -> Receipt {
    let mut left = Vec::new();
    let mut theirs = BTreeMap::new();
    let mut faults: BTreeMap<(Kind, String), Fault> = BTreeMap::new();
    let mut unseen = None;
    let mut denied = Vec::new();
    let mut empty = 0;
    for look in 1..=LOOKS {
        if look > 1 {
            tokio::time::sleep(PAUSE).await;
        }
        events.send(Event::Verifying {
            look,
            resources: deleted.len(),
        });
        match left_over(provider, site, deleted).await {
            Ok(found) => {
                unseen = None;
                (left, theirs, denied) = (found.left, found.theirs, found.unseen);
            }
            Err(fault) => {
                unseen = Some(fault);
                empty = 0;
                continue;
            }
        }
        if left.is_empty() {
            empty += 1;
            if empty == EMPTY_LOOKS {
                break;
            }
            continue;
        }
        empty = 0;
        for (kind, name) in &left {
            events.note(name, format!("this {kind} came back; deleting it again"));
            let of = (*kind, name.clone());
            match provider.delete(*kind, name, events).await {
                Ok(()) => faults.remove(&of),
                Err(fault) => faults.insert(of, fault),
            };
        }
    }
    let ended = now();
    let seen = |kind: &Kind, name: &str| {
        unseen.is_none() && !left.iter().any(|(k, n)| k == kind && n == name)
    };
    let resources = deleted
        .iter()
        .filter(|(_, kind, name)| seen(kind, name))
        .map(|(address, kind, name)| Absence {
            address: address.clone(),
            kind: *kind,
            name: name.clone(),
            seen: format!(
                "not among the {} that AWS lists",
                kind.facts().section.replace('_', " ")
            ),
            another: theirs.get(&(*kind, name.clone())).cloned(),
            at: ended.clone(),
        })
        .collect();
    let mut remains: Vec<String> = left
        .iter()
        .map(|of| match faults.get(of) {
            Some(fault) => format!("{} {} is still listed: {fault}", of.0, of.1),
            None => format!("{} {} is still listed", of.0, of.1),
        })
        .collect();
    if remains.is_empty() && unseen.is_none() && empty < EMPTY_LOOKS {
        // The last look came too late to be followed by another.
        remains.push("nothing is listed any longer, but that was seen only once".to_owned());
    }
    remains.extend(denied.iter().map(Unseen::to_string));
    remains.extend(unseen.map(|fault| format!("could not be looked for: {fault}")));
    Receipt {
        site: site.clone(),
        began,
        ended,
        resources,
        remains,
    }
}

/// What one look found.
struct Look {
    /// What is still there, or came back.
    left: Vec<(Kind, String)>,
    /// What somebody else made under a name of what was deleted.
    theirs: BTreeMap<(Kind, String), Whose>,
    /// Kinds that could not be looked for.
    unseen: Vec<Unseen>,
}

/// What of it the services still list, and what else carries the mark.
async fn left_over(
    provider: &dyn Provider,
    site: &Site,
    deleted: &[(Address, Kind, String)],
) -> Result<Look, Fault> {
    let mut names: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (_, kind, name) in deleted {
        names.entry(*kind).or_default().push(name.clone());
    }
    let listings = names.iter().map(|(kind, names)| async {
        let listed = provider.listed(*kind, names).await?;
        Ok::<_, Fault>(
            listed
                .into_iter()
                .map(|name| (*kind, name))
                .collect::<Vec<_>>(),
        )
    });
    let (listed, marked) = tokio::try_join!(try_join_all(listings), listing(provider, site))?;
    let Listing { owned, unseen } = marked;
    let marked: BTreeSet<(Kind, String)> = owned
        .into_iter()
        .map(|owned| (owned.kind, owned.name))
        .collect();
    let listed = listed.into_iter().flatten();
    let (mut left, mut theirs) = (marked.clone(), BTreeMap::new());
    for of in listed.filter(|of| !marked.contains(of)) {
        match whose(provider, site, deleted, &of).await? {
            Some(whose) => drop(theirs.insert(of, whose)),
            None => drop(left.insert(of)),
        }
    }
    Ok(Look {
        left: left.into_iter().collect(),
        theirs,
        unseen,
    })
}

/// Whose something is that is still listed, if it is not the stack's. What is listed and cannot be
/// read is on its way out.
async fn whose(
    provider: &dyn Provider,
    site: &Site,
    deleted: &[(Address, Kind, String)],
    (kind, name): &(Kind, String),
) -> Result<Option<Whose>, Fault> {
    let of = deleted.iter().find(|(_, k, n)| k == kind && n == name);
    let (Some((address, ..)), Some(live)) = (of, provider.read(*kind, name).await?) else {
        return Ok(None);
    };
    Ok(Whose::of(site, *kind, address, name, &live.tags))
}
