//! The concurrent read of everything a stack names or owns.

use futures_util::future::try_join_all;

use super::{Fault, Provider, Scope};
use crate::plan::{Owned, Snapshot, Stray};
use crate::stack::{Desired, Kind, Site};

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
        let live = provider.read(want.kind, &want.name).await?;
        Ok::<_, Fault>(live.map(|live| (want.address.clone(), live)))
    });
    let (live, strays) =
        tokio::try_join!(try_join_all(reads), strays(provider, &desired.site, &scope))?;
    Ok(Snapshot {
        live: live.into_iter().flatten().collect(),
        strays,
    })
}

async fn strays(provider: &dyn Provider, site: &Site, scope: &Scope) -> Result<Vec<Stray>, Fault> {
    let found = listed(provider, site, scope).await?;
    let reads = found.into_iter().map(|owned| async move {
        let live = provider.read(owned.kind, &owned.name).await?;
        // Listed and gone a moment later is gone.
        Ok::<_, Fault>(live.map(|live| Stray {
            address: owned.address,
            kind: owned.kind,
            name: owned.name,
            spec: Some(live.spec),
        }))
    });
    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

async fn listed(provider: &dyn Provider, site: &Site, scope: &Scope) -> Result<Vec<Owned>, Fault> {
    let listings = Kind::ALL.map(|kind| provider.owned(kind, scope));
    let mut found: Vec<Owned> = try_join_all(listings)
        .await?
        .into_iter()
        .flatten()
        .filter(|owned| site.owns(&owned.tags))
        .filter(|owned| !scope.known.contains(&(owned.kind, owned.name.clone())))
        .collect();
    found.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    Ok(found)
}

/// Everything a stack owns at a site, by its name alone.
///
/// # Errors
/// The first call that failed.
pub async fn owned(provider: &dyn Provider, site: &Site) -> Result<Vec<Owned>, Fault> {
    let scope = Scope {
        stack: Some(site.stack.clone()),
        known: Vec::new(),
    };
    listed(provider, site, &scope).await
}
