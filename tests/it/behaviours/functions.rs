//! Rows about functions and their logs.

use super::{FUNCTION, Scene, blocking, noted};
use crate::support::proxy::When;

const NAME: &str = "lab-f";
const GROUP: &str = "/aws/lambda/lab-f";

#[tokio::test]
async fn row_05_a_pending_function_is_waited_for() {
    let scene = Scene::of("row_05_a_pending_function_is_waited_for", &[FUNCTION]).await;
    let state = |name: &str| scene.proxy.on(name).after("logs:CreateLogGroup");
    state("lambda:CreateFunction").replace("\"State\": \"Active\"", "\"State\": \"Pending\"");
    let looks = state("lambda:GetFunctionConfiguration").first(2);
    looks.replace("\"State\": \"Active\"", "\"State\": \"Pending\"");

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "the function is not ready yet");
    assert!(scene.proxy.count("lambda:GetFunctionConfiguration") >= 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_05_a_failed_function_says_why() {
    let scene = Scene::of("row_05_a_failed_function_says_why", &[FUNCTION]).await;
    let created = scene.proxy.on("lambda:CreateFunction");
    created.replace("\"State\": \"Active\"", "\"State\": \"Pending\"");
    let looks = scene.proxy.on("lambda:GetFunctionConfiguration");
    looks.rewrite(|_, body| {
        let mut seen: serde_json::Value = serde_json::from_str(body).unwrap();
        seen["State"] = "Failed".into();
        seen["StateReason"] = "The subnet has no free addresses.".into();
        seen.to_string()
    });

    scene
        .deploy()
        .ends(1)
        .says("The subnet has no free addresses.");
}

/// Changes both the code and the configuration.
fn change(scene: &Scene) {
    scene.has(&[FUNCTION, "    timeout: 7\n"]);
    let code = b"def handler(event, context):\n    return 'other'\n";
    scene.world.file("code/app.py", code);
}

#[tokio::test]
async fn row_06_one_change_after_the_other() {
    let scene = Scene::of("row_06_one_change_after_the_other", &[FUNCTION]).await;
    scene.deployed();
    change(&scene);
    // Like AWS: in progress for some reads after each change, without a second change meanwhile.
    for update in [
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    ] {
        let looks = scene
            .proxy
            .on("lambda:GetFunctionConfiguration")
            .after(update);
        looks.first(2).rewrite(|_, body| {
            let mut seen: serde_json::Value = serde_json::from_str(body).unwrap();
            seen["LastUpdateStatus"] = "InProgress".into();
            seen.to_string()
        });
        let rule = scene.proxy.on(update).first(2);
        let message = "The operation cannot be performed at this time. An update is in progress for resource: \
            arn:aws:lambda:us-east-1:123456789012:function:lab-f";
        rule.refuse(409, "ResourceConflictException", message);
    }

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "Lambda is not ready for this change yet");
    noted(&deployed, "the function is not ready yet");
    assert_eq!(scene.proxy.count("lambda:UpdateFunctionCode"), 3);
    assert_eq!(scene.proxy.count("lambda:UpdateFunctionConfiguration"), 3);
    // It was polled between the two changes until it was done.
    let calls = scene.proxy.take();
    let at = |name: &str| calls.iter().position(|call| call.name() == name).unwrap();
    let between = &calls[at("lambda:UpdateFunctionCode")..at("lambda:UpdateFunctionConfiguration")];
    let looks = |call: &&crate::support::proxy::Call| call.operation == "GetFunctionConfiguration";
    assert!(between.iter().filter(looks).count() >= 3, "{between:?}");
    scene.is_whole().await;
}

