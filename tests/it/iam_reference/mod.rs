//! Every permission that treino writes, held against AWS's service authorization reference: each action exists, takes
//! the resource types and has the condition keys that it is used with.

mod reference;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use reference::{Reference, overlap, texts};
use serde_json::{Map, Value, json};
use treino::asl::{self, StateMachineArn, permissions};
use treino::source::Source;
use treino::stack::{self, Given, Target};

use crate::data::packages;
use crate::extension::PYTHON;
use crate::support::repository;

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| Reference::read(packages()));

/// What is right though the reference does not say so.
const EXCEPTIONS: &[(&str, &str)] = &[
    // https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html limits it to the machine, by method and
    // endpoint.
    ("states:InvokeHTTPEndpoint is not for", "arn:aws:states:"),
    (
        "states:InvokeHTTPEndpoint has no condition key",
        "states:HTTP",
    ),
    ("arn:aws:states:", "is for none of its actions"),
    // A task definition without a revision is the latest one; AWS's templates name it so beside every revision.
    ("arn:aws:ecs:", ":task-definition/"),
];

/// The statements that a definition's permissions become.
fn statements(definition: &Value) -> Vec<Value> {
    let machine = StateMachineArn {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "111122223333".into(),
        name: "m".into(),
    };
    let required = permissions(definition, &machine).permissions.into_iter();
    let statements = required.map(|one| {
        json!({ "Action": one.actions, "Resource": one.resources, "Condition": one.condition, "States": one.states })
    });
    statements.collect()
}

/// The faults of statements, each once, without those that are exceptions.
fn faults(statements: &[Value]) -> Vec<String> {
    let is_exception = |fault: &str| {
        let mut all = EXCEPTIONS.iter();
        all.any(|(start, part)| fault.starts_with(start) && fault.contains(part))
    };
    let mut faults: Vec<String> = statements
        .iter()
        .flat_map(|statement| {
            let about = texts(&statement["States"]).join(", ");
            let found = REFERENCE.faults(statement).into_iter();
            found
                .filter(|fault| !is_exception(fault))
                .map(move |fault| match about.as_str() {
                    "" => fault,
                    about => format!("{about}: {fault}"),
                })
        })
        .collect();
    faults.sort();
    faults.dedup();
    faults
}

/// The control of the other tests.
#[test]
fn what_is_wrong_is_found() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
    for (statement, expected) in [
        (
            json!({"Action": ["dynamodb:GetItem"], "Resource": [table]}),
            "",
        ),
        (
            json!({"Action": ["dynamodb:TransactGetItems"], "Resource": [table]}),
            "dynamodb:TransactGetItems does not exist",
        ),
        (
            json!({"Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b/k"]}),
            "s3:ListBucket is not for arn:aws:s3:::b/k",
        ),
        (
            json!({"Action": ["polly:SynthesizeSpeech", "s3:GetObject"], "Resource": ["arn:aws:s3:::b/k"]}),
            "polly:SynthesizeSpeech is not for arn:aws:s3:::b/k",
        ),
        (
            json!({"Action": ["iam:PassRole"], "Resource": ["arn:aws:iam::1:role/r"], "Condition": {"StringEquals": {"iam:PassedToService": "x"}}}),
            "",
        ),
        (
            json!({"Action": ["s3:GetObject"], "Resource": ["*"], "Condition": {"StringEquals": {"iam:PassedToService": "x"}}}),
            "s3:GetObject has no condition key iam:PassedToService",
        ),
    ] {
        let found = REFERENCE.faults(&statement);
        assert_eq!(
            found.first().map_or("", String::as_str),
            expected,
            "{statement}"
        );
    }
    assert!(overlap(
        "arn:aws:glue:*:*:job/*",
        "arn:aws:glue:eu-west-1:1:job/j"
    ));
    assert!(!overlap(
        "arn:aws:glue:*:*:job/*",
        "arn:aws:glue:eu-west-1:1:crawler/j"
    ));
}

/// The texts among the parameters of every call, by service and call, from AWS's API models.
const PARAMETERS: &str = "
import json, pathlib, sys
sys.dont_write_bytecode = True
sys.path.insert(0, 'src/data')
import integrations, permissions, update
packages, found = update.download(pathlib.Path(sys.argv[1])), {}
for folder in packages.services():
    model = packages.model(folder)
    service = permissions.Service(model, '', {}, {})
    calls = found.setdefault(integrations.step_functions_name(model['metadata']), {})
    for operation in model['operations']:
        calls[integrations.call_name(operation)] = sorted(service.parameters(operation).values())
print(json.dumps(found))
";

/// Calls whose actions the reference does not have, as they are newer: their permissions may have other names.
const UNKNOWN: &str = include_str!("unknown.txt");

/// What `check` says of the `Resource` of a definition's one state.
fn doubt(definition: &Value) -> Option<String> {
    let source = Source::new("machine.asl.json", definition.to_string());
    let found = match asl::load(&source) {
        Ok((_, found)) | Err(found) => found,
    };
    let mut messages = found.0.into_iter().map(|one| one.message);
    messages
        .find(|message| message.contains("AWS SDK integration") || message.contains("not support"))
}

