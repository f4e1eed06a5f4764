//! A photo goes bucket -> trail -> rule -> state machine -> functions -> table.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{MACHINE, STACK, TABLE, images, whole_lab};
use crate::support::{World, sample};

#[tokio::test]
async fn photos_become_items() {
    let world = World::new("photos_become_items");
    let clients = world.clients().await;
    let deployed = world.treino_json(&["deploy", STACK, "--yes"]).ends(0);
    assert_eq!(clients.everything().await, whole_lab(&world));
    assert_eq!(deployed.event("summary")["complete"], true);
    assert_eq!(
        deployed.event("outputs")["outputs"]["bucket"],
        images(&world)
    );

    let astronaut = sample("astronaut.jpg");
    let astronaut = ["run", "image-metadata", astronaut.to_str().unwrap()];
    world
        .treino(&astronaut)
        .ends(0)
        .says("53962")
        .says("stand-in");
    let coffee = sample("coffee.jpg");
    let coffee = ["run", "image-metadata", coffee.to_str().unwrap()];
    let ran = world.treino_json(&coffee).ends(0);

    let item = clients.item(TABLE, "astronaut.jpg").await.unwrap();
    let labels = names(item["labelData"].as_l().unwrap());

    let item = clients.item(TABLE, "coffee.jpg").await.unwrap();
    assert_ne!(names(item["labelData"].as_l().unwrap()), labels);
    // What is shown is what stands there.
    let shown = ran.event("item");
    assert_eq!(shown["table"], TABLE);
    assert_eq!(shown["item"]["filesize"], 56809);
    assert_eq!(shown["item"]["faceData"], json!([]));

    came_by_the_trail(&world, &["astronaut.jpg", "coffee.jpg"]).await;
    // The fields of both items are what the checks of the stack file say.
    let tested = world.treino_json(&["test", STACK]).ends(0);
    assert_eq!(tested.event("tests_ended")["passed"], 2);
}

/// Each execution got the event that CloudTrail makes of a put, as EventBridge delivers it.
async fn came_by_the_trail(world: &World, keys: &[&str]) {
    let clients = world.clients().await;
    assert_eq!(clients.started_for(MACHINE).await, keys);
    for execution in clients.executions(MACHINE).await {
        let call = clients.states.describe_execution();
        let seen = call.execution_arn(execution.execution_arn).send().await;
        let event: Value = serde_json::from_str(&seen.unwrap().input.unwrap()).unwrap();
        assert_eq!(event["source"], "aws.s3");
        assert_eq!(event["detail-type"], "AWS API Call via CloudTrail");
        assert_eq!(event["detail"]["eventName"], "PutObject");
        assert_eq!(event["detail"]["eventSource"], "s3.amazonaws.com");
        assert_eq!(event["account"], world.account);
    }
}

fn names(labels: &[AttributeValue]) -> Vec<String> {
    let name = |label: &AttributeValue| label.as_m().unwrap()["name"].as_s().unwrap().clone();
    labels.iter().map(name).collect()
}

#[tokio::test]
async fn a_key_may_hold_spaces_accents_and_plus_signs() {
    let world = World::new("a_key_may_hold_spaces_accents_and_plus_signs");
    let clients = world.clients().await;
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    let photo = std::fs::read(sample("coffee.jpg")).unwrap();

    // By the file's own name, and by a key given.
    let file = world.file("café da manhã +1.jpg", &photo);
    let file = file.to_str().unwrap();
    world.treino(&["run", "image-metadata", file]).ends(0);
    let key = "fotos/2026 verão/50% + 1 = ção & 📷?#.jpg";
    let run = ["run", "image-metadata", file, "--key", key];
    world.treino(&run).ends(0);

    for key in ["café da manhã +1.jpg", key] {
        let item = clients.item(TABLE, key).await;
        let item = item.unwrap_or_else(|| panic!("no item for {key}"));
        assert_eq!(item["filesize"], AttributeValue::N(photo.len().to_string()));
        assert!(!item["labelData"].as_l().unwrap().is_empty(), "{item:?}");
    }
}

#[tokio::test]
async fn a_text_named_jpg_ends_with_the_reason() {
    let world = World::new("a_text_named_jpg_ends_with_the_reason");
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    let file = world.file("letter.jpg", b"Dear reader, this is no photo.");
    let reason = "InvalidImageFormatException";

    let ran = world.treino(&["run", "image-metadata", file.to_str().unwrap()]);
    ran.ends(1).says(reason).says("item in");

    let item = world
        .clients()
        .await
        .item(TABLE, "letter.jpg")
        .await
        .unwrap();
    // The item says what the file was, and why nothing was seen in it.
    assert_eq!(item["filesize"], AttributeValue::N("30".into()));
    assert_eq!(item["error"], AttributeValue::S(reason.into()));
    assert!(item["cause"].as_s().unwrap().contains(reason), "{item:?}");
    assert_eq!(item["labelData"], AttributeValue::L(Vec::new()));

    // A photo of that key ends as its item, of which nothing is left when the first function fails later.
    let run = |file: &str| {
        let arguments = [
            "run",
            "image-metadata",
            file,
            "--key",
            "letter.jpg",
            "--json",
        ];
        world.treino(&arguments)
    };
    let seen = run("tests/samples/astronaut.jpg").ends(0).event("item");
    assert_eq!(seen["change"], "changed");
    assert_eq!(seen["before"]["filesize"], 30);
    let clients = world.clients().await;
    clients
        .set_variable("extract-metadata-function", "TABLE_NAME", "no-such-table")
        .await;
    let seen = run("tests/samples/astronaut.jpg").ends(1).event("item");
    assert_eq!(seen["change"], "changed");
    assert_eq!(seen["before"]["labelData"][0]["name"], "Square format");
    let left: Vec<&str> = seen["item"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(left, ["bucket", "cause", "error", "filename"]);

    // An execution that fails before it comes to the table leaves what an earlier one wrote.
    let failing = r#"{"StartAt": "Stop", "States": {"Stop": {"Type": "Fail", "Error": "Early"}}}"#;
    let machine = clients.machine("image-metadata-pipeline");
    let call = clients.states.update_state_machine().definition(failing);
    call.state_machine_arn(machine).send().await.unwrap();
    let again = run("tests/samples/astronaut.jpg").ends(1);
    again.says("fail Stop").says("unchanged by this run");
    let again = run("tests/samples/astronaut.jpg").ends(1).event("item");
    assert_eq!(again["change"], "unchanged", "{again}");
    assert_eq!(again.get("before"), None);
}
