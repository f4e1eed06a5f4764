//! Impossible times, sizes and numbers: nothing panics or is misinterpreted.

use serde_json::json;

use super::{BUCKET, FUNCTION, MACHINE, RULE, Scene, TABLE, TRAIL, VAULT};
use crate::support::CommandResult;

/// Asserts that there is no panic.
#[track_caller]
fn survives(ran: CommandResult, code: i32) -> CommandResult {
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran.ends(code)
}

#[tokio::test]
async fn impossible_times_are_not_shown() {
    let test = "impossible_times_are_not_shown";
    let parts = [FUNCTION, MACHINE, TABLE, BUCKET, TRAIL, RULE, VAULT];
    let scene = Scene::of(test, &parts).await;
    scene.deployed();
    for seconds in ["3093527980800", "-3093527980800", "1e300"] {
        // In seconds; in milliseconds for CloudWatch Logs.
        for (name, key) in [
            ("dynamodb:DescribeTable", "CreationDateTime"),
            ("logs:DescribeLogGroups", "creationTime"),
            ("cloudtrail:GetTrailStatus", "StartLoggingTime"),
            ("states:DescribeStateMachine", "creationDate"),
        ] {
            scene.proxy.on(name).rewrite(move |_, body| {
                let mut body: serde_json::Value = serde_json::from_str(body).unwrap();
                let number: serde_json::Value = serde_json::from_str(seconds).unwrap();
                dated(&mut body, key, &number);
                body.to_string()
            });
        }
        let date = if seconds.starts_with('-') {
            "-99999-01-01T00:00:00Z"
        } else {
            "99999-01-01T00:00:00Z"
        };
        for name in ["iam:GetRole", "iam:ListRoles"] {
            scene
                .proxy
                .on(name)
                .rewrite(move |_, body| between(body, "CreateDate", date));
        }
        scene
            .proxy
            .on("glacier:DescribeVault")
            .rewrite(move |_, body| {
                let mut body: serde_json::Value = serde_json::from_str(body).unwrap();
                body["CreationDate"] = json!(date);
                body.to_string()
            });
        let status = scene.status();
        assert!([0, 1].contains(&status.code), "{seconds}: {status:?}");
        let code = status.code;
        survives(status, code);
        // A time alone is no drift, and an unreadable value is no match.
        let plan = scene.plan();
        assert!([0, 1].contains(&plan.code), "{seconds}: {plan:?}");
        let code = plan.code;
        survives(plan, code);
        scene.proxy.forget();
    }
    scene.is_gone_after_destroy().await;
}

/// Sets every field of this name.
fn dated(value: &mut serde_json::Value, key: &str, number: &serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                if name == key {
                    *value = number.clone();
                } else {
                    dated(value, key, number);
                }
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                dated(item, key, number);
            }
        }
        _ => {}
    }
}

/// Puts another text into every element of this name.
fn between(xml: &str, element: &str, text: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let mut parts = xml.split(&open);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once(&close).map_or("", |(_, rest)| rest);
        whole = format!("{whole}{open}{text}{close}{rest}");
    }
    whole
}

#[tokio::test]
async fn impossible_numbers_are_drift_or_an_error() {
    let test = "impossible_numbers_are_drift_or_an_error";
    let scene = Scene::of(test, &[FUNCTION, BUCKET]).await;
    scene.deployed();
    for number in ["-1", "2147483647", "99999999999999999999", "1e308"] {
        for (name, key) in [
            ("lambda:GetFunction", "MemorySize"),
            ("logs:DescribeLogGroups", "retentionInDays"),
            ("logs:DescribeLogGroups", "storedBytes"),
        ] {
            scene.proxy.on(name).rewrite(move |_, body| {
                let mut body: serde_json::Value = serde_json::from_str(body).unwrap();
                let number: serde_json::Value = serde_json::from_str(number).unwrap();
                dated(&mut body, key, &number);
                body.to_string()
            });
            let plan = scene.plan();
            // The size of a log group is not used.
            let codes: &[i32] = if key == "storedBytes" {
                &[0, 1]
            } else {
                &[1, 2]
            };
            assert!(codes.contains(&plan.code), "{key} {number}: {plan:?}");
            let code = plan.code;
            survives(plan, code);
            scene.proxy.forget();
        }
    }
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn log_lines_without_a_time_are_shown() {
    let test = "log_lines_without_a_time_are_shown";
    let scene = Scene::of(test, &[FUNCTION, TABLE]).await;
    scene.deployed();
    let times = [i64::MIN, -1, 0, 253_402_300_800_000, i64::MAX];
    scene.proxy.on("logs:FilterLogEvents").answer(move |_| {
        let event = |at: &i64| {
            json!({ "timestamp": at, "logStreamName": "s", "eventId": at.to_string(), "message": format!("line of {at}") })
        };
        let events: Vec<_> = times.iter().map(event).collect();
        let body = json!({ "events": events, "searchedLogStreams": [] }).to_string();
        Some(crate::support::proxy::Answer::made(200, "application/x-amz-json-1.1", body))
    });
    let ran = scene.treino(&["logs", "lab"]).ends(0);
    for at in times {
        assert!(ran.out.contains(&format!("line of {at}")), "{}", ran.out);
    }
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn a_thousand_tags_are_removed_with_short_output() {
    let test = "a_thousand_tags_are_removed_with_short_output";
    let scene = Scene::of(test, &[TABLE]).await;
    scene.deployed();
    scene
        .proxy
        .on("dynamodb:ListTagsOfResource")
        .rewrite(|_, body| {
            let mut body: serde_json::Value = serde_json::from_str(body).unwrap();
            let more = (0..1000)
                .map(|n| json!({ "Key": format!("theirs-{n}"), "Value": "x".repeat(256) }));
            body["Tags"].as_array_mut().unwrap().extend(more);
            body.to_string()
        });
    let plan = scene.plan().ends(2);
    assert!(plan.out.contains("1 to update"), "{}", plan.out);
    scene.status().ends(0).says(": 1 resource,");
    scene.is_gone_after_destroy().await;
}
