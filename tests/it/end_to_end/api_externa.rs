//! An HTTP task calls an API with a connection's key, and its answer becomes an item.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::json;

use crate::support::{Api, LabRun, World};

const NAME: &str = "api-externa";
const KEY: &str = "k-9f2c\"7 secret";
const RESOURCES: &[&str] = &[
    "connection api-externa-api",
    "role api-externa-consulta-role-us-east-1",
    "state machine api-externa-consulta",
    "table TabelaResultados",
];

/// The lab, with the API it calls.
async fn deployed(test: &str, api: &Api, path: &str) -> LabRun {
    let world = World::new(test);
    world.set("API_KEY", KEY);
    let url = format!("api_url={}{path}", api.address);
    LabRun::deployed_in(world, NAME, RESOURCES, &[&url]).await
}

async fn item(lab: &LabRun, id: &str) -> Option<std::collections::HashMap<String, AttributeValue>> {
    let call = lab
        .clients
        .dynamodb
        .get_item()
        .table_name("TabelaResultados");
    let call = call.key("Id", AttributeValue::S(id.to_owned()));
    call.send().await.unwrap().item
}

#[tokio::test]
async fn an_answer_becomes_an_item() {
    let api = Api::answering(|asked| match asked.headers.get("x-api-key") {
        Some(key) if key == KEY => (200, r#"{"id": 7, "name": "Ana Souza"}"#.to_owned()),
        _ => (401, r#"{"message": "no key"}"#.to_owned()),
    });
    let lab = deployed("an_answer_becomes_an_item", &api, "/users/7").await;

    let ran = lab.run(&json!({})).ends(0);

    let execution = lab.execution(&ran).await;
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    let asked = api.take();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].what, "GET /users/7");
    assert_eq!(asked[0].headers["content-type"], "application/json");
    let item = item(&lab, "7").await.unwrap();
    assert_eq!(item["Nome"], AttributeValue::S("Ana Souza".into()));
    let began = execution.start_date.secs().unsigned_abs();
    let began = std::time::UNIX_EPOCH + std::time::Duration::from_secs(began);
    let began = humantime::format_rfc3339_seconds(began).to_string();
    let stamp = item["Timestamp"].as_s().unwrap();
    assert_eq!(stamp[..19], began[..19], "{stamp}");
    let states = lab.states(&ran).await;
    let answer = &states[0].1["ApiResponse"];
    assert_eq!(answer["StatusCode"], 200);
    assert_eq!(
        answer["ResponseBody"],
        json!({ "id": 7, "name": "Ana Souza" })
    );

    lab.passes_its_checks();
    lab.deployed_again().await;
    lab.destroyed().await;
}

