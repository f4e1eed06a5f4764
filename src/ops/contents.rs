//! The data that goes with what is deleted.

use futures_util::future::join_all;

use super::frontend::Reporter;
use super::progress::slow;
use super::{Event, ResourceContents};
use crate::engine::{Provider, ProviderError};
use crate::plan::{Action, Plan};
use crate::stack::Address;

/// Tells what the resources contain that the plan deletes or replaces. What cannot be counted is a note: it keeps
/// nobody from deleting it.
pub(super) async fn send_contents(provider: &dyn Provider, plan: &Plan, out: &Reporter<'_>) {
    let gone = plan.steps.iter();
    let gone = gone.filter(|step| matches!(step.action, Action::Delete | Action::Replace { .. }));
    let counts = gone.map(|step| async move {
        let counted = provider.contents(step.kind, &step.name).await;
        (step, counted)
    });
    let what = format!("what {} contains", plan.target.stack);
    let mut contents = Vec::new();
    for (step, counted) in slow(out, &what, join_all(counts)).await {
        match counted {
            Ok(found) => {
                contents.extend(found.into_iter().filter(|one| one.count > 0).map(|one| {
                    ResourceContents {
                        address: step.address.clone(),
                        kind: step.kind,
                        name: step.name.clone(),
                        what: one.what,
                        count: one.count,
                        bytes: one.bytes,
                        more: one.more,
                        about: one.about,
                    }
                }))
            }
            Err(error) => out.info(not_counted(&step.address, &error)),
        }
    }
    if !contents.is_empty() {
        out.send(Event::Contents { contents });
    }
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
