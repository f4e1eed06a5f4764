//! The policy of the deploying user, by a simulator that shares no code with the local AWS: it allows every call that
//! treino makes, and nothing else but what is listed here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::actions::Account;
use super::arns::{inside, outside};
use super::enforced::documented;
use super::iam_simulate::{Question, actions, simulated};
use super::labs;
use super::needed;
use crate::kinds;
use crate::support::parts::lab_of;
use crate::support::{World, repository};

/// Whoever deploys.
fn deployer(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/deployer")
}

/// What is allowed, though no call of the test needs it: an action a line, below a comment that says why.
fn beyond() -> BTreeSet<String> {
    let path = repository("tests/it/cases/least_privilege/beyond.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(String::from).collect()
}

/// What treino tries, and does without: to count the items of a table before it is deleted.
const OPTIONAL: &[&str] = &["dynamodb:Scan"];

/// Contents and secrets, which the policy does not let anybody read.
const CONTENTS: &[(&str, &str)] = &[
    (
        "dynamodb:Query",
        "arn:aws:dynamodb:us-east-1:111122223333:table/lab-t",
    ),
    (
        "dynamodb:Scan",
        "arn:aws:dynamodb:us-east-1:111122223333:table/lab-t",
    ),
    (
        "s3:GetObject",
        "arn:aws:s3:::lab-b-111122223333-us-east-1/key",
    ),
    (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:payroll-a1b2c3",
    ),
    (
        "sqs:ReceiveMessage",
        "arn:aws:sqs:us-east-1:111122223333:lab-q",
    ),
];

#[test]
fn every_call_is_allowed_by_the_documented_policy_and_what_is_not_called_is_not() {
    let mut used = BTreeSet::new();
    for name in labs::names() {
        let world = World::new(&format!("recorded: {name}"));
        let lab = labs::prepared(&world, &name);
        world.keep();
        let deploy = labs::words("deploy", &lab.deploy);
        world.treino(&deploy).ends(0);
        for run in &lab.runs {
            world.treino(&labs::words("run", run)).ends(0);
        }
        world.treino(&["status", &lab.name]).ends(0);
        world.treino(&["logs", &lab.name]).ends(0);
        world.treino(&["destroy", &lab.name, "--yes"]).ends(0);
        used.extend(allowed(&world));
    }
    used.extend(allowed(&changed()));
    let world = World::new("recorded: one of everything");
    let sections = kinds::ALL.iter().map(|kind| kind.permitted_section());
    let file = lab_of(&world, &sections.collect::<Vec<_>>());
    world.keep();
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let mut account = Account::new(&world.account, &deployer(&world.account));
    let made = allowed_in(&world, &mut account);
    world.keep();
    world.treino(&["destroy", "lab", "--yes"]).ends(0);
    used.extend(made.iter().cloned());
    used.extend(allowed_in(&world, &mut account));
    assert_eq!(
        needed::faults(&made, &used, &beyond()),
        Vec::<String>::new()
    );

    let patterns = statements(&world.account).into_iter();
    let patterns: Vec<String> = patterns.flat_map(|statement| statement.actions).collect();
    let allowed: BTreeSet<String> = actions(&patterns).into_keys().collect();
    let more: Vec<&String> = allowed.difference(&used).collect();
    let documented = beyond();
    assert_eq!(
        more,
        documented.iter().collect::<Vec<_>>(),
        "allowed, and not needed"
    );
}

/// A world in which a stack was deployed, changed in all that can be changed in place, changed back and destroyed.
fn changed() -> World {
    let world = World::new("recorded: changes");
    lab_of(&world, &[]);
    world.file(
        "code2/app.py",
        b"def handler(event, context):\n    return 2\n",
    );
    let waits =
        br#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": true}}}"#;
    world.file("other.asl.json", waits);
    world.keep();
    for [tags, rest] in [[TAGGED, RICH], [PLAIN, POOR], [TAGGED, RICH]] {
        let text = format!("stack: lab\n{tags}{rest}");
        let file = world.file("lab.yaml", text.as_bytes());
        world
            .treino(&["deploy", file.to_str().unwrap(), "--yes"])
            .ends(0);
    }
    world.treino(&["destroy", "lab", "--yes"]).ends(0);
    world
}

const TAGGED: &str = "tags: { team: blue }\n";
const PLAIN: &str = "tags: { other: red }\n";

const RICH: &str = r#"
buckets:
  b:
    versioning: true
    events: true
    policy: { Statement: [{ Effect: Allow, Principal: { AWS: "arn:aws:iam::${account}:root" }, Action: "s3:GetObject", Resource: "${b.arn}/*" }] }
  c: {}
directory_buckets:
  d:
    zone: use1-az4
    policy: { Statement: [{ Effect: Allow, Principal: { AWS: "arn:aws:iam::${account}:root" }, Action: "s3express:CreateSession", Resource: "${d.arn}" }] }
vaults:
  v: { policy: { Statement: [{ Effect: Allow, Principal: { AWS: "arn:aws:iam::${account}:root" }, Action: "glacier:DescribeVault", Resource: "${v.arn}" }] } }
tables: { t: { partition_key: id, time_to_live: at, point_in_time_recovery: true } }
log_groups: { l: { name: /treino/l, retention_days: 1 } }
roles: { o: { assumed_by: [lambda.amazonaws.com], managed_policies: ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"], allow: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::x/*"] }] } }
functions: { f: { code: code, handler: app.handler, runtime: python3.13, reserved_concurrency: 1, memory: 256 } }
state_machines: { m: { definition: machine.asl.json, logging: all } }
queues: { q: { delay: 1, dead_letter: x }, x: {} }
topics: { n: { display_name: N, subscriptions: [{ to: q, raw_message_delivery: true }, { to: f }] } }
connections: { k: { api_key: { header: x-key, value: "${env:LAB_KEY}" }, headers: { a: b } } }
trails: { r: { objects_of: [b], record: all } }
rules: { e: { schedule: rate(1 hour), start: m, description: One }, p: { schedule: rate(1 hour), start: f } }
"#;