#[tokio::test]
async fn an_answer_that_is_none_fails_with_its_status() {
    let times = AtomicUsize::new(0);
    let api = Api::answering(move |asked| match asked.what.as_str() {
        // Once in a bad moment, then well.
        "GET /users/1" if times.fetch_add(1, Ordering::Relaxed) == 0 => (503, "{}".to_owned()),
        "GET /users/1" => (200, r#"{"id":"1","name":"Bia"}"#.to_owned()),
        _ => (404, r#"{"message":"no such user"}"#.to_owned()),
    });
    let lab = deployed(
        "an_answer_that_is_none_fails_with_its_status",
        &api,
        "/users/1",
    )
    .await;

    lab.run(&json!({})).ends(0);
    assert_eq!(api.take().len(), 2);
    assert!(item(&lab, "1").await.is_some());

    // Another address: the plan says what follows from it, and the next run calls it.
    let url = format!("api_url={}/users/none", api.address);
    let stack = format!("stacks/{NAME}.yaml");
    let deploy = ["deploy", &stack, "--set", &url, "--yes"];
    let changed = lab.world.treino_json(&deploy).ends(0);
    let changed: Vec<String> = changed.changes().into_keys().collect();
    assert_eq!(
        changed,
        ["state_machine.consulta", "state_machine.consulta.role"]
    );
    let ran = lab.run(&json!({})).ends(1);
    let execution = lab.execution(&ran).await;
    assert_eq!(
        execution.error.as_deref(),
        Some("States.Http.StatusCode.404")
    );
    assert!(execution.cause.unwrap().contains("no such user"));
    assert_eq!(api.take().len(), 1);
}

#[tokio::test]
async fn a_key_is_used_and_never_shown() {
    let api = Api::answering(|asked| {
        let key = asked.headers.get("x-api-key").cloned().unwrap_or_default();
        (200, json!({ "id": key.len(), "name": "x" }).to_string())
    });
    let test = "a_key_is_used_and_never_shown";
    let world = World::new(test);
    world.set("API_KEY", KEY);
    let url = format!("api_url={}/", api.address);
    let stack = format!("stacks/{NAME}.yaml");
    let given = ["--set", &url];
    let mut printed = String::new();
    let mut treino = |world: &World, words: &[&str], code: i32| {
        for json in [false, true] {
            let ran = if json {
                world.treino_json(words)
            } else {
                world.treino(words)
            };
            // The second destroy, by name, finds nothing.
            let is_again = json && words[0] == "destroy";
            let ran = ran.ends(if is_again { 1 } else { code });
            printed.push_str(&ran.out);
            printed.push_str(&ran.err);
        }
    };
    let with = |verb: &'static str, more: &[&'static str]| {
        let words = [&[verb, &stack], &given[..], more].concat();
        words.into_iter().map(String::from).collect::<Vec<_>>()
    };
    for words in [
        with("plan", &["-v", "--explain"]),
        with("deploy", &["-v", "--yes"]),
        with("plan", &["-v"]),
    ] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        treino(&world, &words, 0);
    }
    treino(&world, &["run", NAME, "--input", "{}"], 0);
    assert!(
        api.take()
            .iter()
            .all(|asked| asked.headers["x-api-key"] == KEY)
    );

    // A new key is noticed, though AWS does not show the old one; then it is the one that is used.
    let other = "k-0000 another";
    world.set("API_KEY", other);
    let plan = with("plan", &["--json"]);
    let plan: Vec<&str> = plan.iter().map(String::as_str).collect();
    let changes = world.treino(&plan).ends(0).changes();
    let paths = &changes["connection.api"].1;
    assert_eq!(
        (changes.len(), paths.as_slice()),
        (1, &["secret".to_owned()][..])
    );
    let words = with("deploy", &["-v", "--yes"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    treino(&world, &words, 0);
    treino(&world, &["run", NAME, "--input", "{}"], 0);
    assert!(
        api.take()
            .iter()
            .all(|asked| asked.headers["x-api-key"] == other)
    );
    treino(&world, &["destroy", NAME, "-v", "--yes"], 0);

    let escaped = KEY.replace('"', "\\\"");
    for secret in [KEY, &escaped, other] {
        assert!(!printed.contains(secret), "{printed}");
    }
    let clients = world.clients().await;
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_connection_made_anew_is_referred_to_anew() {
    let api = Api::answering(|_| (200, r#"{"id": 1, "name": "Ana"}"#.to_owned()));
    let test = "a_connection_made_anew_is_referred_to_anew";
    let lab = deployed(test, &api, "/").await;
    let call = lab.clients.events.delete_connection();
    call.name("api-externa-api").send().await.unwrap();

    let url = format!("api_url={}/", api.address);
    let stack = format!("stacks/{NAME}.yaml");
    let deploy = ["deploy", &stack, "--set", &url, "--yes"];
    let changed = lab.world.treino_json(&deploy).ends(0).changes();
    let path = "definition.States.ChamarApiExterna.Parameters.Authentication.ConnectionArn";
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert_eq!(changed["connection.api"].0, "create");
    assert_eq!(changed["state_machine.consulta"].1, [path]);
    lab.run(&json!({})).ends(0);
    let plan = ["plan", &stack, "--set", &url, "--exit-code"];
    lab.world.treino(&plan).ends(0);
}
