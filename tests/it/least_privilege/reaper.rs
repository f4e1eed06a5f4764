//! The reaper's policy, by a simulator that shares no code with the local AWS: it allows every call by which one of every
//! kind is deleted, and nothing that only looks like that; without any part of it a call is missed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use serde_json::{Value, json};

use super::actions::Account;
use super::iam_simulate::{Question, simulated, simulated_each};
use super::look_alikes::LOOK_ALIKES;
use crate::kinds;
use crate::support::parts::lab_of;
use crate::support::{Clients, World, eventually, repository};

const MACHINE: &str = "stateMachine:treino-reaper";
const OTHER: &str = "444455556666";
const MARK: &str = "aws:ResourceTag/treino:stack";
const OWNER: &str = "s3:ResourceAccount";

/// What a call needs beside the action of its name. A version is an object too:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>. EventBridge deletes the secret of a connection
/// for the caller.
const ALSO: [(&str, &str); 2] = [
    ("s3:DeleteObjectVersion", "s3:DeleteObject"),
    (
        "secretsmanager:DeleteSecret",
        "secretsmanager:DescribeSecret",
    ),
];

/// The policy, as the file in the repository has it.
fn policy(account: &str) -> Value {
    let text = std::fs::read_to_string(repository("src/ops/reaper/policy.json")).unwrap();
    let text = text.replace("REGION", "*").replace("ACCOUNT", account);
    serde_json::from_str(&text).unwrap()
}

/// The calls of the definition: service and operation of each state.
fn known() -> BTreeSet<(String, String)> {
    let text = std::fs::read_to_string(repository("src/ops/reaper/reaper.asl.json")).unwrap();
    let definition: Value = serde_json::from_str(&text).unwrap();
    let states = definition["States"].as_object().unwrap().values();
    let calls = states.filter_map(|state| {
        let call = state["Resource"].as_str()?;
        let (service, operation) = call
            .strip_prefix("arn:aws:states:::aws-sdk:")?
            .split_once(':')?;
        Some((service.to_owned(), operation.to_owned()))
    });
    calls.collect()
}

/// Puts into one of every kind what has to be deleted before it.
async fn fill(clients: &Clients, world: &World) {
    let bucket = format!("lab-b-{}-us-east-1", world.account);
    for key in ["a", "\u{1}"] {
        clients.put(&bucket, key, b"one").await;
    }
    let upload = clients.s3.create_multipart_upload().bucket(&bucket);
    upload.key("part").send().await.unwrap();
    let call = clients.states.list_executions();
    let call = call.state_machine_arn(clients.arn("states", MACHINE));
    let waiting = call.send().await.unwrap().executions.remove(0);
    let call = clients.states.describe_execution();
    let seen = call.execution_arn(waiting.execution_arn);
    let input = seen.send().await.unwrap().input.unwrap();
    let input: Value = serde_json::from_str(&input).unwrap();
    let mut steps = input["steps"].as_array().unwrap().iter();
    let directory = steps
        .find(|step| step["kind"] == "directory_bucket")
        .unwrap();
    let directory = directory["name"].as_str().unwrap();
    clients.put(directory, "a", b"one").await;
    let upload = clients.s3.create_multipart_upload().bucket(directory);
    upload.key("part").send().await.unwrap();
    let start = clients.states.start_execution();
    let start = start.state_machine_arn(clients.machine("lab-m"));
    start.send().await.unwrap();
    let mapping = clients.lambda.create_event_source_mapping();
    let mapping = mapping.function_name("lab-f");
    let mapping = mapping.event_source_arn(clients.arn("sqs", "lab-q"));
    mapping.send().await.unwrap();
    let attach = clients.iam.attach_role_policy();
    let attach = attach.role_name("lab-f-role-us-east-1");
    let attach = attach.policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess");
    attach.send().await.unwrap();
}

