//! What the caller may do, as IAM's own simulation says it.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};

use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::{Aws, AwsConnection};
use crate::engine::ProviderError;

/// How many actions and resources one request asks for. IAM answers each action with each resource, and names no limit;
/// of too many it says that they are.
const ACTIONS: usize = 25;
const RESOURCES: usize = 10;

/// May these actions be done on each of these resources?
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyQuestion {
    /// Actions, such as `s3:CreateBucket`.
    pub actions: Vec<String>,
    /// ARNs, or `*`.
    pub resources: Vec<String>,
    /// Condition keys of the request, with their values.
    pub context: Vec<(String, String)>,
}

/// What IAM decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// No policy allows it.
    NotAllowed,
    /// A policy forbids it: one of the caller, of its organization, or its permissions boundary.
    Forbidden,
    /// A condition of a policy is about what only a real request has, such as the address of its sender.
    Unknown,
}

/// An action on a resource, and what IAM decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedAction {
    pub action: String,
    pub resource: String,
    pub decision: Decision,
}

/// Whom `iam:SimulatePrincipalPolicy` takes for these credentials: the user, or the role of a session, with its path.
/// Nothing for whom IAM cannot simulate: the account's root, and federated users.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
///
/// # Errors
/// What IAM answers to `GetRole`, which knows the path; a denial is none.
pub async fn simulated_arn(
    aws: &Aws,
    connection: &AwsConnection,
) -> Result<Option<String>, ProviderError> {
    let Some(arn) = connection.caller.arn.as_deref() else {
        return Ok(None);
    };
    if is_user(arn) {
        return Ok(Some(arn.to_owned()));
    }
    let Some(role) = role_of_session(arn) else {
        return Ok(None);
    };
    let answer = aws.iam.get_role().role_name(role).send().await;
    match answer.for_call("IAM", "GetRole") {
        Ok(answer) => Ok(answer.role.map(|role| role.arn)),
        Err(error) if error.is_denied() => {
            let (partition, account) = (&connection.partition, &connection.account);
            Ok(Some(format!("arn:{partition}:iam::{account}:role/{role}")))
        }
        Err(error) => Err(error),
    }
}

fn is_user(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    parts.nth(2) == Some("iam") && parts.nth(2).is_some_and(|name| name.starts_with("user/"))
}

/// The name of the role in `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
fn role_of_session(arn: &str) -> Option<&str> {
    let rest = arn.splitn(6, ':').nth(5)?.strip_prefix("assumed-role/")?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

/// Asks IAM.
///
/// # Errors
/// The simulation is not allowed, or a request fails.
pub async fn simulate(
    aws: &Aws,
    principal: &str,
    question: &PolicyQuestion,
) -> Result<Vec<SimulatedAction>, ProviderError> {
    let mut found = Vec::new();
    for actions in question.actions.chunks(ACTIONS) {
        for resources in question.resources.chunks(RESOURCES) {
            ask(
                aws,
                principal,
                (actions, resources, &question.context),
                &mut found,
            )
            .await?;
        }
    }
    Ok(found)
}

async fn ask(
    aws: &Aws,
    principal: &str,
    (actions, resources, context): (&[String], &[String], &[(String, String)]),
    found: &mut Vec<SimulatedAction>,
) -> Result<(), ProviderError> {
    let context: Vec<ContextEntry> = context
        .iter()
        .map(|(key, value)| {
            ContextEntry::builder()
                .context_key_name(key)
                .context_key_type(ContextKeyTypeEnum::String)
                .context_key_values(value)
                .build()
        })
        .collect();
    let mut seen = Pages::of("IAM", "SimulatePrincipalPolicy");
    let mut marker = None;
    loop {
        let call = aws
            .iam
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(actions.to_vec()))
            .set_resource_arns(Some(resources.to_vec()))
            .set_context_entries(Some(context.clone()))
            .set_marker(marker);
        let page = call.send().await;
        let page = page.for_call("IAM", "SimulatePrincipalPolicy")?;
        for one in page.evaluation_results() {
            let is_incomplete = !one.missing_context_values().is_empty();
            found.push(SimulatedAction {
                action: one.eval_action_name.clone(),
                resource: one.eval_resource_name.clone().unwrap_or_default(),
                decision: decision(&one.eval_decision, is_incomplete),
            });
        }
        match seen.next_if(page.is_truncated, page.marker())? {
            Some(next) => marker = Some(next),
            None => return Ok(()),
        }
    }
}

fn decision(of: &PolicyEvaluationDecisionType, is_incomplete: bool) -> Decision {
    match of {
        PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
        // A value that is missing meets no condition: neither that of an allowance, nor that of a denial by `Not...`.
        _ if is_incomplete => Decision::Unknown,
        PolicyEvaluationDecisionType::ExplicitDeny => Decision::Forbidden,
        _ => Decision::NotAllowed,
    }
}

/// A trust policy that IAM takes of nobody: without an action, and with `NotPrincipal`.
const NO_TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotPrincipal": {"Service": "none"}}]}"#;

/// Whether AWS denies `iam:CreateRole`, where it cannot be simulated: by a request for a role whose trust policy IAM
/// refuses of everybody. Nothing where the answer says neither.
pub async fn refuses_create_role(aws: &Aws, name: &str, path: &str) -> Option<bool> {
    let call = aws.iam.create_role().role_name(name).path(path);
    let answer = call.assume_role_policy_document(NO_TRUST).send().await;
    match answer.for_call("IAM", "CreateRole") {
        Err(error) if error.is_denied() => Some(true),
        Err(error) if error.is("MalformedPolicyDocument") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_simulated_as_its_role() {
        let session = "arn:aws:sts::111122223333:assumed-role/voclabs/user123=Ana";
        assert_eq!(role_of_session(session), Some("voclabs"));
        assert!(!is_user(session));
        for (arn, user) in [
            ("arn:aws:iam::111122223333:user/team/ana", true),
            ("arn:aws:iam::111122223333:root", false),
            ("arn:aws:sts::111122223333:federated-user/ana", false),
        ] {
            assert_eq!(is_user(arn), user, "{arn}");
            assert_eq!(role_of_session(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_condition_that_cannot_be_known_decides_nothing() {
        use PolicyEvaluationDecisionType as Answer;
        for (answer, is_incomplete, expected) in [
            (Answer::Allowed, false, Decision::Allowed),
            (Answer::Allowed, true, Decision::Allowed),
            (Answer::ImplicitDeny, false, Decision::NotAllowed),
            (Answer::ExplicitDeny, false, Decision::Forbidden),
            (Answer::ImplicitDeny, true, Decision::Unknown),
            (Answer::ExplicitDeny, true, Decision::Unknown),
        ] {
            assert_eq!(decision(&answer, is_incomplete), expected, "{answer:?}");
        }
    }
}
