//! Tells the stack's resources from foreign ones, by their ownership tags.

use super::{CallContext, ResourceCalls, deleted_since_plan, without_aws};
use crate::aws::{Aws, transport::waiter};
use crate::engine::{Leftover, ProviderError};
use crate::plan::{Owned, Ownership};
use crate::stack::{Address, Kind, TAG_ADDRESS, TAG_STACK, Tags};

/// Checks that a resource carries the mark of this stack: something else may have created one of the same
/// name since the plan was made.
///
/// # Errors
/// An error that names the owner, if the resource is not the stack's.
pub fn check_ownership(
    aws: &Aws,
    kind: Kind,
    cx: CallContext<'_>,
    tags: &Tags,
) -> Result<(), ProviderError> {
    let address = cx.tags.get(TAG_ADDRESS).map(String::as_str);
    let address = Address::from_tag(address.unwrap_or_default());
    let Some(whose) = Ownership::of(&aws.target, kind, &address, cx.name, tags) else {
        return Ok(());
    };
    let name = cx.name;
    let taken = format!("something else made the {kind} {name} since the plan was made: {whose}");
    Err(ProviderError::new(taken)
        .help("`treino plan` says what to do about names that are taken")
        .with_leftover(Leftover::Nothing))
}

/// Checks the mark of a resource after its creation, before anything more is written to it. Some create
/// calls also succeed for a resource that existed before.
///
/// # Errors
/// An error that names the owner, if the resource is not the stack's; or that it was deleted meanwhile.
pub async fn verify_created<K: ResourceCalls>(
    aws: &Aws,
    cx: CallContext<'_>,
) -> Result<(), ProviderError> {
    let waits = (cx.events, cx.name, "its mark is not seen yet");
    let look = || async {
        let tags = K::read_tags(aws, cx.name).await?;
        Ok(tags.filter(|tags| tags.contains_key(TAG_STACK)))
    };
    match waiter::wait_for(waiter::READ_AFTER_CREATE_TIMEOUT, waits, look).await {
        Ok(tags) => check_ownership(aws, K::KIND, cx, &tags),
        Err(_) => match K::read_tags(aws, cx.name).await? {
            Some(tags) => check_ownership(aws, K::KIND, cx, &tags),
            None => Err(deleted_since_plan(K::KIND, cx)),
        },
    }
}

/// A listed name and the tags read for it; `None` if the resource was not found.
pub type Read = (String, Result<Option<Tags>, ProviderError>);

/// The names that are listed although the resource is not found, and that begin like those of the stack.
pub fn missing_but_named_like_stack(read: &[Read], stack: Option<&str>) -> Vec<String> {
    let gone = read.iter().filter(|(_, tags)| matches!(tags, Ok(None)));
    let names = gone.map(|(name, _)| name);
    names
        .filter(|name| may_be_ours(name, stack))
        .cloned()
        .collect()
}

/// Whether a name begins like the generated names of the stack. Of a log group's name, only the part
/// after the last slash counts.
fn may_be_ours(name: &str, stack: Option<&str>) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let rest = stack.and_then(|stack| last.strip_prefix(stack));
    rest.is_some_and(|rest| rest.starts_with('-'))
}

/// The resources that carry treino's mark. A resource whose tags the caller may not read counts as foreign.
///
/// # Errors
/// The error of reading the tags, if it failed for every resource, or for one named like those of the stack.
pub fn filter_marked(
    kind: Kind,
    read: Vec<Read>,
    stack: Option<&str>,
) -> Result<Vec<Owned>, ProviderError> {
    let any = read.iter().any(|(_, tags)| tags.is_ok());
    let mut found = Vec::new();
    for (name, tags) in read {
        match tags {
            Ok(tags) => found.extend(tags.and_then(|tags| mark(kind, name, tags))),
            Err(error) if !any || may_be_ours(&name, stack) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(found)
}

fn mark(kind: Kind, name: String, tags: Tags) -> Option<Owned> {
    // treino writes no control characters into its marks, and prints their values.
    let plain = |text: &&String| !text.contains(char::is_control);
    let address = Address::from_tag(tags.get(TAG_ADDRESS).filter(plain)?);
    tags.get(TAG_STACK).filter(plain)?;
    Some(Owned {
        address,
        kind,
        name,
        tags: without_aws(tags),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_may_not_be_read_leave_open_whose_it_is() {
        let denied = || ProviderError {
            code: "AccessDenied".into(),
            ..ProviderError::default()
        };
        let found = |names: &[(&str, bool)]| {
            let read = names.iter().map(|(name, may)| {
                let tags = if *may {
                    Ok(Some(Tags::new()))
                } else {
                    Err(denied())
                };
                ((*name).to_owned(), tags)
            });
            filter_marked(Kind::Bucket, read.collect(), Some("lab"))
        };
        assert!(found(&[]).is_ok());
        assert!(found(&[("theirs", true), ("guarded", false), ("labour", false)]).is_ok());
        assert!(found(&[("theirs", true), ("lab-images", false)]).is_err());
        assert!(found(&[("theirs", false), ("guarded", false)]).is_err());
    }
}
