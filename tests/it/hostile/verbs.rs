//! One wrong answer among right ones, for each verb.

use serde_json::json;

use super::{BUCKET, CONNECTION, FUNCTION, MACHINE, RULE, Scene, TABLE, TRAIL, VAULT, fails_well};
use crate::support::proxy::Answer;

const ALL: &[&str] = &[
    FUNCTION, MACHINE, TABLE, BUCKET, TRAIL, RULE, CONNECTION, VAULT,
];

/// The list call of each kind, with an answer that lacks the list.
const LISTINGS: &[(&str, &str)] = &[
    ("dynamodb:ListTables", "{}"),
    ("logs:DescribeLogGroups", ""),
    ("states:ListStateMachines", "{}"),
    ("cloudtrail:ListTrails", "{\"Trails\": null}"),
    ("events:ListRules", "{}"),
    ("events:ListConnections", "{}"),
    ("lambda:ListFunctions", ""),
    ("glacier:ListVaults", "{}"),
    (
        "iam:ListRoles",
        "<ListRolesResponse><ListRolesResult/></ListRolesResponse>",
    ),
    ("s3:ListBuckets", "<ListAllMyBucketsResult/>"),
    ("secretsmanager:ListSecrets", "{}"),
];

fn made(body: &'static str) -> impl Fn(&crate::support::proxy::Call) -> Option<Answer> {
    move |_| Some(Answer::made(200, "application/json", body))
}

#[tokio::test]
async fn an_empty_list_answer_is_no_proof() {
    let test = "an_empty_list_answer_is_no_proof";
    let scene = Scene::of(test, ALL).await;
    scene.deployed();
    let stands = scene.clients.everything().await;
    for (name, body) in LISTINGS
        .iter()
        .filter(|(name, _)| !name.starts_with("secrets") && !name.starts_with("glacier"))
    {
        scene.proxy.on(name).answer(made(body));
        let operation = name.split(':').nth(1).unwrap();
        for ran in [scene.plan(), scene.status(), scene.destroy()] {
            fails_well(&ran, name);
            assert_eq!(ran.code, 1, "{name}: {ran:?}");
            let ran = ran.says(operation).says("the answer is not one AWS gives");
            ran.says("something answers in AWS's place");
        }
        scene.proxy.forget();
    }
    assert_eq!(scene.clients.everything().await, stands);

    // Each list call is part of the proof of the deletion.
    for (name, body) in LISTINGS {
        let rule = scene.proxy.on(name).after("iam:DeleteRole");
        rule.answer(made(body));
    }
    let ran = scene.destroy().ends(3);
    assert!(
        !ran.out.contains("verified:") && !ran.err.contains("verified:"),
        "{ran:?}"
    );
    ran.says("could not be looked for")
        .says("the answer is not one AWS gives");
    scene.proxy.forget();
    // The destroy journal, kept until everything is seen to be gone.
    let left = ["log group /treino/destroying/lab/1"];
    assert_eq!(scene.clients.everything().await, left);
    scene.destroy().ends(0).says("verified:");
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
    scene.destroy().ends(1).says("has no resources");
}

