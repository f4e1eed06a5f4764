//! The order in which tags change.

use super::{CallContext, ResourceCalls};
use crate::aws::Aws;
use crate::engine::ProviderError;
use crate::stack::Tags;

/// Updates the tags of a resource. Tags are set before others are removed, so that the mark is always
/// there: an IAM policy may allow the other calls only on marked resources.
pub async fn change<K: ResourceCalls>(
    aws: &Aws,
    cx: CallContext<'_>,
    live: &Tags,
) -> Result<(), ProviderError> {
    let differs = |(key, value): &(&String, &String)| live.get(*key) != Some(*value);
    let set = cx.tags.iter().filter(differs);
    let set: Tags = set.map(|(k, v)| (k.clone(), v.clone())).collect();
    let removed = live.keys().filter(|key| !cx.tags.contains_key(*key));
    let removed: Vec<String> = removed.cloned().collect();
    if K::TAGS_ARE_REPLACED {
        return if set.is_empty() && removed.is_empty() {
            Ok(())
        } else {
            K::tag(aws, cx, cx.tags).await
        };
    }
    if !set.is_empty() {
        K::tag(aws, cx, &set).await?;
    }
    if !removed.is_empty() {
        K::untag(aws, cx, &removed).await?;
    }
    Ok(())
}
