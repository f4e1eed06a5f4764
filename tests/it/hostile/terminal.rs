//! Terminal control sequences in everything AWS can return: window titles, cleared screens, cursor movements,
//! concealed text, text direction, lines that look like treino's own.

use serde_json::{Value, json};

use super::{BUCKET, FUNCTION, MACHINE, Scene, TABLE, is_harmless};
use crate::support::CommandResult;
use crate::support::proxy::Answer;

/// Window title, clear screen, concealed text, an overwritten line, text direction, C1 controls.
const EVIL: &str =
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[8mhidden\r\u{1b}[1A\u{202e}x\u{9b}2J\u{8}\u{7f}";

/// Runs with colour, as in a terminal: without it, every escape sequence is removed anyway.
fn coloured(scene: &Scene, arguments: &[&str]) -> CommandResult {
    let arguments = [&["--color", "always"][..], arguments].concat();
    let ran = scene.treino(&arguments);
    is_harmless(&ran);
    ran
}

#[tokio::test]
async fn messages_and_codes_reach_no_terminal_raw() {
    let test = "messages_and_codes_reach_no_terminal_raw";
    let scene = Scene::of(test, &[TABLE]).await;
    let message = format!("first{EVIL}\nerror: second\r\nverified: x");
    let file = scene.file();
    scene
        .proxy
        .on("dynamodb:CreateTable")
        .refuse(400, &format!("Code{EVIL}"), &message);
    let deploy = ["deploy", &file, "--yes"];
    let ran = coloured(&scene, &deploy).ends(1);
    // On one line, so that it cannot look like another message.
    let line = ran.err.lines().find(|line| line.contains("first"));
    let line = line.expect(&ran.err);
    assert!(
        line.contains("error: second") && line.contains("verified:"),
        "{}",
        ran.err
    );
    assert!(
        !ran.err
            .lines()
            .any(|line| line.starts_with("error: second") || line.starts_with("verified:"))
    );

    let json = ["--json", "deploy", &file, "--yes"];
    let ran = scene.treino(&json).ends(1);
    is_harmless(&ran);
    let failed = ran.event("failed");
    assert!(
        failed["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("first")
    );
}

#[tokio::test]
async fn names_and_tags_reach_no_terminal_raw() {
    let test = "names_and_tags_reach_no_terminal_raw";
    let scene = Scene::of(test, &[TABLE, FUNCTION]).await;
    scene.deployed();
    // Actual values shown as drift.
    scene.proxy.on("lambda:GetFunction").rewrite(|_, body| {
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["Configuration"]["Handler"] = json!(EVIL);
        body["Configuration"]["Description"] = json!(format!("a\n{EVIL}"));
        body["Tags"][EVIL] = json!(EVIL);
        body.to_string()
    });
    scene
        .proxy
        .on("dynamodb:ListTagsOfResource")
        .rewrite(|_, body| {
            let mut body: Value = serde_json::from_str(body).unwrap();
            body["Tags"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "Key": EVIL, "Value": format!("x\n{EVIL}") }));
            body.to_string()
        });
    let file = scene.file();
    coloured(&scene, &["plan", &file]).ends(0).says("to update");
    let ran = scene.treino(&["--json", "plan", &file]).ends(0);
    is_harmless(&ran);
    // JSON still contains the value.
    assert!(ran.changes().contains_key("function.f"), "{}", ran.out);
    scene.proxy.forget();

    // Ownership tags that treino never wrote.
    scene
        .proxy
        .on("dynamodb:ListTagsOfResource")
        .rewrite(|_, body| {
            let mut body: Value = serde_json::from_str(body).unwrap();
            for tag in body["Tags"].as_array_mut().unwrap() {
                if tag["Key"] == "treino:address" {
                    tag["Value"] = json!(format!("table.t\nlab is gone{EVIL}"));
                }
            }
            body.to_string()
        });
    let ran = coloured(&scene, &["status", "lab"]).ends(0);
    assert!(!ran.out.contains("lab is gone"), "{}", ran.out);
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn keys_of_objects_reach_no_terminal_raw() {
    let test = "keys_of_objects_reach_no_terminal_raw";
    let scene = Scene::of(test, &[BUCKET]).await;
    scene.deployed();
    let key = "a\nverified:\u{9b}2J\u{202e}b";
    scene.clients.put(&scene.bucket(), key, b"1").await;
    scene
        .proxy
        .on("s3:DeleteObjects")
        .fail_inside("AccessDenied", "Access Denied");
    let ran = coloured(&scene, &["destroy", "lab", "--yes"]).ends(1);
    let line = ran.err.lines().find(|line| line.contains("Access Denied"));
    assert!(
        line.is_some_and(|line| line.contains("a verified:")),
        "{}",
        ran.err
    );
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn logs_and_histories_reach_no_terminal_raw() {
    let test = "logs_and_histories_reach_no_terminal_raw";
    let scene = Scene::of(test, &[FUNCTION, MACHINE]).await;
    scene.deployed();
    scene.proxy.on("logs:FilterLogEvents").answer(|_| {
        let lines = [
            format!("plain {EVIL}"),
            format!("{{\"level\": \"ERROR\", \"message\": {}}}", json!(EVIL)),
            format!("REPORT RequestId: 1\tDuration: 1 ms{EVIL}\tStatus: error"),
            // Colours printed by the function.
            "\u{1b}[31mred\u{1b}[0m".to_owned(),
        ];
        let event = |message| json!({ "timestamp": 1_700_000_000_000_i64, "logStreamName": EVIL, "eventId": message, "message": message });
        let events: Vec<_> = lines.iter().map(event).collect();
        let body = json!({ "events": events, "searchedLogStreams": [] }).to_string();
        Some(Answer::made(200, "application/x-amz-json-1.1", body))
    });
    coloured(&scene, &["logs", "lab"])
        .ends(0)
        .says("hidden")
        .says("red");
    coloured(&scene, &["-v", "logs", "lab"])
        .ends(0)
        .says("hidden");
    is_harmless(&scene.treino(&["--json", "logs", "lab"]).ends(0));

    // Names of states, causes and outputs.
    scene
        .proxy
        .on("states:GetExecutionHistory")
        .rewrite(|_, body| {
            let mut body: Value = serde_json::from_str(body).unwrap();
            for event in body["events"].as_array_mut().unwrap() {
                for details in ["stateEnteredEventDetails", "stateExitedEventDetails"] {
                    if event.get(details).is_some() {
                        event[details]["name"] = json!(format!("Pass{EVIL}"));
                    }
                }
                if event["type"] == "ExecutionSucceeded" {
                    event["type"] = json!("ExecutionFailed");
                    event["executionFailedEventDetails"] =
                        json!({ "error": EVIL, "cause": format!("cause\n{EVIL}") });
                }
            }
            body.to_string()
        });
    let ran = coloured(&scene, &["run", "lab", "--input", "{}"]).ends(1);
    assert!(
        ran.out.contains("Pass") || ran.err.contains("Pass"),
        "{ran:?}"
    );
    is_harmless(
        &scene
            .treino(&["--json", "run", "lab", "--input", "{}"])
            .ends(1),
    );
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}
