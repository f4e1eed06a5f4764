//! Lists the resources with treino's mark, by list calls alone.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::{ResourceCalls, ownership};
use crate::aws::Aws;
use crate::aws::shared_lists::SharedLists;
use crate::engine::{ProviderError, Scope};
use crate::plan::Owned;
use crate::stack::{TAG_STACK, may_be_generated};

/// How many marks of listed resources are read at once.
const MARKS_AT_ONCE: usize = 8;

/// The resources with treino's mark, without those the scope knows already.
pub async fn owned<K: ResourceCalls>(
    aws: &Aws,
    scope: &Scope,
) -> Result<Vec<Owned>, ProviderError> {
    let names = SharedLists::names::<K>(aws, scope.stack.as_deref()).await?;
    owned_of::<K>(aws, scope, names).await
}

/// The same of listed names.
pub async fn owned_of<K: ResourceCalls>(
    aws: &Aws,
    scope: &Scope,
    mut names: Vec<String>,
) -> Result<Vec<Owned>, ProviderError> {
    let known: BTreeSet<&str> = scope
        .known
        .iter()
        .filter(|(kind, _)| *kind == K::KIND)
        .map(|(_, name)| name.as_str())
        .collect();
    let may_be = |name: &str| !scope.generated || may_be_generated(&aws.target, name);
    names.retain(|name| !known.contains(name.as_str()) && may_be(name));
    let mut read = marks::<K>(aws, names).await?;
    let doubtful = ownership::missing_but_named_like_stack(&read, scope.stack.as_deref());
    if !doubtful.is_empty() {
        // Deleted in between, or not yet consistent: they are read a second time.
        let mut names = K::list(aws, scope.stack.as_deref()).await?;
        names.retain(|name| doubtful.contains(name));
        let again = marks::<K>(aws, names).await?;
        let still = ownership::missing_but_named_like_stack(&again, scope.stack.as_deref());
        if !still.is_empty() {
            let (kind, names) = (K::KIND, still.join(", "));
            let both = format!("{kind} {names} is listed, and said not to be there");
            let stand = still.iter().map(|name| K::exists(aws, name));
            let is_late = !try_join_all(stand).await?.contains(&true);
            return Err(if is_late {
                ProviderError::late_list(both)
            } else {
                ProviderError::contradiction(both)
            });
        }
        read.extend(again);
    }
    let found = ownership::filter_marked(K::KIND, read, scope.stack.as_deref())?;
    let ours =
        |owned: &Owned| scope.stack.is_none() || owned.tags.get(TAG_STACK) == scope.stack.as_ref();
    Ok(found
        .into_iter()
        .filter(|owned| scope.others || ours(owned))
        .collect())
}

/// The tags of each of these resources. An error of one does not stop the others.
async fn marks<K: ResourceCalls>(
    aws: &Aws,
    names: Vec<String>,
) -> Result<Vec<ownership::Read>, ProviderError> {
    let arn = aws.arn(K::KIND, "");
    let unread = &aws
        .unread
        .add(arn.split(':').nth(2).unwrap_or_default(), names.len());
    let read = stream::iter(names).map(|name| async move {
        let tags = K::read_tags(aws, &name).await;
        unread.one_read();
        match tags {
            Err(error) if !error.is_denied() => Err(error),
            tags => Ok((name, tags)),
        }
    });
    read.buffered(MARKS_AT_ONCE).try_collect().await
}
