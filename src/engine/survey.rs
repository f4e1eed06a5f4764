//! Reads everything a stack names or owns, concurrently.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};

use super::{Provider, ProviderError, Scope};
use crate::plan::{ActualResource, ActualState, Orphan, Owned, Unseen};
use crate::stack::{DesiredState, Kind, TAG_STACK, Target};

/// Reads the resources with the names a stack wants, and lists what else it owns.
///
/// # Errors
/// The first call that failed: a plan from an incomplete survey would be wrong.
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
        let seen = match read_with_tags(provider, want.kind, &want.name).await {
            Err(error) if error.elsewhere => Err(error.to_string()),
            other => Ok(other?),
        };
        Ok::<_, ProviderError>((want.address.clone(), seen))
    });
    let (seen, (orphans, unseen)) = tokio::try_join!(
        try_join_all(reads),
        orphans(provider, &desired.target, &scope)
    )?;
    let mut actual = ActualState {
        orphans,
        unseen,
        ..ActualState::default()
    };
    for (address, seen) in seen {
        match seen {
            Ok(Some(live)) => drop(actual.live.insert(address, live)),
            Ok(None) => {}
            Err(why) => drop(actual.elsewhere.insert(address, why)),
        }
    }
    Ok(actual)
}

/// Reads a resource, and again if it has no ownership tags: the first read may have been between its creation
/// and its tags.
async fn read_with_tags(
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
    let OwnedResources { owned, unseen } = list_allowed(provider, target, scope).await?;
    let reads = owned.into_iter().map(|owned| async move {
        let live = provider.read(owned.kind, &owned.name).await?;
        // A resource that was listed and is gone a moment later is gone.
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

/// The result of listing every kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnedResources {
    /// Resources with the stack's ownership tags.
    pub owned: Vec<Owned>,
    /// Kinds the caller is not allowed to list.
    pub unseen: Vec<Unseen>,
}

/// Lists every kind. A kind the caller may not list is no error: a classroom's accounts may have few more
/// permissions than their lab needs.
async fn list_allowed(
    provider: &dyn Provider,
    target: &Target,
    scope: &Scope,
) -> Result<OwnedResources, ProviderError> {
    let (owned, errors) = list_marked(provider, target, scope).await;
    let mut listing = OwnedResources {
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

/// Resources with the stack's ownership tags, and the error of each kind that could not be listed.
pub(super) async fn list_marked(
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

/// Everything a stack owns at a target, found without its stack file, and the kinds that could not be listed.
///
/// # Errors
/// The first call that failed.
pub async fn list_owned(
    provider: &dyn Provider,
    target: &Target,
) -> Result<OwnedResources, ProviderError> {
    let scope = Scope {
        stack: Some(target.stack.clone()),
        known: Vec::new(),
    };
    list_allowed(provider, target, &scope).await
}
