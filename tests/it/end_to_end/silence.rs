//! There is no shortcut: without the trail or the rule, nothing starts.
//!
//! That something does not happen is proved by what happens after it: events are delivered one
//! after another, so once a later one has been seen to arrive, an earlier one has had its turn.

use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType};
use aws_sdk_eventbridge::types::Target;

use super::{MACHINE, RULE, STACK, TRAIL, images};
use crate::support::{Clients, World, sample};

/// Runs a photo through the lab and sees that nothing starts: the run itself says so, and what to do.
fn unheard(world: &World, key: &str, way_out: &str) {
    let photo = sample("coffee.jpg");
    let run = [
        "run",
        "image-metadata",
        photo.to_str().unwrap(),
        "--key",
        key,
        "--wait",
        "0s",
    ];
    let ran = world.treino(&run).ends(1);
    ran.says("no execution started").says(way_out);
}

/// Has treino mend the lab, and sees that of these photos only the next one starts anything.
async fn heard_again(world: &World, clients: &Clients) {
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    clients
        .put(&images(world), "heard.jpg", b"not looked at here")
        .await;
    clients.wait_for_start(MACHINE, "heard.jpg").await;
    assert_eq!(clients.started_for(MACHINE).await, ["heard.jpg"]);
}

#[tokio::test]
async fn nothing_starts_while_the_trail_is_stopped() {
    let world = World::new("nothing_starts_while_the_trail_is_stopped");
    let clients = world.clients().await;
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    clients
        .cloudtrail
        .stop_logging()
        .name(TRAIL)
        .send()
        .await
        .unwrap();

    unheard(&world, "unheard.jpg", "treino plan");

    heard_again(&world, &clients).await;
}

#[tokio::test]
async fn nothing_starts_while_the_trail_records_another_bucket() {
    let world = World::new("nothing_starts_while_the_trail_records_another_bucket");
    let clients = world.clients().await;
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    let resource = DataResource::builder()
        .r#type("AWS::S3::Object")
        .values("arn:aws:s3:::another-bucket/")
        .build();
    let selector = EventSelector::builder()
        .read_write_type(ReadWriteType::WriteOnly)
        .include_management_events(false)
        .data_resources(resource)
        .build();
    let call = clients.cloudtrail.put_event_selectors().trail_name(TRAIL);
    call.event_selectors(selector).send().await.unwrap();

    unheard(&world, "unheard.jpg", "treino plan");

    heard_again(&world, &clients).await;
}

#[tokio::test]
async fn nothing_starts_while_the_rule_is_disabled() {
    let world = World::new("nothing_starts_while_the_rule_is_disabled");
    let clients = world.clients().await;
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    witness(&clients).await;
    clients
        .events
        .disable_rule()
        .name(RULE)
        .send()
        .await
        .unwrap();

    unheard(&world, "unheard.jpg", "the stack's rules are disabled");
    // Another rule has heard of it, and of one after it: the disabled one has had its turn.
    clients.wait_for_start("witness", "unheard.jpg").await;
    clients.put(&images(&world), "later.jpg", b"").await;
    clients.wait_for_start("witness", "later.jpg").await;
    assert_eq!(clients.started_for(MACHINE).await, Vec::<String>::new());

    heard_again(&world, &clients).await;
}

/// A rule of somebody else on the same events, which starts a machine of its own.
async fn witness(clients: &Clients) {
    let role = clients.iam.create_role().role_name("witness");
    let role = role.assume_role_policy_document(r#"{"Version":"2012-10-17","Statement":[]}"#);
    let role = role.send().await.unwrap().role.unwrap().arn;
    let machine = clients
        .states
        .create_state_machine()
        .name("witness")
        .role_arn(&role);
    let machine = machine.definition(r#"{"StartAt":"Seen","States":{"Seen":{"Type":"Succeed"}}}"#);
    let machine = machine.send().await.unwrap().state_machine_arn;
    let call = clients.events.put_rule().name("witness");
    let call = call.event_pattern(r#"{"source":["aws.s3"]}"#);
    call.send().await.unwrap();
    let target = Target::builder().id("witness").arn(machine).role_arn(role);
    let put = clients.events.put_targets().rule("witness");
    let put = put.targets(target.build().unwrap()).send().await.unwrap();
    assert_eq!(put.failed_entry_count, 0);
}
