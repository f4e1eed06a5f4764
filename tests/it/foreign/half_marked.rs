//! Marks that are not whole, and those of another address of the same stack.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Mark, Scene, in_the_way};
use crate::kinds;

const TABLE: &str = "tables: { t: { partition_key: id } }\n";

/// A stack's name without an address is no mark: by hand, or by another tool that copies tags.
#[tokio::test]
async fn a_mark_without_an_address_is_none() {
    let scene = Scene::new("a_mark_without_an_address_is_none").await;
    let mark: Mark = &[("treino:stack", "lab")];
    let addresses = kinds::addresses();
    scene.holds(&addresses, mark).await;
    let before = scene.seen(&addresses).await;
    let foreign = in_the_way(&scene.deploy(&[]).ends(1));
    let whose = "its mark names this stack, and no address in it";
    assert_eq!(
        foreign.keys().collect::<Vec<_>>(),
        addresses.iter().collect::<Vec<_>>()
    );
    assert!(foreign.values().all(|one| one == whose), "{foreign:?}");
    scene.destroy().ends(1).says("has no resources");
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&addresses).await);
    // It is nobody else's, so nobody has to be named.
    scene.deploy(&super::adopt(&addresses)).ends(0);
    scene.plan(&["--exit-code"]).ends(0);
}

/// The other half alone: an address, or an owner, of no stack.
#[tokio::test]
async fn an_address_without_a_stack_is_no_mark() {
    let test = "an_address_without_a_stack_is_no_mark";
    let scene = Scene::of(test, TABLE).await;
    let mark: Mark = &[("treino:address", "table.t"), ("treino:owner", "sam")];
    scene.holds(&["table.t"], mark).await;
    let refused = scene.deploy(&[]).ends(1);
    assert_eq!(
        in_the_way(&refused)["table.t"],
        "it does not carry treino's mark"
    );
    scene.destroy().ends(1).says("has no resources");
    scene.changed_nothing();
}

/// A copy of one's own is apart from the copy without an owner, both ways.
#[tokio::test]
async fn a_mark_without_an_owner_is_not_an_owners() {
    let test = "a_mark_without_an_owner_is_not_an_owners";
    let scene = Scene::of(test, "tables: { t: { name: shared, partition_key: id } }\n").await;
    let mark: Mark = &[("treino:stack", "lab"), ("treino:address", "table.t")];
    let table = kinds::at("table.t");
    table.make(&scene.clients, "shared-sam", mark).await;
    let sam = ["--owner", "sam"];
    let refused = scene.deploy(&sam).ends(1);
    let whose = "it belongs to this stack without an owner";
    assert_eq!(in_the_way(&refused)["table.t"], whose);
    scene
        .treino(&["destroy", "lab", "--yes", "--owner", "sam"])
        .ends(0)
        .says("has no resources");
    let taken = ["--owner", "sam", "--adopt", "table.t"];
    scene.deploy(&taken).ends(2).says("add --take-from lab");
    scene.changed_nothing();
    let taken = ["--owner", "sam", "--adopt", "table.t", "--take-from", "lab"];
    scene.deploy(&taken).ends(0);
    let tags = table.tags(&scene.clients, "shared-sam").await;
    assert_eq!(tags["treino:owner"], "sam");
    // The copy without an owner has it no longer.
    scene.destroy().ends(0).says("has no resources");
    scene.plan(&["--owner", "sam", "--exit-code"]).ends(0);
}

/// A key that was renamed while its `name:` stays: the resource is the stack's, at another address.
#[tokio::test]
async fn another_address_of_the_stack_is_moved() {
    let test = "another_address_of_the_stack_is_moved";
    let scene = Scene::of(test, "tables: { t: { name: fixed, partition_key: id } }\n").await;
    scene.deploy(&[]).ends(0);
    let call = scene.clients.dynamodb.put_item().table_name("fixed");
    let call = call.item("id", AttributeValue::S("kept".to_owned()));
    call.send().await.unwrap();
    scene.has("tables: { renamed: { name: fixed, partition_key: id } }\n");
    let planned = scene.plan(&[]).ends(0);
    let paths = vec!["tags.treino:address".to_owned()];
    let expected = [("table.renamed".to_owned(), ("update".to_owned(), paths))];
    assert_eq!(planned.changes(), expected.into());
    assert_eq!(planned.why("table.renamed"), "differs in tags");
    scene.deploy(&[]).ends(0);
    scene.plan(&["--exit-code"]).ends(0);
    let held = kinds::at("table.t").contents(&scene.clients, "fixed").await;
    assert!(held.contains("kept"), "{held}");
    scene.destroy().ends(0).says("verified:");
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}
