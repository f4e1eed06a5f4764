//! Rows about rules and their targets.

use aws_sdk_eventbridge::types::Target;

use super::{MACHINE, RULE, Scene};

/// A second target that was added by hand.
async fn one_more_target(scene: &Scene) {
    let target = Target::builder()
        .id("by-hand")
        .arn(scene.clients.machine("lab-m"));
    let call = scene.clients.events.put_targets().rule("lab-e");
    let target = target.build().unwrap();
    call.targets(target).send().await.unwrap();
}

#[tokio::test]
async fn row_20_a_rule_goes_after_its_targets() {
    let test = "row_20_a_rule_goes_after_its_targets";
    let scene = Scene::of(test, &[MACHINE, RULE]).await;
    scene.deployed();
    one_more_target(&scene).await;
    scene.proxy.pages_of_one();
    let removed = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let seen = std::sync::Arc::clone(&removed);
    scene
        .proxy
        .on("events:RemoveTargets")
        .rewrite(move |call, body| {
            seen.lock().unwrap().push_str(&call.body);
            body.to_owned()
        });
    let gone = std::sync::Arc::clone(&removed);
    let rule = scene.proxy.on("events:DeleteRule").when(move |_| {
        let removed = gone.lock().unwrap();
        !(removed.contains("by-hand") && removed.contains("\"m\""))
    });
    rule.refuse(
        400,
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    );

    scene.is_gone_after_destroy().await;

    assert!(removed.lock().unwrap().contains("by-hand"));
}

#[tokio::test]
async fn row_21_a_target_refused_inside_a_success_is_tried_again() {
    let test = "row_21_a_target_refused_inside_a_success_is_tried_again";
    let scene = Scene::of(test, &[MACHINE, RULE]).await;
    let code = "ConcurrentModificationException";
    let busy = "Rule is being modified by another request";
    scene
        .proxy
        .on("events:PutTargets")
        .first(2)
        .fail_inside(code, busy);
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("events:PutTargets"), 3);
    let call = scene.clients.events.list_targets_by_rule().rule("lab-e");
    assert_eq!(call.send().await.unwrap().targets().len(), 1);

    scene
        .proxy
        .on("events:RemoveTargets")
        .first(2)
        .fail_inside(code, busy);
    scene.is_gone_after_destroy().await;
    assert_eq!(scene.proxy.count("events:RemoveTargets"), 3);
}

#[tokio::test]
async fn row_21_a_target_refused_for_good_is_reported() {
    let test = "row_21_a_target_refused_for_good_is_reported";
    let scene = Scene::of(test, &[MACHINE, RULE]).await;
    let managed = "Rule is managed by another service";
    scene
        .proxy
        .on("events:PutTargets")
        .fail_inside("ManagedRuleException", managed);
    scene
        .deploy()
        .ends(1)
        .says("ManagedRuleException")
        .says(managed);
    assert_eq!(scene.proxy.count("events:PutTargets"), 1);

    scene.proxy.forget();
    scene.deploy().ends(0);
    scene
        .proxy
        .on("events:RemoveTargets")
        .fail_inside("ManagedRuleException", managed);
    scene.destroy().ends(1).says(managed);
    assert_eq!(scene.proxy.count("events:DeleteRule"), 0);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_21_objects_refused_inside_a_success_are_tried_again() {
    let test = "row_21_objects_refused_inside_a_success_are_tried_again";
    let scene = Scene::of(test, &[super::BUCKET]).await;
    scene.deployed();
    let bucket = scene.bucket("b");
    scene.clients.put(&bucket, "one", b"x").await;
    let rule = scene.proxy.on("s3:DeleteObjects").first(2);
    rule.fail_inside(
        "InternalError",
        "We encountered an internal error. Please try again.",
    );
    scene.is_gone_after_destroy().await;
    assert_eq!(scene.proxy.count("s3:DeleteObjects"), 3);

    // An object that cannot be deleted is reported by its key, and the others are still deleted.
    scene.proxy.forget();
    scene.deployed();
    scene.clients.put(&bucket, "kept.txt", b"x").await;
    let rule = scene.proxy.on("s3:DeleteObjects");
    rule.fail_inside(
        "AccessDenied",
        "Access Denied because object protected by object lock.",
    );
    let destroyed = scene.destroy().ends(1);
    destroyed.says("kept.txt").says("object lock");
    scene.is_whole().await;
}

#[tokio::test]
async fn row_30_the_bus_is_said_in_every_call() {
    let test = "row_30_the_bus_is_said_in_every_call";
    let scene = Scene::of(test, &[MACHINE, RULE]).await;
    scene.deploy().ends(0);
    one_more_target(&scene).await;
    let repaired = scene.deploy().ends(0);
    assert_eq!(repaired.changes().len(), 1);
    scene.is_gone_after_destroy().await;

    for operation in [
        "PutRule",
        "PutTargets",
        "RemoveTargets",
        "DeleteRule",
        "DescribeRule",
        "ListRules",
        "ListTargetsByRule",
    ] {
        let calls = scene.proxy.calls(&format!("events:{operation}"));
        assert!(!calls.is_empty(), "{operation}");
        for call in calls {
            assert!(
                call.body.contains("\"EventBusName\":\"default\""),
                "{call:?}"
            );
        }
    }
}

#[tokio::test]
async fn row_03_other_refusals_of_a_target_are_final() {
    let test = "row_03_other_refusals_of_a_target_are_final";
    let scene = Scene::of(test, &[MACHINE, RULE]).await;
    let rule = scene.proxy.on("events:PutTargets");
    rule.refuse(400, "ValidationException", "Parameter Arn is not valid.");
    let deployed = scene.deploy().ends(1).says("Parameter Arn is not valid.");
    assert_eq!(scene.proxy.count("events:PutTargets"), 1);
    assert!(deployed.events("note").is_empty());
}
