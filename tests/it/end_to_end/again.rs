//! Deploying again: nothing to do, or just what was edited.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{STACK, TABLE};
use crate::support::proxy::{Call, Proxy};
use crate::support::{Lab, World, sample};

#[test]
fn deploying_again_changes_nothing() {
    let world = World::new("deploying_again_changes_nothing");
    let proxy = Proxy::before(&world.endpoint);
    let deploy = ["deploy", STACK, "--yes"];
    let mutating = |calls: Vec<Call>| calls.into_iter().filter(|call| call.mutating).count();

    let first = world.treino_at(&proxy.endpoint, &deploy).ends(0);
    assert_eq!(first.changes().len(), 14);
    // The count counts: each of the 14 takes a call at least.
    assert!(mutating(proxy.take()) >= 14);

    let second = world.treino_at(&proxy.endpoint, &deploy).ends(0);
    assert_eq!(second.changes().len(), 0);
    assert!(second.err.contains("nothing to change"), "{}", second.err);
    assert_eq!(second.event("outputs"), first.event("outputs"));
    let calls = proxy.take();
    assert!(calls.len() > 14, "{calls:?}");
    let changing: Vec<&Call> = calls.iter().filter(|call| call.mutating).collect();
    assert_eq!(changing, Vec::<&Call>::new());

    // Nor does a plan change anything, whether or not it finds something to do.
    world
        .treino_at(&proxy.endpoint, &["plan", STACK, "--exit-code"])
        .ends(0);
    let other = world.file("other.yaml", b"stack: other\nbuckets:\n  one: {}\n");
    let plan = ["plan", other.to_str().unwrap(), "--exit-code"];
    let planned = world.treino_at(&proxy.endpoint, &plan).ends(2);
    assert_eq!(planned.changes().len(), 1);
    assert_eq!(mutating(proxy.take()), 0);
}

#[tokio::test]
async fn an_edited_function_is_all_that_changes() {
    let world = World::new("an_edited_function_is_all_that_changes");
    let lab = Lab::copy(&world);
    let stack = lab.stack();
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    // A warm one of the old code is there to be run by mistake.
    let coffee = sample("coffee.jpg");
    let run = ["run", &stack, coffee.to_str().unwrap()];
    world.treino(&run).ends(0);
    let clients = world.clients().await;
    let item = clients.item(TABLE, "coffee.jpg").await.unwrap();
    assert!(!item.contains_key("edited"));

    let app = "lambdas/extract-metadata/app.py";
    lab.edit(
        app,
        "\"labelData\": [],",
        "\"labelData\": [], \"edited\": True,",
    );

    let planned = world.treino_json(&["plan", &stack]).ends(0);
    let only = ("update".to_owned(), vec!["code".to_owned()]);
    let only = [("function.extract-metadata".to_owned(), only)];
    assert_eq!(planned.changes(), only.clone().into());
    let deployed = world.treino_json(&["deploy", &stack, "--yes"]).ends(0);
    assert_eq!(deployed.changes(), only.into());
    world.treino_json(&["plan", &stack, "--exit-code"]).ends(0);

    world.treino(&run).ends(0).says("edited");
    let item = clients.item(TABLE, "coffee.jpg").await.unwrap();
    assert_eq!(item["edited"], AttributeValue::Bool(true));
}
