//! Every statement of every role treino makes allows what it names, and there is no other that does:
//! shown by simulation, on the policies as IAM has them.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::arns::{inside, outside};
use super::labs;
use super::simulator::{self, Context, Question};
use crate::support::{Clients, World, repository};

/// What IAM cannot limit to a resource, or not before the call: `*` is all there is. From the tables
/// at <https://docs.aws.amazon.com/service-authorization/latest/reference/>; jobs, tasks and log
/// deliveries have no name before they are made.
const UNLIMITED: &[&str] = &[
    "batch:DescribeJobs",
    "batch:TerminateJob",
    "ecs:DescribeTasks",
    "ecs:StopTask",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "rekognition:DetectFaces",
    "rekognition:DetectLabels",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// A role of a stack: its ARN and its one policy.
struct Role {
    arn: String,
    policy: Value,
}

#[tokio::test]
async fn no_role_of_a_lab_allows_more_than_it_says() {
    for name in labs::names() {
        let world = World::new(&format!("no_role_of_{name}_allows_more"));
        let lab = labs::prepared(&world, &name);
        if !labs::is_known(&world, &lab) {
            continue;
        }
        world.treino(&labs::words("deploy", &lab.deploy)).ends(0);
        let seen = examined(&world).await;
        assert_eq!(seen.findings, Vec::<String>::new());
        assert!(seen.statements > 0, "{name} has roles to look at");
    }
}

#[tokio::test]
async fn no_role_of_every_integration_allows_more_than_it_says() {
    let world = World::new("no_role_of_every_integration_allows_more_than_it_says");
    let stack = "tests/it/cases/least_privilege/everything.yaml";
    world.treino(&["deploy", stack, "--yes"]).ends(0);
    let seen = examined(&world).await;
    assert_eq!(seen.findings, Vec::<String>::new());
    assert_eq!((seen.roles, seen.statements), (6, 39));
}

/// The control of the tests above: what is too much is found.
#[tokio::test]
async fn what_a_role_allows_twice_or_on_everything_is_found() {
    let world = World::new("what_a_role_allows_twice_or_on_everything_is_found");
    let code = repository("lambdas/extract-metadata");
    let stack = format!(
        "stack: much\n\
         include: [{0}]\n\
         functions:\n  f:\n    code: {0}\n    handler: app.handler\n    runtime: python3.13\n    allow:\n\
         \x20     - {{ actions: [s3:GetObject], resources: [\"arn:aws:s3:::b/*\", \"arn:aws:s3:::b/in/*\"] }}\n\
         \x20     - {{ actions: [dynamodb:PutItem], resources: [\"arn:aws:dynamodb:us-east-1:${{account}}:table/t*\"] }}\n\
         \x20     - {{ actions: [dynamodb:PutItem], resources: [\"arn:aws:dynamodb:us-east-1:${{account}}:table/tx\"] }}\n\
         \x20     - {{ actions: [sns:Publish], resources: [\"*\"] }}\n",
        code.display()
    );
    let file = world.file("much.yaml", stack.as_bytes());
    let deploy = ["deploy", file.to_str().unwrap(), "--yes"];
    world.treino(&deploy).ends(0);

    let findings = examined(&world).await.findings;

    let table = world.clients().await.arn("dynamodb", "table/tx");
    let name = "much-f-role-us-east-1";
    let expected = [
        format!("{name}, statement 1: another resource of it covers arn:aws:s3:::b/in/*"),
        format!("{name}, statement 2: another resource of it covers {table}"),
        format!("{name}, statement 2: allows dynamodb:PutItem on {table}-other"),
        format!("{name}, statement 3: allows sns:Publish on everything"),
    ];
    assert_eq!(findings, expected);
}

/// What was looked at, and what is not as it should be.
struct Examined {
    roles: usize,
    statements: usize,
    findings: Vec<String>,
}

/// Looks at every role of the stacks in the account.
async fn examined(world: &World) -> Examined {
    let clients = world.clients().await;
    let roles = roles(&clients).await;
    let (mut findings, mut count) = (Vec::new(), 0);
    for role in &roles {
        let statements = role.policy["Statement"].as_array().unwrap();
        count += statements.len();
        for index in 0..statements.len() {
            let statement = Statement::of(role, index);
            statement.is_enough(&clients, &mut findings).await;
            statement.is_needed(&clients, &mut findings).await;
            statement
                .ends_at_its_resources(&clients, &mut findings)
                .await;
            statement
                .ends_at_its_condition(&clients, &mut findings)
                .await;
        }
    }
    Examined {
        roles: roles.len(),
        statements: count,
        findings,
    }
}

/// The roles with a policy that treino has made, read back from IAM.
async fn roles(clients: &Clients) -> Vec<Role> {
    let listed = clients.iam.list_roles().path_prefix("/treino/");
    let listed = listed.send().await.unwrap();
    assert!(!listed.is_truncated);
    let mut roles = Vec::new();
    // The reaper's belongs to no lab: its policy is a file of the source.
    let listed = listed.roles.into_iter();
    for role in listed.filter(|role| role.role_name != "treino-reaper") {
        let name = &role.role_name;
        let attached = clients.iam.list_attached_role_policies().role_name(name);
        let attached = attached.send().await.unwrap();
        assert!(attached.attached_policies().is_empty(), "{attached:?}");
        let names = clients.iam.list_role_policies().role_name(name);
        let names = names.send().await.unwrap().policy_names;
        assert!(names.len() <= 1, "{name}: {names:?}");
        let mut policy = json!({ "Version": "2012-10-17", "Statement": [] });
        if let Some(inline) = names.first() {
            let call = clients.iam.get_role_policy().role_name(name);
            let seen = call.policy_name(inline).send().await.unwrap();
            let text = percent_decode_str(&seen.policy_document).decode_utf8();
            policy = serde_json::from_str(&text.unwrap()).unwrap();
        }
        roles.push(Role {
            arn: role.arn,
            policy,
        });
    }
    roles
}

/// One statement of a role's policy.
struct Statement<'a> {
    role: &'a Role,
    index: usize,
    actions: Vec<String>,
    resources: Vec<String>,
    /// A request that meets the condition.
    context: Context,
}

