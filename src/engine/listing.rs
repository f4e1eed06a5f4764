//! Lists what carries treino's mark.

use std::collections::HashSet;

use futures_util::future::join_all;

use super::{Provider, ProviderError, Scope, destroy_journal, is_journal_name};
use crate::plan::{Owned, Unseen};
use crate::stack::{
    Kind, PossibleKinds, TAG_OWNER, TAG_STACK, Target, class_target, shared_trail_parts,
};

/// The kinds of services that not every account and region has. AWS answers for them in many ways, and few
/// stacks use them, so that no verb fails where they cannot be listed.
const NOT_EVERYWHERE: [Kind; 2] = [Kind::DirectoryBucket, Kind::Vault];

/// The result of listing every kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnedResources {
    /// Resources with the stack's ownership tags.
    pub owned: Vec<Owned>,
    /// Resources of other owners' copies and of other stacks, where the lists showed them.
    pub others: Vec<Owned>,
    /// Kinds that could not be listed.
    pub unseen: Vec<Unseen>,
    /// The inventories of what is owned; not among the others.
    pub inventory: Vec<Owned>,
}

/// Lists every kind of the target's stack. A kind the caller may not list is no error: a classroom's accounts
/// may have few more permissions than their lab needs. Nor is whatever a service answers that the stack has no
/// kind of.
pub(super) async fn list_allowed(
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
        ..OwnedResources::default()
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
    let mut found = list_apart(provider, stack, possible, is_meant).await?;
    // Of a stack whose deploy was killed before it made anything, or whose destroy at the last moment, that is all.
    let of = |one: &Owned| [TAG_STACK, TAG_OWNER].map(|tag| one.tags.get(tag).cloned());
    let deployed: HashSet<_> = found.owned.iter().map(of).collect();
    let (inventory, alone) = found
        .inventory
        .into_iter()
        .partition(|one| deployed.contains(&of(one)));
    found.inventory = inventory;
    found.owned.extend::<Vec<Owned>>(alone);
    Ok(found)
}

/// The trail that the copies of the target's stack share, and the rest of what other stacks have. A stack of its name that has
/// anything else is another.
#[must_use]
pub fn apart_from_trail(target: &Target, others: Vec<Owned>) -> (Vec<Owned>, Vec<Owned>) {
    let class = class_target(target);
    let (mut trail, mut rest): (Vec<Owned>, Vec<Owned>) =
        others.into_iter().partition(|one| class.owns(&one.tags));
    if !trail.iter().all(is_of_shared_trail) {
        rest.append(&mut trail);
    }
    trail.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    (trail, rest)
}

/// Whether the stack of a shared trail can have this.
#[must_use]
pub fn is_of_shared_trail(owned: &Owned) -> bool {
    shared_trail_parts().contains(&owned.address) || is_journal_name(owned.kind, &owned.name)
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
    let (inventories, all): (Vec<Owned>, Vec<Owned>) =
        all.into_iter().partition(destroy_journal::is_inventory);
    let inventory = inventories.into_iter().filter(&is_meant).collect();
    let (mut owned, others): (Vec<Owned>, Vec<Owned>) = all.into_iter().partition(is_meant);
    owned.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    Ok(OwnedResources {
        owned,
        others,
        unseen,
        inventory,
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
