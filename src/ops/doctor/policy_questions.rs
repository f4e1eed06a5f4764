//! The questions to IAM that a stack comes to.

use std::collections::BTreeMap;

use super::roles::passed_roles;
use super::{ExaminedStack, Patient};
use crate::aws::doctor::PolicyQuestion;
use crate::aws::needed_actions::{NeededAction, NeededFor, OnResource, needed_actions};
use crate::aws::reaper;
use crate::stack::{Kind, Resource, TAG_STACK, Target};

/// How many resources of a kind are asked for: others have names of the same form.
const RESOURCES: usize = 10;

/// IAM's part of its service-linked role for connections.
const LINKED_ROLE: &str = "aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations";

/// A question, and what each of its actions is needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub question: PolicyQuestion,
    pub needed_for: BTreeMap<String, NeededFor>,
    /// What the actions are for, where it is not the kind of a resource.
    pub purpose: Purpose,
}

/// What actions are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// To make and pass roles: what accounts for learning do not allow.
    Roles,
    /// To make the machine and the role that end the stack.
    End,
    /// Any other.
    Resources,
}

/// The questions for a stack. `makes_end`: whether the machine that ends stacks has to be made, and its role.
pub(super) fn questions(
    patient: &Patient<'_>,
    stack: &ExaminedStack,
    makes_end: bool,
) -> Vec<Asked> {
    let target = &stack.desired.target;
    let mut all = QuestionSet {
        target,
        asked: BTreeMap::new(),
    };
    for kind in patient.kinds() {
        let resources = patient.of(kind);
        let purpose = match kind {
            Kind::Role => Purpose::Roles,
            _ => Purpose::Resources,
        };
        for needed in needed_actions(kind) {
            let by = resources
                .iter()
                .map(|one| needed.needed_by(&one.spec))
                .min();
            let by = by.unwrap_or(needed.needed_for);
            for resource in resources.iter().take(RESOURCES) {
                for arn in arns(needed, resource, target) {
                    all.add((purpose, kind), needed, by, arn);
                }
            }
        }
    }
    if makes_end {
        all.end(stack.default_role.is_none());
    }
    let mut found: Vec<Asked> = all.asked.into_values().collect();
    found.extend(passes(stack, makes_end));
    found
}

/// Questions by what they have in common: one request takes any number of actions and resources.
struct QuestionSet<'a> {
    target: &'a Target,
    asked: BTreeMap<(Purpose, Option<Kind>, OnResource, bool), Asked>,
}

impl QuestionSet<'_> {
    fn add(
        &mut self,
        (purpose, kind): (Purpose, Kind),
        needed: &NeededAction,
        by: NeededFor,
        arn: String,
    ) {
        let is_global = needed.action.starts_with("iam:");
        // What is of no resource is asked in one request.
        let kind = Some(kind).filter(|_| needed.on != OnResource::Account);
        let key = (purpose, kind, needed.on, is_global);
        let asked = self.asked.entry(key).or_insert_with(|| Asked {
            question: PolicyQuestion {
                context: context(self.target, is_global),
                ..PolicyQuestion::default()
            },
            needed_for: BTreeMap::new(),
            purpose,
        });
        let action = needed.action.to_owned();
        if !asked.question.actions.contains(&action) {
            asked.question.actions.push(action.clone());
        }
        if !asked.question.resources.contains(&arn) {
            asked.question.resources.push(arn);
        }
        let known = asked.needed_for.entry(action).or_insert(by);
        *known = by.min(*known);
    }

    /// The machine that ends stacks, and its role.
    fn end(&mut self, with_role: bool) {
        let machine = reaper::machine_arn(self.target);
        let starts = ["states:ListExecutions", "states:StartExecution"];
        let is_needed = |needed: &&NeededAction| {
            needed.needed_for == NeededFor::Deploy || starts.contains(&needed.action)
        };
        let machines = needed_actions(Kind::StateMachine).iter().filter(is_needed);
        for needed in machines.filter(|needed| needed.on == OnResource::Itself) {
            let key = (Purpose::End, Kind::StateMachine);
            self.add(key, needed, NeededFor::Deploy, machine.clone());
        }
        let without = ["iam:ListRoles", "iam:AttachRolePolicy"];
        let roles = needed_actions(Kind::Role).iter().filter(is_needed);
        let roles = roles.filter(|needed| !without.contains(&needed.action) && with_role);
        for needed in roles {
            let arn = reaper::role_arn(self.target);
            self.add((Purpose::End, Kind::Role), needed, NeededFor::Deploy, arn);
        }
    }
}

/// A request's condition keys that policies for deploying are written with. IAM's own endpoint is in us-east-1.
fn context(target: &Target, is_global: bool) -> Vec<(String, String)> {
    let region = match (is_global, target.partition.as_str()) {
        (true, "aws") => "us-east-1",
        _ => &target.region,
    };
    let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    vec![
        entry("aws:RequestedRegion", region),
        entry(&format!("aws:RequestTag/{TAG_STACK}"), &target.stack),
        entry(&format!("aws:ResourceTag/{TAG_STACK}"), &target.stack),
    ]
}

/// `iam:PassRole`, for each role to the services that are given it.
fn passes(stack: &ExaminedStack, makes_end: bool) -> Vec<Asked> {
    let target = &stack.desired.target;
    let mut by_service: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (role, services) in passed_roles(stack) {
        for service in services.into_keys() {
            by_service.entry(service).or_default().push(role.clone());
        }
    }
    if makes_end && stack.default_role.is_none() {
        let role = reaper::role_arn(target);
        by_service
            .entry(super::roles::STEP_FUNCTIONS)
            .or_default()
            .push(role);
    }
    let pass = "iam:PassRole".to_owned();
    let asked = by_service.into_iter().map(|(service, mut resources)| {
        resources.truncate(RESOURCES);
        let mut context = context(target, true);
        context.push(("iam:PassedToService".to_owned(), service.to_owned()));
        Asked {
            question: PolicyQuestion {
                actions: vec![pass.clone()],
                resources,
                context,
            },
            needed_for: BTreeMap::from([(pass.clone(), NeededFor::Deploy)]),
            purpose: Purpose::Roles,
        }
    });
    asked.collect()
}

/// On what an action is done for a resource. The ARN of a log group may end in `:*` in a policy or not.
fn arns(needed: &NeededAction, resource: &Resource, target: &Target) -> Vec<String> {
    let (arn, name) = (&resource.arn, &resource.name);
    let (partition, account) = (&target.partition, &target.account);
    match needed.on {
        OnResource::Account => vec!["*".to_owned()],
        OnResource::Itself if resource.kind == Kind::LogGroup => {
            vec![
                arn.trim_end_matches(":*").to_owned(),
                format!("{}:*", arn.trim_end_matches(":*")),
            ]
        }
        OnResource::Itself => vec![arn.clone()],
        OnResource::Objects => vec![format!("{arn}/treino")],
        OnResource::Executions => {
            vec![format!(
                "{}:treino",
                arn.replace(":stateMachine:", ":execution:")
            )]
        }
        OnResource::SecretOfConnection => {
            vec![target.arn(
                "secretsmanager",
                &format!("secret:events!connection/{name}/treino"),
            )]
        }
        OnResource::LinkedRoleOfConnections => {
            vec![format!("arn:{partition}:iam::{account}:role/{LINKED_ROLE}")]
        }
    }
}
