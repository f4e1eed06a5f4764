//! The concurrent read of everything a stack names or owns.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};

use super::{Fault, Provider, Scope};
use crate::plan::{Live, Owned, Snapshot, Stray, Unseen};
use crate::stack::{Desired, Kind, Site, TAG_STACK};

/// Reads what stands under the names a stack wants, and lists what it owns beside them.
///
/// # Errors
/// The first call that failed: a plan from half a survey would be wrong.
pub async fn survey(provider: &dyn Provider, desired: &Desired) -> Result<Snapshot, Fault> {
    let scope = Scope {
        stack: Some(desired.site.stack.clone()),
        known: desired
            .resources
            .values()
            .map(|want| (want.kind, want.name.clone()))
            .collect(),
    };
    let reads = desired.resources.values().map(|want| async {
        let seen = match marked_if_it_is(provider, want.kind, &want.name).await {
            Err(fault) if fault.elsewhere => Err(fault.to_string()),
            other => Ok(other?),
        };
        Ok::<_, Fault>((want.address.clone(), seen))
    });
    let (seen, (strays, unseen)) =
        tokio::try_join!(try_join_all(reads), strays(provider, &desired.site, &scope))?;
    let mut snapshot = Snapshot {
        strays,
        unseen,
        ..Snapshot::default()
    };
    for (address, seen) in seen {
        match seen {
            Ok(Some(live)) => drop(snapshot.live.insert(address, live)),
            Ok(None) => {}
            Err(why) => drop(snapshot.elsewhere.insert(address, why)),
        }
    }
    Ok(snapshot)
}

/// Reads a resource, twice if it seems to carry no mark: of one that is made at this very moment the
/// mark may have been asked for before it was there.
async fn marked_if_it_is(
    provider: &dyn Provider,
    kind: Kind,
    name: &str,
) -> Result<Option<Live>, Fault> {
    match provider.read(kind, name).await? {
        Some(live) if !live.tags.contains_key(TAG_STACK) => provider.read(kind, name).await,
        seen => Ok(seen),
    }
}

async fn strays(
    provider: &dyn Provider,
    site: &Site,
    scope: &Scope,
) -> Result<(Vec<Stray>, Vec<Unseen>), Fault> {
    let Listing { owned, unseen } = listed(provider, site, scope).await?;
    let reads = owned.into_iter().map(|owned| async move {
        let live = provider.read(owned.kind, &owned.name).await?;
        // Listed and gone a moment later is gone.
        Ok::<_, Fault>(live.map(|live| Stray {
            address: owned.address,
            kind: owned.kind,
            name: owned.name,
            spec: Some(live.spec),
        }))
    });
    let strays = try_join_all(reads).await?.into_iter().flatten().collect();
    Ok((strays, unseen))
}

/// What a listing of every kind saw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// What carries the stack's mark.
    pub owned: Vec<Owned>,
    /// Kinds the caller may not list.
    pub unseen: Vec<Unseen>,
}

/// Lists every kind. That the caller may not list one of them hinders nothing else: a classroom's
/// accounts may do little more than their lab needs.
async fn listed(provider: &dyn Provider, site: &Site, scope: &Scope) -> Result<Listing, Fault> {
    let (owned, faults) = marked(provider, site, scope).await;
    let mut listing = Listing {
        owned,
        unseen: Vec::new(),
    };
    for (kind, fault) in faults {
        if !fault.is_denied() && !fault.is_contradiction() {
            return Err(fault);
        }
        listing.unseen.push(Unseen {
            kind,
            why: fault.to_string(),
        });
    }
    Ok(listing)
}

/// What carries the stack's mark, and why a kind could not be listed.
pub(super) async fn marked(
    provider: &dyn Provider,
    site: &Site,
    scope: &Scope,
) -> (Vec<Owned>, Vec<(Kind, Fault)>) {
    let listings = Kind::ALL.map(|kind| async move { (kind, provider.owned(kind, scope).await) });
    let (mut owned, mut faults) = (Vec::new(), Vec::new());
    for (kind, found) in join_all(listings).await {
        match found {
            Ok(found) => owned.extend(found),
            Err(fault) => faults.push((kind, fault)),
        }
    }
    let known: HashSet<(Kind, &str)> = scope
        .known
        .iter()
        .map(|(kind, name)| (*kind, name.as_str()))
        .collect();
    let known = |owned: &Owned| known.contains(&(owned.kind, owned.name.as_str()));
    owned.retain(|owned| site.owns(&owned.tags) && !known(owned));
    owned.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    (owned, faults)
}

/// Everything a stack owns at a site, by its name alone, and what could not be looked for.
///
/// # Errors
/// The first call that failed.
pub async fn listing(provider: &dyn Provider, site: &Site) -> Result<Listing, Fault> {
    let scope = Scope {
        stack: Some(site.stack.clone()),
        known: Vec::new(),
    };
    listed(provider, site, &scope).await
}