/// Service, operation and parameters of every call of an execution that deletes one of every kind, and its input.
async fn calls(world: &World) -> (Vec<(String, String, Value)>, Value) {
    let clients = world.clients().await;
    let sections = kinds::ALL.iter().map(|kind| kind.permitted_section());
    let parts: Vec<&str> = ["expires: 4h\n"].into_iter().chain(sections).collect();
    let file = lab_of(world, &parts);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    fill(&clients, world).await;
    let machine = clients.arn("states", MACHINE);
    // Another one waits: the machine stays, and with it what the first has done.
    let waits =
        json!({ "begins": "2099-01-01T00:00:00Z", "pause": 1, "most_calls": 700, "steps": [] });
    let other = clients.states.start_execution().state_machine_arn(&machine);
    let other = other.name("other").input(waits.to_string());
    let other = other.send().await.unwrap().execution_arn;
    let soon = humantime::format_rfc3339_seconds(SystemTime::now() + Duration::from_secs(3));
    let extend = ["extend", "lab", "--until", &soon.to_string()];
    world.treino(&extend).ends(0);
    let ended = eventually("the stack has ended", async || {
        let call = clients.states.list_executions().state_machine_arn(&machine);
        let call = call.status_filter(ExecutionStatus::Succeeded);
        let found = call.send().await.unwrap().executions;
        found.into_iter().next()
    });
    let arn = ended.await.execution_arn;
    let call = clients.states.describe_execution().execution_arn(&arn);
    let seen = call.send().await.unwrap();
    let stop = clients.states.stop_execution().execution_arn(other);
    stop.send().await.unwrap();
    let receipt: Value = serde_json::from_str(&seen.output.unwrap()).unwrap();
    assert_eq!(receipt["complete"], true, "{receipt}");
    let call = clients.states.get_execution_history().execution_arn(&arn);
    let mut pages = call.into_paginator().send();
    let mut calls = Vec::new();
    while let Some(page) = pages.next().await {
        let events = page.unwrap().events.into_iter();
        let events = events.filter(|event| event.r#type == HistoryEventType::TaskScheduled);
        calls.extend(events.map(|event| {
            let of = event.task_scheduled_event_details.unwrap();
            let service = of.resource_type.rsplit(':').next().unwrap().to_owned();
            (
                service,
                of.resource,
                serde_json::from_str(&of.parameters).unwrap(),
            )
        }));
    }
    (calls, serde_json::from_str(&seen.input.unwrap()).unwrap())
}

/// What the calls need, with the stack's tags where the service evaluates those of the resource.
fn needs(account: &str, calls: &[(String, String, Value)], input: &Value) -> BTreeSet<Question> {
    let principal = format!("arn:aws:iam::{account}:role/treino/treino-reaper");
    let mut of_account = Account::new(account, &principal);
    for step in input["steps"].as_array().unwrap() {
        if step["kind"] == "role" {
            let arn = step["arn"].as_str().unwrap();
            let path = arn.split_once(":role").unwrap().1;
            let path = &path[..=path.rfind('/').unwrap()];
            let made = json!({ "RoleName": step["name"], "Path": path });
            of_account.needs(&json!(["iam", "CreateRole", made]));
        }
    }
    let mut found = BTreeSet::new();
    for (service, operation, parameters) in calls {
        let model = match service.as_str() {
            "cloudwatchlogs" => "logs",
            "eventbridge" => "events",
            "sfn" => "stepfunctions",
            other => other,
        };
        let mut parameters = parameters.clone();
        if ["logs", "stepfunctions", "glacier", "s3control"].contains(&model) {
            // Of these, the SDK for Java has capital letters where the service has none.
            let fields = parameters.as_object().unwrap().iter();
            let lower = |key: &str| key[..1].to_lowercase() + &key[1..];
            parameters = fields
                .map(|(key, value)| (lower(key), value.clone()))
                .collect();
        }
        let operation = operation[..1].to_uppercase() + &operation[1..];
        for mut need in of_account.needs(&json!([model, operation, parameters])) {
            if has_evaluated_tags(&need) {
                need.context.insert(MARK.to_owned(), "lab".to_owned());
            }
            if need.action.starts_with("s3:") {
                need.context.insert(OWNER.to_owned(), account.to_owned());
            }
            for (_, also) in ALSO.iter().filter(|(action, _)| *action == need.action) {
                let action = (*also).to_owned();
                found.insert(Question {
                    action,
                    ..need.clone()
                });
            }
            found.insert(need);
        }
    }
    found
}

/// Whether the service evaluates tags of the resource, and it has those of the stack.
fn has_evaluated_tags(need: &Question) -> bool {
    let untagged = [
        ":s3:::",
        ":glacier:",
        ":secret:",
        ":connection/",
        ":event-source-mapping:",
        ":log-group:/aws/lambda/",
        MACHINE,
    ];
    !untagged.iter().any(|part| need.resource.contains(part))
}

fn look_alikes(account: &str) -> Vec<Question> {
    let one = |(action, resource, whose): &(&str, &str, &str)| {
        let resource = resource.replace("IT", account).replace("OTHER", OTHER);
        let of = if *whose == "foreign" { OTHER } else { account };
        let mut context = BTreeMap::new();
        if action.starts_with("s3:") {
            context.insert(OWNER.to_owned(), of.to_owned());
        }
        match *whose {
            "mark" => context.insert(MARK.to_owned(), "lab".to_owned()),
            "other" => context.insert("aws:ResourceTag/stack".to_owned(), "lab".to_owned()),
            "reaper" => context.insert(
                "aws:ResourceTag/treino:reaper".to_owned(),
                "role".to_owned(),
            ),
            _ => None,
        };
        Question {
            principal: format!("arn:aws:iam::{account}:role/treino/treino-reaper"),
            account: account.to_owned(),
            action: (*action).to_owned(),
            resource,
            context,
            resource_policy: None,
        }
    };
    LOOK_ALIKES.iter().map(one).collect()
}

/// The policy with one of its statements wider, and how.
fn widened(policy: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (at, statement) in policy["Statement"].as_array().unwrap().iter().enumerate() {
        let mut with = |how: &str, field: &str, value: Option<Value>| {
            let mut wider = policy.clone();
            let fields = wider["Statement"][at].as_object_mut().unwrap();
            fields.remove(field);
            fields.extend(value.map(|value| (field.to_owned(), value)));
            found.push((format!("{}: {how}", statement["Sid"]), wider));
        };
        if statement["Resource"] != "*" {
            with("every resource", "Resource", Some(json!("*")));
        }
        if !statement["Condition"].is_null() {
            with("no condition", "Condition", None);
        }
        let actions = statement["Action"].as_array().unwrap().iter();
        let services: BTreeSet<&str> = actions
            .filter_map(|one| one.as_str()?.split(':').next())
            .collect();
        let all: Vec<String> = services
            .iter()
            .map(|service| format!("{service}:*"))
            .collect();
        with("every action", "Action", Some(json!(all)));
    }
    found
}

/// The policy without one action or resource of a statement, and without which.
fn narrowed(policy: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (at, statement) in policy["Statement"].as_array().unwrap().iter().enumerate() {
        for field in ["Action", "Resource"] {
            let several = statement[field].as_array().into_iter().flatten();
            for (place, left_out) in several.enumerate() {
                let mut narrower = policy.clone();
                let list = narrower["Statement"][at][field].as_array_mut().unwrap();
                list.remove(place);
                if list.is_empty() {
                    narrower["Statement"].as_array_mut().unwrap().remove(at);
                }
                found.push((format!("{}: {left_out}", statement["Sid"]), narrower));
            }
        }
    }
    found
}

/// Those of the policies by which the answer to every question is the same as before.
fn unnoticed(policies: Vec<(String, Value)>, questions: &[Question], before: bool) -> Vec<String> {
    let (names, policies): (Vec<String>, Vec<Value>) = policies.into_iter().unzip();
    let asked = names.iter().enumerate().flat_map(|(at, name)| {
        // Where an action is left out, only its own questions can tell.
        let own = questions
            .iter()
            .filter(move |question| name.contains(&format!("\"{}\"", question.action)));
        let own: Vec<&Question> = own.collect();
        let all = if own.is_empty() {
            questions.iter().collect()
        } else {
            own
        };
        all.into_iter().map(move |question| (at, question.clone()))
    });
    let asked: Vec<(usize, Question)> = asked.collect();
    let answers = simulated_each(&policies, &asked);
    let noticed = asked
        .iter()
        .zip(answers)
        .filter(|(_, answer)| answer.allowed != before);
    let noticed: BTreeSet<usize> = noticed.map(|((at, _), _)| *at).collect();
    let names = names.into_iter().enumerate();
    names
        .filter(|(at, _)| !noticed.contains(at))
        .map(|(_, name)| name)
        .collect()
}

#[tokio::test]
async fn the_reaper_may_delete_what_is_the_stacks_and_nothing_else() {
    let world = World::new("the_reaper_may_delete_what_is_the_stacks");
    let account = world.account.clone();
    let (mut calls, input) = calls(&world).await;
    let machine = world.clients().await.arn("states", MACHINE);
    let itself = json!({ "StateMachineArn": machine });
    // With a limit, after many calls, and at the end of the last stack.
    for (service, operation, parameters) in [
        (
            "eventbridge",
            "disableRule",
            json!({ "Name": "lab-e", "EventBusName": "default" }),
        ),
        ("sfn", "startExecution", itself.clone()),
        ("sfn", "deleteStateMachine", itself),
    ] {
        calls.push((service.to_owned(), operation.to_owned(), parameters));
    }
    let made: BTreeSet<(String, String)> = calls
        .iter()
        .map(|(service, operation, _)| (service.clone(), operation.clone()))
        .collect();
    assert_eq!(made, known(), "every call of the definition is made");

    let policy = policy(&account);
    let needs: Vec<Question> = needs(&account, &calls, &input).into_iter().collect();
    let answers = simulated(std::slice::from_ref(&policy), &needs);
    let refused: Vec<_> = needs
        .iter()
        .zip(answers)
        .filter(|(_, answer)| !answer.allowed || answer.error.is_some())
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");

    let look_alikes = look_alikes(&account);
    let answers = simulated(std::slice::from_ref(&policy), &look_alikes);
    let allowed: Vec<_> = look_alikes
        .iter()
        .zip(answers)
        .filter(|(_, answer)| answer.allowed || answer.error.is_some())
        .collect();
    assert!(allowed.is_empty(), "{allowed:#?}");

    let unseen = unnoticed(widened(&policy), &look_alikes, false);
    assert_eq!(
        unseen,
        Vec::<String>::new(),
        "widened, and no look-alike is allowed"
    );
    let unused = unnoticed(narrowed(&policy), &needs, true);
    assert_eq!(
        unused,
        Vec::<String>::new(),
        "taken out, and no call misses it"
    );
}

/// A bucket with a name of its own lets the reaper in by its own policy, and nobody else.
#[tokio::test]
async fn the_policy_of_a_bucket_allows_what_deletes_it() {
    let world = World::new("the_policy_of_a_bucket_allows_what_deletes_it");
    let clients = world.clients().await;
    let name = format!("photos-{}", world.account);
    let text = format!("stack: lab\nexpires: 4h\nbuckets: {{ b: {{ name: {name} }} }}\n");
    let file = world.file("lab.yaml", text.as_bytes());
    let deploy = ["deploy", file.to_str().unwrap(), "--yes"];
    world.treino(&deploy).ends(0);
    let call = clients.s3.get_bucket_policy().bucket(&name);
    let of_bucket = call.send().await.unwrap().policy.unwrap();
    world.treino(&["destroy", "lab", "--yes"]).ends(0);

    let policy = policy(&world.account);
    let own = policy["Statement"].as_array().unwrap().iter();
    let own =
        own.filter(|statement| statement["Sid"] == "Buckets" || statement["Sid"] == "Objects");
    let mut asked = Vec::new();
    for statement in own {
        let is_object = statement["Sid"] == "Objects";
        let resource = format!("arn:aws:s3:::{name}{}", if is_object { "/a" } else { "" });
        for action in statement["Action"].as_array().unwrap() {
            asked.push(Question {
                principal: format!("arn:aws:iam::{}:role/treino/treino-reaper", world.account),
                account: world.account.clone(),
                action: action.as_str().unwrap().to_owned(),
                resource: resource.clone(),
                context: BTreeMap::from([(OWNER.to_owned(), world.account.clone())]),
                resource_policy: Some(of_bucket.clone()),
            });
        }
    }
    assert_eq!(asked.len(), 8);
    let allowed = |questions: &[Question]| {
        let answers = simulated(std::slice::from_ref(&policy), questions);
        answers.iter().filter(|answer| answer.allowed).count()
    };
    assert_eq!(allowed(&asked), 8);
    let without = asked.iter().cloned().map(|mut one| {
        one.resource_policy = None;
        one
    });
    assert_eq!(allowed(&without.collect::<Vec<_>>()), 0);
    let elsewhere = asked.iter().cloned().map(|mut one| {
        one.resource = one.resource.replace("photos", "pictures");
        one
    });
    assert_eq!(allowed(&elsewhere.collect::<Vec<_>>()), 0);
}
