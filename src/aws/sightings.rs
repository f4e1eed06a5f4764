//! What is seen of a stack in other regions, and of other stacks: by lists that are the same in every region.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::Role;
use futures_util::stream::{self, StreamExt};

use super::Aws;
use super::resources;
use super::transport::error::ForCall;
use super::transport::pages::Pages;
use crate::engine::{ProviderError, Sighting};
use crate::stack::{Kind, TAG_OWNER, TAG_STACK, Tags, Target, suggestion};

/// How many roles' owners are asked for, and how many at once.
const OWNERS: (usize, usize) = (64, 8);

/// Roles of treino in all regions (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>), and
/// buckets in other regions that are named like the stack's, or else like those of a stack with a similar name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>). A list that fails shows nothing.
pub(super) async fn sightings(aws: &Aws, stack: &str) -> Vec<Sighting> {
    let hurried = aws.hurried();
    let (roles, buckets) = tokio::join!(roles(&hurried, stack), buckets(&hurried, stack));
    let mut seen = roles.unwrap_or_default();
    seen.extend(buckets.unwrap_or_default());
    seen
}

async fn roles(aws: &Aws, stack: &str) -> Result<Vec<Sighting>, ProviderError> {
    let mut found = Vec::new();
    for role in roles_under(aws, "/treino/".to_owned()).await? {
        if let Some((of, region)) = of_path(&role.path)
            // Those of this region were listed with their marks.
            && region != aws.target.region
        {
            found.push(Sighting {
                stack: of.to_owned(),
                owner: None,
                region: region.to_owned(),
                kind: Kind::Role,
                name: role.role_name.clone(),
                certain: true,
            });
        }
    }
    let names: Vec<&str> = found.iter().map(|one| one.stack.as_str()).collect();
    let meant = meant(stack, &names).map(String::from);
    let (ours, rest): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|one| Some(&one.stack) == meant.as_ref());
    let owners = stream::iter(ours.into_iter().take(OWNERS.0)).map(|one| async move {
        let tags = resources::role_tags(aws, &one.name).await;
        let tags = tags.ok().flatten().unwrap_or_default();
        Sighting {
            owner: tags.get(TAG_OWNER).cloned(),
            ..one
        }
    });
    let mut found: Vec<Sighting> = owners.buffered(OWNERS.1).collect().await;
    found.extend(rest);
    Ok(found)
}

/// The owners of the copies of the target's stack in its region that have a role beside these, by the path of roles.
pub(super) async fn owners_by_roles(
    aws: &Aws,
    known: &BTreeSet<String>,
) -> Result<BTreeSet<Option<String>>, ProviderError> {
    let roles = roles_under(aws, path_of_roles(&aws.target)).await?;
    let names = roles.into_iter().map(|role| role.role_name);
    let names = names.filter(|name| !known.contains(name));
    let owners = stream::iter(names.take(OWNERS.0)).map(|name| async move {
        let tags = resources::role_tags(aws, &name).await.ok().flatten()?;
        let is_its = tags.get(TAG_STACK) == Some(&aws.target.stack);
        is_its.then(|| tags.get(TAG_OWNER).cloned())
    });
    let owners: Vec<Option<Option<String>>> = owners.buffered(OWNERS.1).collect().await;
    Ok(owners.into_iter().flatten().collect())
}

/// When the roles of the target's stack were made, or those of all stacks where it has none, by name: as RFC 3339 times, by
/// one list for all of them.
pub(super) async fn ages_of_roles(aws: &Aws) -> Result<BTreeMap<String, String>, ProviderError> {
    let path = if aws.target.stack.is_empty() {
        "/treino/".to_owned()
    } else {
        path_of_roles(&aws.target)
    };
    let roles = roles_under(aws, path).await?.into_iter();
    let ages = roles.filter_map(|role| {
        let made = resources::time(Some(&role.create_date))?;
        Some((role.role_name, made))
    });
    Ok(ages.collect())
}

/// The path of the roles of a stack.
fn path_of_roles(target: &Target) -> String {
    format!("/treino/{}/{}/", target.stack, target.region)
}

/// The roles under a path (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>).
async fn roles_under(aws: &Aws, path: String) -> Result<Vec<Role>, ProviderError> {
    let mut roles = Vec::new();
    let call = aws.iam.list_roles().path_prefix(path);
    let mut pages = call.into_paginator().send();
    let mut seen = Pages::of("IAM", "ListRoles");
    while let Some(page) = pages.next().await {
        let page = page.for_call("IAM", "ListRoles")?;
        seen.next_if(page.is_truncated, page.marker())?;
        roles.extend(page.roles);
    }
    Ok(roles)
}

/// Of these stacks, the one of this name, or else of the most similar name.
fn meant<'a>(stack: &str, names: &[&'a str]) -> Option<&'a str> {
    let same = names.iter().find(|name| **name == stack);
    same.copied().or_else(|| suggestion(stack, names))
}

