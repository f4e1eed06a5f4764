//! Reads everything a stack names or owns, concurrently.

use std::collections::HashSet;

use futures_util::future::{join_all, try_join_all};

use super::{Provider, ProviderError, Scope};
use crate::plan::{ActualResource, ActualState, Orphan, Owned, Unseen};
use crate::stack::{DesiredState, Kind, PossibleKinds, TAG_STACK, Target};

/// The kinds of services that not every account and region has. AWS answers for them in many ways, and few
/// stacks use them, so that no verb fails where they cannot be listed.
const NOT_EVERYWHERE: [Kind; 2] = [Kind::DirectoryBucket, Kind::Vault];

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
        ..Scope::of(Some(&desired.target.stack))
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
        orphans(provider, &desired.target, &scope, &possible)
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
    possible: &PossibleKinds,
) -> Result<(Vec<Orphan>, Vec<Unseen>), ProviderError> {
    let listing = list_allowed(provider, target, scope, possible).await?;
    let reads = listing.owned.into_iter().map(|owned| async move {
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

/// The result of listing every kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnedResources {
    /// Resources with the stack's ownership tags.
    pub owned: Vec<Owned>,
    /// Resources of other owners' copies and of other stacks, where the lists showed them.
    pub others: Vec<Owned>,
    /// Kinds that could not be listed.
    pub unseen: Vec<Unseen>,
}

/// Lists every kind of the target's stack. A kind the caller may not list is no error: a classroom's accounts
/// may have few more permissions than their lab needs. Nor is whatever a service answers that the stack has no
/// kind of.
async fn list_allowed(
    provider: &dyn Provider,
    target: &Target,
    scope: &Scope,
    possible: &PossibleKinds,
) -> Result<OwnedResources, ProviderError> {
    let (owned, errors) = list_kinds(provider, scope, possible, &Kind::ALL).await;
    let unseen = tolerated(errors, possible)?;
    Ok(OwnedResources {
        owned: owned_by(target, scope, owned),
        unseen,
        others: Vec::new(),
    })
}

/// The kinds that could not be listed, or the first error that is none of those that are put up with.
fn tolerated(
    errors: Vec<(Kind, ProviderError)>,
    possible: &PossibleKinds,
) -> Result<Vec<Unseen>, ProviderError> {
    let mut unseen = Vec::new();
    for (kind, error) in errors {
        let is_certain = error.is_denied() || error.is_contradiction() || error.is_late_list();
        let may_be_needed =
            possible.is_declared(kind) || possible.has(kind) && !NOT_EVERYWHERE.contains(&kind);
        if error.is_of_credentials() || may_be_needed && !is_certain {
            return Err(error);
        }
        unseen.push(error.unseen(kind));
    }
    Ok(unseen)
}

/// Of these, what the target's stack owns and the scope does not know.
pub(super) fn owned_by(target: &Target, scope: &Scope, mut owned: Vec<Owned>) -> Vec<Owned> {
    let known: HashSet<(Kind, &str)> = scope
        .known
        .iter()
        .map(|(kind, name)| (*kind, name.as_str()))
        .collect();
    let known = |owned: &Owned| known.contains(&(owned.kind, owned.name.as_str()));
    owned.retain(|owned| target.owns(&owned.tags) && !known(owned));
    owned.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    owned
}

/// The marked resources of these kinds. A kind that the stack has no resource of is asked for with little
/// patience.
async fn list_kinds(
    provider: &dyn Provider,
    scope: &Scope,
    possible: &PossibleKinds,
    kinds: &[Kind],
) -> (Vec<Owned>, Vec<(Kind, ProviderError)>) {
    let unlikely = &Scope {
        unlikely: true,
        ..scope.clone()
    };
    let listings = kinds.iter().map(|kind| async move {
        let scope = if possible.has(*kind) { scope } else { unlikely };
        (*kind, provider.owned(*kind, scope).await)
    });
    let (mut owned, mut errors) = (Vec::new(), Vec::new());
    for (kind, found) in join_all(listings).await {
        match found {
            Ok(found) => owned.extend(found),
            Err(error) => errors.push((kind, error)),
        }
    }
    (owned, errors)
}

/// What carries treino's mark, of one stack or of all, whoever owns it. With a stack, what other stacks own is apart.
///
/// # Errors
/// As [`list_owned`].
pub async fn list_any(
    provider: &dyn Provider,
    stack: Option<&str>,
    possible: &PossibleKinds,
) -> Result<OwnedResources, ProviderError> {
    let is_meant = |owned: &Owned| {
        stack.is_none_or(|stack| owned.tags.get(TAG_STACK).is_some_and(|of| of == stack))
    };
    list_apart(provider, stack, possible, is_meant).await
}

/// Everything a stack owns at a target, found without its stack file; apart, what was seen of others; and the kinds
/// that could not be listed. `possible` are the kinds that the stack may have.
///
/// # Errors
/// The first call that failed, of a kind that the stack may have.
pub async fn list_owned(
    provider: &dyn Provider,
    target: &Target,
    possible: &PossibleKinds,
) -> Result<OwnedResources, ProviderError> {
    let is_meant = |owned: &Owned| target.owns(&owned.tags);
    list_apart(provider, Some(&target.stack), possible, is_meant).await
}

async fn list_apart(
    provider: &dyn Provider,
    stack: Option<&str>,
    possible: &PossibleKinds,
    is_meant: impl Fn(&Owned) -> bool,
) -> Result<OwnedResources, ProviderError> {
    let scope = Scope {
        others: true,
        ..Scope::of(stack)
    };
    let (all, errors) = list_kinds(provider, &scope, possible, &Kind::ALL).await;
    let unseen = tolerated(errors, possible)?;
    let (mut owned, others): (Vec<Owned>, Vec<Owned>) = all.into_iter().partition(is_meant);
    owned.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    Ok(OwnedResources {
        owned,
        others,
        unseen,
    })
}

impl ProviderError {
    /// The kind that could not be listed because of this error.
    #[must_use]
    pub fn unseen(&self, kind: Kind) -> Unseen {
        let action = self.denied_action().map(String::from);
        let brief = match &action {
            Some(action) => format!("`{action}` is not allowed"),
            None if self.operation.is_empty() => self.message.clone(),
            None => {
                let answer = if self.code.is_empty() {
                    &self.message
                } else {
                    &self.code
                };
                format!("{} {}: {answer}", self.service, self.operation)
            }
        };
        Unseen {
            kind,
            why: self.to_string(),
            brief,
            action,
        }
    }
}
