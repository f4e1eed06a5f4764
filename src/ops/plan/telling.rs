//! What is told of a plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use super::Prepared;
use crate::ops::contents::put_in;
use crate::ops::cost::plan_cost;
use crate::ops::ending::is_near;
use crate::ops::frontend::Reporter;
use crate::ops::packages::installed_for;
use crate::ops::planned_end::StackTerm;
use crate::ops::session::Session;
use crate::ops::{Event, ExplainedRole, FileDiagnostic};
use crate::plan::{Action, Owned, Plan};
use crate::source::Diagnostics;
use crate::stack::{DesiredState, Kind, Resource};

/// Sends what may not be meant in a file.
pub(in crate::ops) fn send_warnings(file: &Path, warnings: Diagnostics, out: &Reporter<'_>) {
    if !warnings.0.is_empty() {
        let shown = file.display().to_string();
        let problems = warnings.into_iter();
        let problems = problems.map(|warning| FileDiagnostic::of(&shown, warning));
        out.send(Event::Warnings {
            problems: problems.collect(),
        });
    }
}

/// Sends a plan; where the stack file is known, what it takes from the user, and what was installed into packages.
pub(in crate::ops) fn send_plan(plan: &Plan, desired: Option<&DesiredState>, out: &Reporter<'_>) {
    let reads = desired.map(|desired| desired.reads.clone());
    let packages = desired.map(|desired| installed_for(plan, desired));
    out.send(Event::Plan {
        plan: Box::new(plan.clone()),
        reads: reads.unwrap_or_default(),
        packages: packages.unwrap_or_default(),
    });
}

/// Sends what a planned stack costs, and when it ends. On the local AWS it costs nothing.
pub(in crate::ops) async fn send_end(
    session: &Session,
    prepared: &Prepared<'_>,
    term: StackTerm,
    out: &Reporter<'_>,
) {
    if !prepared.plan.foreign.is_empty() {
        return;
    }
    if !session.is_local() {
        out.send(Event::PlanCost(plan_cost(&prepared.desired)));
    }
    let mut end = term.told();
    let near = |at: &String| is_near(at, SystemTime::now());
    if end.expires.as_ref().is_some_and(near) {
        let deployed = prepared.plan.steps.iter();
        let deployed = deployed.filter(|step| step.action != Action::Create);
        let deployed = deployed.map(|step| Owned {
            address: step.address.clone(),
            kind: step.kind,
            name: step.name.clone(),
            tags: BTreeMap::new(),
        });
        let deployed: Vec<Owned> = deployed.collect();
        end.contents = put_in(&prepared.provider(), &deployed, &out.silent()).await;
    }
    out.send(Event::PlanEnd(end));
    out.info_of(term.difference());
}

/// Every role of a stack.
pub(super) fn roles(desired: &DesiredState) -> Vec<ExplainedRole> {
    let all = desired.resources.values();
    let roles = all.filter(|one| one.kind == Kind::Role);
    let texts = |value: &Value| match value {
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    };
    let assumed_by = |role: &Resource| {
        let principal = &role.spec["trust"]["Statement"][0]["Principal"];
        let by_type = ["Service", "AWS"].map(|of_type| texts(&principal[of_type]));
        by_type.concat()
    };
    let explained = roles.map(|role| ExplainedRole {
        address: role.address.clone(),
        name: role.name.clone(),
        assumed_by: assumed_by(role),
        managed_policies: texts(&role.spec["managed_policies"]),
    });
    explained.collect()
}
