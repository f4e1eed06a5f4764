//! Generated names, however long: the deployer's policy allows them, and AWS takes them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use treino::source::Source;
use treino::stack::{self, Kind, Resource, Target};

const ACCOUNT: &str = "123456789012";

/// The action that creates one of a kind.
fn creating(kind: Kind) -> &'static str {
    match kind.section() {
        "buckets" => "s3:CreateBucket",
        "directory_buckets" => "s3express:CreateBucket",
        "tables" => "dynamodb:CreateTable",
        "roles" => "iam:CreateRole",
        "log_groups" => "logs:CreateLogGroup",
        "functions" => "lambda:CreateFunction",
        "state_machines" => "states:CreateStateMachine",
        "connections" => "events:CreateConnection",
        "vaults" => "glacier:CreateVault",
        "trails" => "cloudtrail:CreateTrail",
        "rules" => "events:PutRule",
        "queues" => "sqs:CreateQueue",
        "topics" => "sns:CreateTopic",
        other => panic!("which action creates {other}?"),
    }
}

/// The ARN patterns that the deployer's policy allows an action on.
fn patterns(partition: &str) -> BTreeMap<String, Vec<String>> {
    let policy = include_str!("../../docs/deployer-policy.json");
    let policy = policy.replace("ACCOUNT", ACCOUNT);
    let policy = policy.replace("arn:aws:", &format!("arn:{partition}:"));
    let policy: Value = serde_json::from_str(&policy).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().unwrap().to_owned())
                .collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        }
    };
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for statement in policy["Statement"].as_array().unwrap() {
        for action in texts(&statement["Action"]) {
            found
                .entry(action)
                .or_default()
                .extend(texts(&statement["Resource"]));
        }
    }
    found
}

/// Whether a text fits a pattern of IAM, in which `*` stands for any text.
fn fits(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((begin, rest)) => text.strip_prefix(begin).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| fits(&text[at..], rest))
        }),
    }
}

/// One of every kind under keys of this length, deployed nowhere.
fn resources(target: &Target, key_length: usize) -> Vec<Resource> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("code")).unwrap();
    std::fs::write(
        folder.path().join("code/app.py"),
        "def handler(event, context): pass\n",
    )
    .unwrap();
    let machine = json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "End": true } } });
    std::fs::write(folder.path().join("m.asl.json"), machine.to_string()).unwrap();
    let key = |short: &str| format!("{short}{}", "k".repeat(key_length - 1));
    let mut file = json!({
        "stack": target.stack,
        "buckets": { key("b"): {} },
        "tables": { key("t"): { "partition_key": "id" } },
        "roles": { key("r"): { "assumed_by": ["lambda.amazonaws.com"] } },
        "functions": { key("f"): { "code": "code", "handler": "app.handler", "runtime": "python3.13" } },
        "state_machines": { key("m"): { "definition": "m.asl.json", "logging": "all" } },
        "connections": { key("c"): { "api_key": { "header": "x-api-key", "value": "v" } } },
        "vaults": { key("v"): {} },
        "trails": { key("l"): { "objects_of": [key("b")] } },
        "rules": { key("e"): { "schedule": "rate(1 day)", "start": key("m") } },
        "queues": { key("q"): {}, key("d"): { "fifo": true } },
        "topics": { key("n"): {} },
    });
    if target.region == "us-east-1" {
        file["directory_buckets"] = json!({ key("x"): { "zone": "use1-az4" } });
    }
    let source = Source::new("stack.yaml", file.to_string());
    let (loaded, _) = stack::read(source, folder.path(), target.owner.as_deref())
        .unwrap_or_else(|all| panic!("{all:?}"));
    let (desired, _) = loaded
        .expand(target)
        .unwrap_or_else(|all| panic!("{all:?}"));
    desired.resources.into_values().collect()
}

fn target(stack: &str, owner: Option<&str>, region: &str) -> Target {
    Target {
        partition: Target::partition_of(region).to_owned(),
        region: region.to_owned(),
        account: ACCOUNT.to_owned(),
        stack: stack.to_owned(),
        owner: owner.map(String::from),
    }
}

/// Every length of stack, owner and key, up to the longest that the file takes.
#[test]
fn the_deployers_policy_allows_every_generated_name() {
    let mut seen = BTreeMap::new();
    for region in [
        "us-east-1",
        "ap-southeast-2",
        "us-gov-west-1",
        "us-isof-south-1",
    ] {
        let allowed = patterns(Target::partition_of(region));
        for (stack, owner, key) in [
            (2, 0, 1),
            (12, 4, 8),
            (16, 10, 12),
            (20, 0, 20),
            (24, 12, 16),
            (32, 0, 40),
            (32, 20, 40),
        ] {
            let stack = "s".repeat(stack);
            let owner = "o".repeat(owner);
            let owner = Some(owner.as_str()).filter(|owner| !owner.is_empty());
            for resource in resources(&target(&stack, owner, region), key) {
                let patterns = &allowed[creating(resource.kind)];
                assert!(
                    patterns.iter().any(|pattern| fits(&resource.arn, pattern)),
                    "{} is allowed on none of {patterns:?}: {}",
                    creating(resource.kind),
                    resource.arn
                );
                *seen.entry(resource.kind).or_insert(0) += 1;
            }
        }
    }
    // A log group of its own section has to be added to the policy, as docs/permissions.md says.
    let kinds = Kind::ALL
        .into_iter()
        .filter(|kind| !seen.contains_key(kind));
    assert_eq!(kinds.collect::<Vec<_>>(), Vec::new());
}

/// Names of deployments do not change from one version to the next, but where the account was cut.
#[test]
fn names_stay_what_they_were() {
    let name_of = |stack: &str, key: &str| {
        let target = target(stack, None, "us-east-1");
        let buckets = resources(&target, key.len()).into_iter();
        let mut buckets =
            buckets.filter(|one| one.kind == Kind::Bucket && one.address.of_owner().is_none());
        buckets.next().unwrap().name
    };
    // Whole; cut after the account; cut within the account by earlier versions.
    assert_eq!(name_of("lab", "bkk"), "lab-bkk-123456789012-us-east-1");
    let twenty = format!("b{}", "k".repeat(19));
    assert_eq!(
        name_of("laboratory-of-photos", &twenty),
        "laboratory-of-photos-bkkkkkkkkkkkkkkkkkkk-123456789012-5de3f6fb"
    );
    let long = name_of("laboratory-of-photos-and-sounds", &twenty);
    let begin = "laboratory-of-photos-and-sounds-bkkkkkkkk-123456789012-";
    assert!(long.starts_with(begin) && long.len() == 63, "{long}");
    let other = name_of("laboratory-of-photos-and-sounds", &format!("{twenty}k"));
    assert_ne!(long, other, "the hash is of the whole name");
}
