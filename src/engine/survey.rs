//! Reads everything a stack names or owns, concurrently.

use std::collections::HashSet;

use futures_util::future::try_join_all;

use super::listing::list_allowed;
use super::{Provider, ProviderError, Scope, destroy_journal};
use crate::plan::{ActualResource, ActualState, Orphan, Unseen};
use crate::stack::{
    Address, DesiredState, Kind, PossibleKinds, TAG_ADDRESS, TAG_STACK, Target, may_be_generated,
};

/// Reads the resources with the names a stack wants, and lists what else it owns.
///
/// # Errors
/// The first call that failed: a plan from an incomplete survey would be wrong. A kind of which the stack has
/// no resource is no error, but unseen.
pub async fn survey(
    provider: &dyn Provider,
    desired: &DesiredState,
) -> Result<ActualState, ProviderError> {
    let wanted = desired.resources.values();
    let possible = PossibleKinds::of(wanted.map(|want| want.kind));
    let scope = Scope {
        known: desired
            .resources
            .values()
            .map(|want| (want.kind, want.name.clone()))
            .chain(desired.of_others.iter().cloned())
            .collect(),
        generated: true,
        ..Scope::of(Some(&desired.target.stack))
    };
    let reads = desired.resources.values().map(|want| async {
        let seen = match read_with_tags(provider, want.kind, &want.name).await {
            Err(error) if error.elsewhere => Err(error.to_string()),
            other => Ok(other?),
        };
        Ok::<_, ProviderError>((want.address.clone(), seen))
    });
    let (seen, found) = tokio::try_join!(
        try_join_all(reads),
        others(provider, &desired.target, &scope, &possible)
    )?;
    let mut actual = found;
    for (address, seen) in seen {
        match seen {
            Ok(Some(live)) => drop(actual.live.insert(address, live)),
            Ok(None) => {}
            Err(why) => drop(actual.elsewhere.insert(address, why)),
        }
    }
    if actual.inventory.is_none() && may_have_unknown_names(desired, &actual) {
        // It has no inventory, or somebody deleted it: what had a name of its own is anywhere.
        let found = actual.orphans.iter();
        let found = found.map(|orphan| (orphan.kind, orphan.name.clone()));
        let scope = Scope {
            known: scope.known.into_iter().chain(found).collect(),
            generated: false,
            ..scope
        };
        let more = orphans(provider, &desired.target, &scope, &possible).await?;
        actual.orphans.extend(more.0);
        let by_address = |orphan: &Orphan| (orphan.address.clone(), orphan.name.clone());
        actual.orphans.sort_by_key(by_address);
        actual.unseen = more.1;
    }
    Ok(actual)
}

/// Whether a resource has a name of its own, by which it is not known for the stack's.
#[must_use]
pub fn has_own_names(desired: &DesiredState) -> bool {
    let mut all = desired.resources.values();
    all.any(|one| !may_be_generated(&desired.target, &one.name))
}

/// Whether something that is deployed of the stack, without an inventory, may have names that nothing tells of: where the
/// file has names of its own, or says something else than what is deployed, as it may have had some.
fn may_have_unknown_names(desired: &DesiredState, actual: &ActualState) -> bool {
    let mut wanted = desired.resources.keys();
    let is_missing = |address: &Address| {
        !actual.live.contains_key(address) && !actual.elsewhere.contains_key(address)
    };
    let is_another = !actual.orphans.is_empty() || wanted.any(is_missing);
    is_deployed(desired, actual) && (is_another || has_own_names(desired))
}

/// Whether there is anything of the stack.
fn is_deployed(desired: &DesiredState, actual: &ActualState) -> bool {
    let mut live = actual.live.values();
    !actual.orphans.is_empty() || live.any(|live| desired.target.owns(&live.tags))
}

/// What the stack has beside the names it wants: by its inventory, or else by lists.
async fn others(
    provider: &dyn Provider,
    target: &Target,
    scope: &Scope,
    possible: &PossibleKinds,
) -> Result<ActualState, ProviderError> {
    let has_log_groups = possible.has(Kind::LogGroup);
    let inventory = match provider.inventory(!has_log_groups).await {
        // No stack needs a service that it uses nothing of.
        Err(error) if !has_log_groups && !error.is_of_credentials() => None,
        inventory => inventory?,
    };
    let Some(inventory) = inventory else {
        let (orphans, unseen) = orphans(provider, target, scope, possible).await?;
        return Ok(ActualState {
            orphans,
            unseen,
            ..ActualState::default()
        });
    };
    // A destroy may be under way.
    let journal = destroy_journal::first_journal(target);
    let known: HashSet<&(Kind, String)> = scope.known.iter().collect();
    let names = inventory.iter().chain([&journal]);
    let reads = names.filter(|of| !known.contains(of));
    let reads = reads.map(|(kind, name)| async move {
        let live = match read_with_tags(provider, *kind, name).await {
            Err(error) if error.elsewhere => None,
            seen => seen?,
        };
        let live = live.filter(|live| target.owns(&live.tags));
        Ok::<_, ProviderError>(live.and_then(|live| {
            Some(Orphan {
                address: Address::from_tag(live.tags.get(TAG_ADDRESS)?),
                kind: *kind,
                name: name.clone(),
                spec: Some(live.spec),
            })
        }))
    });
    let mut orphans: Vec<Orphan> = try_join_all(reads).await?.into_iter().flatten().collect();
    orphans.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    Ok(ActualState {
        orphans,
        inventory: Some(inventory),
        ..ActualState::default()
    })
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
    possible: &PossibleKinds,
) -> Result<(Vec<Orphan>, Vec<Unseen>), ProviderError> {
    let listing = list_allowed(provider, target, scope, possible).await?;
    let owned = listing.owned.into_iter();
    let owned = owned.filter(|owned| !destroy_journal::is_inventory(owned));
    let reads = owned.map(|owned| async move {
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
    Ok((orphans, listing.unseen))
}
