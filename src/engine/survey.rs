//! The concurrent read of everything a stack names or owns.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};

use super::{Provider, ProviderError, Scope};
use crate::plan::{ActualResource, ActualState, Orphan, Owned, Unseen};
use crate::stack::{DesiredState, Kind, TAG_STACK, Target};

/// Reads what stands under the names a stack wants, and lists what it owns beside them.
///
/// # Errors
/// The first call that failed: a plan from half a survey would be wrong.
pub async fn survey(
    provider: &dyn Provider,
    desired: &DesiredState,
) -> Result<ActualState, ProviderError> {
    let scope = Scope {
        stack: Some(desired.target.stack.clone()),
        known: desired
            .resources
            .values()
            .map(|want| (want.kind, want.name.clone()))
            .collect(),
    };
    let reads = desired.resources.values().map(|want| async {
        let seen = match marked_if_it_is(provider, want.kind, &want.name).await {
            Err(error) if error.elsewhere => Err(error.to_string()),
            other => Ok(other?),
        };
        Ok::<_, ProviderError>((want.address.clone(), seen))
    });
    let (seen, (orphans, unseen)) = tokio::try_join!(
        try_join_all(reads),
        orphans(provider, &desired.target, &scope)
    )?;
    let mut snapshot = ActualState {
        orphans,
        unseen,
        ..ActualState::default()
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
) -> Result<Option<ActualResource>, ProviderError> {
    match provider.read(kind, name).await? {
        Some(live) if !live.tags.contains_key(TAG_STACK) => provider.read(kind, name).await,
        seen => Ok(seen),
    }
}

async fn orphans(
    provider: &dyn Provider,
    target: &Target,
    scope: &Scope,
) -> Result<(Vec<Orphan>, Vec<Unseen>), ProviderError> {
    let Listing { owned, unseen } = listed(provider, target, scope).await?;
    let reads = owned.into_iter().map(|owned| async move {
        let live = provider.read(owned.kind, &owned.name).await?;
        // Listed and gone a moment later is gone.
        Ok::<_, ProviderError>(live.map(|live| Orphan {
            address: owned.address,
            kind: owned.kind,
            name: owned.name,
            spec: Some(live.spec),
        }))
    });
    let orphans = try_join_all(reads).await?.into_iter().flatten().collect();
    Ok((orphans, unseen))
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
async fn listed(
    provider: &dyn Provider,
    target: &Target,
    scope: &Scope,
) -> Result<Listing, ProviderError> {
    let (owned, errors) = marked(provider, target, scope).await;
    let mut listing = Listing {
        owned,
        unseen: Vec::new(),
    };
    for (kind, error) in errors {
        if !error.is_denied() && !error.is_contradiction() {
            return Err(error);
        }
        listing.unseen.push(Unseen {
            kind,
            why: error.to_string(),
        });
    }
    Ok(listing)
}

/// What carries the stack's mark, and why a kind could not be listed.
pub(super) async fn marked(
    provider: &dyn Provider,
    target: &Target,
    scope: &Scope,
) -> (Vec<Owned>, Vec<(Kind, ProviderError)>) {
    let listings = Kind::ALL.map(|kind| async move { (kind, provider.owned(kind, scope).await) });
    let (mut owned, mut errors) = (Vec::new(), Vec::new());
    for (kind, found) in join_all(listings).await {
        match found {
            Ok(found) => owned.extend(found),
            Err(error) => errors.push((kind, error)),
        }
    }
    let known: HashSet<(Kind, &str)> = scope
        .known
        .iter()
        .map(|(kind, name)| (*kind, name.as_str()))
        .collect();
    let known = |owned: &Owned| known.contains(&(owned.kind, owned.name.as_str()));
    owned.retain(|owned| target.owns(&owned.tags) && !known(owned));
    owned.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    (owned, errors)
}

/// Everything a stack owns at a target, by its name alone, and what could not be looked for.
///
/// # Errors
/// The first call that failed.
pub async fn listing(provider: &dyn Provider, target: &Target) -> Result<Listing, ProviderError> {
    let scope = Scope {
        stack: Some(target.stack.clone()),
        known: Vec::new(),
    };
    listed(provider, target, &scope).await
}