const POOR: &str = r#"
buckets: { b: { block_public_access: false }, c: {} }
directory_buckets: { d: { zone: use1-az4 } }
vaults: { v: {} }
tables: { t: { partition_key: id } }
log_groups: { l: { name: /treino/l, retention_days: 3 } }
roles: { o: { assumed_by: [states.amazonaws.com] } }
functions: { f: { code: code2, handler: app.handler, runtime: python3.13 } }
state_machines: { m: { definition: other.asl.json } }
queues: { q: {}, x: {} }
topics: { n: {} }
connections: { k: { api_key: { header: x-other, value: "${env:LAB_KEY}" }, headers: { a: c } } }
trails: { r: { objects_of: [c] } }
rules: { e: { schedule: rate(2 hours), start: m, enabled: false }, p: { schedule: rate(1 hour), start: q } }
"#;

/// The actions that the calls of a world need; each has to be allowed.
fn allowed(world: &World) -> BTreeSet<String> {
    let mut account = Account::new(&world.account, &deployer(&world.account));
    allowed_in(world, &mut account)
}

/// The same, where earlier calls have made what is in the account.
fn allowed_in(world: &World, account: &mut Account) -> BTreeSet<String> {
    let calls = world.kept();
    assert!(calls.len() > 20, "{calls:?}");
    let needs = calls.iter().flat_map(|call| account.needs(call));
    let needs: Vec<Question> = needs.collect::<BTreeSet<_>>().into_iter().collect();
    let answers = simulated(&[documented(&world.account)], &needs);
    let refused = needs.iter().zip(&answers);
    let refused = refused.filter(|(need, _)| !OPTIONAL.contains(&need.action.as_str()));
    let refused = refused.filter(|(_, answer)| !answer.allowed || answer.error.is_some());
    let refused: Vec<String> = refused
        .map(|(need, answer)| {
            format!(
                "{} on {} {:?}: {answer:?}",
                need.action, need.resource, need.context
            )
        })
        .collect();
    assert_eq!(refused, Vec::<String>::new(), "calls that are not allowed");
    let used = needs.into_iter().map(|need| need.action);
    used.filter(|action| !OPTIONAL.contains(&action.as_str()))
        .collect()
}

/// A statement of the documented policy.
struct Statement {
    sid: String,
    actions: Vec<String>,
    resources: Vec<String>,
    /// Condition keys of a request that meets its condition.
    meeting: BTreeMap<String, String>,
}

