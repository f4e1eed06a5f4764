//! The plan of a class in numbers, and what stands in its way.

use std::collections::BTreeMap;

use super::deploy::{Deploying, PlannedStudents, SharedTrails};
use super::isolation::{StackOfStudent, violations};
use super::members::ClassPlace;
use super::{quotas, rates};
use crate::ops::{ClassPlan, Error, PlannedStack, Violation};
use crate::stack::Kind;

/// Why nothing is deployed, if something stands in the way of all.
pub fn refuse(plan: &ClassPlan) -> Result<(), Error> {
    if let Some(error) = quotas::refused(&plan.quotas) {
        return Err(error.into());
    }
    let Some(first) = plan.violations.first() else {
        return Ok(());
    };
    let more = match plan.violations.len() {
        1 => String::new(),
        many => format!(" ({} more)", many - 1),
    };
    Err(Error::Usage(format!(
        "nothing was changed: {}{more}; name the student's own resources by references such as `${{photos.arn}}/*`",
        violation(first)
    )))
}

/// What one student's stack reaches of another's, in words.
fn violation(one: &Violation) -> String {
    let Violation {
        owner,
        address,
        pattern,
        victim,
        reached,
        ..
    } = one;
    match &one.policy {
        Some(policy) => format!(
            "the policy `{policy}` of {address} of {owner} allows `{pattern}`, which is also {reached} of {victim}"
        ),
        None => format!(
            "{address} of {owner} and a resource of {victim} would both be named `{pattern}`"
        ),
    }
}

impl<'a> Deploying<'a> {
    pub(super) async fn class_plan(
        &self,
        planned: &PlannedStudents<'a>,
        trails: &SharedTrails<'a>,
    ) -> ClassPlan {
        let mut plan = ClassPlan {
            verb: "deploy",
            stack: self.stack.name().to_owned(),
            stacks: trails
                .values()
                .map(|one| numbers(one.plan(), None))
                .collect(),
            violations: Vec::new(),
            quotas: Vec::new(),
            least_seconds: None,
        };
        let mut needed: BTreeMap<ClassPlace, BTreeMap<Kind, usize>> = BTreeMap::new();
        for (place, trail) in trails {
            add(needed.entry(place.clone()).or_default(), &trail.created());
        }
        for one in planned.iter().flatten() {
            plan.stacks.push(numbers(one.plan(), one.refusal()));
            let target = &one.plan().target;
            let place = (target.account.clone(), target.region.clone());
            add(needed.entry(place).or_default(), &one.created());
        }
        let mut least: f64 = 0.0;
        for place in self.members.places.keys() {
            let here = self.members.of_place(place);
            let stacks = here.iter().filter_map(|index| {
                let desired = planned[*index].as_ref()?.desired();
                Some(StackOfStudent {
                    owner: &self.members.list[*index].student.owner,
                    desired,
                })
            });
            plan.violations
                .extend(violations(&stacks.collect::<Vec<_>>()));
            let created = needed.get(place).cloned().unwrap_or_default();
            least = least.max(rates::least_time(&created, here.len()).as_secs_f64());
        }
        plan.quotas = quotas::quotas(self.members, &needed).await;
        let is_limited = self
            .members
            .places
            .values()
            .all(|session| !session.is_local());
        plan.least_seconds = is_limited.then_some(least);
        plan
    }
}

fn add(all: &mut BTreeMap<Kind, usize>, more: &BTreeMap<Kind, usize>) {
    for (kind, count) in more {
        *all.entry(*kind).or_default() += count;
    }
}

/// A plan in numbers.
pub fn numbers(plan: &crate::plan::Plan, refused: Option<String>) -> PlannedStack {
    PlannedStack {
        stack: plan.target.stack.clone(),
        owner: plan.target.owner.clone(),
        account: plan.target.account.clone(),
        region: plan.target.region.clone(),
        create: plan.count("create"),
        update: plan.count("update"),
        replace: plan.count("replace"),
        delete: plan.count("delete"),
        keep: plan.count("keep"),
        refused,
    }
}
