//! What a destroy must not forget when it is killed.
//!
//! Lambda brings a function's log group back for lines that come late, and the new one carries no
//! mark: it is known as the stack's only while the function stands. So a destroy first makes a log
//! group of its own, whose tags name the groups of all functions it is about to delete, and deletes it
//! last, when they were seen to stay away. A later destroy finds it by its mark, and them by it.

use serde_json::json;

use super::{Events, Provider, ProviderError};
use crate::plan::{Orphan, Owned};
use crate::stack::{Address, DESTROYING, Kind, Resource, Target, arn};

/// What the keys of the tags begin with that name a group, each with its address.
const TAG: &str = "treino:logs-";
/// How many groups one remembers: AWS allows 50 tags, and some are the mark.
const MOST: usize = 40;
/// How often it is tried to delete one before it is said to be left.
const TRIES: u32 = 3;

/// Whether this is such a group.
pub fn is(owned: &Owned) -> bool {
    owned.kind == Kind::LogGroup && owned.name.starts_with(DESTROYING)
}

/// The groups that remember those of a stack's functions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DestroyJournal {
    groups: Vec<Resource>,
    /// What is remembered: address and name of each log group.
    remembered: Vec<(Address, String)>,
}

impl DestroyJournal {
    /// Splits what a stack owns into what an earlier destroy remembered, and the rest.
    #[must_use]
    pub fn recalled(owned: Vec<Owned>) -> (Self, Vec<Owned>) {
        let (mine, rest): (Vec<Owned>, Vec<Owned>) = owned.into_iter().partition(is);
        let named = mine.iter().flat_map(|owned| &owned.tags);
        let named = named.filter(|(key, _)| key.starts_with(TAG));
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

    /// The same without the groups for which this is so.
    #[must_use]
    pub fn without(mut self, is_theirs: impl Fn(&str) -> bool) -> Self {
        self.remembered.retain(|(_, name)| !is_theirs(name));
        self
    }

    /// What is remembered, and nothing to remember it by: that is deleted like anything else.
    #[must_use]
    pub fn unwritten(self) -> Self {
        Self {
            groups: Vec::new(),
            ..self
        }
    }

    /// The same with the log groups of functions among these.
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
            .chunks(MOST)
            .enumerate()
            .map(|(number, pairs)| group(target, number + 1, pairs))
            .collect();
        let before = self.groups.into_iter();
        let more: Vec<_> = before
            .filter(|old| !groups.iter().any(|new| new.name == old.name))
            .collect();
        groups.extend(more);
        Self { groups, remembered }
    }

    /// What is remembered: address and name of each log group.
    #[must_use]
    pub fn groups(&self) -> &[(Address, String)] {
        &self.remembered
    }

    /// The remembering groups themselves.
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

    /// Writes it down, before anything is deleted.
    ///
    /// # Errors
    /// The first group that could not be made.
    pub async fn write(
        &self,
        provider: &dyn Provider,
        events: &Events,
    ) -> Result<(), ProviderError> {
        for group in &self.groups {
            provider.create(group, events).await?;
        }
        Ok(())
    }

    /// Deletes it, and looks that it is gone; answers what is left.
    pub async fn forget(&self, provider: &dyn Provider, events: &Events) -> Vec<String> {
        let names: Vec<String> = self.groups.iter().map(|group| group.name.clone()).collect();
        if names.is_empty() {
            return names;
        }
        let mut left = names.clone();
        let mut why = String::new();
        for _ in 0..TRIES {
            for name in &left {
                if let Err(error) = provider.delete(Kind::LogGroup, name, events).await {
                    why = format!(": {error}");
                }
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

fn spec() -> serde_json::Value {
    json!({ "retention_days": null })
}

fn group(target: &Target, number: usize, remembers: &[(Address, String)]) -> Resource {
    let owner = target.owner.as_deref().map(|owner| format!("/{owner}"));
    let name = format!(
        "{DESTROYING}{}{}/{number}",
        target.stack,
        owner.unwrap_or_default()
    );
    let address = Address::new(Kind::LogGroup, "treino").part(&format!("destroying-{number}"));
    let mut tags = target.mark(&address);
    for (number, (address, name)) in remembers.iter().enumerate() {
        tags.insert(format!("{TAG}{number}"), format!("{address}={name}"));
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
    fn what_was_written_is_recalled() {
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
        let orphans: Vec<Orphan> = (0..MOST + 2).map(orphan).collect();
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
