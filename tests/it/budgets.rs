//! How many requests each verb makes for image-metadata, and what a plan asks of a crowded account.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime};
use futures_util::stream::{self, StreamExt};

use crate::support::proxy::{Asked, Call, Proxy, Signal, When};
use crate::support::{Lab, World, sample};

/// Concurrent calls of the test itself.
const AT_ONCE: usize = 16;
/// How many requests fewer than the budget may be made.
const SPARE: usize = 3;

/// The requests, round by round.
fn by_round(calls: &[Call]) -> String {
    let line = |call: &Call| {
        let body: String = call.body.chars().take(150).collect();
        format!("{:3} {} {} {body}\n", call.round, call.name(), call.path)
    };
    calls.iter().map(line).collect()
}

/// The requests since the last time. How often Lambda and DynamoDB are asked whether something is ready depends on them: each
/// question counts once.
fn requests(proxy: &Proxy) -> Vec<Call> {
    let mut asked = BTreeSet::new();
    let mut calls = proxy.take();
    calls.retain(|call| {
        let waits = ["GetFunctionConfiguration", "DescribeTable"];
        !waits.contains(&call.operation.as_str())
            || asked.insert((call.operation.clone(), call.path.clone(), call.body.clone()))
    });
    calls
}

/// The lab in the world's folder; without an end it needs no reaper.
fn lab(world: &World, has_end: bool) -> Lab {
    let lab = Lab::copy(world);
    if !has_end {
        lab.edit("stacks/image-metadata.yaml", "expires: 4h\n", "");
    }
    lab
}

/// Deploy, plan, a change of one function, destroy: at most so many requests.
fn within(test: &str, has_end: bool, most: [(usize, usize); 4]) {
    let world = World::new(test);
    let lab = lab(&world, has_end);
    let proxy = Proxy::in_rounds(&world.endpoint);
    let stack = lab.stack();
    let mut made = Vec::new();
    let mut count = |arguments: &[&str]| {
        let ran = proxy.runs(&mut world.command_at(&proxy.endpoint, arguments));
        let calls = requests(&proxy);
        made.push((Asked::of(&calls), calls));
        ran.ends(0)
    };
    count(&["deploy", &stack, "--yes"]);
    count(&["plan", &stack, "--exit-code"]);
    lab.edit(
        "lambdas/extract-metadata/app.py",
        "import os\n",
        "import os\n\n",
    );
    let changed = count(&["deploy", &stack, "--yes"]);
    assert_eq!(changed.changes().len(), 1, "{changed:?}");
    count(&["destroy", "image-metadata", "--yes"]);
    let is_within = |(made, (requests, chain)): (&Asked, (usize, usize))| {
        // A budget that is far from what is made guards nothing.
        let few = made.requests + SPARE >= requests && made.chain + 1 >= chain;
        few && made.requests <= requests && made.chain <= chain
    };
    let (asked, calls): (Vec<Asked>, Vec<Vec<Call>>) = made.into_iter().unzip();
    let wrong: Vec<usize> = (0..asked.len())
        .filter(|verb| !is_within((&asked[*verb], most[*verb])))
        .collect();
    let calls: Vec<String> = wrong.iter().map(|verb| by_round(&calls[*verb])).collect();
    assert!(
        wrong.is_empty(),
        "{asked:?}; (requests, chain) at most, and not far from, {most:?}\n{}",
        calls.join("\n")
    );
}

#[test]
fn a_stack_without_an_end_keeps_its_budgets() {
    let test = "a_stack_without_an_end_keeps_its_budgets";
    within(test, false, [(110, 13), (51, 3), (59, 7), (101, 19)]);
}

#[test]
fn a_stack_with_an_end_keeps_its_budgets() {
    let test = "a_stack_with_an_end_keeps_its_budgets";
    within(test, true, [(122, 24), (51, 3), (61, 8), (111, 31)]);
}