/// Stack and region of the path of a role: `/treino/STACK/REGION/`.
fn of_path(path: &str) -> Option<(&str, &str)> {
    let (stack, region) = path
        .strip_prefix("/treino/")?
        .strip_suffix('/')?
        .split_once('/')?;
    let is_plain = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    (is_plain(stack) && is_plain(region) && !region.contains('/')).then_some((stack, region))
}

async fn buckets(aws: &Aws, stack: &str) -> Result<Vec<Sighting>, ProviderError> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut similar: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let call = aws.s3.list_buckets();
    let mut pages = call.into_paginator().send();
    let mut seen = Pages::of("S3", "ListBuckets");
    while let Some(page) = pages.next().await {
        let page = page.for_call("S3", "ListBuckets")?;
        seen.next(page.continuation_token())?;
        for name in page.buckets().iter().filter_map(|bucket| bucket.name()) {
            let Some((rest, region)) = parts_of_bucket(name, &aws.target.account) else {
                continue;
            };
            let names = match name_match(rest, stack) {
                _ if region == aws.target.region => continue,
                NameMatch::Same => &mut found,
                NameMatch::Similar => &mut similar,
                NameMatch::Other => continue,
            };
            let names = names.entry(region.to_owned()).or_default();
            names.push(name.to_owned());
        }
    }
    let is_named = !found.is_empty();
    if !is_named {
        found = similar;
    }
    let mut marked = Vec::new();
    for (region, names) in found {
        let there = aws.in_region(&region);
        let reads = stream::iter(names.into_iter().take(OWNERS.0)).map(|name| async {
            let tags = resources::bucket_tags(&there, &name).await;
            let tags = tags.ok().flatten();
            // What is only similar may be anybody's.
            (is_named || tags.is_some())
                .then(|| bucket(stack, &region, name, tags.as_ref()))
                .flatten()
        });
        let read: Vec<Option<Sighting>> = reads.buffered(OWNERS.1).collect().await;
        marked.extend(read.into_iter().flatten());
    }
    Ok(marked)
}

/// A bucket by its mark; by its name, where its tags cannot be read.
fn bucket(stack: &str, region: &str, name: String, tags: Option<&Tags>) -> Option<Sighting> {
    let (stack, owner, certain) = match tags {
        None => (stack.to_owned(), None, false),
        Some(tags) => {
            let stack = tags.get(TAG_STACK)?.clone();
            (stack, tags.get(TAG_OWNER).cloned(), true)
        }
    };
    Some(Sighting {
        stack,
        owner,
        region: region.to_owned(),
        kind: Kind::Bucket,
        name,
        certain,
    })
}

/// A bucket's generated name, `STACK-KEY[-OWNER]-ACCOUNT-REGION`, as what precedes the account, and the region.
fn parts_of_bucket<'a>(name: &'a str, account: &str) -> Option<(&'a str, &'a str)> {
    let (rest, region) = name.split_once(&format!("-{account}-"))?;
    super::is_region(region).then_some((rest, region))
}

/// How much the stack of a bucket may be the one that is looked for.
#[derive(Debug, PartialEq, Eq)]
enum NameMatch {
    Same,
    Similar,
    Other,
}

/// By `STACK-KEY[-OWNER]`, where each hyphen may end the stack's name.
fn name_match(rest: &str, stack: &str) -> NameMatch {
    let ends = || rest.match_indices('-').map(|(end, _)| &rest[..end]);
    if ends().any(|name| name == stack) {
        NameMatch::Same
    } else if ends().any(|name| suggestion(stack, &[name]).is_some()) {
        NameMatch::Similar
    } else {
        NameMatch::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_read_from_paths_and_names() {
        assert_eq!(
            of_path("/treino/lab/sa-east-1/"),
            Some(("lab", "sa-east-1"))
        );
        assert_eq!(of_path("/treino/lab/"), None);
        assert_eq!(of_path("/service-role/"), None);
        let seen = |name| {
            let (rest, region) = parts_of_bucket(name, "111122223333")?;
            Some((region, name_match(rest, "lab")))
        };
        let (here, there) = ("sa-east-1", "eu-west-1");
        for (name, expected) in [
            (
                "lab-b-111122223333-sa-east-1",
                Some((here, NameMatch::Same)),
            ),
            (
                "lab-b-ana-111122223333-eu-west-1",
                Some((there, NameMatch::Same)),
            ),
            (
                "labs-b-111122223333-sa-east-1",
                Some((here, NameMatch::Similar)),
            ),
            (
                "laboratory-b-111122223333-sa-east-1",
                Some((here, NameMatch::Other)),
            ),
            ("lab-b-111122223333-4f5a1c2d", None),
            ("lab-b-999922223333-sa-east-1", None),
        ] {
            assert_eq!(seen(name), expected, "{name}");
        }
    }
}
