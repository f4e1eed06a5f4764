//! Whether what a check finds may be what AWS showed before a step, or nothing yet.
//!
//! It may, where the step wrote the resource, and what is read is the state before it. A mark or a value that was never there is somebody else's.

use serde_json::Value;

use crate::engine::Provider;
use crate::plan::{self, Action, Change, Step};
use crate::stack::{Kind, Resource, TAG_ADDRESS, TAG_OWNER, TAG_STACK, Tags};

/// Whether AWS documents reads of a kind as eventually consistent:
/// - buckets: `PutBucketVersioning` may take minutes to be seen, and configurations in general are late
///   (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel>)
/// - tables: `DescribeTable`, and `ListTagsOfResource` after `TagResource`
///   (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html>)
/// - roles: all of IAM
///   (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>)
/// - state machines: `DescribeStateMachine`
///   (<https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html>)
/// - queues: attributes within 60 seconds
///   (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>)
/// - vaults: access policies
///   (<https://docs.aws.amazon.com/amazonglacier/latest/dev/api-DeleteVaultAccessPolicy.html>)
fn is_read_late(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bucket | Kind::Table | Kind::Role | Kind::StateMachine | Kind::Queue | Kind::Vault
    )
}

/// Whether the step wrote a resource. AWS says of few services that they read what was written, so whatever looks
/// as before the step, or like nothing yet, may be late.
fn may_be_late(step: &Step) -> bool {
    step.is_change()
}

/// Whether a difference is that nothing is there yet.
fn is_nothing_yet(change: &Change) -> bool {
    match &change.from {
        None | Some(Value::Null | Value::Bool(false)) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(_) => false,
    }
}

/// Whether a resource that is not found by its name is listed: only the one or the other can be right.
pub(super) async fn is_listed(provider: &dyn Provider, step: &Step) -> bool {
    if !may_be_late(step) {
        return false;
    }
    let names = [step.name.clone()];
    let listed = provider.listed(step.kind, &names).await;
    listed.is_ok_and(|listed| !listed.is_empty())
}

/// Whether tags without the stack's mark may be those before the step: none, or the mark of whom the resource
/// was adopted from.
pub(super) fn may_be_mark(step: &Step, tags: &Tags) -> bool {
    let mark = |tags: &Tags| [TAG_STACK, TAG_OWNER, TAG_ADDRESS].map(|tag| tags.get(tag).cloned());
    let before = match (&step.action, &step.live) {
        (Action::Update { .. }, Some(live)) => mark(&live.tags),
        _ => mark(&Tags::new()),
    };
    let seen = mark(tags);
    may_be_late(step) && (seen == before || seen == mark(&Tags::new()))
}

/// Whether these differences may be those before the step. Before a creation nothing is known of a setting; of a kind
/// without late reads it has none.
pub(super) fn may_be_changes(step: &Step, want: &Resource, changes: &[Change]) -> bool {
    let were = match (&step.action, &step.live) {
        (Action::Update { .. }, Some(live)) => plan::differences(want, live),
        _ => {
            let is_late = is_read_late(step.kind) || changes.iter().all(is_nothing_yet);
            return may_be_late(step) && is_late;
        }
    };
    may_be_late(step) && changes.iter().all(|change| were.contains(change))
}