impl<'a> Statement<'a> {
    fn of(role: &'a Role, index: usize) -> Self {
        let statement = &role.policy["Statement"][index];
        let keys: Vec<&String> = statement.as_object().unwrap().keys().collect();
        let known = ["Effect", "Action", "Resource", "Condition"];
        assert!(
            keys.iter().all(|key| known.contains(&key.as_str())),
            "{statement}"
        );
        assert_eq!(statement["Effect"], "Allow");
        let texts = |field: &str| -> Vec<String> {
            let values = statement[field].as_array().unwrap().iter();
            values
                .map(|value| value.as_str().unwrap().to_owned())
                .collect()
        };
        let (actions, resources) = (texts("Action"), texts("Resource"));
        // An action with a wildcard would allow what nobody has named.
        assert!(
            actions.iter().all(|action| !action.contains('*')),
            "{statement}"
        );
        Self {
            role,
            index,
            actions,
            resources,
            context: meeting(&statement["Condition"]),
        }
    }

    fn examples(&self) -> Vec<String> {
        self.resources
            .iter()
            .map(|pattern| inside(pattern))
            .collect()
    }

    /// With the statement, each action is allowed on each of its resources.
    async fn is_enough(&self, clients: &Clients, findings: &mut Vec<String>) {
        let question = asking(&self.actions, &self.examples(), &self.context);
        for (action, resource, allowed) in simulator::role(clients, &self.role.arn, &question).await
        {
            if !allowed {
                findings.push(self.says(&format!("does not allow {action} on {resource}")));
            }
        }
    }

