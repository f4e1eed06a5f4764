//! The journal of a destroy: what the next destroy has to know if this one is killed.
//!
//! Lambda recreates a deleted function's log group for late log lines, without tags. Such a group is
//! recognised as the stack's only while the function exists. So a destroy first creates a log group of its
//! own. The tags of that group name the log groups of all functions that it will delete. It is deleted last,
//! when these groups were seen to stay away. A later destroy finds it by its ownership tags.

use futures_util::future::join_all;
use serde_json::json;

use super::{Events, Provider, ProviderError};
use crate::plan::{Orphan, Owned};
use crate::stack::{
    Address, DESTROYING, INVENTORY, Kind, Resource, TAG_STACK, Target, arn, inventory,
};

/// The prefix of the tag keys that name a log group with its address.
const TAG_PREFIX: &str = "treino:logs-";
/// Log groups per journal group: AWS allows 50 tags, and some are the ownership tags.
const MAX_REMEMBERED: usize = 40;
/// Attempts to delete a journal group before it is reported as left over.
const DELETE_ATTEMPTS: u32 = 3;

/// Whether a resource is a journal group.
pub fn is_journal(owned: &Owned) -> bool {
    is_journal_name(owned.kind, &owned.name)
}

/// Whether a resource is the inventory of a stack, which a destroy deletes with its journal, when all else is deleted.
pub fn is_inventory(owned: &Owned) -> bool {
    owned.kind == Kind::LogGroup && owned.name.starts_with(INVENTORY)
}

/// What is deleted last.
pub(super) fn is_kept_to_the_end(owned: &Owned) -> bool {
    is_journal(owned) || is_inventory(owned)
}

/// The names of what is deleted last: of a stack with fewer functions than one journal group names.
pub(super) fn kept_to_the_end(target: &Target) -> Vec<(Kind, String)> {
    vec![first_journal(target), (Kind::LogGroup, inventory(target))]
}

/// Whether it is a journal group, by its kind and name.
#[must_use]
pub fn is_journal_name(kind: Kind, name: &str) -> bool {
    kind == Kind::LogGroup && name.starts_with(DESTROYING)
}

/// The journal groups of a stack and the log groups they name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DestroyJournal {
    groups: Vec<Resource>,
    /// Address and name of each log group in the journal.
    remembered: Vec<(Address, String)>,
}

impl DestroyJournal {
    /// Splits the resources of a stack into the journal of an earlier destroy and the rest.
    #[must_use]
    pub fn recalled(owned: Vec<Owned>) -> (Self, Vec<Owned>) {
        let (mine, rest): (Vec<Owned>, Vec<Owned>) =
            owned.into_iter().partition(is_kept_to_the_end);
        let named = mine.iter().flat_map(|owned| &owned.tags);
        let named = named.filter(|(key, _)| key.starts_with(TAG_PREFIX));
        let pairs = named.filter_map(|(_, value)| value.split_once('='));
        let remembered = pairs.map(|(address, name)| (Address::from_tag(address), name.to_owned()));
        let remembered = remembered.collect();
        let groups = mine.into_iter().map(|owned| Resource {
            address: owned.address,
            kind: owned.kind,
            arn: String::new(),
            name: owned.name,
            spec: spec(),
            tags: owned.tags,
            after: std::collections::BTreeSet::new(),
        });
        let groups = groups.collect();
        (Self { groups, remembered }, rest)
    }

    /// Removes log groups by name from the journal.
    #[must_use]
    pub fn without(mut self, is_theirs: impl Fn(&str) -> bool) -> Self {
        self.remembered.retain(|(_, name)| !is_theirs(name));
        self
    }

    /// The same entries without journal groups, which are then deleted like any other resource.
    #[must_use]
    pub fn unwritten(self) -> Self {
        Self {
            groups: self.groups.into_iter().filter(exists_already).collect(),
            ..self
        }
    }

    /// Adds the log groups of functions among these resources.
    #[must_use]
    pub fn with(self, target: &Target, orphans: &[Orphan]) -> Self {
        let of_functions = orphans.iter().filter(|orphan| {
            orphan.kind == Kind::LogGroup && orphan.name.starts_with("/aws/lambda/")
        });
        let pairs = of_functions.map(|orphan| (orphan.address.clone(), orphan.name.clone()));
        let mut remembered: Vec<_> = self.remembered.into_iter().chain(pairs).collect();
        remembered.sort();
        remembered.dedup();
        let mut groups: Vec<Resource> = remembered
            .chunks(MAX_REMEMBERED)
            .enumerate()
            .map(|(number, pairs)| journal_group(target, number + 1, pairs))
            .collect();
        let before = self.groups.into_iter();
        let more: Vec<_> = before
            .filter(|old| !groups.iter().any(|new| new.name == old.name))
            .collect();
        groups.extend(more);
        Self { groups, remembered }
    }

    /// Address and name of each log group in the journal.
    #[must_use]
    pub fn groups(&self) -> &[(Address, String)] {
        &self.remembered
    }

