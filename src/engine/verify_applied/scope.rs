//! What the look after a deploy reads.
//!
//! After updates in place, what was updated and what depends on it (a rule on its targets, though it waits for the whole
//! stack): the survey has read the others a moment ago, and only
//! another run can have touched them since. A destroy is seen all the same, as it touches everything: while it is under way
//! by its journal, afterwards by any one resource that is not there any more. Then everything is read. So is everything
//! where a resource was created, replaced or deleted: a new one relies on others.

use std::collections::BTreeSet;

use crate::engine::destroy_journal::is_being_destroyed;
use crate::engine::{Provider, ProviderError};
use crate::plan::{Action, Plan, Step};
use crate::stack::{Address, Kind, LateBoundArns, Resource};

/// A desired resource with the index of its step.
pub(super) type Wanted = (usize, Resource);

/// The desired resources that are read, and the others. All are read if not only updates were made, or if a destroy would
/// leave no journal, as of a stack without functions.
pub(super) fn of(plan: &Plan, late_bound_arns: &LateBoundArns) -> (Vec<Wanted>, Vec<Wanted>) {
    let steps = plan.steps.iter().enumerate();
    let wanted = steps.filter(|(index, step)| {
        // A later step of the same resource changes it further.
        let next = plan.steps.get(index + 1);
        !next.is_some_and(|next| next.narrows && next.address == step.address)
    });
    let wanted: Vec<Wanted> = wanted
        .filter_map(|(index, step)| {
            let want = step.want.as_ref()?;
            Some((index, want.with_late_bound_arns(late_bound_arns)))
        })
        .collect();
    let has_journal = wanted.iter().any(|(_, want)| want.kind == Kind::Function);
    let only_updates = |step: &Step| matches!(step.action, Action::Keep | Action::Update { .. });
    if !has_journal || !plan.steps.iter().all(only_updates) {
        return (wanted, Vec::new());
    }
    let concerned = concerned(plan);
    wanted
        .into_iter()
        .partition(|(_, want)| concerned.contains(&want.address))
}

/// What was updated, and whatever had to wait for that, directly or not.
fn concerned(plan: &Plan) -> BTreeSet<Address> {
    let changed = plan.steps.iter().filter(|step| step.is_change());
    let mut concerned: BTreeSet<Address> = changed.map(|step| step.address.clone()).collect();
    loop {
        let wanted = plan.steps.iter().filter_map(|step| step.want.as_ref());
        let more: Vec<Address> = wanted
            .filter(|want| !concerned.contains(&want.address))
            .filter(|want| depends_on(want, &concerned, plan))
            .map(|want| want.address.clone())
            .collect();
        if more.is_empty() {
            return concerned;
        }
        concerned.extend(more);
    }
}

/// Whether it waits for one of these. An event source waits for the whole stack, and depends on what it names.
fn depends_on(want: &Resource, concerned: &BTreeSet<Address>, plan: &Plan) -> bool {
    let mut waits_for = want.after.intersection(concerned);
    if !want.kind.facts().event_source {
        return waits_for.next().is_some();
    }
    let spec = want.spec.to_string();
    let mut named = plan.steps.iter().filter_map(|step| step.want.as_ref());
    named.any(|one| {
        let is_named = !one.arn.is_empty() && spec.contains(&one.arn);
        is_named && concerned.contains(&one.address)
    })
}

/// Whether a destroy is under way or has ended since the survey, as far as that matters: where the rest is not empty. If
/// it cannot be told, it may.
pub(super) async fn may_be_destroyed(
    provider: &dyn Provider,
    plan: &Plan,
    rest: &[Wanted],
) -> bool {
    let Some((_, one)) = rest.first() else {
        return false;
    };
    let seen: Result<(bool, bool), ProviderError> = tokio::try_join!(
        is_being_destroyed(provider, &plan.target),
        provider.exists(one.kind, &one.name)
    );
    !matches!(seen, Ok((false, true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Tags, Target};

    /// A step of the kind of the address's noun, after another address, which is its ARN, too, and is named.
    fn step(address: &str, action: Action, after: Option<&str>) -> Step {
        let address = Address::from_tag(address);
        let noun = address.as_str().split('.').next().unwrap_or_default();
        let kind = Kind::of_noun(noun).unwrap();
        let want = Resource {
            address: address.clone(),
            kind,
            name: address.to_string(),
            arn: address.to_string(),
            spec: serde_json::json!({ "names": after }),
            tags: Tags::new(),
            after: after.map(Address::from_tag).into_iter().collect(),
        };
        Step {
            address,
            kind,
            name: want.name.clone(),
            want: (action != Action::Delete).then_some(want),
            action,
            why: String::new(),
            live: None,
            adopted_from: None,
            narrows: false,
            after: Vec::new(),
        }
    }

    fn looked_at(steps: Vec<Step>) -> (Vec<String>, Vec<String>) {
        let target = Target {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            stack: "lab".to_owned(),
            owner: None,
        };
        let plan = Plan {
            target,
            steps,
            foreign: Vec::new(),
            late_bound_arns: LateBoundArns::new(),
            another_file: false,
            end: None,
        };
        let (wanted, rest) = of(&plan, &plan.late_bound_arns);
        let names = |all: Vec<Wanted>| all.into_iter().map(|(_, want)| want.name).collect();
        (names(wanted), names(rest))
    }

    fn update() -> Action {
        Action::Update {
            changes: Vec::new(),
        }
    }

    #[test]
    fn what_was_changed_is_read_and_what_depends_on_it() {
        let mut waits_for_all = step("rule.all", Action::Keep, Some("function.f"));
        waits_for_all.want.as_mut().unwrap().spec = serde_json::json!({});
        let steps = vec![
            waits_for_all,
            step("table.t", Action::Keep, None),
            step("function.f", update(), None),
            step("rule.r", Action::Keep, Some("state_machine.m")),
            step("state_machine.m", Action::Keep, Some("function.f")),
        ];
        let (wanted, rest) = looked_at(steps);
        assert_eq!(wanted, ["function.f", "rule.r", "state_machine.m"]);
        assert_eq!(rest, ["rule.all", "table.t"]);
    }

    #[test]
    fn all_is_read_where_a_destroy_would_not_be_seen() {
        let kept = || step("table.t", Action::Keep, None);
        // There is no journal without functions.
        let (wanted, rest) = looked_at(vec![kept(), step("queue.q", update(), None)]);
        assert_eq!((wanted.len(), rest.len()), (2, 0));
        // What is created relies on others, and of what is deleted nothing is left to read.
        for action in [Action::Create, Action::Delete] {
            let changed = step("queue.q", action, None);
            let function = step("function.f", Action::Keep, None);
            let (_, rest) = looked_at(vec![kept(), changed, function]);
            assert!(rest.is_empty());
        }
    }
}
