//! Accounts with thousands of resources: the number of requests is the minimum AWS's pages allow, memory
//! stays constant (every run is measured), and the output does not grow.
//!
//! The largest numbers are in ignored tests; `docs/testing.md` has their results.

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_s3::types::BucketVersioningStatus;
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use treino::engine::{Provider, Scope};
use treino::stack::Kind;

use super::answering::{answering, target};
use super::{BUCKET, FUNCTION, LINES, MACHINE, Scene, TABLE};
use crate::support::CommandResult;
use crate::support::proxy::{Answer, Call};

/// Concurrent calls of the test itself.
const AT_ONCE: usize = 32;

/// Makes so many of something.
async fn many<F: Future<Output = ()>>(count: usize, make: impl Fn(usize) -> F) {
    let all = stream::iter(0..count).map(make);
    all.buffer_unordered(AT_ONCE).collect::<()>().await;
}

#[track_caller]
fn is_short(ran: &CommandResult) {
    let lines = ran.out.lines().count() + ran.err.lines().count();
    assert!(
        lines <= 2 * LINES,
        "{lines} lines\n{}\n{}",
        ran.out,
        ran.err
    );
}

/// A bucket of so many objects, of which so many have an older version.
async fn emptied(test: &str, objects: usize, versions: usize) {
    let scene = Scene::of(test, &["buckets:\n  b: { versioning: true }\n"]).await;
    scene.deployed();
    let (s3, bucket) = (&scene.clients.s3, scene.bucket());
    let status = s3.get_bucket_versioning().bucket(&bucket).send().await;
    assert_eq!(
        status.unwrap().status,
        Some(BucketVersioningStatus::Enabled)
    );
    let put = |key: String| {
        let call = s3.put_object().bucket(&bucket).key(key);
        async { drop(call.body(vec![b'x'; 16].into()).send().await.unwrap()) }
    };
    many(versions, |n| put(format!("photos/{n:05}.jpg"))).await;
    many(objects, |n| put(format!("photos/{n:05}.jpg"))).await;

    // A plan does not look at objects, and a status counts those of one page.
    is_short(&scene.plan().ends(0));
    assert_eq!(scene.proxy.count("s3:ListObjectVersions"), 0);
    is_short(&scene.status().ends(0));
    assert_eq!(scene.proxy.count("s3:ListObjectVersions"), 1);
    scene.proxy.take();

    let ran = scene.destroy().ends(0).says("verified:");
    let pages = (objects + versions).div_ceil(1000);
    // One note per page.
    assert!(
        ran.err.lines().count() + ran.out.lines().count() <= 2 * LINES + pages,
        "{ran:?}"
    );
    let (lists, deletions) = (
        scene.proxy.count("s3:ListObjectVersions"),
        scene.proxy.count("s3:DeleteObjects"),
    );
    assert!(
        (pages..=pages + 2).contains(&deletions),
        "{deletions} deletions"
    );
    assert!((pages..=pages + 2).contains(&lists), "{lists} lists");
    assert_eq!(scene.proxy.count("s3:DeleteObject"), 0);
    assert!(scene.proxy.count("s3:DeleteBucket") <= 3);
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_bucket_of_many_pages_is_emptied_by_the_thousand() {
    let test = "a_bucket_of_many_pages_is_emptied_by_the_thousand";
    emptied(test, 1500, 700).await;
}

#[tokio::test]
#[ignore = "puts fifteen thousand objects"]
async fn a_bucket_of_ten_thousand_is_emptied_by_the_thousand() {
    let test = "a_bucket_of_ten_thousand_is_emptied_by_the_thousand";
    emptied(test, 10_000, 5_000).await;
}

#[tokio::test]
async fn three_hundred_log_streams_make_one_log() {
    let test = "three_hundred_log_streams_make_one_log";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.deployed();
    let logs = &scene.clients.logs;
    let group = "/aws/lambda/lab-f";
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap().as_millis()).unwrap();
    many(300, |n| async move {
        let stream = format!("stream-{n:03}");
        let made = logs.create_log_stream().log_group_name(group);
        made.log_stream_name(&stream).send().await.unwrap();
        let event = InputLogEvent::builder()
            .timestamp(now)
            .message(format!("said by {n:03}"));
        let call = logs.put_log_events().log_group_name(group);
        let call = call
            .log_stream_name(&stream)
            .log_events(event.build().unwrap());
        call.send().await.unwrap();
    })
    .await;

    let ran = scene.treino(&["logs", "lab"]).ends(0);
    for n in 0..300 {
        let said = format!("said by {n:03}");
        assert_eq!(ran.out.matches(&said).count(), 1, "{said}");
    }
    assert!(scene.proxy.count("logs:FilterLogEvents") <= 2);
    scene.proxy.take();
    is_short(&scene.plan().ends(0));
    is_short(&scene.destroy().ends(0).says("verified:"));
    // A group is deleted with its streams; the other one is the destroy journal.
    assert_eq!(scene.proxy.count("logs:DeleteLogGroup"), 2);
    // The proof asks once whether the group is there.
    assert_eq!(scene.proxy.count("logs:DescribeLogStreams"), 1);
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

/// Old roles of the stack, in more than one page, beside roles of others under the same path.
#[tokio::test]
async fn a_hundred_and_twenty_roles_under_the_path_are_all_found() {
    let test = "a_hundred_and_twenty_roles_under_the_path_are_all_found";
    let scene = Scene::of(test, &[TABLE]).await;
    scene.deployed();
    let iam = &scene.clients.iam;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] })
    .to_string();
    let trust = &trust;
    many(120, |n| async move {
        let tag = |key: &str, value: &str| {
            let tag = aws_sdk_iam::types::Tag::builder();
            tag.key(key).value(value).build().unwrap()
        };
        let call = iam.create_role().path("/treino/lab/us-east-1/");
        let call = call
            .role_name(format!("lab-old-{n:03}"))
            .assume_role_policy_document(trust);
        // Every tenth has no ownership tags.
        let call = if n % 10 == 0 {
            call
        } else {
            let address = format!("function.old-{n:03}.role");
            call.tags(tag("treino:stack", "lab"))
                .tags(tag("treino:address", &address))
        };
        call.send().await.unwrap();
    })
    .await;

    let file = scene.file();
    let plan = scene.local(&["plan", &file, "--exit-code"]).ends(2);
    assert!(
        plan.out.contains("108 to delete, 1 unchanged"),
        "{}",
        plan.out
    );
    scene
        .local(&["status", "lab"])
        .ends(0)
        .says("109 resources");
    scene
        .local(&["destroy", "lab", "--yes"])
        .ends(0)
        .says("verified:");
    // Resources of others stay.
    let left = scene.clients.everything().await;
    assert_eq!(left.len(), 12, "{left:?}");
}

