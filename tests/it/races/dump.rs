//! Everything of an account in detail, as SDK clients see it: what two states are compared by.

use std::collections::BTreeMap;

use aws_sdk_iam::types::Role;
use serde_json::{Value, json};

use crate::support::Clients;

/// What differs between accounts, and between any two deploys, is left out or replaced.
pub async fn dump(clients: &Clients) -> BTreeMap<String, Value> {
    let mut dump = BTreeMap::new();
    for one in clients.everything().await {
        let (kind, name) = one.rsplit_once(' ').unwrap();
        let detail = match kind {
            "bucket" => bucket(clients, name).await,
            "table" => table(clients, name).await,
            "role" => role(clients, name).await,
            "log group" => log_group(clients, name).await,
            "function" => function(clients, name).await,
            "state machine" => machine(clients, name).await,
            "trail" => trail(clients, name).await,
            "rule" => rule(clients, name).await,
            "connection" => connection(clients, name).await,
            "directory bucket" => directory_bucket(clients, name),
            other => panic!("{other} {name} is not looked at"),
        };
        dump.insert(one.clone(), detail);
    }
    dump.insert("secrets".to_owned(), secrets(clients));
    let text = json!(dump).to_string();
    serde_json::from_str(&text.replace(&clients.account, "{account}")).unwrap()
}

/// Tags but for when it expires, of which each deploy has its own.
fn tags(tags: impl IntoIterator<Item = (String, String)>) -> Value {
    let mut tags: BTreeMap<String, String> = tags.into_iter().collect();
    tags.remove("treino:expires");
    json!(tags)
}

fn parsed(text: &str) -> Value {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    serde_json::from_str(&decoded).unwrap()
}

async fn bucket(clients: &Clients, name: &str) -> Value {
    let s3 = &clients.s3;
    let tagging = s3.get_bucket_tagging().bucket(name).send().await.unwrap();
    let policy = s3.get_bucket_policy().bucket(name).send().await.ok();
    let versioning = s3.get_bucket_versioning().bucket(name).send().await;
    let notified = s3.get_bucket_notification_configuration().bucket(name);
    let notified = notified.send().await.unwrap();
    let blocked = s3.get_public_access_block().bucket(name).send().await;
    json!({
        "tags": tags(tagging.tag_set.into_iter().map(|tag| (tag.key, tag.value))),
        "policy": policy.map(|answer| parsed(&answer.policy.unwrap())),
        "versioning": versioning.unwrap().status.map(|status| status.as_str().to_owned()),
        "events": notified.event_bridge_configuration.is_some(),
        "lambdas": notified.lambda_function_configurations().len(),
        "blocked": format!("{:?}", blocked.unwrap().public_access_block_configuration),
    })
}

async fn table(clients: &Clients, name: &str) -> Value {
    let seen = clients.dynamodb.describe_table().table_name(name);
    let table = seen.send().await.unwrap().table.unwrap();
    let arn = clients.arn("dynamodb", &format!("table/{name}"));
    let tagged = clients.dynamodb.list_tags_of_resource().resource_arn(arn);
    let tagged = tagged.send().await.unwrap().tags.unwrap_or_default();
    json!({
        "keys": format!("{:?} {:?}", table.key_schema(), table.attribute_definitions()),
        "billing": format!("{:?}", table.billing_mode_summary.and_then(|of| of.billing_mode)),
        "tags": tags(tagged.into_iter().map(|tag| (tag.key, tag.value))),
    })
}

async fn role(clients: &Clients, name: &str) -> Value {
    let iam = &clients.iam;
    let seen = iam.get_role().role_name(name).send().await.unwrap();
    let role: Role = seen.role.unwrap();
    let inline = iam.list_role_policies().role_name(name).send().await;
    let mut policies = BTreeMap::new();
    for policy in inline.unwrap().policy_names {
        let call = iam.get_role_policy().role_name(name).policy_name(&policy);
        let document = call.send().await.unwrap().policy_document;
        policies.insert(policy, parsed(&document));
    }
    let attached = iam.list_attached_role_policies().role_name(name);
    let attached = attached.send().await.unwrap();
    json!({
        "path": role.path,
        "trust": parsed(role.assume_role_policy_document.as_deref().unwrap()),
        "policies": policies,
        "attached": attached.attached_policies().len(),
        "tags": tags(role.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))),
    })
}

async fn log_group(clients: &Clients, name: &str) -> Value {
    let call = clients.logs.describe_log_groups();
    let seen = call.log_group_name_prefix(name).send().await.unwrap();
    let mut groups = seen.log_groups().iter();
    let group = groups.find(|group| group.log_group_name() == Some(name));
    let arn = clients.arn("logs", &format!("log-group:{name}"));
    let tagged = clients.logs.list_tags_for_resource().resource_arn(arn);
    let tagged = tagged.send().await.unwrap().tags.unwrap_or_default();
    json!({ "retention": group.unwrap().retention_in_days, "tags": tags(tagged) })
}

