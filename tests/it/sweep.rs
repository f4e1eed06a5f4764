//! A sweep deletes the stacks that should be gone, in every region, and nothing else.

use serde_json::{Value, json};

use crate::support::proxy::Proxy;
use crate::support::{CommandResult, World};

const PAST: &str = "2026-01-31T12:00:00Z";
const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "sa-east-1"];

fn stack(world: &World, name: &str) -> String {
    let text = format!("stack: {name}\nexpires: 4h\ntables: {{ t: {{ partition_key: id }} }}\n");
    let path = world.file(&format!("{name}.yaml"), text.as_bytes());
    path.to_str().unwrap().to_owned()
}

fn chosen(ran: &CommandResult) -> Vec<(String, String, Value)> {
    let found = ran.event("sweep")["chosen"].as_array().unwrap().clone();
    let one = |one: &Value| {
        let text = |field: &str| one[field].as_str().unwrap().to_owned();
        (text("stack"), text("region"), one["reasons"].clone())
    };
    found.iter().map(one).collect()
}

/// Says of a stack's table that the stack has expired.
async fn expire(world: &World, region: &str, table: &str) {
    let clients = world.clients_in(region).await;
    let found = clients.dynamodb.describe_table().table_name(table).send();
    let arn = found.await.unwrap().table.unwrap().table_arn.unwrap();
    let tag = aws_sdk_dynamodb::types::Tag::builder()
        .key("treino:expires")
        .value(PAST)
        .build()
        .unwrap();
    let call = clients.dynamodb.tag_resource().resource_arn(arn).tags(tag);
    call.send().await.unwrap();
}

#[tokio::test]
async fn expired_stacks_of_three_regions_and_a_half_deleted_one_go_and_the_others_stay() {
    let world = World::new("expired_stacks_of_three_regions");
    let old = stack(&world, "old");
    let live = stack(&world, "live");
    for region in REGIONS {
        for file in [&old, &live] {
            let deploy = ["deploy", file, "--yes", "--region", region];
            world.treino(&deploy).ends(0);
        }
        expire(&world, region, "old-t").await;
    }
    // Of another owner, and expired too.
    let deploy = ["deploy", &old, "--yes", "--owner", "ana"];
    world.treino(&deploy).ends(0);
    expire(&world, "us-east-1", "old-t-ana").await;
    // Nobody's: it has no mark.
    let clients = world.clients().await;
    let group = clients.logs.create_log_group().log_group_name("/mine");
    group.send().await.unwrap();
    // A destroy that was killed between the function and its log group.
    world.file(
        "code/app.py",
        b"def handler(event, context):\n    return event\n",
    );
    let half = "stack: half\nfunctions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\n";
    let half = world.file("half.yaml", half.as_bytes());
    let half = half.to_str().unwrap();
    world.treino(&["deploy", half, "--yes"]).ends(0);
    let killed = Proxy::before(&world.endpoint);
    let refused = killed.on("logs:DeleteLogGroup");
    refused.refuse(400, "AccessDeniedException", "no");
    world
        .treino_at(&killed.endpoint, &["destroy", "half", "--yes"])
        .ends(1);

    let everywhere = ["sweep", "--regions", "us-east-1,eu-west-1,sa-east-1"];
    let shown = world
        .treino_json(&[&everywhere[..], &["--dry-run"]].concat())
        .ends(0);
    let expired = |region: &str| ("old".to_owned(), region.to_owned(), json!(["expired"]));
    let mut expected = vec![
        (
            "half".to_owned(),
            "us-east-1".to_owned(),
            json!(["unfinished"]),
        ),
        expired("us-east-1"),
        expired("us-east-1"),
        expired("eu-west-1"),
        expired("sa-east-1"),
    ];
    assert_eq!(chosen(&shown), expected);
    assert_eq!(
        clients.everything().await.len(),
        6,
        "nothing is deleted by showing it"
    );
    // One owner's alone.
    let swept = world
        .treino_json(&["sweep", "--owner", "ana", "--yes"])
        .ends(0);
    assert_eq!(chosen(&swept), [expired("us-east-1")]);
    // An owner without stacks is told of those of others.
    let there = world.treino_json(&["status"]).ends(0).events("stack").len();
    let others = json!({ "owner": "bia", "stacks": there });
    let shown = world.treino_json(&["status", "--owner", "bia"]).ends(0);
    assert_eq!(shown.event("no_stack")["other_owners"], others);
    let swept = ["sweep", "--all", "--yes", "--owner", "bia"];
    let swept = world.treino_json(&swept).ends(0);
    assert_eq!(swept.event("sweep")["other_owners"], others);
    expected.remove(1);
    let swept = world
        .treino_json(&[&everywhere[..], &["--yes"]].concat())
        .ends(0);
    assert_eq!(chosen(&swept), expected);
    assert_eq!(swept.events("receipt").len(), 4);
    assert_eq!(
        clients.everything().await,
        ["log group /mine", "table live-t"]
    );
    for region in &REGIONS[1..] {
        let clients = world.clients_in(region).await;
        assert_eq!(clients.everything().await, ["table live-t"], "{region}");
    }
    let swept = world
        .treino(&[&everywhere[..], &["--yes"]].concat())
        .ends(0);
    swept.says("nothing to delete");
}