    #[must_use]
    pub fn orphans(&self) -> Vec<Orphan> {
        let orphan = |group: &Resource| Orphan {
            address: group.address.clone(),
            kind: group.kind,
            name: group.name.clone(),
            spec: None,
        };
        self.groups.iter().map(orphan).collect()
    }

    /// Creates the journal groups, before anything is deleted.
    ///
    /// # Errors
    /// The first group that could not be created.
    pub async fn write(
        &self,
        provider: &dyn Provider,
        events: &Events,
    ) -> Result<(), ProviderError> {
        for group in self.groups.iter().filter(|group| !exists_already(group)) {
            provider.create(group, events).await?;
        }
        Ok(())
    }

    /// Deletes the journal groups and verifies it; returns one message per group that is left.
    pub async fn forget(&self, provider: &dyn Provider, events: &Events) -> Vec<String> {
        let names: Vec<String> = self.groups.iter().map(|group| group.name.clone()).collect();
        if names.is_empty() {
            return names;
        }
        let mut left = names.clone();
        let mut why = String::new();
        for _ in 0..DELETE_ATTEMPTS {
            let deleted = left
                .iter()
                .map(|name| provider.delete(Kind::LogGroup, name, events));
            if let Some(error) = join_all(deleted).await.into_iter().find_map(Result::err) {
                why = format!(": {error}");
            }
            match provider.listed(Kind::LogGroup, &names).await {
                Ok(listed) => left = listed,
                Err(error) => why = format!(" to be gone: {error}"),
            }
            if left.is_empty() {
                break;
            }
        }
        let said = |name: String| format!("log group {name} was not seen to go{why}");
        left.into_iter().map(said).collect()
    }
}

/// Whether a destroy of the stack has begun, and has not ended.
///
/// # Errors
/// Those of reading the journal.
pub async fn is_being_destroyed(
    provider: &dyn Provider,
    target: &Target,
) -> Result<bool, ProviderError> {
    let journal = journal_group(target, 1, &[]);
    let seen = match provider.read(Kind::LogGroup, &journal.name).await {
        // Who may not read it is not told.
        Err(error) if error.is_denied() => None,
        seen => seen?,
    };
    Ok(seen.is_some_and(|seen| seen.tags.get(TAG_STACK) == Some(&target.stack)))
}

/// Whether it is the inventory, which no destroy writes.
fn exists_already(group: &Resource) -> bool {
    group.name.starts_with(INVENTORY)
}

/// The group of the journal that a destroy of this stack makes first.
#[must_use]
pub fn first_journal(target: &Target) -> (Kind, String) {
    let group = journal_group(target, 1, &[]);
    (group.kind, group.name)
}

fn spec() -> serde_json::Value {
    json!({ "retention_days": null })
}

fn journal_group(target: &Target, number: usize, remembers: &[(Address, String)]) -> Resource {
    let owner = target.owner.as_deref().map(|owner| format!("/{owner}"));
    let name = format!(
        "{DESTROYING}{}{}/{number}",
        target.stack,
        owner.unwrap_or_default()
    );
    let address = Address::new(Kind::LogGroup, "treino").part(&format!("destroying-{number}"));
    let mut tags = target.mark(&address);
    for (number, (address, name)) in remembers.iter().enumerate() {
        tags.insert(format!("{TAG_PREFIX}{number}"), format!("{address}={name}"));
    }
    Resource {
        address,
        kind: Kind::LogGroup,
        arn: arn(target, Kind::LogGroup, &name),
        name,
        spec: spec(),
        tags,
        after: std::collections::BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_journal_is_read_back() {
        let target = Target {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            stack: "lab".to_owned(),
            owner: Some("ana".to_owned()),
        };
        let orphan = |number: usize| Orphan {
            address: Address::new(Kind::Function, &format!("f{number}")).part("logs"),
            kind: Kind::LogGroup,
            name: format!("/aws/lambda/lab-f{number}"),
            spec: None,
        };
        let orphans: Vec<Orphan> = (0..MAX_REMEMBERED + 2).map(orphan).collect();
        let destroy_journal = DestroyJournal::default().with(&target, &orphans);
        assert_eq!(destroy_journal.groups.len(), 2);
        let owned = destroy_journal.groups.iter().map(|group| Owned {
            address: group.address.clone(),
            kind: group.kind,
            name: group.name.clone(),
            tags: group.tags.clone(),
        });
        assert!(
            destroy_journal
                .groups
                .iter()
                .all(|group| group.tags.len() <= 50 && target.owns(&group.tags))
        );
        let (recalled, rest) = DestroyJournal::recalled(owned.collect());
        assert_eq!(rest, []);
        let mut names = recalled.groups().to_vec();
        names.sort();
        assert_eq!(names, destroy_journal.groups());
        assert_eq!(
            recalled.with(&target, &orphans[..1]).groups(),
            destroy_journal.groups()
        );
    }
}
