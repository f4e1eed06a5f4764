//! Destroying: nothing stays, and the receipt says so.

use aws_sdk_eventbridge::types::Target;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use serde_json::{Value, json};

use super::{MACHINE, RULE, STACK, TABLE, images, logs, whole_lab};
use crate::support::{Clients, Lab, World, eventually, sample};

#[tokio::test]
async fn a_stack_is_destroyed_by_its_name() {
    let world = World::new("a_stack_is_destroyed_by_its_name");
    let lab = Lab::copy(&world);
    world.treino(&["deploy", &lab.stack(), "--yes"]).ends(0);
    std::fs::remove_dir_all(lab.path("")).unwrap();
    let receipt = world.folder.path().join("receipt.json");
    let destroy = [
        "destroy",
        "image-metadata",
        "--yes",
        "--receipt",
        receipt.to_str().unwrap(),
    ];

    world.treino(&destroy).ends(0).says("verified:");

    assert_eq!(
        world.clients().await.everything().await,
        Vec::<String>::new()
    );
    complete(&receipt, &world);
    // A second time there is nothing to do, which is no failure.
    world.treino(&destroy).ends(1).says("has no resources");
    world.treino(&["status"]).ends(0);
}

/// The receipt names every resource of the lab, dated, and nothing that remains.
fn complete(receipt: &std::path::Path, world: &World) {
    let receipt = std::fs::read_to_string(receipt).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(receipt["remains"].as_array().unwrap().len(), 0);
    let mut named: Vec<String> = receipt["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gone| {
            assert!(gone["seen"].as_str().is_some_and(|seen| !seen.is_empty()));
            humantime::parse_rfc3339(gone["at"].as_str().unwrap()).unwrap();
            let kind = gone["kind"].as_str().unwrap().replace('_', " ");
            format!("{kind} {}", gone["name"].as_str().unwrap())
        })
        .collect();
    named.sort();
    assert_eq!(named, whole_lab(world));
}

#[tokio::test]
async fn a_used_lab_leaves_nothing_behind() {
    let world = World::new("a_used_lab_leaves_nothing_behind");
    let clients = world.clients().await;
    let lab = Lab::copy(&world);
    // What an execution started by hand waits in.
    let definition = "definitions/image-metadata.asl.json";
    let wait = r#""StartAt": "Gate", "States": {
        "Gate": { "Type": "Choice", "Default": "ReadEvent", "Choices": [
            { "Condition": "{% $exists($states.input.linger) %}", "Next": "Linger" } ] },
        "Linger": { "Type": "Wait", "Seconds": 3600, "Next": "ReadEvent" },"#;
    let text = std::fs::read_to_string(lab.path(definition)).unwrap();
    let head = text.find("\"StartAt\"").unwrap();
    let states = text.find("\"States\": {").unwrap() + "\"States\": {".len();
    lab.edit(definition, &text[head..states], wait);
    let stack = lab.stack();
    world.treino(&["deploy", &stack, "--yes"]).ends(0);

    versioned(&clients, &images(&world)).await;
    versioned(&clients, &logs(&world)).await;
    for photo in ["astronaut.jpg", "coffee.jpg", "astronaut.jpg", "coffee.jpg"] {
        let photo = sample(photo);
        let run = ["run", &stack, photo.to_str().unwrap(), "--key", "same.jpg"];
        world.treino(&run).ends(0);
    }
    litter(&clients, &world).await;
    std::fs::remove_dir_all(lab.path("")).unwrap();
    let receipt = world.folder.path().join("receipt.json");
    let destroy = [
        "destroy",
        "image-metadata",
        "--yes",
        "--receipt",
        receipt.to_str().unwrap(),
    ];

    world.treino(&destroy).ends(0).says("verified:");

    assert_eq!(clients.everything().await, Vec::<String>::new());
    complete(&receipt, &world);
}

async fn versioned(clients: &Clients, bucket: &str) {
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let call = clients.s3.put_bucket_versioning().bucket(bucket);
    call.versioning_configuration(on.build())
        .send()
        .await
        .unwrap();
}

/// What use and a curious hand leave: versions, delete markers, parts of an upload, an execution
/// under way, policies and targets nobody planned, items, log lines.
async fn litter(clients: &Clients, world: &World) {
    let bucket = images(world);
    let call = clients.s3.delete_object().bucket(&bucket).key("same.jpg");
    call.send().await.unwrap();
    for number in 0..5 {
        clients.put(&bucket, &format!("more/{number}"), b"x").await;
    }
    let call = clients.s3.list_object_versions().bucket(&bucket);
    let seen = call.send().await.unwrap();
    assert!(seen.versions().len() >= 9, "{seen:?}");
    assert_eq!(seen.delete_markers().len(), 1);

    let call = clients
        .s3
        .create_multipart_upload()
        .bucket(&bucket)
        .key("large");
    let upload = call.send().await.unwrap().upload_id.unwrap();
    let call = clients.s3.upload_part().bucket(&bucket).key("large");
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"part of it");
    let call = call.upload_id(upload).part_number(1).body(body);
    call.send().await.unwrap();

    let call = clients.states.start_execution();
    let call = call.state_machine_arn(clients.machine(MACHINE));
    let execution = call.input(r#"{"linger": true}"#).send().await.unwrap();
    eventually("the lingering execution", async || {
        let call = clients.states.get_execution_history();
        let call = call.execution_arn(&execution.execution_arn);
        let seen = call.send().await.unwrap();
        let mut entered = seen
            .events
            .iter()
            .filter_map(|e| e.state_entered_event_details());
        entered.any(|state| state.name == "Linger").then_some(())
    })
    .await;

    let role = "image-metadata-pipeline-role-us-east-1";
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" },
    ] });
    let call = clients.iam.put_role_policy().role_name(role);
    let call = call
        .policy_name("by-hand")
        .policy_document(policy.to_string());
    call.send().await.unwrap();
    let call = clients.iam.attach_role_policy().role_name(role);
    let call = call.policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess");
    call.send().await.unwrap();

    let target = Target::builder()
        .id("by-hand")
        .arn(clients.machine(MACHINE));
    let call = clients.events.put_targets().rule(RULE);
    call.targets(target.build().unwrap()).send().await.unwrap();

    assert!(clients.item(TABLE, "same.jpg").await.is_some());
}

#[tokio::test]
async fn another_stack_is_left_alone() {
    let world = World::new("another_stack_is_left_alone");
    let clients = world.clients().await;
    let stack = |name: &str| {
        let text = format!(
            "stack: {name}\nbuckets:\n  one: {{}}\ntables:\n  two:\n    partition_key: id\n"
        );
        let path = world.file(&format!("{name}.yaml"), text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    for name in ["shelf", "shelf-two"] {
        world.treino(&["deploy", &stack(name), "--yes"]).ends(0);
    }
    let call = clients
        .s3
        .create_bucket()
        .bucket(format!("shelf-by-hand-{}", world.account));
    call.send().await.unwrap();

    world.treino(&["destroy", "shelf", "--yes"]).ends(0);

    let left = [
        format!("bucket shelf-by-hand-{}", world.account),
        format!("bucket shelf-two-one-{}-us-east-1", world.account),
        "table shelf-two-two".to_owned(),
    ];
    assert_eq!(clients.everything().await, left);
}

#[test]
fn nothing_is_destroyed_without_a_yes() {
    let world = World::new("nothing_is_destroyed_without_a_yes");
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    let refused = world.treino(&["destroy", "image-metadata"]);
    assert_ne!(refused.code, 0);
    world.treino(&["plan", STACK, "--exit-code"]).ends(0);
}