/// The services of the Step Functions guide, each with the operations that it calls unsupported.
fn guide() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines = include_str!("../../../src/data/integrations.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let services = lines.map(|line| {
        let (name, operations) = line.split_once(':').unwrap_or((line, ""));
        (name, operations.split_ascii_whitespace().collect())
    });
    services.collect()
}

#[test]
fn every_call_of_the_sdk() {
    let output = Command::new(&*PYTHON)
        .args(["-c", PARAMETERS])
        .arg(packages())
        .current_dir(repository("."))
        .output()
        .expect("Python runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let services: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        serde_json::from_slice(&output.stdout).unwrap();
    let mut all = Vec::new();
    let guide = guide();
    let mut calls = 0;
    for (service, operations) in &services {
        for (call, parameters) in operations {
            calls += 1;
            // What is an ARN would be taken as it is given.
            let names = parameters
                .iter()
                .filter(|name| !name.to_lowercase().trim_end_matches('s').ends_with("arn"));
            let mut parameters: Map<String, Value> = names
                .map(|name| (name.clone(), Value::from("x1")))
                .collect();
            for tags in ["Tags", "TagList", "TagSpecifications"] {
                parameters.insert(tags.to_owned(), json!([{"Key": "a", "Value": "b"}]));
            }
            let resource = format!("arn:aws:states:::aws-sdk:{service}:{call}");
            let task = json!({"Type": "Task", "Resource": resource, "Parameters": parameters, "End": true});
            let name = format!("{service}:{call}");
            let definition = json!({"StartAt": name, "States": {name.clone(): task}});
            all.extend(statements(&definition));
            let operation = call[..1].to_uppercase() + &call[1..];
            let is_refused = service == "apigatewaymanagementapi"
                || guide
                    .get(service.as_str())
                    .is_some_and(|refused| refused.contains(&operation.as_str()));
            let expected = is_refused.then(|| {
                format!("Step Functions does not support the action `{call}` of `{service}`")
            });
            assert_eq!(doubt(&definition), expected, "{name}");
        }
    }
    assert!(calls > 17_000, "{calls}");
    // AWS's models have them no longer.
    let retired = guide.keys().filter(|name| !services.contains_key(**name));
    for service in retired {
        let task = json!({"Type": "Task", "Resource": format!("arn:aws:states:::aws-sdk:{service}:listThings"), "End": true});
        let definition = json!({"StartAt": "A", "States": {"A": task}});
        assert_eq!(doubt(&definition), None, "{service}");
        assert_eq!(statements(&definition).len(), 1, "{service}");
    }
    let (missing, others): (Vec<String>, Vec<String>) = faults(&all)
        .into_iter()
        .partition(|fault| fault.ends_with(" does not exist"));
    assert_eq!(others, [""; 0]);
    let mut by_service: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fault in &missing {
        let (service, rest) = fault.split_once(':').unwrap();
        let (call, _) = rest.split_once(':').unwrap();
        by_service.entry(service).or_default().push(call);
    }
    let lines = by_service
        .iter()
        .map(|(service, calls)| format!("{service}: {}", calls.join(" ")));
    let found = lines.collect::<Vec<_>>().join("\n");
    let known: Vec<&str> = UNKNOWN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(found, known.join("\n"));
}

#[test]
fn every_optimized_integration_and_every_policy_of_a_stack() {
    let mut all = Vec::new();
    for case in [
        "iam_reference/roles",
        "iam_reference/optimized",
        "least_privilege/everything",
        "least_privilege/computed",
    ] {
        let text = std::fs::read_to_string(repository(&format!("tests/it/cases/{case}.asl.json")))
            .unwrap();
        let definition = serde_json::from_str(&text).unwrap();
        assert_eq!(doubt(&definition), None, "{case}");
        all.extend(statements(&definition));
    }
    for file in std::fs::read_dir(repository("definitions")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let definition = serde_json::from_str(&text).expect("a definition in JSON");
        assert_eq!(doubt(&definition), None, "{}", path.display());
    }
    assert_eq!(faults(&all), [""; 0]);
    let mut stacks: Vec<_> = std::fs::read_dir(repository("stacks"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    stacks.push(repository("tests/it/cases/least_privilege/everything.yaml"));
    for path in stacks {
        let given = Given {
            missing: stack::Missing::Later,
            ..Given::default()
        };
        let (loaded, _) = stack::load(&path, given).expect("a stack file");
        let target = Target {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "123456789012".into(),
            stack: loaded.file.stack.clone(),
            owner: None,
        };
        let (desired, _) = loaded.expand(&target).expect("a stack");
        let mut found = Vec::new();
        desired
            .resources
            .values()
            .for_each(|resource| policies(&resource.spec, &mut found));
        assert!(!found.is_empty(), "{}", path.display());
        assert_eq!(faults(&found), [""; 0], "{}", path.display());
    }
}

/// The statements of every policy in a spec.
fn policies(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) if fields.contains_key("Action") => found.push(value.clone()),
        Value::Object(fields) => fields.values().for_each(|field| policies(field, found)),
        Value::Array(items) => items.iter().for_each(|item| policies(item, found)),
        _ => {}
    }
}

#[test]
fn the_policy_of_the_deploying_user() {
    let text = std::fs::read_to_string(repository("docs/deployer-policy.json")).unwrap();
    let policy: Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(faults(statements), [""; 0]);
}
