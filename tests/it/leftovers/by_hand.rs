//! What a curious hand adds to a stack that stands: it goes with the stack, or is said to be kept.

use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};
use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
use aws_sdk_eventbridge::types::Target;
use aws_sdk_sfn::types::RoutingConfigurationListItem;
use treino::stack::Kind;

use super::{BUCKET, FUNCTION, MACHINE, RULE, Scene, TABLE, TRAIL, VAULT, receipt, says_left};
use crate::support::eventually;
use crate::support::proxy::When;

/// Machines beside `m`: one whose execution waits for a token, and one of express executions.
const WAITING: &str = "  w:\n    definition: token.asl.json\n";
const EXPRESS: &str = "  x:\n    type: express\n    definition: short.asl.json\n";

/// Blocks on something asynchronous, in a thread of the proxy.
pub fn blocking<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(what)
}

async fn on_the_function(scene: &Scene) {
    let lambda = &scene.clients.lambda;
    let published = lambda.publish_version().function_name("lab-f").send().await;
    let version = published.unwrap().version.unwrap();
    let call = lambda.create_alias().function_name("lab-f").name("live");
    call.function_version(version).send().await.unwrap();
    let call = lambda.create_function_url_config().function_name("lab-f");
    let open = aws_sdk_lambda::types::FunctionUrlAuthType::None;
    call.auth_type(open).send().await.unwrap();
    let call = lambda
        .put_function_event_invoke_config()
        .function_name("lab-f");
    call.maximum_retry_attempts(0).send().await.unwrap();
    let call = lambda
        .put_provisioned_concurrency_config()
        .function_name("lab-f");
    let call = call.qualifier("live").provisioned_concurrent_executions(1);
    call.send().await.unwrap();
    // One is paused, the other asks for an alias.
    for (function, enabled) in [("lab-f", false), ("lab-f:live", true)] {
        let call = lambda.create_event_source_mapping().function_name(function);
        let call = call.event_source_arn(scene.clients.arn("sqs", &format!("queue-{enabled}")));
        call.enabled(enabled).send().await.unwrap();
    }
}

async fn on_the_log_group(scene: &Scene) {
    let (logs, group) = (&scene.clients.logs, "/aws/lambda/lab-f");
    let call = logs.create_log_stream().log_group_name(group);
    call.log_stream_name("by/hand").send().await.unwrap();
    let call = logs
        .put_subscription_filter()
        .log_group_name(group)
        .filter_name("all");
    let function = scene.clients.arn("lambda", "function:lab-f");
    let call = call.filter_pattern("").destination_arn(function);
    call.send().await.unwrap();
    let metric = aws_sdk_cloudwatchlogs::types::MetricTransformation::builder();
    let metric = metric
        .metric_name("lines")
        .metric_namespace("lab")
        .metric_value("1");
    let call = logs
        .put_metric_filter()
        .log_group_name(group)
        .filter_name("lines");
    let call = call
        .filter_pattern("")
        .metric_transformations(metric.build().unwrap());
    call.send().await.unwrap();
}

async fn on_the_role(scene: &Scene, profile: &str) {
    let (iam, role) = (&scene.clients.iam, "lab-m-role-us-east-1");
    let document =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let call = iam.put_role_policy().role_name(role).policy_name("by-hand");
    call.policy_document(document).send().await.unwrap();
    let managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let call = iam.attach_role_policy().role_name(role);
    call.policy_arn(managed).send().await.unwrap();
    let call = iam.put_role_permissions_boundary().role_name(role);
    call.permissions_boundary(managed).send().await.unwrap();
    let call = iam.create_instance_profile().instance_profile_name(profile);
    call.send().await.unwrap();
    let call = iam.add_role_to_instance_profile().role_name(role);
    call.instance_profile_name(profile).send().await.unwrap();
}

async fn on_the_machines(scene: &Scene) {
    let states = &scene.clients.states;
    let call = states.publish_state_machine_version();
    let call = call.state_machine_arn(scene.clients.machine("lab-m"));
    let version = call.send().await.unwrap().state_machine_version_arn;
    let route = RoutingConfigurationListItem::builder();
    let route = route.state_machine_version_arn(version).weight(100);
    let call = states.create_state_machine_alias().name("live");
    let call = call.routing_configuration(route.build().unwrap());
    call.send().await.unwrap();
    for machine in ["lab-m", "lab-m", "lab-w", "lab-x"] {
        let call = states.start_execution();
        let call = call.state_machine_arn(scene.clients.machine(machine));
        call.send().await.unwrap();
    }
    eventually("the execution that waits for its token", async || {
        let running = scene.clients.executions("lab-w").await;
        let history = states.get_execution_history();
        let history = history
            .execution_arn(&running.first()?.execution_arn)
            .send()
            .await;
        let events = history.unwrap().events;
        events
            .iter()
            .any(|event| event.task_scheduled_event_details().is_some())
            .then_some(())
    })
    .await;
}

async fn on_the_table(scene: &Scene) -> String {
    let dynamodb = &scene.clients.dynamodb;
    let stream = StreamSpecification::builder().stream_enabled(true);
    let stream = stream
        .stream_view_type(StreamViewType::KeysOnly)
        .build()
        .unwrap();
    let call = dynamodb.update_table().table_name("lab-t");
    call.stream_specification(stream).send().await.unwrap();
    let call = dynamodb
        .create_backup()
        .table_name("lab-t")
        .backup_name("before");
    let backup = call.send().await.unwrap().backup_details.unwrap();
    backup.backup_arn
}

