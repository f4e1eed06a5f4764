//! Which of what a service lists, or of what stands under a name, is treino's.

use super::{CallContext, ResourceCalls, deleted_since_plan, without_aws};
use crate::aws::{Aws, transport::waiter};
use crate::engine::{Leftover, ProviderError};
use crate::plan::{Owned, Ownership};
use crate::stack::{Address, Kind, TAG_ADDRESS, TAG_STACK, Tags};

/// Refuses what something else made under a name since the plan saw it free.
///
/// # Errors
/// Whose it is, unless it is the stack's.
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

/// Reads the mark of what was just made, where AWS answers success as well for what was there already:
/// nothing more is written onto it before.
///
/// # Errors
/// Whose it is, unless it carries the stack's mark; or that it is gone again.
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

/// A listed name, and its tags; nothing if it is not there.
pub type Read = (String, Result<Option<Tags>, ProviderError>);

/// Those that are listed and not there, and are named as the stack's are.
pub fn missing_but_named_like_stack(read: &[Read], stack: Option<&str>) -> Vec<String> {
    let gone = read.iter().filter(|(_, tags)| matches!(tags, Ok(None)));
    let names = gone.map(|(name, _)| name);
    names
        .filter(|name| may_be_ours(name, stack))
        .cloned()
        .collect()
}

/// Whether a name begins as those of the stack do. A log group's begins after those of folders.
fn may_be_ours(name: &str, stack: Option<&str>) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let rest = stack.and_then(|stack| last.strip_prefix(stack));
    rest.is_some_and(|rest| rest.starts_with('-'))
}

/// What carries treino's mark. One whose tags alone may not be read is another's, guarded by a policy
/// of its own; but where none may be read, or one is named as the stack's are, nothing is known.
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
    // treino writes no line breaks or the like into its marks, and shows what stands in them.
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
