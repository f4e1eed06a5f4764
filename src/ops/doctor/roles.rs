//! Existing roles that the stack uses: whether they are there, and whether the services that use them may assume them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::findings::{DoctorFinding, DoctorTopic};
use super::{ExaminedStack, Patient};
use crate::aws::doctor::{Trust, trust_of_role};
use crate::engine::ProviderError;
use crate::source::counted;
use crate::stack::Kind;

pub(super) const LAMBDA: &str = "lambda.amazonaws.com";
pub(super) const STEP_FUNCTIONS: &str = "states.amazonaws.com";
pub(super) const EVENTBRIDGE: &str = "events.amazonaws.com";

/// The end of the stack, as the user of a role.
const END: &str = "the end of the stack";

/// The roles that services are given: by ARN, each service with what it does with it.
pub(super) type PassedRoles<'a> = BTreeMap<String, BTreeMap<&'static str, BTreeSet<&'a str>>>;

/// The roles that the resources of a stack have, its own and others.
pub(super) fn passed_roles(stack: &ExaminedStack) -> PassedRoles<'_> {
    let mut roles = PassedRoles::new();
    let mut uses = |role: Option<&str>, service, user| {
        if let Some(role) = role.filter(|role| !role.is_empty()) {
            let of_role = roles.entry(role.to_owned()).or_default();
            of_role.entry(service).or_default().insert(user);
        }
    };
    for resource in stack.desired.resources.values() {
        let (address, spec) = (resource.address.as_str(), &resource.spec);
        match resource.kind {
            Kind::Function => uses(spec["role"].as_str(), LAMBDA, address),
            Kind::StateMachine => uses(spec["role"].as_str(), STEP_FUNCTIONS, address),
            Kind::Rule => {
                for target in spec["targets"].as_array().into_iter().flatten() {
                    uses(target["role"].as_str(), EVENTBRIDGE, address);
                }
            }
            _ => {}
        }
    }
    if stack.has_end {
        uses(stack.default_role.as_deref(), STEP_FUNCTIONS, END);
    }
    roles
}

pub(super) async fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let Some(stack) = patient.stack else {
        return Vec::new();
    };
    let own: BTreeSet<&str> = patient
        .of(Kind::Role)
        .iter()
        .map(|one| one.arn.as_str())
        .collect();
    let all = passed_roles(stack);
    let existing = all.iter().filter(|(arn, _)| !own.contains(arn.as_str()));
    let account = &patient.connection.account;
    let read = existing.map(|(arn, services)| async move {
        let name = arn.rsplit('/').next().unwrap_or_default();
        if arn.split(':').nth(4) != Some(account) {
            let message = format!("{name} belongs to another account");
            return vec![DoctorTopic::Roles.unknown(message)];
        }
        let trust = trust_of_role(&patient.provider.0, name).await;
        findings(name, services, trust)
    });
    join_all(read).await.into_iter().flatten().collect()
}

fn findings(
    name: &str,
    services: &BTreeMap<&'static str, BTreeSet<&str>>,
    trust: Result<Option<Trust>, ProviderError>,
) -> Vec<DoctorFinding> {
    let topic = DoctorTopic::Roles;
    let trust = match trust {
        Ok(Some(trust)) => trust,
        Ok(None) => {
            let message = format!("there is no role {name}, which the stack file names");
            let help = "correct `role:`, or make the role first";
            return vec![topic.fails(message).with(help)];
        }
        Err(error) => {
            let what = format!("whom {name} trusts");
            return vec![topic.not_answered(&what, &error)];
        }
    };
    let (allowed, refused): (Vec<_>, Vec<_>) = services
        .iter()
        .partition(|(service, _)| trust.allows(service));
    let mut found = Vec::new();
    if !allowed.is_empty() {
        let allowed: Vec<&str> = allowed.iter().map(|(service, _)| said(service)).collect();
        found.push(topic.ok(format!("{name} trusts {}", allowed.join(", "))));
    }
    for (service, users) in refused {
        let message = format!(
            "{name} does not trust {} ({service}), and is the role of {}",
            said(service),
            listed(users)
        );
        let help = format!(
            "add {service} to the `Principal` of its trust policy, or name another role for them by `role:`"
        );
        let without_end = if users.contains(END) {
            "; without an end (`self_destruct: off`) the stack needs no role for it"
        } else {
            ""
        };
        found.push(topic.fails(message).with(help + without_end));
    }
    found
}

/// A service, as people call it.
pub(super) fn said(service: &str) -> &str {
    match service {
        LAMBDA => "Lambda",
        STEP_FUNCTIONS => "Step Functions",
        EVENTBRIDGE => "EventBridge",
        other => other,
    }
}

fn listed(users: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = users.iter().take(3).copied().collect();
    match users.len() - shown.len() {
        0 => shown.join(", "),
        more => format!(
            "{} and {} more",
            shown.join(", "),
            counted(more, "resource")
        ),
    }
}
