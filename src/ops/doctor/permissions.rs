//! Whether the caller may do what deploy, run and destroy of the stack do.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt};

use super::findings::{DoctorFinding, DoctorTopic};
use super::policy_questions::{Asked, Purpose, questions};
use super::{ExaminedStack, Patient};
use crate::aws::doctor::{Decision, SimulatedAction, refuses_create_role, simulate, simulated_arn};
use crate::aws::needed_actions::NeededFor;
use crate::aws::reaper;
use crate::engine::ProviderError;
use crate::stack::Kind;

/// How many simulations are under way: IAM limits them.
const AT_ONCE: usize = 4;

/// The policy that allows all of it.
const POLICY: &str = "allow them: docs/deployer-policy.json is all that treino needs";

const TOPIC: DoctorTopic = DoctorTopic::Permissions;

pub(super) async fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let connection = patient.connection;
    if connection.is_root || connection.caller.arn.is_none() {
        return vec![
            TOPIC
                .ok("the root of an account may do everything, unless its organization forbids it"),
        ];
    }
    let Some(stack) = patient.stack else {
        let text = "which are needed follows from a stack file";
        return vec![
            TOPIC
                .unknown(text)
                .with("name one: `treino doctor STACK.yaml`"),
        ];
    };
    let principal = simulated_arn(&patient.provider.0, connection).await;
    let simulated = match principal {
        Ok(Some(principal)) => simulated(patient, stack, &principal).await,
        Ok(None) => {
            let text = "IAM does not simulate what these credentials may do";
            return vec![TOPIC.unknown(text)]
                .into_iter()
                .chain(dry(patient, stack).await)
                .collect();
        }
        Err(error) => Err(error),
    };
    match simulated {
        Ok(answers) => answers.findings(patient),
        Err(error) => {
            let mut found = vec![TOPIC.not_answered("what these credentials may do", &error)];
            if error.is_denied() {
                let help = "allow `iam:SimulatePrincipalPolicy`, or see what a deploy says";
                found = found.into_iter().map(|one| one.with(help)).collect();
            }
            found.extend(dry(patient, stack).await);
            found
        }
    }
}

/// Whether the machine that ends stacks has to be made.
async fn makes_end(patient: &Patient<'_>, stack: &ExaminedStack) -> bool {
    if !stack.has_end {
        return false;
    }
    // A machine that no stack waits for may be deleted any moment.
    let running = reaper::running(&patient.provider.0).await;
    !running.is_ok_and(|running| running.is_some_and(|all| !all.is_empty()))
}

/// What is certain without a simulation: that roles may not be made.
async fn dry(patient: &Patient<'_>, stack: &ExaminedStack) -> Option<DoctorFinding> {
    let own = patient.of(Kind::Role).into_iter().next();
    let own = own.map(|role| {
        (
            role.name.clone(),
            role.spec["path"].as_str().unwrap_or("/").to_owned(),
        )
    });
    let of_end = || async {
        let is_made = stack.default_role.is_none() && makes_end(patient, stack).await;
        is_made.then(|| (reaper::NAME.to_owned(), reaper::ROLE_PATH.to_owned()))
    };
    let (name, path) = match own {
        Some(own) => own,
        None => of_end().await?,
    };
    match refuses_create_role(&patient.provider.0, &name, &path).await {
        Some(true) => {
            let message = "roles cannot be made: iam:CreateRole is not allowed";
            Some(TOPIC.fails(message).with(named_role(patient)))
        }
        Some(false) => Some(TOPIC.ok("iam:CreateRole is allowed")),
        None => Some(TOPIC.unknown("whether roles can be made (iam:CreateRole)")),
    }
}

/// The way out where no role can be made.
fn named_role(patient: &Patient<'_>) -> String {
    let (partition, account) = (&patient.connection.partition, &patient.connection.account);
    format!(
        "name an existing role for the whole stack: `defaults: {{ role: \"arn:{partition}:iam::{account}:role/LabRole\" }}` \
         (LabRole is that of AWS Academy)"
    )
}

async fn simulated(
    patient: &Patient<'_>,
    stack: &ExaminedStack,
    principal: &str,
) -> Result<Answers, ProviderError> {
    let asked = questions(patient, stack, makes_end(patient, stack).await);
    let mut answers = Answers::default();
    let aws = &patient.provider.0;
    // The first alone: where it is denied, the others are.
    let (first, rest) = asked.split_at(1.min(asked.len()));
    for one in first {
        answers.add(one, &simulate(aws, principal, &one.question).await?);
    }
    let rest = stream::iter(rest.to_vec()).map(|one| async move {
        let answer = simulate(aws, principal, &one.question).await;
        (one, answer)
    });
    let mut rest = rest.buffered(AT_ONCE);
    while let Some((asked, answer)) = rest.next().await {
        match answer {
            Ok(answer) => answers.add(&asked, &answer),
            Err(error) => answers.not_asked(&asked, error),
        }
    }
    Ok(answers)
}