/// A page of executions from the proxy: empty once all were stopped.
fn running(call: &Call, machine: &str, count: usize) -> Answer {
    let from = call.body.split("page-").nth(1);
    let from = from.and_then(|rest| rest.split('"').next()?.parse().ok());
    let from: usize = from.unwrap_or_default();
    let page = 100;
    let executions: Vec<_> = (from..count.min(from + page))
        .map(|n| {
            let arn = machine.replace(":stateMachine:", ":execution:");
            json!({ "executionArn": format!("{arn}:x{n}"), "stateMachineArn": machine, "name": format!("x{n}"),
                "status": "RUNNING", "startDate": 1_700_000_000 })
        })
        .collect();
    let next = (from + page < count).then(|| format!("page-{}", from + page));
    let mut body = json!({ "executions": executions });
    if let Some(next) = next {
        body["nextToken"] = json!(next);
    }
    Answer::made(200, "application/x-amz-json-1.0", body.to_string())
}

/// A state machine with so many running executions, which are stopped before it is deleted.
async fn stopped(test: &str, count: usize) {
    let scene = Scene::of(test, &[MACHINE]).await;
    scene.deployed();
    let machine = scene.clients.machine("lab-m");
    // The requests of one listing, of all its pages, and of its first page that is counted before.
    let pages = count.div_ceil(100) + 1;
    let list = scene.proxy.on("states:ListExecutions").with("lab-m");
    let list = list.first(pages);
    list.answer(move |call| Some(running(call, &machine, count)));
    let stop = scene.proxy.on("states:StopExecution");
    stop.answer(|_| {
        Some(Answer::made(
            200,
            "application/x-amz-json-1.0",
            "{\"stopDate\": 1700000000}",
        ))
    });

    let ran = scene.destroy().ends(0).says("verified:");
    is_short(&ran);
    ran.says("more than 100 running executions");
    let stopped = scene.proxy.calls("states:StopExecution");
    let each: std::collections::BTreeSet<&str> =
        stopped.iter().map(|call| call.body.as_str()).collect();
    assert_eq!((stopped.len(), each.len()), (count, count));
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn many_stopped_executions_are_one_line() {
    let test = "many_stopped_executions_are_one_line";
    stopped(test, 130).await;
}

#[tokio::test]
#[ignore = "stops two thousand executions, at AWS's pace"]
async fn two_thousand_executions_are_stopped() {
    stopped("two_thousand_executions_are_stopped", 2000).await;
}

/// Of other functions only the tags are read, each once.
#[tokio::test(start_paused = true)]
async fn tags_of_five_hundred_other_functions_are_read_once() {
    let (cloud, asked) = answering(|request, _| {
        let address = request.uri();
        if address.contains("/tags/") {
            return (200, json!({ "Tags": { "theirs": "yes" } }).to_string());
        }
        let from = address.split("Marker=").nth(1);
        let from: usize = from.map_or(0, |text| text.parse().unwrap());
        let names = (from..from + 50).map(|n| json!({ "FunctionName": format!("theirs-{n}") }));
        let mut page = json!({ "Functions": names.collect::<Vec<_>>() });
        if from + 50 < 500 {
            page["NextMarker"] = json!((from + 50).to_string());
        }
        (200, page.to_string())
    })
    .await;
    let scope = Scope::of(Some(&target().stack));
    let owned = cloud.owned(Kind::Function, &scope).await.unwrap();
    assert_eq!(owned, Vec::new());
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 10 + 500);
}