/// The HTML page of a captive portal, in place of any one list answer.
#[tokio::test]
async fn an_html_page_is_not_an_unavailable_service() {
    let test = "an_html_page_is_not_an_unavailable_service";
    let scene = Scene::of(test, &[VAULT]).await;
    scene.deployed();
    let page = "a web page came in place of an answer";
    for status in [404, 501] {
        scene.proxy.on("glacier:ListVaults").html(status);
        let planned = scene.plan();
        fails_well(&planned, "glacier:ListVaults");
        planned.says(page);
        scene.status().says(page);
        scene.destroy().ends(3).says(page);
        scene.proxy.forget();

        // A kind that the stack file does not have is a note; by its name alone, a stack may have it.
        scene.proxy.on("s3:ListDirectoryBuckets").html(status);
        let code = format!("HTTP {status}");
        scene.plan().ends(0).says(&code).says("not looked for");
        scene.status().says(page);
        scene.destroy().ends(3).says(page);
        scene.proxy.forget();
        scene.deployed();
    }
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn a_message_of_megabytes_is_cut() {
    let test = "a_message_of_megabytes_is_cut";
    let scene = Scene::of(test, &[TABLE]).await;
    for (megabytes, said) in [(0, "characters)"), (5, "longer than 1 MB")] {
        let message = "x".repeat(megabytes * 1024 * 1024 + 100_000);
        scene
            .proxy
            .on("dynamodb:CreateTable")
            .refuse(400, "ValidationException", &message);
        let ran = scene.deploy().ends(1);
        assert!(ran.err.contains("DynamoDB CreateTable"), "{}", ran.err);
        assert!(ran.err.contains(said), "{}", ran.err);
        assert!(ran.err.len() + ran.out.len() < 8000, "{}", ran.err);
        scene.proxy.forget();
    }
    // A body of the maximum size, and a larger one.
    for (megabytes, said) in [
        (15, "the answer is not one AWS gives"),
        (17, "longer than 16 MB"),
    ] {
        let body = " ".repeat(megabytes * 1024 * 1024);
        scene
            .proxy
            .on("dynamodb:ListTables")
            .answer(move |_| Some(Answer::made(200, "application/json", body.clone())));
        let ran = scene.status();
        fails_well(&ran, said);
        ran.says(said).says("DynamoDB ListTables");
        scene.proxy.forget();
    }
}

#[tokio::test]
async fn an_answer_that_is_not_utf_8_is_an_error() {
    let test = "an_answer_that_is_not_utf_8_is_an_error";
    let scene = Scene::of(test, &[TABLE]).await;
    for (name, body) in [
        ("dynamodb:ListTables", &b"{\"TableNames\": [\"lab-\xff\xfe\"]}"[..]),
        ("logs:DescribeLogGroups", &b"{\"logGroups\": [{\"logGroupName\": \"\xc3\x28\"}]}"[..]),
        ("lambda:ListFunctions", &b"\xff\xfe{\0}\0"[..]),
        ("iam:ListRoles", &b"<ListRolesResponse><ListRolesResult><Roles><member><RoleName>\xff</RoleName></member></Roles></ListRolesResult></ListRolesResponse>"[..]),
        ("s3:ListBuckets", &b"<ListAllMyBucketsResult><Buckets><Bucket><Name>\xff</Name></Bucket></Buckets></ListAllMyBucketsResult>"[..]),
    ] {
        scene.proxy.on(name).answer(move |_| Some(Answer::made(200, "application/json", body)));
        let ran = scene.status();
        fails_well(&ran, name);
        ran.says(name.split(':').nth(1).unwrap());
        scene.proxy.forget();
    }
}

/// A truncated page, of a list or of a history.
#[tokio::test]
async fn truncated_answers_are_reported() {
    let test = "truncated_answers_are_reported";
    let scene = Scene::of(test, &[FUNCTION, MACHINE]).await;
    scene.deployed();
    let cut = |name: &str, arguments: &[&str], says: &str| {
        scene.proxy.on(name).truncate();
        let ran = scene.treino(arguments);
        fails_well(&ran, name);
        ran.says(says);
        scene.proxy.forget();
    };
    cut("lambda:ListFunctions", &["status"], "Lambda ListFunctions");
    cut(
        "logs:FilterLogEvents",
        &["logs", "lab"],
        "CloudWatch Logs FilterLogEvents",
    );
    let start = ["run", "lab", "--input", "{}"];
    cut(
        "states:DescribeStateMachine",
        &start,
        "Step Functions DescribeStateMachine",
    );
    cut(
        "states:StartExecution",
        &start,
        "Step Functions StartExecution",
    );
    scene.is_gone_after_destroy().await;
}

/// `run` and `logs` read pages of a history and of logs.
#[tokio::test]
async fn circular_histories_and_logs_end() {
    let test = "circular_histories_and_logs_end";
    let scene = Scene::of(test, &[FUNCTION, MACHINE]).await;
    scene.deployed();
    let circle = |name: &str, list: &'static str, arguments: &[&str]| {
        scene.proxy.on(name).answer(move |_| {
            let body = json!({ list: [], "nextToken": "again" }).to_string();
            Some(Answer::made(200, "application/x-amz-json-1.1", body))
        });
        let ran = scene.treino(arguments).ends(1);
        fails_well(&ran, name);
        ran.says("the list leads back to a page it came from");
        assert!(scene.proxy.count(name) <= 4, "{}", scene.proxy.count(name));
        scene.proxy.forget();
    };
    circle("logs:FilterLogEvents", "events", &["logs", "lab"]);
    let run = ["run", "lab", "--input", "{}"];
    circle("states:GetExecutionHistory", "events", &run);
    circle(
        "states:ListExecutions",
        "executions",
        &["run", "lab", "--stop"],
    );
    scene.is_gone_after_destroy().await;
}

/// A bucket whose pages lead back is not emptied for ever.
#[tokio::test]
async fn a_circular_object_list_is_an_error() {
    let test = "a_circular_object_list_is_an_error";
    let scene = Scene::of(test, &[BUCKET]).await;
    scene.deployed();
    scene.clients.put(&scene.bucket(), "one", b"1").await;
    for (name, page) in [
        (
            "s3:ListObjectVersions",
            "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>\
            <NextVersionIdMarker>v</NextVersionIdMarker></ListVersionsResult>",
        ),
        (
            "s3:ListMultipartUploads",
            "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>\
            <NextUploadIdMarker>v</NextUploadIdMarker></ListMultipartUploadsResult>",
        ),
    ] {
        scene.proxy.on(name).answer(made(page));
        let ran = scene.destroy();
        assert!([1, 3].contains(&ran.code), "{ran:?}");
        assert!(!ran.out.contains("verified:"), "{ran:?}");
        ran.says("the list leads back to a page it came from");
        assert!(scene.proxy.count(name) <= 4, "{name}");
        scene.proxy.forget();
    }
    scene.is_gone_after_destroy().await;
}
