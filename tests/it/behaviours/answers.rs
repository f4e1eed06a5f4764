//! Rows about all calls: throttling, pages, the tagging API, operation names.

use super::{BUCKET, CONNECTION, FUNCTION, MACHINE, RULE, Scene, TABLE, TRAIL, VAULT};

const ALL: &[&str] = &[
    FUNCTION, MACHINE, TABLE, BUCKET, TRAIL, RULE, CONNECTION, VAULT,
];

#[tokio::test]
async fn row_24_what_comes_too_often_comes_again() {
    let test = "row_24_what_comes_too_often_comes_again";
    let scene = Scene::of(test, ALL).await;
    for (name, status, code) in [
        ("iam:CreateRole", 400, "Throttling"),
        ("lambda:CreateFunction", 429, "TooManyRequestsException"),
        ("states:CreateStateMachine", 400, "ThrottlingException"),
        ("dynamodb:CreateTable", 400, "RequestLimitExceeded"),
        ("s3:CreateBucket", 503, "SlowDown"),
        ("glacier:CreateVault", 400, "ThrottlingException"),
    ] {
        scene
            .proxy
            .on(name)
            .first(2)
            .refuse(status, code, "Rate exceeded");
    }

    scene.deploy().ends(0);

    assert_eq!(scene.proxy.count("lambda:CreateFunction"), 3);
    assert_eq!(scene.proxy.count("dynamodb:CreateTable"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_24_a_large_stack_keeps_a_services_pace() {
    let test = "row_24_a_large_stack_keeps_a_services_pace";
    let groups: Vec<String> = (0..45).map(|n| format!("  g{n}: {{}}\n")).collect();
    let scene = Scene::of(test, &["log_groups:\n", &groups.concat()]).await;
    // The rate limits of CloudWatch Logs: per operation a burst, then so many calls a second.
    for operation in [
        "CreateLogGroup",
        "PutRetentionPolicy",
        "DescribeLogGroups",
        "ListTagsForResource",
    ] {
        let rule = scene.proxy.on(&format!("logs:{operation}"));
        rule.throttle(10.0, 30.0);
    }

    scene.deploy().ends(0);

    assert_eq!(scene.clients.everything().await.len(), 45);
    // Without the client-side rate limit, most calls would have been throttled. On a busy machine some calls come
    // together that were sent apart.
    let created = scene.proxy.count("logs:CreateLogGroup");
    assert!(created < 2 * 45, "{created} calls for 45 groups");
}

#[tokio::test]
async fn row_31_every_list_is_read_to_its_end() {
    let test = "row_31_every_list_is_read_to_its_end";
    let twice = |part: &str, old: &str, new: &str| {
        let (head, entry) = part.split_once('\n').unwrap();
        format!("{head}\n{entry}{}", entry.replace(old, new))
    };
    let parts = [
        twice(FUNCTION, "  f:", "  f2:"),
        twice(MACHINE, "  m:", "  m2:"),
        twice(TABLE, "  t:", "  t2:"),
        twice(BUCKET, "  b:", "  b2:"),
        twice(TRAIL, "  r:", "  r2:"),
        twice(RULE, "  e:", "  e2:"),
        twice(CONNECTION, "  c:", "  c2:"),
        twice(VAULT, "  v:", "  v2:"),
        "directory_buckets:\n  d: { zone: use1-az4 }\n  d2: { zone: use1-az4 }\n".to_owned(),
    ];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let scene = Scene::of(test, &parts).await;
    scene.proxy.pages_of_one();

    scene.deploy().ends(0);
    scene.plan().ends(0);
    // The stack file is lost: everything is found by list calls.
    scene.is_gone_after_destroy().await;

    for name in [
        "cloudtrail:ListTrails",
        "dynamodb:ListTables",
        "dynamodb:ListTagsOfResource",
        "events:ListConnections",
        "events:ListRules",
        "glacier:ListVaults",
        "iam:ListRoles",
        "iam:ListRoleTags",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
        "s3:ListBuckets",
        "s3:ListDirectoryBuckets",
        "states:ListStateMachines",
    ] {
        // More than the five requests that single pages would need: of a deploy, a plan, and a destroy with two looks.
        assert!(
            scene.proxy.count(name) > 5,
            "{name}: {}",
            scene.proxy.count(name)
        );
    }
}

#[tokio::test]
async fn row_33_the_tagging_api_is_never_asked() {
    let test = "row_33_the_tagging_api_is_never_asked";
    let scene = Scene::of(test, ALL).await;
    scene.deploy().ends(0);
    scene.plan().ends(0);
    scene.treino(&["status", "lab"]).ends(0);
    scene.is_gone_after_destroy().await;

    let calls = scene.proxy.take();
    let services: std::collections::BTreeSet<&str> =
        calls.iter().map(|call| call.service.as_str()).collect();
    let wanted = [
        "cloudtrail",
        "dynamodb",
        "events",
        "glacier",
        "iam",
        "lambda",
        "logs",
        "s3",
        "secretsmanager",
        "sns",
        "sqs",
        "states",
        "sts",
    ];
    assert_eq!(services.into_iter().collect::<Vec<_>>(), wanted);
    // Every request is named by an operation, not by method and path.
    let unnamed = calls
        .iter()
        .find(|call| call.operation.contains(['/', ' ']));
    assert_eq!(unnamed, None);
}
