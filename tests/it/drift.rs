//! Whatever is changed outside treino, the plan names it and a deploy mends it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};
use aws_sdk_dynamodb::types::Tag;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::Environment;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use crate::kinds;
use crate::support::parts::lab_of;
use crate::support::{Clients, CommandResult, World, repository, sample};

const STACK: &str = "stacks/image-metadata.yaml";

/// What was changed, as the plan has to name it: address and field.
type Named = (&'static str, &'static str);

#[tokio::test]
async fn every_change_made_outside_is_named_and_mended() {
    let world = World::new("every_change_made_outside_is_named_and_mended");
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    let clients = world.clients().await;

    let mut expected = BTreeSet::new();
    expected.extend(source(&clients).await);
    expected.extend(compute(&clients).await);
    expected.extend(storage(&clients).await);
    // One that is still being changed would be named for that too.
    for function in ["extract-metadata-function", "rekognition-api-function"] {
        clients.quiet(function).await;
    }

    let planned = world.treino_json(&["plan", STACK, "--exit-code"]).ends(2);
    let named: BTreeSet<(String, String)> = planned
        .changes()
        .into_iter()
        .flat_map(|(address, (action, paths))| {
            assert_eq!(action, "update", "{address}");
            let fields = paths.iter().map(|path| (address.clone(), field(path)));
            fields.collect::<Vec<_>>()
        })
        .collect();
    let expected: BTreeSet<(String, String)> = expected
        .iter()
        .map(|(address, field)| ((*address).to_owned(), (*field).to_owned()))
        .collect();
    assert_eq!(named, expected);
    named_for_a_person(&world, &planned);

    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    world
        .treino(&["plan", STACK, "--exit-code"])
        .ends(0)
        .says("nothing to change");
    works(&world);
}

/// The text names the same addresses and paths.
fn named_for_a_person(world: &World, planned: &CommandResult) {
    let shown = world.treino(&["plan", STACK]).ends(0);
    let mut lines = shown.out.lines().map(str::trim_start);
    for (address, (_, paths)) in planned.changes() {
        let head = format!("~ {address} ");
        assert!(
            lines.any(|line| line.starts_with(&head)),
            "{head}: {shown:?}"
        );
        for path in paths {
            let field = format!("{path}:");
            assert!(
                lines.any(|line| line.starts_with(&field)),
                "{field}: {shown:?}"
            );
        }
    }
}

/// A photo still becomes an item.
fn works(world: &World) {
    let photo = sample("coffee.jpg");
    let run = ["run", "image-metadata", photo.to_str().unwrap()];
    world.treino(&run).ends(0);
}

/// The event source: rule, target, trail, selectors.
async fn source(clients: &Clients) -> Vec<Named> {
    let rule = "image-metadata-photo-uploaded";
    let targets = clients.events.remove_targets().rule(rule).ids("pipeline");
    targets.send().await.unwrap();
    clients
        .events
        .disable_rule()
        .name(rule)
        .send()
        .await
        .unwrap();
    let trail = "image-metadata-uploads";
    let other = DataResource::builder()
        .r#type("AWS::S3::Object")
        .values("arn:aws:s3:::other/");
    let selector = EventSelector::builder()
        .read_write_type(ReadWriteType::All)
        .include_management_events(true)
        .data_resources(other.build());
    let select = clients.cloudtrail.put_event_selectors().trail_name(trail);
    select
        .event_selectors(selector.build())
        .send()
        .await
        .unwrap();
    clients
        .cloudtrail
        .stop_logging()
        .name(trail)
        .send()
        .await
        .unwrap();
    vec![
        ("rule.photo-uploaded", "targets"),
        ("rule.photo-uploaded", "enabled"),
        ("trail.uploads", "selectors"),
        ("trail.uploads", "logging"),
    ]
}

/// Functions, the machine, and what they may do.
async fn compute(clients: &Clients) -> Vec<Named> {
    let code = std::fs::read(repository("tests/samples/other-function.zip")).unwrap();
    let function = "extract-metadata-function";
    let update = clients
        .lambda
        .update_function_code()
        .function_name(function);
    update.zip_file(Blob::new(code)).send().await.unwrap();
    let environment = Environment::builder()
        .variables("TABLE_NAME", "elsewhere")
        .build();
    let update = clients.lambda.update_function_configuration();
    let update = update
        .function_name("rekognition-api-function")
        .memory_size(512);
    update.environment(environment).send().await.unwrap();

    let machine = clients.machine("image-metadata-pipeline");
    let seen = clients
        .states
        .describe_state_machine()
        .state_machine_arn(&machine);
    let definition = seen.send().await.unwrap().definition;
    let changed = definition.replacen("\"MaxAttempts\": 5", "\"MaxAttempts\": 2", 1);
    assert_ne!(changed, definition);
    let update = clients
        .states
        .update_state_machine()
        .state_machine_arn(&machine);
    update.definition(changed).send().await.unwrap();

    let anything =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let put = clients.iam.put_role_policy().policy_document(anything);
    let put = put
        .role_name("image-metadata-pipeline-role-us-east-1")
        .policy_name("treino");
    put.send().await.unwrap();
    let put = clients
        .iam
        .put_role_policy()
        .policy_document(anything)
        .policy_name("extra");
    let role = "image-metadata-extract-metadata-role-us-east-1";
    put.role_name(role).send().await.unwrap();
    vec![
        ("function.extract-metadata", "code"),
        ("function.rekognition-api", "memory"),
        ("function.rekognition-api", "environment"),
        ("state_machine.pipeline", "definition"),
        ("state_machine.pipeline.role", "policies"),
        ("function.extract-metadata.role", "policies"),
    ]
}

