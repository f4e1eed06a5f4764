//! What a destroy deletes: what carries the stack's mark, and log groups that carry none.

use crate::engine::{DeletedResource, DestroyJournal, Provider, ProviderError};
use crate::plan::{Orphan, Owned};
use crate::stack::{Kind, TAG_STACK, Target};

/// What carries the mark, and the log groups Lambda made for the stack's functions, which carry
/// none; and the journal of them that is kept until they are gone.
pub(in crate::ops) async fn with_log_groups(
    provider: &dyn Provider,
    target: &Target,
    owned: Vec<Owned>,
) -> Result<(Vec<Orphan>, DestroyJournal), ProviderError> {
    let (journal, found) = DestroyJournal::recalled(owned);
    let mut orphans: Vec<Orphan> = found.iter().map(orphan).collect();
    let functions = found.iter().filter(|owned| owned.kind == Kind::Function);
    let of_functions = functions.map(|function| {
        let name = format!("/aws/lambda/{}", function.name);
        (function.address.part("logs"), name)
    });
    let of_functions: Vec<_> = of_functions.collect();
    let mut of_others = Vec::new();
    for (address, name) in of_functions.iter().chain(journal.groups()) {
        if orphans.iter().any(|known| known.name == *name) {
            continue;
        }
        let is_ours = of_functions.iter().any(|(_, of)| of == name);
        // A function that somebody has made since under the name of one that is gone logs there too.
        if !is_ours && function_exists(provider, name).await? {
            of_others.push(name.clone());
            continue;
        }
        let group = provider.read(Kind::LogGroup, name).await?;
        if group.is_some_and(|group| !group.tags.contains_key(TAG_STACK)) {
            orphans.push(Orphan {
                address: address.clone(),
                kind: Kind::LogGroup,
                name: name.clone(),
                spec: None,
            });
        }
    }
    let journal = journal.without(|name| of_others.iter().any(|of| of == name));
    if orphans.is_empty() {
        // Nothing else is left, and no log group was created again.
        return Ok((journal.orphans(), journal.unwritten()));
    }
    let journal = journal.with(target, &orphans);
    Ok((orphans, journal))
}

/// What the verification has to find absent: all that was deleted, and the log groups of an earlier
/// destroy that Lambda may create again.
pub(super) fn to_be_gone(orphans: Vec<Orphan>, journal: &DestroyJournal) -> Vec<DeletedResource> {
    let deleted = orphans
        .into_iter()
        .map(|orphan| (orphan.address, orphan.kind, orphan.name));
    let mut deleted: Vec<DeletedResource> = deleted.collect();
    for (address, name) in journal.groups() {
        if !deleted.iter().any(|(_, _, known)| known == name) {
            deleted.push((address.clone(), Kind::LogGroup, name.clone()));
        }
    }
    deleted
}

/// Whether the function whose log group this is exists.
async fn function_exists(provider: &dyn Provider, group: &str) -> Result<bool, ProviderError> {
    let function = group.trim_start_matches("/aws/lambda/");
    let live = provider.read(Kind::Function, function).await?;
    Ok(live.is_some())
}

fn orphan(owned: &Owned) -> Orphan {
    Orphan {
        address: owned.address.clone(),
        kind: owned.kind,
        name: owned.name.clone(),
        spec: None,
    }
}