async fn on_the_rest(scene: &Scene) {
    let events = &scene.clients.events;
    let target = Target::builder()
        .id("by-hand")
        .arn(scene.clients.machine("lab-m"));
    let call = events.put_targets().rule("lab-e");
    call.targets(target.build().unwrap()).send().await.unwrap();
    events.disable_rule().name("lab-e").send().await.unwrap();
    let objects = DataResource::builder().r#type("AWS::S3::Object");
    let selector = EventSelector::builder().read_write_type(ReadWriteType::All);
    let selector = selector.data_resources(objects.values("arn:aws:s3").build());
    let call = scene
        .clients
        .cloudtrail
        .put_event_selectors()
        .trail_name("lab-r");
    call.event_selectors(selector.build()).send().await.unwrap();
}

#[tokio::test]
async fn what_was_added_by_hand_goes_with_the_stack() {
    let test = "what_was_added_by_hand_goes_with_the_stack";
    let parts = [
        FUNCTION, MACHINE, WAITING, EXPRESS, TABLE, BUCKET, TRAIL, RULE, VAULT,
    ];
    let scene = Scene::undeployed(test, &parts).await;
    let waiting = br#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "${f.name}", "Payload": {"token.$": "$$.Task.Token"}}}}}"#;
    scene.world.file("token.asl.json", waiting);
    let short =
        br#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": true}}}"#;
    scene.world.file("short.asl.json", short);
    scene.deployed();
    let profile = format!("profile-{}", scene.world.account);
    on_the_function(&scene).await;
    on_the_log_group(&scene).await;
    on_the_role(&scene, &profile).await;
    on_the_machines(&scene).await;
    let backup = on_the_table(&scene).await;
    on_the_rest(&scene).await;
    // A log file of the trail arrives while its bucket is being deleted.
    let (clients, bucket) = (scene.world.clients().await, scene.bucket("r-bucket"));
    let late = scene
        .proxy
        .on("s3:DeleteBucket")
        .with("lab-r-bucket")
        .first(2);
    late.then(When::Before, move || {
        blocking(clients.put(&bucket, "AWSLogs/late.json.gz", b"x"));
    });

    let destroyed = scene.destroy().ends(0).says("is still charged");

    scene.is_empty().await;
    let receipt = receipt(&destroyed);
    let kept = receipt["kept"].as_array().unwrap();
    assert_eq!(kept.len(), 1, "{receipt}");
    assert!(kept[0].as_str().unwrap().contains(&backup), "{receipt}");
    let lambda = &scene.clients.lambda;
    let mappings = lambda.list_event_source_mappings().send().await.unwrap();
    assert_eq!(mappings.event_source_mappings().len(), 0);
    let stopped = scene.proxy.calls("states:StopExecution");
    assert_eq!(
        stopped
            .iter()
            .filter(|call| call.body.contains(":lab-m:"))
            .count(),
        2
    );
    assert_eq!(
        stopped
            .iter()
            .filter(|call| call.body.contains(":lab-w:"))
            .count(),
        1
    );
    // Somebody else's, and left.
    let call = scene.clients.iam.delete_instance_profile();
    call.instance_profile_name(profile).send().await.unwrap();
    let call = scene.clients.dynamodb.delete_backup();
    call.backup_arn(backup).send().await.unwrap();
}

/// Somebody paused it and deleted the function: the mapping alone is left of the stack.
#[tokio::test]
async fn a_mapping_that_stays_is_no_proof() {
    let test = "a_mapping_that_stays_is_no_proof";
    let scene = Scene::of(test, &[FUNCTION]).await;
    let call = scene.clients.lambda.create_event_source_mapping();
    let call = call.function_name("lab-f").enabled(false);
    let call = call.event_source_arn(scene.clients.arn("sqs", "queue"));
    call.send().await.unwrap();
    // The first look, before the function goes, does not show it.
    let lists = scene.proxy.on("lambda:ListEventSourceMappings").first(1);
    lists.rewrite(|_, _| r#"{"EventSourceMappings": []}"#.to_owned());

    scene.destroy().ends(0).says("came back");

    scene.is_empty().await;
    let mappings = scene.clients.lambda.list_event_source_mappings();
    let mappings = mappings.send().await.unwrap();
    assert_eq!(mappings.event_source_mappings().len(), 0);

    // Where nobody may look for them, nobody says that there are none.
    scene.deployed();
    let denied = "User: sam is not authorized to perform: lambda:ListEventSourceMappings";
    let lists = scene.proxy.on("lambda:ListEventSourceMappings");
    lists.refuse(403, "AccessDeniedException", denied);
    let destroyed = scene.destroy().ends(3).says(denied);
    assert!(says_left(&receipt(&destroyed), Kind::Function, "lab-f"));
    scene.ends_empty().await;
}

#[tokio::test]
async fn a_protected_table_is_left_and_said() {
    let test = "a_protected_table_is_left_and_said";
    let scene = Scene::of(test, &[TABLE]).await;
    let protect = |on: bool| {
        let call = scene.clients.dynamodb.update_table().table_name("lab-t");
        call.deletion_protection_enabled(on).send()
    };
    protect(true).await.unwrap();

    let destroyed = scene
        .destroy()
        .ends(1)
        .says("--no-deletion-protection-enabled");

    assert!(!destroyed.err.contains("verified:"));
    assert_eq!(scene.clients.everything().await, ["table lab-t"]);
    protect(false).await.unwrap();
    scene.ends_empty().await;
}