/// Table, buckets, log groups.
async fn storage(clients: &Clients) -> Vec<Named> {
    let table = clients.arn("dynamodb", "table/image-metadata-metadata");
    let tag = Tag::builder()
        .key("course")
        .value("another")
        .build()
        .unwrap();
    clients
        .dynamodb
        .tag_resource()
        .resource_arn(table)
        .tags(tag)
        .send()
        .await
        .unwrap();
    let group = "/aws/lambda/extract-metadata-function";
    let retain = clients.logs.put_retention_policy().log_group_name(group);
    retain.retention_in_days(30).send().await.unwrap();
    let group = "/aws/lambda/rekognition-api-function";
    clients
        .logs
        .delete_retention_policy()
        .log_group_name(group)
        .send()
        .await
        .unwrap();

    let account = &clients.account;
    let logs = format!("image-metadata-uploads-bucket-{account}-us-east-1");
    clients
        .s3
        .delete_bucket_policy()
        .bucket(logs)
        .send()
        .await
        .unwrap();
    let images = format!("image-metadata-images-{account}-us-east-1");
    clients
        .s3
        .delete_public_access_block()
        .bucket(&images)
        .send()
        .await
        .unwrap();
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let put = clients.s3.put_bucket_versioning().bucket(&images);
    put.versioning_configuration(versioning.build())
        .send()
        .await
        .unwrap();
    vec![
        ("table.metadata", "tags"),
        ("function.extract-metadata.logs", "retention_days"),
        ("function.rekognition-api.logs", "retention_days"),
        ("trail.uploads.bucket", "policy"),
        ("bucket.images", "block_public_access"),
        ("bucket.images", "versioning"),
    ]
}

/// One of each kind, changed in one way.
#[tokio::test]
async fn a_change_of_every_kind_is_named_and_mended() {
    let world = World::new("a_change_of_every_kind_is_named_and_mended");
    let file = lab_of(&world, &kinds::sections());
    let deploy = ["deploy", file.as_str(), "--yes"];
    let deployed = world.treino_json(&deploy).ends(0).event("plan");
    let clients = world.clients().await;

    let mut expected = BTreeMap::new();
    for kind in kinds::ALL {
        let address = kind.sample().address;
        let steps = deployed["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["address"] == address);
        let name = step.unwrap()["name"].as_str().unwrap();
        let (change, paths) = kind.drifts()[0];
        kind.drift(&clients, name, change).await;
        expected.insert(address.to_owned(), field(paths[0]));
    }

    let planned = world.treino_json(&["plan", &file, "--exit-code"]).ends(2);
    let mut named = BTreeMap::new();
    for (address, (action, paths)) in planned.changes() {
        assert_eq!(action, "update", "{address}");
        let fields: BTreeSet<String> = paths.iter().map(|path| field(path)).collect();
        let fields: Vec<String> = fields.into_iter().collect();
        named.insert(address, fields.join(" "));
    }
    assert_eq!(named, expected);

    world.treino(&deploy).ends(0);
    world.treino(&["plan", &file, "--exit-code"]).ends(0);
}

/// The field of a path.
fn field(path: &str) -> String {
    path.split(['.', '[']).next().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_deleted_outside_is_made_again() {
    let world = World::new("what_was_deleted_outside_is_made_again");
    let clients = world.clients().await;
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    let all = clients.everything().await;
    let role = "image-metadata-extract-metadata-role-us-east-1";

    clients
        .dynamodb
        .delete_table()
        .table_name("image-metadata-metadata")
        .send()
        .await
        .unwrap();
    clients
        .lambda
        .delete_function()
        .function_name("extract-metadata-function")
        .send()
        .await
        .unwrap();
    clients
        .cloudtrail
        .delete_trail()
        .name("image-metadata-uploads")
        .send()
        .await
        .unwrap();
    let call = clients.states.delete_state_machine();
    call.state_machine_arn(clients.machine("image-metadata-pipeline"))
        .send()
        .await
        .unwrap();
    let call = clients.logs.delete_log_group();
    call.log_group_name("/aws/lambda/extract-metadata-function")
        .send()
        .await
        .unwrap();
    let call = clients.iam.delete_role_policy().role_name(role);
    call.policy_name("treino").send().await.unwrap();
    clients
        .iam
        .delete_role()
        .role_name(role)
        .send()
        .await
        .unwrap();

    let planned = world.treino_json(&["plan", STACK, "--exit-code"]).ends(2);
    let create = |address: &str| (address.to_owned(), ("create".to_owned(), Vec::new()));
    let gone = [
        "function.extract-metadata",
        "function.extract-metadata.logs",
        "function.extract-metadata.role",
        "state_machine.pipeline",
        "table.metadata",
        "trail.uploads",
    ];
    assert_eq!(planned.changes(), gone.into_iter().map(create).collect());

    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    assert_eq!(clients.everything().await, all);
    world.treino(&["plan", STACK, "--exit-code"]).ends(0);
    works(&world);
}