/// What IAM decided, by purpose and action.
#[derive(Debug, Default)]
struct Answers {
    refused: BTreeMap<(NeededFor, Purpose), BTreeMap<String, Decision>>,
    unknown: BTreeSet<String>,
    allowed: BTreeSet<String>,
    error: Option<ProviderError>,
}

impl Answers {
    fn add(&mut self, asked: &Asked, answers: &[SimulatedAction]) {
        // Two ARNs of one resource: either will do.
        let mut by_resource: BTreeMap<(&str, &str), Decision> = BTreeMap::new();
        for one in answers {
            let key = (one.action.as_str(), one.resource.trim_end_matches(":*"));
            let known = by_resource.entry(key).or_insert(one.decision);
            if one.decision == Decision::Allowed {
                *known = Decision::Allowed;
            }
        }
        for ((action, _), decision) in by_resource {
            let action = action.to_owned();
            let needed_for = asked.needed_for.get(&action).copied();
            let key = (needed_for.unwrap_or(NeededFor::Change), asked.purpose);
            match decision {
                Decision::Allowed => drop(self.allowed.insert(action)),
                Decision::Unknown => drop(self.unknown.insert(action)),
                refused => {
                    let known = self.refused.entry(key).or_default();
                    known.insert(action, refused);
                }
            }
        }
    }

    fn not_asked(&mut self, asked: &Asked, error: ProviderError) {
        self.unknown.extend(asked.question.actions.iter().cloned());
        self.error.get_or_insert(error);
    }

    fn findings(&self, patient: &Patient<'_>) -> Vec<DoctorFinding> {
        let no_roles = self
            .refused
            .get(&(NeededFor::Deploy, Purpose::Roles))
            .is_some_and(|actions| actions.contains_key("iam:CreateRole"));
        // Where no role can be made, none can be changed or deleted.
        let refused = self.refused.iter().filter(|((needed_for, purpose), _)| {
            !no_roles || *needed_for == NeededFor::Deploy || *purpose != Purpose::Roles
        });
        let mut found: Vec<DoctorFinding> = refused
            .map(|(key, actions)| refusal(*key, actions, &named_role(patient)))
            .collect();
        if !self.unknown.is_empty() {
            let all: Vec<&str> = self.unknown.iter().map(String::as_str).collect();
            let why = match &self.error {
                Some(error) => format!("IAM was not asked ({error})"),
                None => "a policy's condition decides when it is done".to_owned(),
            };
            found.push(TOPIC.unknown(format!("{}: {why}", all.join(", "))));
        }
        if found.is_empty() {
            let count = self.allowed.len();
            found.push(TOPIC.ok(format!(
                "the {count} actions that deploy, run and destroy need are allowed, as IAM simulates them"
            )));
        }
        found
    }
}