fn statements(account: &str) -> Vec<Statement> {
    let texts = |value: &Value| match value {
        Value::Array(several) => several
            .iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    };
    let one = |statement: &Value| {
        let keys: Vec<&String> = statement.as_object().unwrap().keys().collect();
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        assert!(
            keys.iter().all(|key| known.contains(&key.as_str())),
            "{statement}"
        );
        let conditions = statement["Condition"].as_object().into_iter().flatten();
        let conditions = conditions.flat_map(|(_, keys)| keys.as_object().unwrap());
        let value = |(key, values): (&String, &Value)| {
            let value = values[0].as_str().unwrap_or("lab");
            (key.clone(), value.to_owned())
        };
        Statement {
            sid: statement["Sid"].as_str().unwrap().to_owned(),
            actions: texts(&statement["Action"]),
            resources: texts(&statement["Resource"]),
            meeting: conditions.map(value).collect(),
        }
    };
    let policy = documented(account);
    policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(one)
        .collect()
}

const ACCOUNT: &str = "111122223333";

fn asked(action: &str, resource: &str, context: &BTreeMap<String, String>) -> Question {
    Question {
        principal: deployer(ACCOUNT),
        account: ACCOUNT.to_owned(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        context: context.clone(),
        resource_policy: None,
    }
}

/// Each action of a statement is allowed on one of its resources, and not beside them, nor without its condition.
#[test]
fn every_statement_ends_at_its_resources_and_conditions() {
    let all = statements(ACCOUNT);
    let patterns: Vec<String> = all.iter().flat_map(|one| one.actions.clone()).collect();
    let levels = actions(&patterns);
    let none = BTreeMap::new();
    let (mut wrong, mut inner, mut outer) = (Vec::new(), Vec::new(), Vec::new());
    for statement in &all {
        let names = levels
            .iter()
            .filter(|(name, _)| statement.actions.iter().any(|pattern| fits(pattern, name)));
        for (action, level) in names {
            let what = format!("{}: {action}", statement.sid);
            if statement.resources == ["*"] {
                // What may be done on everything only looks.
                if !["List", "Read"].contains(&level.as_str()) {
                    wrong.push(format!("{what} is of the level {level}"));
                }
                continue;
            }
            for resource in &statement.resources {
                let (example, meeting) = (example(resource), &statement.meeting);
                inner.push((what.clone(), asked(action, &example, meeting)));
                let beside = outside(resource).into_iter();
                outer.extend(beside.map(|one| (what.clone(), asked(action, &one, meeting))));
                if !meeting.is_empty() {
                    outer.push((what.clone(), asked(action, &example, &none)));
                }
            }
        }
    }
    for (action, resource) in CONTENTS {
        let mark = BTreeMap::from([("aws:ResourceTag/treino:stack".to_owned(), "lab".to_owned())]);
        outer.push(("contents".to_owned(), asked(action, resource, &mark)));
    }
    let mut useless: BTreeSet<String> = inner.iter().map(|(what, _)| what.clone()).collect();
    for (what, _, is_allowed) in answered(inner) {
        if is_allowed {
            useless.remove(&what);
        }
    }
    wrong.extend(
        useless
            .into_iter()
            .map(|what| format!("{what} is allowed on none of its resources")),
    );
    let outside = answered(outer)
        .into_iter()
        .filter(|(.., is_allowed)| *is_allowed);
    wrong.extend(outside.map(|(what, question, _)| {
        format!(
            "{what} is allowed on {} {:?}",
            question.resource, question.context
        )
    }));
    assert_eq!(wrong, Vec::<String>::new());
}

/// A resource that a pattern matches. An execution's ARN names its state machine too.
fn example(pattern: &str) -> String {
    inside(pattern).replace(":execution:a1", ":execution:a1:b2")
}

/// Whether a pattern of actions matches one.
fn fits(pattern: &str, action: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            action.len() >= start.len() + end.len()
                && action.starts_with(start)
                && action.ends_with(end)
        }
        None => pattern == action,
    }
}

fn answered(questions: Vec<(String, Question)>) -> Vec<(String, Question, bool)> {
    let (names, questions): (Vec<String>, Vec<Question>) = questions.into_iter().unzip();
    let answers = simulated(&[documented(ACCOUNT)], &questions);
    let rows = names.into_iter().zip(questions).zip(answers);
    rows.map(|((name, question), answer)| (name, question, answer.allowed))
        .collect()
}
