//! `treino cost --so-far`: what was counted of a deployed stack, priced.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::support::{Clients, World, eventually};

/// A bucket, a table, and a machine whose function fails where it is told to.
fn lab(world: &World) -> String {
    let code = "def handler(event, context):\n    \
                if event.get('fail'):\n        raise ValueError('told to')\n    return event\n";
    world.file("code/app.py", code.as_bytes());
    let machine = r#"{"StartAt": "Call", "States": {
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": null,
            "Parameters": {"FunctionName": "${f.arn}", "Payload.$": "$"}, "Next": "Done",
            "Retry": [{"ErrorEquals": ["ValueError"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Done"}]},
        "Done": {"Type": "Succeed"}}}"#;
    world.file("machine.asl.json", machine.as_bytes());
    let text = "stack: lab\n\
        buckets: { photos: {} }\n\
        tables: { items: { partition_key: id } }\n\
        queues: { jobs: {} }\n\
        functions:\n  f:\n    code: code\n    handler: app.handler\n    runtime: python3.13\n    memory: 256\n    \
        allow: [{ actions: ['rekognition:DetectLabels'], resources: ['*'] }]\n\
        state_machines: { flow: { definition: machine.asl.json } }\n";
    let path = world.file("stack.yaml", text.as_bytes());
    path.to_str().unwrap().to_owned()
}

async fn run(clients: &Clients, input: &str) {
    let call = clients.states.start_execution().input(input);
    let machine = clients.arn("states", "stateMachine:lab-flow");
    let started = call.state_machine_arn(machine).send().await.unwrap();
    eventually("the execution has ended", async || {
        let call = clients.states.describe_execution();
        let seen = call
            .execution_arn(&started.execution_arn)
            .send()
            .await
            .unwrap();
        (seen.status.as_str() == "SUCCEEDED").then_some(())
    })
    .await;
}

/// `address item quantity cost` of each line.
fn lines(event: &Value) -> Vec<String> {
    let resources = event["resources"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or("null").to_owned();
    resources
        .flat_map(|one| {
            let address = text(&one["address"]);
            let lines = one["lines"].as_array().unwrap().iter();
            lines.map(move |line| {
                let [item, quantity, cost] = ["item", "quantity", "cost"].map(|of| text(&line[of]));
                format!("{address} {item} {quantity} {cost}")
            })
        })
        .collect()
}

#[tokio::test]
async fn what_has_happened_is_counted_and_priced() {
    let world = World::new("what_has_happened_is_counted");
    let clients = world.clients().await;
    let file = lab(&world);
    let none = world.treino(&["cost", "lab", "--so-far"]).ends(1);
    drop(none.says("lab is not deployed"));
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let before = world.treino_json(&["cost", "lab", "--so-far"]).ends(0);
    let before = before.event("cost_so_far");
    assert_eq!(
        (lines(&before), &before["in_all"]),
        (Vec::new(), &"0".into())
    );
    run(&clients, "{}").await;
    run(&clients, "{}").await;
    run(&clients, r#"{"fail": 1}"#).await;
    let bucket = format!("lab-photos-{}-{}", world.account, clients.region);
    for key in ["a", "b", "b"] {
        clients.put(&bucket, key, b"one").await;
    }
    let put = clients.dynamodb.put_item().table_name("lab-items");
    put.item("id", AttributeValue::S("1".into()))
        .send()
        .await
        .unwrap();
    let event = eventually("what Lambda logs is there", async || {
        let said = world.treino_json(&["cost", &file, "--so-far"]).ends(0);
        let event = said.event("cost_so_far");
        let has = lines(&event);
        has.contains(&"function.f lambda.requests 4 0.0000008".to_owned())
            .then_some(event)
    })
    .await;
    let has = lines(&event);
    // Two states each, and one attempt more.
    for line in [
        "state_machine.flow states.transitions 7 0.000175",
        "bucket.photos s3.requests.put 2 0.00001",
        "table.items dynamodb.write_units 1 0.000000625",
    ] {
        assert!(has.contains(&line.to_owned()), "{line}: {has:#?}");
    }
    let is_of = |start: &str| has.iter().any(|line| line.starts_with(start));
    assert!(
        is_of("function.f lambda.gb_seconds.x86_64 0.")
            && is_of("function.f.logs logs.ingestion 0."),
        "{has:#?}"
    );
    let machine = event["resources"].as_array().unwrap().iter();
    let machine = machine.map(|one| &one["lines"][0]["counted"]);
    assert!(
        machine.clone().any(|counted| counted == "3 executions"),
        "{event}"
    );
    let unknown: Vec<&str> = event["unknown"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(unknown.contains(&"requests to queue.jobs"), "{unknown:?}");
    assert!(
        unknown.contains(&"how often function.f makes calls that are billed: its role allows rekognition:DetectLabels; each once in every call would be 0.004 USD"),
        "{unknown:?}"
    );
    let text = world.treino(&["cost", "lab", "--so-far"]).ends(0);
    let text = text.says("3 executions").says("in all, at least");
    drop(text.says("What AWS has measured counts; its bill shows a day about 24 hours later."));
    // An estimate's options say nothing of what has happened.
    world
        .treino(&["cost", "lab", "--so-far", "--runs", "5"])
        .ends(2);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}
