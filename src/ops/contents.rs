//! The data that goes with what is deleted.

use futures_util::future::join_all;

use super::frontend::Reporter;
use super::progress::slow;
use super::{Event, ResourceContents};
use crate::engine::{Contents, Provider, ProviderError};
use crate::plan::{Action, Owned, Plan};
use crate::stack::{Address, Kind};

/// Tells what the resources contain that the plan deletes or replaces. What cannot be counted is a note: it keeps
/// nobody from deleting it.
pub(super) async fn send_contents(provider: &dyn Provider, plan: &Plan, out: &Reporter<'_>) {
    let contents = contents_of(provider, plan, out).await;
    if !contents.is_empty() {
        out.send(Event::Contents { contents });
    }
}

/// What the resources contain that the plan deletes or replaces.
pub(super) async fn contents_of(
    provider: &dyn Provider,
    plan: &Plan,
    out: &Reporter<'_>,
) -> Vec<ResourceContents> {
    let gone = plan.steps.iter();
    let gone = gone.filter(|step| matches!(step.action, Action::Delete | Action::Replace { .. }));
    let counts = gone.map(|step| async move {
        let counted = provider.contents(step.kind, &step.name).await;
        (step, counted)
    });
    let what = format!("what {} contains", plan.target.stack);
    let mut contents = Vec::new();
    for (step, counted) in slow(out, &what, join_all(counts)).await {
        let of = (&step.address, step.kind, step.name.as_str());
        contents.extend(counted_of(of, counted, out));
    }
    contents
}

/// What users put in: the objects of buckets and the items of tables. Each is one page of a list.
pub(super) async fn put_in(
    provider: &dyn Provider,
    resources: &[Owned],
    out: &Reporter<'_>,
) -> Vec<ResourceContents> {
    const KINDS: [Kind; 3] = [Kind::Bucket, Kind::DirectoryBucket, Kind::Table];
    let counts = resources.iter().filter(|one| KINDS.contains(&one.kind));
    let counts = counts.map(|one| async move {
        let counted = provider.contents(one.kind, &one.name).await;
        (one, counted)
    });
    let mut contents = Vec::new();
    for (one, counted) in join_all(counts).await {
        let of = (&one.address, one.kind, one.name.as_str());
        contents.extend(counted_of(of, counted, out));
    }
    contents
}

/// What one resource contains, where it contains something.
fn counted_of(
    (address, kind, name): (&Address, Kind, &str),
    counted: Result<Vec<Contents>, ProviderError>,
    out: &Reporter<'_>,
) -> Vec<ResourceContents> {
    let found = match counted {
        Ok(found) => found,
        Err(error) => {
            out.info(not_counted(address, &error));
            return Vec::new();
        }
    };
    let found = found.into_iter().filter(|one| one.count > 0);
    let found = found.map(|one| ResourceContents {
        address: address.clone(),
        kind,
        name: name.to_owned(),
        what: one.what,
        count: one.count,
        bytes: one.bytes,
        more: one.more,
        about: one.about,
    });
    found.collect()
}

fn not_counted(address: &Address, error: &ProviderError) -> String {
    if error.is_denied() {
        let (service, operation) = (&error.service, &error.operation);
        return format!(
            "what {address} contains is not counted: {service} {operation} is not allowed to you"
        );
    }
    format!("what {address} contains cannot be counted: {error}")
}
