//! The inventory of a stack: the names of all its resources, in the tags of a log group of its own.
//!
//! A name of a resource's own says nothing of its stack, and to find such resources by their marks, the tags of everything
//! in the account have to be read. So they are written down where one request finds them: before a resource is made, and
//! until it is deleted. A log group without streams costs nothing. Where there is no inventory, everything is read.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Aws;
use super::resources::log_group::LogGroups;
use super::resources::{CallContext, ResourceCalls};
use super::shared_lists::SharedLists;
use crate::engine::{Events, ProviderError};
use crate::plan::Inventory;
use crate::source::hexadecimal;
use crate::stack::kinds::LogGroupSpec;
use crate::stack::{self, Address, Kind, Tags};

/// The prefix of the keys of tags that name a resource.
const TAG_PREFIX: &str = "treino:name-";

/// The most names: a log group has 50 tags, and some are the mark
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>). A stack with more
/// has no inventory.
const MOST: usize = 40;

/// The longest value of a tag.
const LONGEST: usize = 256;

/// Reads the inventory of the stack; `None` if it has none, or one that cannot be read.
///
/// # Errors
/// What `logs:ListTagsForResource` answers, but that it is denied.
pub(super) async fn read(aws: &Aws) -> Result<Option<Inventory>, ProviderError> {
    let name = stack::inventory(&aws.target);
    if SharedLists::lack::<LogGroups>(aws, &name).await {
        return Ok(None);
    }
    let tags = LogGroups::read_tags(aws, &name).await;
    let tags = match tags {
        Err(error) if error.is_denied() || aws.does_not_offer(&error) => None,
        tags => tags?,
    };
    let tags = tags.filter(|tags| aws.target.owns(tags));
    Ok(tags.and_then(|tags| {
        let names = tags.iter().filter(|(key, _)| key.starts_with(TAG_PREFIX));
        names.map(|(_, value)| entry(value)).collect()
    }))
}

/// Adds names, before resources of these names are made. `before` is what the inventory has, if there is one. A stack
/// with too many names, or whose inventory may not be written, is left without one.
///
/// # Errors
/// An inventory that lacks names could not be deleted.
pub async fn add(
    aws: &Aws,
    before: Option<&Inventory>,
    names: &Inventory,
) -> Result<(), ProviderError> {
    let known = before.cloned().unwrap_or_default();
    let all: Inventory = known.union(names).cloned().collect();
    if all.len() > MOST || !all.iter().all(is_recordable) {
        return if before.is_some() {
            remove(aws).await
        } else {
            Ok(())
        };
    }
    let new: Inventory = names.difference(&known).cloned().collect();
    if before.is_none() {
        let mut tags = aws.target.mark(&address());
        tags.extend(entries(&new));
        let group = Group::of(aws, tags);
        let none = LogGroupSpec {
            retention_days: None,
        };
        match LogGroups::create(aws, group.context(), &none).await {
            // Another run has made it meanwhile.
            Err(error) if LogGroups::EXISTS.contains(&error.code.as_str()) => {}
            // Without it, everything is read.
            Err(_) | Ok(()) => return Ok(()),
        }
    } else if new.is_empty() {
        return Ok(());
    }
    let group = Group::of(aws, entries(&new));
    let added = LogGroups::tag(aws, group.context(), &group.tags).await;
    if added.is_err() {
        // One that lacks names is worse than none.
        return remove(aws).await;
    }
    Ok(())
}

/// Removes the names of what was deleted; adds what another run has removed meanwhile.
///
/// # Errors
/// The inventory cannot be read or written.
pub async fn settle(aws: &Aws, wanted: &Inventory, gone: &Inventory) -> Result<(), ProviderError> {
    let Some(now) = read(aws).await? else {
        return Ok(());
    };
    add(aws, Some(&now), wanted).await?;
    let old: Inventory = gone
        .difference(wanted)
        .filter(|of| now.contains(*of))
        .cloned()
        .collect();
    if old.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = entries(&old).into_keys().collect();
    let group = Group::of(aws, Tags::new());
    LogGroups::untag(aws, group.context(), &keys).await
}

async fn remove(aws: &Aws) -> Result<(), ProviderError> {
    LogGroups::delete(aws, &stack::inventory(&aws.target), &Events::none()).await
}

/// What a call about the log group is about.
struct Group {
    name: String,
    arn: String,
    tags: Tags,
    events: Events,
}

impl Group {
    fn of(aws: &Aws, tags: Tags) -> Self {
        let name = stack::inventory(&aws.target);
        Self {
            arn: aws.arn(Kind::LogGroup, &name),
            name,
            tags,
            events: Events::none(),
        }
    }

    fn context(&self) -> CallContext<'_> {
        CallContext {
            name: &self.name,
            arn: &self.arn,
            tags: &self.tags,
            events: &self.events,
            is_new: false,
        }
    }
}

/// The address in its mark.
#[must_use]
pub fn address() -> Address {
    Address::new(Kind::LogGroup, "treino").part("inventory")
}

/// Whether the name fits into the value of a tag of a log group.
fn is_recordable((kind, name): &(Kind, String)) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    kind.facts().noun.len() + 1 + name.len() <= LONGEST && name.chars().all(allowed)
}

/// The names as tags. A name has one key, whoever writes it.
fn entries(names: &Inventory) -> BTreeMap<String, String> {
    let entry = |(kind, name): &(Kind, String)| {
        let value = format!("{}={name}", kind.facts().noun);
        let hash = hexadecimal(&Sha256::digest(&value)[..4]);
        (format!("{TAG_PREFIX}{hash}"), value)
    };
    names.iter().map(entry).collect()
}

fn entry(value: &str) -> Option<(Kind, String)> {
    let (noun, name) = value.split_once('=')?;
    Some((Kind::of_noun(noun)?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let of = |kind, name: &str| (kind, name.to_owned());
        let names = Inventory::from([
            of(Kind::Function, "their=name"),
            of(Kind::LogGroup, "/aws/lambda/f"),
            of(Kind::DirectoryBucket, "b--use1-az4--x-s3"),
        ]);
        let tags = entries(&names);
        let read: Option<Inventory> = tags.values().map(|value| entry(value)).collect();
        assert_eq!(read, Some(names));
        assert_eq!(entry("no kind"), None);
        assert_eq!(entry("planet=x"), None);
        assert!(!is_recordable(&of(Kind::LogGroup, "a#b")));
        assert!(!is_recordable(&of(Kind::LogGroup, &"a".repeat(LONGEST))));
    }
}