fn refusal(
    (needed_for, purpose): (NeededFor, Purpose),
    actions: &BTreeMap<String, Decision>,
    named_role: &str,
) -> DoctorFinding {
    let all: Vec<&str> = actions.keys().map(String::as_str).collect();
    let all = all.join(", ");
    let is_forbidden = actions.values().any(|one| *one == Decision::Forbidden);
    let how = if is_forbidden {
        "forbidden"
    } else {
        "not allowed"
    };
    let makes_roles = actions.contains_key("iam:CreateRole");
    let (message, help) = match (needed_for, purpose) {
        (NeededFor::Deploy, Purpose::Roles) if makes_roles => {
            (format!("roles cannot be made; {how}: {all}"), named_role)
        }
        (NeededFor::Deploy, Purpose::Roles) => {
            (format!("a deploy needs what is {how}: {all}"), POLICY)
        }
        (NeededFor::Deploy, Purpose::End) => (
            format!("AWS cannot be made to delete the stack when it expires; {how}: {all}"),
            "allow them, name a role for it by `defaults: { role: ARN }`, or write `self_destruct: off`",
        ),
        (NeededFor::Deploy, Purpose::Resources) => {
            (format!("a deploy needs what is {how}: {all}"), POLICY)
        }
        (NeededFor::Change, _) => (
            format!("a later deploy that changes something may need what is {how}: {all}"),
            POLICY,
        ),
        (NeededFor::Run, _) => (format!("run and logs need what is {how}: {all}"), POLICY),
        (NeededFor::Destroy, _) => (format!("a destroy needs what is {how}: {all}"), POLICY),
    };
    let help = if is_forbidden && help == POLICY {
        "ask whoever manages the account: a policy forbids them"
    } else {
        help
    };
    let finding = match needed_for {
        NeededFor::Deploy => TOPIC.fails(message),
        _ => TOPIC.warning(message),
    };
    finding.with(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::doctor::PolicyQuestion;
    use crate::ops::FindingLevel;

    fn answered(purpose: Purpose, rows: &[(&str, NeededFor, &str, Decision)]) -> Answers {
        let asked = Asked {
            question: PolicyQuestion::default(),
            needed_for: rows.iter().map(|row| (row.0.to_owned(), row.1)).collect(),
            purpose,
        };
        let all: Vec<SimulatedAction> = rows
            .iter()
            .map(|(action, _, resource, decision)| SimulatedAction {
                action: (*action).to_owned(),
                resource: (*resource).to_owned(),
                decision: *decision,
            })
            .collect();
        let mut answers = Answers::default();
        answers.add(&asked, &all);
        answers
    }

    #[test]
    fn what_a_deploy_needs_fails_and_the_rest_is_a_warning() {
        for (needed_for, purpose, level, text, help) in [
            (
                NeededFor::Deploy,
                Purpose::Resources,
                FindingLevel::Fails,
                "a deploy needs",
                "deployer-policy",
            ),
            (
                NeededFor::Deploy,
                Purpose::Roles,
                FindingLevel::Fails,
                "roles cannot be made",
                "LabRole",
            ),
            (
                NeededFor::Deploy,
                Purpose::End,
                FindingLevel::Fails,
                "when it expires",
                "self_destruct: off",
            ),
            (
                NeededFor::Run,
                Purpose::Resources,
                FindingLevel::Warning,
                "run and logs need",
                "deployer-policy",
            ),
            (
                NeededFor::Destroy,
                Purpose::Roles,
                FindingLevel::Warning,
                "a destroy needs",
                "deployer-policy",
            ),
            (
                NeededFor::Change,
                Purpose::Roles,
                FindingLevel::Warning,
                "may need",
                "deployer-policy",
            ),
        ] {
            let actions = BTreeMap::from([("iam:CreateRole".to_owned(), Decision::NotAllowed)]);
            let found = refusal((needed_for, purpose), &actions, "LabRole");
            assert_eq!(found.level, level, "{needed_for:?} {purpose:?}");
            assert!(found.message.contains(text), "{}", found.message);
            assert!(
                found.message.contains("not allowed: iam:CreateRole"),
                "{}",
                found.message
            );
            assert!(
                found.help.as_ref().is_some_and(|one| one.contains(help)),
                "{found:?}"
            );
        }
        let actions = BTreeMap::from([("s3:CreateBucket".to_owned(), Decision::Forbidden)]);
        let found = refusal((NeededFor::Deploy, Purpose::Resources), &actions, "");
        assert!(
            found.message.contains("forbidden: s3:CreateBucket"),
            "{}",
            found.message
        );
        assert!(found.help.unwrap().contains("whoever manages"));
    }

    #[test]
    fn one_resource_that_is_refused_is_enough_and_either_arn_of_a_log_group_will_do() {
        let group = "arn:aws:logs:us-east-1:1:log-group:/aws/lambda/f";
        let with_star = format!("{group}:*");
        let needed = ("logs:CreateLogGroup", NeededFor::Deploy);
        let answers = answered(
            Purpose::Resources,
            &[
                (needed.0, needed.1, group, Decision::NotAllowed),
                (needed.0, needed.1, &with_star, Decision::Allowed),
            ],
        );
        assert!(answers.refused.is_empty(), "{answers:?}");
        let answers = answered(
            Purpose::Resources,
            &[
                (needed.0, needed.1, group, Decision::Allowed),
                (needed.0, needed.1, "another", Decision::NotAllowed),
                ("s3:ListBucket", NeededFor::Deploy, "b", Decision::Unknown),
            ],
        );
        let refused = &answers.refused[&(NeededFor::Deploy, Purpose::Resources)];
        assert_eq!(refused.keys().collect::<Vec<_>>(), ["logs:CreateLogGroup"]);
        assert!(answers.unknown.contains("s3:ListBucket"));
    }
}