#[tokio::test]
async fn a_stack_that_cannot_be_deleted_does_not_keep_the_others() {
    let world = World::new("a_stack_that_cannot_be_deleted_does_not_keep_the_others");
    let clients = world.clients().await;
    for name in ["la", "lb", "lc"] {
        let file = stack(&world, name);
        world.treino(&["deploy", &file, "--yes"]).ends(0);
    }
    let protect = |on: bool| {
        let call = clients.dynamodb.update_table().table_name("lb-t");
        call.deletion_protection_enabled(on).send()
    };
    protect(true).await.unwrap();
    world.treino(&["sweep", "--all", "--yes"]).ends(1);
    assert_eq!(clients.everything().await, ["table lb-t"]);
    protect(false).await.unwrap();
    let young = world
        .treino(&["sweep", "--older-than", "1h", "--yes"])
        .ends(0);
    young.says("nothing to delete");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let swept = world
        .treino_json(&["sweep", "--older-than", "1s", "--yes"])
        .ends(0);
    assert_eq!(
        chosen(&swept),
        [("lb".to_owned(), "us-east-1".to_owned(), json!(["old"]))]
    );
    assert_eq!(clients.everything().await, Vec::<String>::new());
    // What cannot be looked at is not said to be clean.
    let denied = Proxy::before(&world.endpoint);
    denied
        .on("states:ListStateMachines")
        .refuse(500, "InternalError", "no");
    let ran = world.treino_at(&denied.endpoint, &["sweep", "--yes"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let refused = Proxy::before(&world.endpoint);
    refused
        .on("states:ListStateMachines")
        .refuse(400, "AccessDeniedException", "no");
    let ran = world
        .treino_at(&refused.endpoint, &["sweep", "--yes"])
        .ends(3);
    assert_eq!(
        ran.event("sweep")["unseen"][0]["region"],
        json!("us-east-1")
    );
}

#[tokio::test]
async fn what_no_stack_has_is_listed_on_request_and_stays() {
    let world = World::new("what_no_stack_has_is_listed_on_request_and_stays");
    let clients = world.clients().await;
    for name in ["/aws/lambda/lost", "/aws/lambda/us-east-1.edge"] {
        let group = clients.logs.create_log_group().log_group_name(name);
        group.send().await.unwrap();
    }
    for name in [
        "cdk-hnb659fds-assets-111122223333-us-east-1",
        "photos-of-ana",
    ] {
        clients
            .s3
            .create_bucket()
            .bucket(name)
            .send()
            .await
            .unwrap();
    }
    let listed = world.treino_json(&["sweep", "--orphans", "--yes"]).ends(0);
    let listed = listed.event("orphans")["orphans"].clone();
    let names = listed.as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "/aws/lambda/lost",
            "cdk-hnb659fds-assets-111122223333-us-east-1"
        ]
    );
    assert_eq!(clients.everything().await.len(), 4);
}
