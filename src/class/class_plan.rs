//! The plan of a class in numbers, and what stands in its way.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};
use serde_json::Value;

use super::deploy::{ClassCopies, Deploying, PlannedStudents, SharedTrails};
use super::isolation::{StackOfStudent, violations};
use super::members::ClassPlace;
use super::{quotas, rates};
use crate::ops::{
    ChangedResource, ClassPlan, Error, Event, Frontend, ONLY_END_CHANGES, PlannedDeploy,
    PlannedStack, Violation,
};
use crate::plan::{Action, Step};
use crate::stack::{DesiredState, Kind, TAG_EXPIRES};

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
    let place = one.place.as_ref();
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    match &one.policy {
        Some(policy) => format!(
            "{place}the policy `{policy}` of {address} of {owner} allows `{pattern}`, which is also {reached} of {victim}"
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
        copies: &ClassCopies,
    ) -> ClassPlan {
        let mut plan = ClassPlan {
            verb: "deploy",
            stack: self.stack.name().to_owned(),
            stacks: self.planned_stacks(planned, trails).await,
            violations: Vec::new(),
            quotas: Vec::new(),
            not_looked_at: Vec::new(),
            least_seconds: None,
        };
        let mut needed: BTreeMap<ClassPlace, BTreeMap<Kind, usize>> = BTreeMap::new();
        for (place, trail) in trails {
            add(needed.entry(place.clone()).or_default(), &trail.created());
        }
        for one in planned.iter().flatten() {
            let target = &one.plan().target;
            let place = (target.account.clone(), target.region.clone());
            add(needed.entry(place).or_default(), &one.created());
        }
        let mut least: f64 = 0.0;
        for place in self.members.places.keys() {
            let here = self.members.of_place(place);
            plan.violations
                .extend(self.violations(place, planned, copies));
            let created = needed.get(place).cloned().unwrap_or_default();
            least = least.max(rates::least_time(&created, here.len()).as_secs_f64());
        }
        let desired = planned.iter().flatten().map(PlannedDeploy::desired);
        let not_looked_at: BTreeSet<String> = desired.flat_map(not_looked_at).collect();
        plan.not_looked_at = not_looked_at.into_iter().collect();
        plan.quotas = quotas::quotas(self.members, &needed).await;
        let is_limited = self
            .members
            .places
            .values()
            .all(|session| !session.is_local());
        plan.least_seconds = is_limited.then_some(least);
        plan
    }

    /// The plan of each stack in numbers, with the data that is deleted.
    async fn planned_stacks(
        &self,
        planned: &PlannedStudents<'a>,
        trails: &SharedTrails<'a>,
    ) -> Vec<PlannedStack> {
        let of_students = planned.iter().flatten().map(|one| (one, one.refusal()));
        let all = trails.values().map(|one| (one, None)).chain(of_students);
        let stacks = all.map(|(one, refused)| async move {
            let contents = match refused {
                None => one.contents(self.frontend).await,
                Some(_) => Vec::new(),
            };
            PlannedStack {
                contents,
                ..with_end(one, numbers(one.plan(), refused))
            }
        });
        stream::iter(stacks).buffered(self.at_once).collect().await
    }

    /// How the stacks of a place reach each other, as far as those that are meant are among them.
    fn violations(
        &self,
        place: &ClassPlace,
        planned: &PlannedStudents<'a>,
        copies: &ClassCopies,
    ) -> Vec<Violation> {
        let here = self.members.of_place(place);
        let meant: Vec<StackOfStudent<'_>> = here
            .iter()
            .filter_map(|index| {
                Some(StackOfStudent {
                    owner: &self.members.list[*index].student.owner,
                    desired: planned[*index].as_ref()?.desired(),
                })
            })
            .collect();
        let is_meant = |owner: &str| meant.iter().any(|one| one.owner == owner);
        let others = copies.get(place).into_iter().flatten().map(|desired| {
            let owner = desired.target.owner.as_deref();
            StackOfStudent {
                owner: owner.unwrap_or(NO_OWNER),
                desired,
            }
        });
        let others = others.filter(|one| !is_meant(one.owner));
        let all: Vec<_> = meant.iter().copied().chain(others).collect();
        let mut found = violations(&all);
        found.retain(|one| is_meant(&one.owner) || is_meant(&one.victim));
        for one in found.iter_mut().filter(|one| one.policy.is_some()) {
            one.place = self.stack.place_of_allow(&one.address);
        }
        found
    }
}

/// Stands for the owner of a copy without one.
const NO_OWNER: &str = "(no owner)";

/// The roles and managed policies that a stack uses and does not make.
fn not_looked_at(desired: &DesiredState) -> Vec<String> {
    let of_stack: Vec<&str> = desired
        .resources
        .values()
        .map(|one| one.arn.as_str())
        .collect();
    let mut found = Vec::new();
    for one in desired.resources.values() {
        let texts = [&one.spec["role"], &one.spec["managed_policies"]];
        let texts = texts.into_iter().flat_map(|value| match value {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        });
        let arns = texts.filter_map(Value::as_str);
        let arns = arns.filter(|arn| arn.contains(":iam:") && !of_stack.contains(arn));
        found.extend(arns.map(String::from));
    }
    found
}

fn add(all: &mut BTreeMap<Kind, usize>, more: &BTreeMap<Kind, usize>) {
    for (kind, count) in more {
        *all.entry(*kind).or_default() += count;
    }
}

/// The same with when it ends.
fn with_end(planned: &PlannedDeploy<'_>, stack: PlannedStack) -> PlannedStack {
    let text = |at| humantime::format_rfc3339_seconds(at).to_string();
    PlannedStack {
        expires: planned.until().map(text),
        self_destruct: Some(planned.self_destruct()),
        ..stack
    }
}

/// Tells whose stacks end at another time than the file says, of those with the same difference the first time.
pub fn tell_ends(planned: &PlannedStudents<'_>, frontend: &dyn Frontend) {
    let mut told: BTreeMap<String, (String, Vec<&str>)> = BTreeMap::new();
    for one in planned.iter().flatten() {
        if let Some(text) = one.end_difference() {
            let without_time = text.split(", at ").next().unwrap_or_default().to_owned();
            let owner = one.plan().target.owner.as_deref();
            let (_, owners) = told.entry(without_time).or_insert((text, Vec::new()));
            owners.extend(owner);
        }
    }
    for (text, owners) in told.into_values() {
        let all = planned.iter().flatten().count();
        let whose = if owners.len() == all && all > 1 {
            "all students".to_owned()
        } else {
            owners.join(", ")
        };
        let message = format!("{whose}: {text}");
        frontend.event(&Event::Info { message });
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
        changed: changed(plan),
        contents: Vec::new(),
        expires: None,
        self_destruct: None,
        refused,
    }
}

/// Whether nothing but the time changes at which the stack expires.
fn is_of_end(step: &Step) -> bool {
    match &step.action {
        Action::Update { changes } => changes
            .iter()
            .all(|one| one.field() == "tags" && one.path.contains(TAG_EXPIRES)),
        _ => false,
    }
}

/// What is updated, replaced or deleted.
fn changed(plan: &crate::plan::Plan) -> Vec<ChangedResource> {
    let steps = plan.steps.iter();
    let steps = steps.filter(|step| !matches!(step.action, Action::Keep | Action::Create));
    let changed = steps.map(|step| ChangedResource {
        address: step.address.clone(),
        action: step.action.verb(),
        why: if is_of_end(step) {
            ONLY_END_CHANGES.to_owned()
        } else {
            step.why.clone()
        },
    });
    changed.collect()
}