    /// Without the statement none is allowed, and without one of its resources none on that.
    async fn is_needed(&self, clients: &Clients, findings: &mut Vec<String>) {
        let mut without = self.role.policy.clone();
        without["Statement"]
            .as_array_mut()
            .unwrap()
            .remove(self.index);
        let question = asking(&self.actions, &self.examples(), &self.context);
        let answer = simulator::documents(clients, &[without], &question).await;
        for (action, resource, _) in answer.into_iter().filter(|(_, _, allowed)| *allowed) {
            findings.push(self.says(&format!(
                "another statement allows {action} on {resource} too"
            )));
        }
        // A statement has at least one resource, so the last one is not taken out.
        let several = self.resources.len() > 1;
        for (at, resource) in self.resources.iter().enumerate().filter(|_| several) {
            let mut without = self.role.policy.clone();
            let resources = &mut without["Statement"][self.index]["Resource"];
            resources.as_array_mut().unwrap().remove(at);
            let question = asking(&self.actions, &[inside(resource)], &self.context);
            let answer = simulator::documents(clients, &[without], &question).await;
            if answer.iter().any(|(_, _, allowed)| *allowed) {
                findings.push(self.says(&format!("another resource of it covers {resource}")));
            }
        }
    }

    /// Beside each of its resources nothing is allowed.
    async fn ends_at_its_resources(&self, clients: &Clients, findings: &mut Vec<String>) {
        let mut neighbours: Vec<String> = Vec::new();
        for resource in &self.resources {
            let unlimited = |action: &&String| !UNLIMITED.contains(&action.as_str());
            if resource == "*"
                && let Some(action) = self.actions.iter().find(unlimited)
            {
                findings.push(self.says(&format!("allows {action} on everything")));
            }
            neighbours.extend(outside(resource));
        }
        if neighbours.is_empty() {
            assert_eq!(self.resources, ["*"]);
            return;
        }
        let question = asking(&self.actions, &neighbours, &self.context);
        let answer = simulator::role(clients, &self.role.arn, &question).await;
        for (action, resource, _) in answer.into_iter().filter(|(_, _, allowed)| *allowed) {
            findings.push(self.says(&format!("allows {action} on {resource}")));
        }
    }

    /// A request that differs in one value of the condition is not allowed.
    async fn ends_at_its_condition(&self, clients: &Clients, findings: &mut Vec<String>) {
        for at in 0..self.context.len() {
            let mut context = self.context.clone();
            "another value".clone_into(&mut context[at].1);
            let question = asking(&self.actions, &self.examples(), &context);
            let answer = simulator::role(clients, &self.role.arn, &question).await;
            for (action, resource, _) in answer.into_iter().filter(|(_, _, allowed)| *allowed) {
                let key = &context[at].0;
                findings
                    .push(self.says(&format!("allows {action} on {resource} whatever {key} is")));
            }
        }
    }

    fn says(&self, text: &str) -> String {
        let name = self.role.arn.rsplit('/').next().unwrap();
        format!("{name}, statement {}: {text}", self.index)
    }
}

fn asking(actions: &[String], resources: &[String], context: &Context) -> Question {
    Question {
        actions: actions.to_vec(),
        resources: resources.to_vec(),
        context: context.clone(),
    }
}

/// Values for which a condition holds.
fn meeting(condition: &Value) -> Context {
    let mut context = Context::new();
    for (operator, keys) in condition.as_object().into_iter().flatten() {
        let plain = operator.rsplit(':').next().unwrap();
        assert!(
            ["StringEquals", "StringLike"].contains(&plain),
            "{condition}"
        );
        for (key, values) in keys.as_object().unwrap() {
            let value = values[0].as_str().or(values.as_str()).unwrap();
            let value = match plain {
                "StringLike" => inside(value),
                _ => value.to_owned(),
            };
            context.push((key.clone(), value));
        }
    }
    context
}
