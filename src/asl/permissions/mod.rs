//! What a machine's role must allow, derived from what its definition calls.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html>
//! and the pages of each integration named beside the code.

mod arguments;
mod call;
mod collect;
mod dynamodb;
mod jobs;
mod map;
mod optimized;
mod s3;
mod sdk;
mod sdk_tables;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::QueryLanguage;
use super::model::{Machine, StateType};
use super::resource::{self, Target};
use arguments::Arguments;
use collect::Collector;

/// Where calls go: for ARNs with no account or region of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The region of the machine.
    pub region: String,
    /// The account of the machine.
    pub account: String,
    /// The machine's own name: a distributed Map starts executions of it.
    pub machine: String,
}

impl Site {
    /// An ARN of this account and region.
    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition, self.region, self.account
        )
    }
}

/// One permission a definition needs: a statement of the role's policy, with its reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    /// IAM actions, sorted.
    pub actions: Vec<String>,
    /// ARNs or patterns of ARNs, sorted.
    pub resources: Vec<String>,
    /// The statement's `Condition`, if it has one.
    pub condition: Option<Json>,
    /// The states that need it, in the order of the definition.
    pub states: Vec<String>,
}

/// All the permissions a definition needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Needs {
    /// In the order the definition first needs them.
    pub needs: Vec<Need>,
    /// "state `X`: ...": where a target is only known at run time, so that more is allowed than
    /// is used; and what could not be derived at all.
    pub warnings: Vec<String>,
}

/// What the machine's role must allow.
///
/// The definition has all its `${name.attribute}` references resolved. What is not right in it is
/// passed over: [`super::load`] has reported it.
#[must_use]
pub fn permissions(definition: &Json, site: &Site) -> Needs {
    let mut collector = Collector::new(site);
    machine(&mut collector, &Machine::of(definition));
    collector.finish()
}

/// What the role needs for the machine's logging
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>). None of these actions
/// can be limited to a resource.
#[must_use]
pub fn logging() -> Need {
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

/// What the role needs for tracing
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html>).
#[must_use]
pub fn tracing() -> Need {
    account_wide(&[
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ])
}

fn account_wide(actions: &[&str]) -> Need {
    Need {
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: vec!["*".to_owned()],
        condition: None,
        states: Vec::new(),
    }
}

fn machine(collector: &mut Collector, machine: &Machine<Json>) {
    for state in &machine.states {
        collector.state(state.name.text);
        match state.state_type {
            Some(StateType::Task) => task(collector, state.json, state.language),
            Some(StateType::Parallel) => {
                for branch in state.branches() {
                    self::machine(collector, branch);
                }
            }
            Some(StateType::Map) => {
                if let Some(processor) = state.item_processor() {
                    map::needs(collector, state, &processor.machine);
                    self::machine(collector, &processor.machine);
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
        Ok(Target::Function) => optimized::function(collector, arn, "lambda:InvokeFunction"),
        Ok(Target::Sdk { service, action }) => sdk::needs(collector, service, action, &arguments),
        Ok(Target::Optimized {
            service,
            action,
            pattern,
        }) => optimized::needs(collector, (service, action, pattern), &arguments),
        Ok(Target::Activity) => {}
        Ok(Target::Unknown) | Err(_) => collector.warn(format!(
            "nothing is known of `{arn}`, so the role allows nothing for it: add it with `allow`"
        )),
    }
}

/// A state with `Credentials` calls with another role, which the machine's must be let to assume
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
        format!("arn:{}:iam::*:role/*", collector.site.partition)
    };
    collector.need(&["sts:AssumeRole"], [role]);
    true
}

/// Needs by resources and condition, in the order they first came up.
fn merge(raw: Vec<Need>) -> Vec<Need> {
    let mut order: Vec<(Vec<String>, Option<Json>)> = Vec::new();
    let mut merged: BTreeMap<usize, (BTreeSet<String>, Vec<String>)> = BTreeMap::new();
    for need in raw {
        let key = (need.resources, need.condition);
        let at = order
            .iter()
            .position(|known| *known == key)
            .unwrap_or_else(|| {
                order.push(key);
                order.len() - 1
            });
        let (actions, states) = merged.entry(at).or_default();
        actions.extend(need.actions);
        for state in need.states {
            if !states.contains(&state) {
                states.push(state);
            }
        }
    }
    order
        .into_iter()
        .zip(merged.into_values())
        .map(|((resources, condition), (actions, states))| Need {
            actions: actions.into_iter().collect(),
            resources,
            condition,
            states,
        })
        .collect()
}