/// Makes so many of something.
async fn many<F: Future<Output = ()>>(count: usize, make: impl Fn(usize) -> F) {
    let all = stream::iter(0..count).map(make);
    all.buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// How many resources of each kind others have.
struct Crowd {
    functions: usize,
    buckets: usize,
    log_groups: usize,
    roles: usize,
    machines: usize,
}

/// Others' functions, buckets, log groups, roles and state machines.
async fn crowd(world: &World, of: &Crowd) {
    let clients = world.clients().await;
    let zip = Blob::new(std::fs::read(sample("other-function.zip")).unwrap());
    let role = format!("arn:aws:iam::{}:role/theirs", world.account);
    many(of.functions, |n| {
        let code = FunctionCode::builder().zip_file(zip.clone()).build();
        let call = clients.lambda.create_function();
        let call = call.function_name(format!("theirs-{n:03}-function"));
        let call = call.code(code).role(&role).handler("app.handler");
        let call = call.runtime(Runtime::Python313);
        async { drop(call.send().await.unwrap()) }
    })
    .await;
    many(of.buckets, |n| {
        let bucket = format!("theirs-{n:03}-images-{}", world.account);
        let call = clients.s3.create_bucket().bucket(bucket);
        async { drop(call.send().await.unwrap()) }
    })
    .await;
    many(of.log_groups, |n| {
        let group = clients.logs.create_log_group();
        let group = group.log_group_name(format!("/aws/lambda/theirs-{n:03}-function"));
        async { drop(group.send().await.unwrap()) }
    })
    .await;
    many(of.roles, |n| {
        let trust = r#"{"Version": "2012-10-17", "Statement": []}"#;
        let call = clients
            .iam
            .create_role()
            .role_name(format!("theirs-{n:03}"));
        let call = call.assume_role_policy_document(trust);
        async { drop(call.send().await.unwrap()) }
    })
    .await;
    many(of.machines, |n| {
        let definition = r#"{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}"#;
        let call = clients.states.create_state_machine();
        let call = call.name(format!("theirs-{n:03}")).role_arn(&role);
        let call = call.definition(definition);
        async { drop(call.send().await.unwrap()) }
    })
    .await;
}

/// The account of a large class: a plan makes as few requests as anywhere, and prints how long it takes.
#[tokio::test]
#[ignore = "it takes minutes: docs/testing.md has its command"]
async fn a_plan_in_the_account_of_a_large_class() {
    let world = World::new("a_plan_in_the_account_of_a_large_class");
    let lab = lab(&world, true);
    let stack = lab.stack();
    let owners = (0..30).map(|number| format!("student-{number:02}"));
    let owners: Vec<String> = owners.collect();
    let roster = format!("owner\n{}\n", owners.join("\n"));
    let roster = world.file("roster.csv", roster.as_bytes());
    let class = [
        "class",
        "deploy",
        &stack,
        "--roster",
        roster.to_str().unwrap(),
    ];
    world
        .treino_at(&world.endpoint, &[&class[..], &["--yes"]].concat())
        .ends(0);
    let plans = |when: &str| {
        let proxy = Proxy::slow(&world.endpoint, Duration::from_millis(50));
        let mut seconds = Vec::new();
        for owner in &owners[..5] {
            proxy.take();
            let began = Instant::now();
            let verb = ["plan", &stack, "--exit-code", "--owner", owner];
            world.treino_at(&proxy.endpoint, &verb).ends(0);
            seconds.push(began.elapsed().as_secs_f64());
            let calls = requests(&proxy);
            assert!(calls.len() <= 90, "{} requests", calls.len());
            for call in &calls {
                let text = format!("{} {}", call.path, call.body);
                let mut others = owners.iter().filter(|one| *one != owner);
                let is_others = text.contains("theirs") || others.any(|one| text.contains(one));
                assert!(!is_others, "{owner}: {text}");
            }
            println!("{when}: {} requests", calls.len());
        }
        println!("{when}: at 50 ms a request, {seconds:.2?} s");
    };
    plans("thirty stacks alone");
    let others = Crowd {
        functions: 1_000,
        buckets: 300,
        log_groups: 500,
        roles: 300,
        machines: 200,
    };
    crowd(&world, &others).await;
    plans("and what others have");
}

/// In an account that others use, too, a plan asks for nothing that is theirs, and finds what was renamed all the same.
#[tokio::test]
async fn a_plan_asks_for_nothing_that_is_others() {
    let world = World::new("a_plan_asks_for_nothing_that_is_others");
    let lab = lab(&world, true);
    let stack = lab.stack();
    let proxy = Proxy::before(&world.endpoint);
    let run = |owner: Option<&str>, verb: &[&str]| {
        let owner = owner
            .map(|owner| vec!["--owner", owner])
            .unwrap_or_default();
        world.treino_at(&proxy.endpoint, &[verb, &owner].concat())
    };
    let owners = [None, Some("ana"), Some("bia")];
    for owner in owners {
        run(owner, &["deploy", &stack, "--yes"]).ends(0);
    }
    let others = Crowd {
        functions: 120,
        buckets: 40,
        log_groups: 40,
        // Their tags are read at one a second, where everything is.
        roles: 0,
        machines: 0,
    };
    crowd(&world, &others).await;

    for owner in owners {
        proxy.take();
        run(owner, &["plan", &stack, "--exit-code"]).ends(0);
        let calls = requests(&proxy);
        assert!(calls.len() <= 90, "{} requests", calls.len());
        for call in &calls {
            let text = format!("{} {}", call.path, call.body);
            assert!(!text.contains("theirs"), "{text}");
            let others = ["ana", "bia"].into_iter().filter(|one| Some(*one) != owner);
            for other in others {
                assert!(!text.contains(&format!("-{other}")), "{owner:?}: {text}");
            }
        }
    }

    // A name of its own that changes; the deploy is killed when the new function exists.
    let old = "extract-metadata-function-ana";
    lab.edit(
        "stacks/image-metadata.yaml",
        "name: extract-metadata-function",
        "name: renamed-function",
    );
    let is_found = |name: &str| {
        let plan = run(Some("ana"), &["plan", &stack, "--exit-code"]).ends(2);
        assert!(plan.out.contains(name), "{name}: {plan:?}");
    };
    is_found(old);
    proxy
        .on("lambda:CreateFunction")
        .first(1)
        .signal(When::After, Signal::Kill);
    let arguments = ["deploy", &stack, "--yes", "--owner", "ana"];
    let mut killed = world.command_at(&proxy.endpoint, &arguments);
    assert_eq!(proxy.runs(&mut killed).code, -1);
    proxy.settled();
    proxy.forget();
    lab.edit(
        "stacks/image-metadata.yaml",
        "name: renamed-function",
        "name: renamed-again",
    );
    is_found(old);
    is_found("renamed-function-ana");
    run(Some("ana"), &["deploy", &stack, "--yes"]).ends(0);
    run(Some("ana"), &["plan", &stack, "--exit-code"]).ends(0);
    // Without its inventory, everything is read; a deploy that changes nothing writes it again.
    let clients = world.clients().await;
    let group = "/treino/inventory/image-metadata/ana";
    let delete = || clients.logs.delete_log_group().log_group_name(group).send();
    delete().await.unwrap();
    run(Some("ana"), &["deploy", &stack, "--yes"]).ends(0);
    delete().await.unwrap();
    lab.edit(
        "stacks/image-metadata.yaml",
        "name: renamed-again",
        "name: renamed-at-last",
    );
    is_found("renamed-again-ana");
    for owner in owners {
        run(owner, &["destroy", "image-metadata", "--yes"]).ends(0);
    }
    let left = clients.everything().await;
    assert!(left.iter().all(|name| name.contains("theirs")), "{left:?}");
    let groups = clients.logs.describe_log_groups();
    let groups = groups.log_group_name_prefix("/treino/").send().await;
    let groups = groups.unwrap().log_groups.unwrap_or_default();
    assert!(groups.is_empty(), "{groups:?}");
}

/// What a deploy has made that was killed as soon as it had made its inventory is a stack like any other.
#[tokio::test]
async fn an_inventory_alone_is_seen_and_deleted() {
    let world = World::new("an_inventory_alone_is_seen_and_deleted");
    let lab = lab(&world, false);
    let proxy = Proxy::before(&world.endpoint);
    let made = proxy.on("logs:CreateLogGroup").first(1);
    made.signal(When::After, Signal::Kill);
    let mut killed = world.command_at(&proxy.endpoint, &["deploy", &lab.stack(), "--yes"]);
    assert_eq!(proxy.runs(&mut killed).code, -1);
    proxy.settled();
    proxy.forget();

    let clients = world.clients().await;
    let group = "log group /treino/inventory/image-metadata";
    assert_eq!(clients.everything().await, [group]);
    let status = world.treino_at(&proxy.endpoint, &["status"]).ends(0);
    assert_eq!(status.event("stack")["stack"]["stack"], "image-metadata");
    let destroy = ["destroy", "image-metadata", "--yes"];
    world.treino_at(&proxy.endpoint, &destroy).ends(0);
    assert_eq!(clients.everything().await, [""; 0]);
}