#[tokio::test]
async fn row_07_a_log_group_that_comes_back_is_deleted_again() {
    let test = "row_07_a_log_group_that_comes_back_is_deleted_again";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.deployed();
    let clients = scene.world.clients().await;
    let rule = scene.proxy.on("logs:DeleteLogGroup").first(1);
    // The function's last log lines arrive late, and Lambda creates their log group.
    rule.then(When::After, move || {
        let call = clients.logs.create_log_group().log_group_name(GROUP);
        drop(blocking(call.send()));
    });

    let destroyed = scene.destroy().ends(0).says("verified:");

    noted(&destroyed, "came back");
    let order = scene.proxy.changes();
    let at = |name: &str| order.iter().position(|call| call == name).unwrap();
    assert!(at("lambda:DeleteFunction") < at("logs:DeleteLogGroup"));
    let deletions = scene.proxy.calls("logs:DeleteLogGroup");
    let of_it = deletions.iter().filter(|call| call.body.contains(GROUP));
    assert_eq!(of_it.count(), 2);
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn row_08_a_log_group_lambda_made_is_adopted() {
    let scene = Scene::of("row_08_a_log_group_lambda_made_is_adopted", &[FUNCTION]).await;
    let call = scene.clients.logs.create_log_group().log_group_name(GROUP);
    call.send().await.unwrap();
    // It is created between the survey and the step.
    let listed = scene.proxy.on("logs:DescribeLogGroups").first(2);
    listed.rewrite(|_, _| r#"{"logGroups": []}"#.to_owned());

    scene.deploy().ends(0);

    assert_eq!(scene.proxy.count("logs:CreateLogGroup"), 1);
    let call = scene.clients.logs.describe_log_groups();
    let group = call.send().await.unwrap().log_groups.unwrap().remove(0);
    assert_eq!(group.log_group_name.unwrap(), GROUP);
    assert_eq!(group.retention_in_days, Some(7));
    let call = scene.clients.logs.list_tags_for_resource();
    let arn = scene.clients.arn("logs", &format!("log-group:{GROUP}"));
    let tags = call.resource_arn(arn).send().await.unwrap().tags.unwrap();
    assert_eq!(tags["treino:stack"], "lab");
    scene.is_whole().await;
}

#[tokio::test]
async fn row_08_another_ones_log_group_is_left_alone() {
    let test = "row_08_another_ones_log_group_is_left_alone";
    let scene = Scene::of(test, &["log_groups:\n  g: {}\n"]).await;
    let call = scene
        .clients
        .logs
        .create_log_group()
        .log_group_name("lab-g");
    call.send().await.unwrap();
    let listed = scene.proxy.on("logs:DescribeLogGroups").first(2);
    listed.rewrite(|_, _| r#"{"logGroups": []}"#.to_owned());

    scene
        .deploy()
        .ends(1)
        .says("ResourceAlreadyExistsException");

    let call = scene.clients.logs.describe_log_groups();
    let group = call.send().await.unwrap().log_groups.unwrap().remove(0);
    assert_eq!(group.retention_in_days, None);
}

#[tokio::test]
async fn row_28_a_retired_runtime_is_refused_before_anything_is_made() {
    let test = "row_28_a_retired_runtime_is_refused_before_anything_is_made";
    let scene = Scene::of(test, &[&FUNCTION.replace("python3.13", "python3.6")]).await;
    scene.deploy().ends(2).says("python3.6").says("python3.14");
    scene.has(&[&FUNCTION.replace("python3.13", "ruby3.5")]);
    scene.deploy().ends(2).says("ruby3.5").says("ruby4.0");
    assert_eq!(scene.proxy.take(), []);

    // A runtime that AWS retired after this version of treino: AWS's message is shown.
    scene.has(&[FUNCTION]);
    let message = "The runtime parameter of python3.13 is no longer supported for creating or updating AWS \
        Lambda functions. We recommend you use a supported runtime while creating or updating functions.";
    let rule = scene.proxy.on("lambda:CreateFunction");
    rule.refuse(400, "InvalidParameterValueException", message);
    scene.deploy().ends(1).says("no longer supported");
    assert_eq!(scene.proxy.count("lambda:CreateFunction"), 1);
}

#[tokio::test]
async fn row_32_too_much_concurrency_says_the_limit() {
    let test = "row_32_too_much_concurrency_says_the_limit";
    let scene = Scene::of(test, &[FUNCTION, "    reserved_concurrency: 5\n"]).await;
    let message = "Specified ReservedConcurrentExecutions for function decreases account's \
        UnreservedConcurrentExecution below its minimum value of [10].";
    let rule = scene.proxy.on("lambda:PutFunctionConcurrency");
    rule.refuse(400, "InvalidParameterValueException", message);
    scene.proxy.on("lambda:GetAccountSettings").answer(|_| {
        let body = r#"{"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}}"#;
        Some(crate::support::proxy::Answer::made(200, "application/json", body))
    });

    let deployed = scene.deploy().ends(1);

    deployed
        .says("the account has 10 concurrent executions")
        .says("reserved_concurrency");
    // The function exists; a deploy with a lower value continues from it.
    scene.has(&[FUNCTION]);
    scene.deploy().ends(0);
    let call = scene.clients.lambda.get_function().function_name(NAME);
    call.send().await.unwrap();
    scene.is_whole().await;
}