/// A crowded account: functions and log groups of others beside a small stack.
async fn crowded(test: &str, functions: usize, groups: usize) {
    let scene = Scene::of(test, &[FUNCTION, BUCKET]).await;
    let (lambda, logs) = (&scene.clients.lambda, &scene.clients.logs);
    let zip = std::fs::read(crate::support::sample("other-function.zip")).unwrap();
    let zip = aws_sdk_lambda::primitives::Blob::new(zip);
    let role = format!("arn:aws:iam::{}:role/theirs", scene.world.account);
    many(functions, |n| {
        let code = aws_sdk_lambda::types::FunctionCode::builder();
        let call = lambda
            .create_function()
            .function_name(format!("theirs-{n:03}"));
        let call = call.code(code.zip_file(zip.clone()).build()).role(&role);
        let call = call
            .handler("app.handler")
            .runtime(aws_sdk_lambda::types::Runtime::Python313);
        async { drop(call.send().await.unwrap()) }
    })
    .await;
    many(groups, |n| {
        let call = logs
            .create_log_group()
            .log_group_name(format!("/aws/lambda/theirs-{n:03}"));
        async { drop(call.send().await.unwrap()) }
    })
    .await;

    let of_all = |scene: &Scene| {
        let lists = ["lambda:ListTags", "logs:ListTagsForResource"];
        let asked: usize = lists.iter().map(|name| scene.proxy.count(name)).sum();
        scene.proxy.take();
        asked
    };
    scene.deploy().ends(0);
    // Names that are not the stack's are not asked for.
    assert!(of_all(&scene) <= 4);
    is_short(&scene.plan().ends(0));
    assert!(of_all(&scene) <= 4);
    is_short(&scene.status().ends(0));
    assert!(of_all(&scene) <= functions + groups + 4);
    is_short(&scene.destroy().ends(0).says("verified:"));
    // The survey and two checks.
    assert!(of_all(&scene) <= 3 * (functions + groups + 4));
    let left = scene.clients.everything().await;
    assert!(left.iter().all(|name| name.contains("theirs-")), "{left:?}");
}

#[tokio::test]
async fn each_foreign_resource_costs_one_call_of_a_proof() {
    let test = "each_foreign_resource_costs_one_call_of_a_proof";
    // As many as are called without waiting for AWS's pace.
    crowded(test, 20, 20).await;
}

#[tokio::test]
#[ignore = "five hundred functions take minutes at AWS's pace"]
async fn an_account_with_five_hundred_functions_works() {
    let test = "an_account_with_five_hundred_functions_works";
    crowded(test, 500, 200).await;
}
