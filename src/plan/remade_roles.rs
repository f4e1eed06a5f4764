//! Roles that are made again under the same name, and what still knows the old ones.
//!
//! AWS keeps a role by its id where a policy names it as principal, and where KMS lets a function's role read the
//! environment variables. A role made again has the same ARN and another id: what names it reads as before, and lets
//! nobody in until it is written again. State machines and the targets of rules name their roles by ARN alone.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Action, ActualResource, Change, Step};
use crate::stack::Kind;

/// Marks what names a role that the plan makes again, or that was made again since, to be written again.
pub fn write_again(steps: &mut [Step]) {
    let roles: BTreeMap<String, RoleCreation> = steps
        .iter()
        .filter(|step| step.kind == Kind::Role)
        .filter_map(|step| Some((step.want.as_ref()?.arn.clone(), RoleCreation::of(step))))
        .collect();
    for step in steps {
        let (Some(want), Some(live)) = (&step.want, &mut step.live) else {
            continue;
        };
        let mut found: Vec<Change> = match &step.action {
            Action::Keep => Vec::new(),
            Action::Update { changes } => changes.clone(),
            _ => continue,
        };
        let differing = found.len();
        for field in want.kind.resource_type().keeps_role_ids(&want.spec) {
            let named = roles
                .iter()
                .filter(|(arn, _)| names(&want.spec[*field], arn));
            let is_remade = named.clone().any(|(_, role)| role.is_newer_than(live));
            // One that differs is written in any case.
            if is_remade && !found.iter().any(|change| change.field() == *field) {
                live.outdated.push((*field).to_owned());
                found.push(Change {
                    path: (*field).to_owned(),
                    from: Some(json!("a role that was removed")),
                    to: Some(json!("the role made again under its name")),
                });
            }
        }
        if found.len() > differing {
            step.why = match &step.action {
                Action::Keep => "names a role that was made again: it is written again".to_owned(),
                _ => format!("{}; names a role that was made again", step.why),
            };
            step.action = Action::Update { changes: found };
        }
    }
}

/// When a role was made.
enum RoleCreation {
    /// By this plan.
    Now,
    /// At this time, if AWS says it.
    Before(Option<String>),
}

impl RoleCreation {
    fn of(step: &Step) -> Self {
        match (&step.action, &step.live) {
            (Action::Create | Action::Replace { .. }, _) | (_, None) => RoleCreation::Now,
            (_, Some(live)) => RoleCreation::Before(live.created.clone()),
        }
    }

    /// Whether the role was made after the last change of a resource. Only functions tell of that; the policies of the
    /// others then show the id of the old role, which is a difference.
    fn is_newer_than(&self, live: &ActualResource) -> bool {
        match (self, &live.created) {
            (RoleCreation::Now, _) => true,
            // Times of RFC 3339 in UTC and whole seconds.
            (RoleCreation::Before(Some(role)), Some(changed)) if live.kind == Kind::Function => {
                role.len() == changed.len() && role > changed
            }
            _ => false,
        }
    }
}

/// Whether a field of a spec holds this ARN.
fn names(value: &Value, arn: &str) -> bool {
    match value {
        Value::String(text) => text == arn,
        Value::Array(items) => items.iter().any(|item| names(item, arn)),
        Value::Object(fields) => fields.values().any(|field| names(field, arn)),
        _ => false,
    }
}
