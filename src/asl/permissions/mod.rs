//! The permissions that the role of a state machine needs, derived from what its definition calls.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html>
//! and the page of each integration, which the code names.

mod arguments;
mod athena;
mod bedrock;
mod call;
mod called;
mod collect;
mod databases;
mod dynamodb;
mod jobs;
mod map;
mod objects;
mod optimized;
mod reference;
mod roles;
mod s3;
mod sdk;
mod sdk_tables;
mod ssm;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value as Json;

use super::QueryLanguage;
use super::jsonata::with_literal_arguments;
use super::model::{Machine, StateType};
use super::resource::{self, IntegrationPattern, TaskResource};
use super::text::has_reference;
use arguments::Arguments;
pub use called::{StateCall, called};
use collect::Collector;

/// The ARN of the state machine, in parts. A resource that the definition names without an ARN is in
/// the same partition, region and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachineArn {
    /// `aws`, `aws-cn`, ...
    pub partition: String,
    /// The region of the machine.
    pub region: String,
    /// The account of the machine.
    pub account: String,
    /// The name of the machine: a distributed Map starts executions of it.
    pub name: String,
}

impl StateMachineArn {
    /// An ARN in the same account and region.
    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition, self.region, self.account
        )
    }
}

/// A permission that a definition needs: a statement of the role's policy, and the states it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct RequiredPermission {
    /// IAM actions, sorted.
    pub actions: Vec<String>,
    /// ARNs or patterns of ARNs, sorted.
    pub resources: Vec<String>,
    /// The statement's `Condition`, if it has one.
    pub condition: Option<Json>,
    /// The states that need it, in the order of the definition.
    pub states: Vec<String>,
}

/// All the permissions that a definition needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequiredPermissions {
    /// In the order the definition first needs them.
    pub permissions: Vec<RequiredPermission>,
    /// Of targets that are only known at run time, so that more is allowed than is used, and of calls whose permissions
    /// are not known.
    pub warnings: Vec<PermissionWarning>,
}

/// A warning about the permissions of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionWarning {
    /// The name of the state.
    pub state: String,
    /// What is to be known of it, in a sentence.
    pub text: String,
}

impl fmt::Display for PermissionWarning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "state `{}`: {}", self.state, self.text)
    }
}

/// The permissions that the role of a machine needs.
///
/// The definition has all its `${name.attribute}` references resolved. What is wrong in it is
/// ignored: [`super::load`] has reported it.
#[must_use]
pub fn permissions(definition: &Json, machine: &StateMachineArn) -> RequiredPermissions {
    let mut collector = Collector::new(machine);
    collect(
        &mut collector,
        &Machine::of(&with_literal_arguments(definition)),
    );
    collector.finish()
}

/// The permission that the role needs for logging
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>). None of these actions
/// can be limited to a resource.
#[must_use]
pub fn logging() -> RequiredPermission {
    account_wide(&[
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ])
}

/// The permission that the role needs for tracing
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html>).
#[must_use]
pub fn tracing() -> RequiredPermission {
    account_wide(&[
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ])
}

fn account_wide(actions: &[&str]) -> RequiredPermission {
    RequiredPermission {
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: vec!["*".to_owned()],
        condition: None,
        states: Vec::new(),
    }
}

fn collect(collector: &mut Collector, machine: &Machine<Json>) {
    for state in &machine.states {
        collector.state(state.name.text);
        match state.state_type {
            Some(StateType::Task) => task(collector, state.json, state.language),
            Some(StateType::Parallel) => {
                for branch in state.branches() {
                    collect(collector, branch);
                }
            }
            Some(StateType::Map) => {
                if let Some(processor) = state.item_processor() {
                    map::collect(collector, state, &processor.machine);
                    collect(collector, &processor.machine);
                }
            }
            _ => {}
        }
    }
}

fn task(collector: &mut Collector, state: &Json, language: QueryLanguage) {
    let Some(arn) = state.get("Resource").and_then(Json::as_str) else {
        return;
    };
    if another_role(collector, state) {
        return;
    }
    let arguments = Arguments::of(state, language);
    match resource::parse(arn) {
        Ok(TaskResource::Function) => optimized::function(collector, arn, "lambda:InvokeFunction"),
        Ok(TaskResource::Sdk { service, action }) => {
            let pattern = IntegrationPattern::Request;
            if service != "athena" || !athena::collect(collector, action, pattern, &arguments) {
                sdk::collect(collector, service, action, &arguments);
            }
            tags::collect(collector, (service, action), &arguments);
        }
        Ok(TaskResource::Optimized {
            service,
            action,
            pattern,
        }) => {
            optimized::collect(collector, (service, action, pattern), &arguments);
            tags::collect(collector, (service, action), &arguments);
        }
        Ok(TaskResource::Activity) => {}
        // What a reference leads to is not known if it leads nowhere, which is an error of its own.
        Ok(TaskResource::Unknown) | Err(_) if has_reference(arn) => {}
        Ok(TaskResource::Unknown) | Err(_) => collector.warn(format!(
            "nothing is known of `{arn}`, so the role allows nothing for it: add it with `allow`"
        )),
    }
}

/// A state with `Credentials` calls with another role, which the role of the machine has to assume
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html>).
fn another_role(collector: &mut Collector, state: &Json) -> bool {
    let Some(credentials) = state.get("Credentials") else {
        return false;
    };
    let literal = credentials
        .get("RoleArn")
        .and_then(Json::as_str)
        .filter(|arn| arn.starts_with("arn:"));
    let role = if let Some(arn) = literal {
        arn.to_owned()
    } else {
        collector
            .warn("the role in `Credentials` is only known at run time, so any may be assumed");
        format!("arn:{}:iam::*:role/*", collector.machine.partition)
    };
    collector.allow(&["sts:AssumeRole"], [role]);
    true
}

/// Merges permissions on the same resources under the same condition, in the order of the first of each.
fn merge(raw: Vec<RequiredPermission>) -> Vec<RequiredPermission> {
    let mut order: Vec<(Vec<String>, Option<Json>)> = Vec::new();
    let mut merged: BTreeMap<usize, (BTreeSet<String>, Vec<String>)> = BTreeMap::new();
    for permission in raw {
        let key = (permission.resources, permission.condition);
        let at = order
            .iter()
            .position(|known| *known == key)
            .unwrap_or_else(|| {
                order.push(key);
                order.len() - 1
            });
        let (actions, states) = merged.entry(at).or_default();
        actions.extend(permission.actions);
        for state in permission.states {
            if !states.contains(&state) {
                states.push(state);
            }
        }
    }
    order
        .into_iter()
        .zip(merged.into_values())
        .map(
            |((resources, condition), (actions, states))| RequiredPermission {
                actions: actions.into_iter().collect(),
                resources,
                condition,
                states,
            },
        )
        .collect()
}
