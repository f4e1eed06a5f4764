//! What a deploy does about the inventory of its stack.

use super::frontend::Reporter;
use super::plan::Prepared;
use crate::aws::inventory;
use crate::engine::has_own_names;
use crate::plan::{Action, ActualState, Inventory, Orphan, Owned, Step};
use crate::stack::{self, DesiredState, Kind, Target, may_be_generated};

/// Writes down what the plan keeps, makes and deletes, before it does. A stack whose names are all generated needs no
/// inventory.
///
/// # Errors
/// An inventory that lacks names could not be deleted.
pub(super) async fn begin(prepared: &Prepared<'_>) -> Result<(), super::Error> {
    let plan = &prepared.plan;
    let names = names(plan.steps.iter());
    let is_own = |name: &str| !may_be_generated(&plan.target, name);
    if prepared.inventory.is_none() && !names.iter().any(|(_, name)| is_own(name)) {
        return Ok(());
    }
    let aws = prepared.provider().0;
    Ok(inventory::add(&aws, prepared.inventory.as_ref(), &names).await?)
}

/// Takes out what is deleted, when all is done.
pub(super) async fn end(prepared: &Prepared<'_>, out: &Reporter<'_>) {
    let steps = || prepared.plan.steps.iter();
    let wanted = names(steps().filter(|step| step.want.is_some()));
    let mut gone = names(steps());
    gone.extend(prepared.inventory.iter().flatten().cloned());
    let is_own = |name: &str| !may_be_generated(&prepared.plan.target, name);
    if !gone.iter().any(|(_, name)| is_own(name)) {
        return;
    }
    // Another run takes out only what it deletes: of that, what is here again was made by this one.
    let is_made = |step: &Step| matches!(step.action, Action::Create | Action::Replace { .. });
    let has_made = prepared.inventory.is_some() && steps().any(is_made);
    if gone.is_subset(&wanted) && !has_made {
        return;
    }
    let aws = prepared.provider().0;
    if let Err(error) = inventory::settle(&aws, &wanted, &gone).await {
        out.warn(format!(
            "{error}; if a name in the stack file changes before the next deploy, `treino status` and `treino destroy` \
             find the old resource, and a plan may not"
        ));
    }
}

fn names<'a>(steps: impl Iterator<Item = &'a Step>) -> Inventory {
    steps.map(|step| (step.kind, step.name.clone())).collect()
}

/// The inventory as one of what is deleted with a stack that is deployed, if it has one by then.
pub(super) fn of_deploy(desired: &DesiredState, actual: &ActualState) -> Option<Orphan> {
    let is_kept = actual.inventory.is_some() || has_own_names(desired);
    is_kept.then(|| orphan(&desired.target))
}

/// The same of a stack that was listed without its inventory.
pub(super) fn of_resources(target: &Target, resources: &[Owned]) -> Option<Orphan> {
    let mut names = resources.iter().map(|one| &one.name);
    let has_own = names.any(|name| !may_be_generated(target, name));
    has_own.then(|| orphan(target))
}

fn orphan(target: &Target) -> Orphan {
    Orphan {
        address: inventory::address(),
        kind: Kind::LogGroup,
        name: stack::inventory(target),
        spec: None,
    }
}
