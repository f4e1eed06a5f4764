//! Whether the roles of one student's stack reach another student's resources.

use std::collections::BTreeMap;

use serde_json::Value;

use super::pattern::intersect;
use crate::ops::Violation;
use crate::stack::{Address, DesiredState, Kind};

/// Actions that AWS lets be allowed for `*` alone, as they are of no resource. Step Functions needs these to log.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>
const OF_NO_RESOURCE: [&str; 8] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];

/// A student's stack as it is to be.
#[derive(Debug, Clone, Copy)]
pub struct StackOfStudent<'a> {
    /// The owner.
    pub owner: &'a str,
    /// The stack.
    pub desired: &'a DesiredState,
}

/// Every way in which the stacks of one account and region reach each other by their roles' inline policies. Conditions
/// are not taken into account: what a condition excludes is reported, too. Roles that exist already and managed policies
/// are not looked at.
#[must_use]
pub fn violations(stacks: &[StackOfStudent<'_>]) -> Vec<Violation> {
    let mut found = shared_names(stacks);
    for stack in stacks {
        let others: Vec<_> = stacks
            .iter()
            .filter(|other| other.owner != stack.owner)
            .collect();
        for role in stack
            .desired
            .resources
            .values()
            .filter(|one| one.kind == Kind::Role)
        {
            let policies = role.spec["policies"].as_object();
            for (policy, document) in policies.into_iter().flatten() {
                for grant in grants(document) {
                    let mut reached = others.iter().flat_map(|other| {
                        let resources = other.desired.resources.values();
                        let reached = resources.filter(|one| grant.reaches(one.kind, &one.arn));
                        reached.map(|one| (other.owner, &one.arn))
                    });
                    let Some((victim, arn)) = reached.next() else {
                        continue;
                    };
                    found.push(Violation {
                        owner: stack.owner.to_owned(),
                        address: role.address.clone(),
                        policy: Some(policy.clone()),
                        pattern: grant.pattern.to_owned(),
                        victim: victim.to_owned(),
                        reached: arn.clone(),
                        count: 1 + reached.count(),
                        place: None,
                    });
                }
            }
        }
    }
    found
}

/// Names that the resources of two students have: `x-b` of `c`, and `x` of `b-c`.
fn shared_names(stacks: &[StackOfStudent<'_>]) -> Vec<Violation> {
    let mut names: BTreeMap<(Kind, String), (&str, &Address)> = BTreeMap::new();
    let mut found = Vec::new();
    for stack in stacks {
        for resource in stack.desired.resources.values() {
            let compared = resource.kind.resource_type().compared_name(&resource.name);
            let own = (stack.owner, &resource.address);
            let earlier = *names.entry((resource.kind, compared)).or_insert(own);
            if earlier.0 != stack.owner {
                found.push(Violation {
                    owner: stack.owner.to_owned(),
                    address: resource.address.clone(),
                    policy: None,
                    pattern: resource.name.clone(),
                    victim: earlier.0.to_owned(),
                    reached: resource.arn.clone(),
                    count: 1,
                    place: None,
                });
            }
        }
    }
    found
}

/// Actions that are allowed for a pattern of ARNs.
struct Granted<'a> {
    actions: Vec<&'a str>,
    pattern: &'a str,
}

impl Granted<'_> {
    fn reaches(&self, kind: Kind, arn: &str) -> bool {
        let service = arn.split(':').nth(2).unwrap_or_default();
        let is_of_service = |action: &&str| {
            let of = action.split(':').next().unwrap_or_default();
            intersect(of, service) && !(self.pattern == "*" && is_of_no_resource(action))
        };
        self.actions.iter().any(is_of_service)
            && parts(kind, arn)
                .iter()
                .any(|part| intersect(self.pattern, part))
    }
}

fn is_of_no_resource(action: &str) -> bool {
    let lists = action
        .split_once(':')
        .is_some_and(|(_, verb)| verb.starts_with("List") && !verb.contains('*'));
    lists || OF_NO_RESOURCE.contains(&action)
}

/// The ARN of a resource, and patterns of what is in it: objects, indexes, streams, versions, executions.
fn parts(kind: Kind, arn: &str) -> Vec<String> {
    let mut parts = vec![arn.to_owned(), format!("{arn}/*"), format!("{arn}:*")];
    if kind == Kind::StateMachine {
        for executions in ["execution", "express", "mapRun"] {
            let of_machine = arn.replacen(":stateMachine:", &format!(":{executions}:"), 1);
            parts.extend([format!("{of_machine}:*"), format!("{of_machine}/*")]);
        }
    }
    parts
}

/// What the statements of a policy allow.
fn grants(document: &Value) -> Vec<Granted<'_>> {
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.iter().collect(),
        other => vec![other],
    };
    let allowing = statements
        .into_iter()
        .filter(|one| one["Effect"] == "Allow");
    let granted = allowing.flat_map(|statement| {
        // All but some is as good as all.
        let or_all = |field: &str| {
            let named = texts(&statement[field]);
            if named.is_empty() { vec!["*"] } else { named }
        };
        let actions = or_all("Action");
        let patterns = or_all("Resource").into_iter();
        patterns.map(move |pattern| Granted {
            actions: actions.clone(),
            pattern,
        })
    });
    granted.collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[path = "isolation_tests.rs"]
mod tests;
