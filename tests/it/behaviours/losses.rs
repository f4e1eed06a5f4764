//! Row 25: AWS executed the call, and the answer is wrong or lost.

use std::time::Duration;

use super::{BUCKET, CONNECTION, FUNCTION, MACHINE, RULE, Scene, TABLE, TRAIL, VAULT};
use crate::support::CommandResult;
use crate::support::proxy::{On, Signal, When};

/// A stack of every kind except directory buckets, which are created like buckets.
const ALL: &[&str] = &[
    FUNCTION, MACHINE, TABLE, BUCKET, TRAIL, RULE, CONNECTION, VAULT,
];

/// The calls that create something.
const MAKING: &[&str] = &[
    "lambda:CreateFunction",
    "states:CreateStateMachine",
    "dynamodb:CreateTable",
    "s3:CreateBucket",
    "cloudtrail:CreateTrail",
    "events:PutRule",
    "events:PutTargets",
    "events:CreateConnection",
    "glacier:CreateVault",
    "iam:CreateRole",
    "logs:CreateLogGroup",
];

/// The calls that delete something.
const DELETING: &[&str] = &[
    "lambda:DeleteFunction",
    "states:DeleteStateMachine",
    "dynamodb:DeleteTable",
    "s3:DeleteBucket",
    "cloudtrail:DeleteTrail",
    "events:DeleteRule",
    "events:RemoveTargets",
    "events:DeleteConnection",
    "glacier:DeleteVault",
    "iam:DeleteRole",
    "logs:DeleteLogGroup",
];

/// The first call of each is executed, and then its answer is changed.
async fn heals(test: &str, meets: impl Fn(On<'_>)) {
    let scene = Scene::of(test, ALL).await;
    for name in MAKING {
        meets(scene.proxy.on(name).first(1));
    }
    scene.deploy().ends(0);
    for name in MAKING {
        assert!(scene.proxy.count(name) >= 2, "{name}");
    }
    scene.proxy.forget();
    scene.plan().ends(0);

    for name in DELETING {
        meets(scene.proxy.on(name).first(1));
    }
    scene.is_gone_after_destroy().await;
    for name in DELETING {
        assert!(scene.proxy.count(name) >= 2, "{name}");
    }
}

#[tokio::test]
async fn row_25_a_lost_answer_is_looked_after() {
    let test = "row_25_a_lost_answer_is_looked_after";
    heals(test, |on| on.drop(When::After)).await;
}

#[tokio::test]
async fn row_25_an_answer_cut_short_is_looked_after() {
    let test = "row_25_an_answer_cut_short_is_looked_after";
    let scene = Scene::of(test, ALL).await;
    for name in MAKING {
        scene.proxy.on(name).first(1).truncate();
    }
    scene.deploy().ends(0);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_25_a_gateway_that_answers_for_aws_is_looked_after() {
    let test = "row_25_a_gateway_that_answers_for_aws_is_looked_after";
    let scene = Scene::of(test, ALL).await;
    for (number, name) in MAKING.iter().enumerate() {
        let status = [500, 502, 503][number % 3];
        scene.proxy.on(name).first(1).then_html(status);
    }
    scene.deploy().ends(0);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_25_no_answer_of_aws_is_no_success() {
    let test = "row_25_no_answer_of_aws_is_no_success";
    let scene = Scene::of(test, &[TABLE]).await;
    // As a captive portal does.
    scene.proxy.on("dynamodb:*").html(200);
    scene.deploy().ends(1);
    scene.proxy.forget();
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
    scene.deploy().ends(0);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_35_what_is_gone_already_is_gone() {
    let test = "row_35_what_is_gone_already_is_gone";
    let scene = Scene::of(test, ALL).await;
    // Some services answer a second deletion with success, others with not found.
    scene.deployed();
    for name in DELETING {
        scene.proxy.on(name).first(1).drop(When::After);
    }
    scene.is_gone_after_destroy().await;
    scene.proxy.forget();

    scene.deployed();
    for name in DELETING
        .iter()
        .filter(|name| !name.starts_with("events:Remove"))
    {
        let gone = scene.proxy.on(name).first(1);
        gone.then_hide();
    }
    scene.is_gone_after_destroy().await;
}

/// A deploy in which the first call of this name triggers a signal.
fn deploy_until(scene: &Scene, name: &str, when: When, signal: Signal) -> CommandResult {
    scene.proxy.on(name).first(1).signal(when, signal);
    let file = scene.file();
    let arguments = ["deploy", &file, "--yes"];
    let mut command = scene.world.command_at(&scene.proxy.endpoint, &arguments);
    let ran = scene.proxy.runs(&mut command);
    scene.proxy.forget();
    ran
}

#[tokio::test]
async fn row_25_killed_at_any_creation_nothing_is_lost_sight_of() {
    let test = "row_25_killed_at_any_creation_nothing_is_lost_sight_of";
    let scene = Scene::of(test, ALL).await;
    for (number, name) in MAKING.iter().step_by(2).enumerate() {
        let when = [When::After, When::Before][number % 2];
        let ran = deploy_until(&scene, name, when, Signal::Kill);
        assert_eq!(ran.code, -1, "{name}: {}", ran.err);
        // Alternately: the deploy is continued to its end, or destroyed from where it stopped.
        if number % 4 > 1 {
            scene.deploy().ends(0);
            scene.plan().ends(0);
        }
        scene.is_gone_after_destroy().await;
    }
}

#[tokio::test]
async fn row_25_a_gentle_stop_says_what_was_done() {
    let test = "row_25_a_gentle_stop_says_what_was_done";
    let scene = Scene::of(test, &[FUNCTION]).await;
    for signal in [Signal::Int, Signal::Term] {
        // The running step has one more call, and the next step needs this one.
        let later = scene.proxy.on("iam:PutRolePolicy");
        later.delay(Duration::from_millis(300));
        let stopped = deploy_until(&scene, "iam:CreateRole", When::Before, signal);
        let stopped = stopped.ends(130);
        let summary = stopped.event("summary");
        assert_eq!(summary["stopped"], true);
        let outcomes = summary["outcomes"].as_array().unwrap();
        let outcome = |address: &str| {
            let mut of = outcomes.iter().filter(|one| one["address"] == address);
            of.next().unwrap()["outcome"].clone()
        };
        assert_eq!(outcome("function.f.role"), "done");
        assert_eq!(outcome("function.f"), "skipped");
        scene.is_gone_after_destroy().await;
    }
}