async fn function(clients: &Clients, name: &str) -> Value {
    let lambda = &clients.lambda;
    let seen = lambda.get_function().function_name(name).send().await;
    let seen = seen.unwrap();
    let has = seen.configuration.unwrap();
    // Nothing treino makes lets anybody call a function by its own policy.
    let policy = lambda.get_policy().function_name(name).send().await;
    json!({
        "code": has.code_sha256, "handler": has.handler, "role": has.role, "memory": has.memory_size,
        "runtime": format!("{:?}", has.runtime), "timeout": has.timeout,
        "variables": has.environment.and_then(|all| all.variables).map(BTreeMap::from_iter),
        "reserved": seen.concurrency.and_then(|of| of.reserved_concurrent_executions),
        "policy": policy.ok().and_then(|answer| answer.policy),
        "tags": tags(seen.tags.unwrap_or_default()),
    })
}

async fn machine(clients: &Clients, name: &str) -> Value {
    let arn = clients.machine(name);
    let seen = clients.states.describe_state_machine();
    let seen = seen.state_machine_arn(&arn).send().await.unwrap();
    let tagged = clients.states.list_tags_for_resource().resource_arn(&arn);
    let tagged = tagged.send().await.unwrap().tags.unwrap_or_default();
    let pair = |tag: aws_sdk_sfn::types::Tag| (tag.key.unwrap(), tag.value.unwrap());
    json!({
        "definition": parsed(&seen.definition), "role": seen.role_arn,
        "status": format!("{:?}", seen.status), "logging": format!("{:?}", seen.logging_configuration),
        "executions": clients.executions(name).await.len(),
        "tags": tags(tagged.into_iter().map(pair)),
    })
}

async fn trail(clients: &Clients, name: &str) -> Value {
    let cloudtrail = &clients.cloudtrail;
    let seen = cloudtrail.get_trail().name(name).send().await.unwrap();
    let status = cloudtrail.get_trail_status().name(name).send().await;
    let selectors = cloudtrail.get_event_selectors().trail_name(name);
    let selectors = selectors.send().await.unwrap();
    let arn = clients.arn("cloudtrail", &format!("trail/{name}"));
    let tagged = cloudtrail.list_tags().resource_id_list(arn);
    let tagged = tagged.send().await.unwrap().resource_tag_list;
    let tagged = tagged.unwrap_or_default().into_iter();
    let tagged = tagged.flat_map(|list| list.tags_list.unwrap_or_default());
    json!({
        "bucket": seen.trail.unwrap().s3_bucket_name,
        "logging": status.unwrap().is_logging,
        "selectors": format!("{:?}", selectors.event_selectors()),
        "tags": tags(tagged.map(|tag| (tag.key, tag.value.unwrap_or_default()))),
    })
}

pub async fn rule(clients: &Clients, name: &str) -> Value {
    let events = &clients.events;
    let seen = events.describe_rule().name(name).send().await.unwrap();
    let targets = events.list_targets_by_rule().rule(name).send().await;
    let mut targets: Vec<_> = targets.unwrap().targets.unwrap_or_default();
    targets.sort_by(|a, b| a.id.cmp(&b.id));
    let targets = targets
        .iter()
        .map(|target| json!([target.id, target.arn, target.role_arn]));
    let arn = clients.arn("events", &format!("rule/{name}"));
    let tagged = events.list_tags_for_resource().resource_arn(arn);
    let tagged = tagged.send().await.unwrap().tags.unwrap_or_default();
    json!({
        "pattern": seen.event_pattern, "schedule": seen.schedule_expression,
        "state": format!("{:?}", seen.state), "targets": targets.collect::<Vec<_>>(),
        "tags": tags(tagged.into_iter().map(|tag| (tag.key, tag.value))),
    })
}

async fn connection(clients: &Clients, name: &str) -> Value {
    let call = clients.events.describe_connection().name(name);
    let seen = call.send().await.unwrap();
    let mark = seen.description.unwrap_or_default();
    // The fingerprint of the secret is another one in each account.
    let passing = ["expires=", "secret="];
    let lasting = mark.split([' ', ']']);
    let lasting = lasting.filter(|word| !passing.iter().any(|begin| word.starts_with(begin)));
    json!({
        "mark": lasting.collect::<Vec<_>>(),
        "state": format!("{:?}", seen.connection_state),
        "kind": format!("{:?}", seen.authorization_type),
    })
}

fn directory_bucket(clients: &Clients, name: &str) -> Value {
    json!({ "tags": tags(clients.control_tags(name).into_iter()) })
}

/// The names of all secrets, without the ids of the connections they are of.
fn secrets(clients: &Clients) -> Value {
    let headers = [
        ("x-amz-target", "secretsmanager.ListSecrets"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let answer = clients.ask("secretsmanager", ("POST", "/"), &headers, "{}");
    let seen: Value = serde_json::from_str(&answer.text()).unwrap();
    let names = seen["SecretList"].as_array().unwrap().iter().map(|secret| {
        let name = secret["Name"].as_str().unwrap();
        name.rsplit_once('/').map_or(name, |(of, _)| of).to_owned()
    });
    json!(names.collect::<Vec<_>>())
}
