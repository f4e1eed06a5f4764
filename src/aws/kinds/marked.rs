//! Which of what a service lists is treino's.

use super::without_aws;
use crate::engine::Fault;
use crate::plan::Owned;
use crate::stack::{Address, Kind, TAG_ADDRESS, TAG_STACK, Tags};

/// What carries treino's mark. One whose tags alone may not be read is another's, guarded by a policy
/// of its own; but where none may be read, or one is named as the stack's are, nothing is known.
pub fn marked(
    kind: Kind,
    read: Vec<(String, Result<Option<Tags>, Fault>)>,
    stack: Option<&str>,
) -> Result<Vec<Owned>, Fault> {
    let any = read.iter().any(|(_, tags)| tags.is_ok());
    let may_be_ours = |name: &str| {
        let rest = stack.and_then(|stack| name.strip_prefix(stack));
        rest.is_some_and(|rest| rest.starts_with('-'))
    };
    let mut found = Vec::new();
    for (name, tags) in read {
        match tags {
            Ok(tags) => found.extend(tags.and_then(|tags| mark(kind, name, tags))),
            Err(fault) if !any || may_be_ours(&name) => return Err(fault),
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
        let denied = || Fault {
            code: "AccessDenied".into(),
            ..Fault::default()
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
            marked(Kind::Bucket, read.collect(), Some("lab"))
        };
        assert!(found(&[]).is_ok());
        assert!(found(&[("theirs", true), ("guarded", false), ("labour", false)]).is_ok());
        assert!(found(&[("theirs", true), ("lab-images", false)]).is_err());
        assert!(found(&[("theirs", false), ("guarded", false)]).is_err());
    }
}
