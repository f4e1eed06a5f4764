//! Nothing is done while it stands in the way, nor by a destroy.

use std::collections::BTreeMap;

use super::{Mark, NOBODYS, OTHER_OWNER, OTHER_STACK, Scene, in_the_way};
use crate::kinds;

/// The addresses of every kind but those of which one without a mark is the stack's by its name.
pub fn unmarked() -> Vec<&'static str> {
    let mut addresses = kinds::addresses();
    addresses.retain(|address| !kinds::at(address).name_is_mark());
    addresses
}

/// What is the stack's own beside it.
const OWN: &str = "\
buckets: { own-bucket: {} }
tables: { own-table: { partition_key: id } }
functions:
  own-function: { code: code, handler: app.handler, runtime: python3.13 }
";

/// All of it is named at once, with whose it is and `flags`, and is the same after every verb.
async fn is_left_alone(test: &str, addresses: &[&str], mark: Mark, whose: &str, flags: &str) {
    let scene = Scene::new(test).await;
    scene.holds(addresses, mark).await;
    let before = scene.seen(addresses).await;
    // Another owner's copy makes the name known.
    let code = i32::from(mark != OTHER_OWNER);

    let expected: BTreeMap<String, String> = addresses
        .iter()
        .map(|address| ((*address).to_owned(), whose.to_owned()))
        .collect();
    for ran in [
        scene.plan(&[]),
        scene.deploy(&[]),
        scene.plan(&["--exit-code"]),
    ] {
        let ran = ran.ends(1);
        assert_eq!(in_the_way(&ran), expected);
        for address in addresses {
            let (kind, name) = scene.wanted(address);
            let kind = kind.kind();
            let stands =
                format!("{address} cannot be created: {kind} {name} already exists: {whose}");
            let way_out = format!("on purpose, `--adopt {address}{flags}`");
            assert!(
                ran.err
                    .contains(&format!("{stands}\n  help: to take it over {way_out}")),
                "{address}: {}",
                ran.err
            );
        }
    }
    scene
        .treino(&["destroy", "lab", "--yes"])
        .ends(code)
        .says("has no resources");
    scene
        .treino(&["status", "lab", "--owner", "nobody"])
        .ends(code)
        .says("is not deployed");
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(addresses).await);

    // A stack that has something of its own beside it.
    scene.has(OWN);
    scene.deploy(&[]).ends(0);
    let stands = scene.clients.everything().await;
    scene.destroy().ends(0).says("verified:");
    let own = |one: &String| one.contains("lab-own");
    assert_eq!(
        stands.iter().filter(|one| own(one)).count(),
        5,
        "{stands:?}"
    );
    let left: Vec<String> = stands.into_iter().filter(|one| !own(one)).collect();
    assert_eq!(scene.clients.everything().await, left);
    Scene::same(&before, &scene.seen(addresses).await);
}

#[tokio::test]
async fn what_is_nobodys_is_left_alone() {
    let test = "what_is_nobodys_is_left_alone";
    let whose = "it does not carry treino's mark";
    is_left_alone(test, &unmarked(), NOBODYS, whose, "").await;
}

#[tokio::test]
async fn what_is_another_stacks_is_left_alone() {
    let test = "what_is_another_stacks_is_left_alone";
    let whose = "it belongs to the stack other";
    is_left_alone(
        test,
        &kinds::addresses(),
        OTHER_STACK,
        whose,
        " --take-from other",
    )
    .await;
}

#[tokio::test]
async fn what_is_another_owners_is_left_alone() {
    let test = "what_is_another_owners_is_left_alone";
    let whose = "it belongs to the stack lab of bob";
    is_left_alone(
        test,
        &kinds::addresses(),
        OTHER_OWNER,
        whose,
        " --take-from lab:bob",
    )
    .await;
}

/// What stands is shown as whose it is, and what is nobody's is not shown at all.
#[tokio::test]
async fn status_shows_whose_it_is() {
    let scene = Scene::new("status_shows_whose_it_is").await;
    scene.holds(&["table.t"], NOBODYS).await;
    scene
        .treino(&["status"])
        .ends(0)
        .says("no stack is deployed");
    scene
        .treino(&["status", "lab"])
        .ends(1)
        .says("lab is not deployed");
    scene.holds(&["function.f"], OTHER_OWNER).await;
    scene.holds(&["log_group.g"], OTHER_STACK).await;
    let status = scene.treino(&["status"]).ends(0);
    let stacks = status.events("stack");
    let stacks: Vec<String> = stacks
        .iter()
        .map(|event| {
            let stack = &event["stack"];
            let resources = stack["resources"].as_array().unwrap();
            let names: Vec<_> = resources
                .iter()
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            format!(
                "{} of {}: {}",
                stack["stack"],
                stack["owner"],
                names.join(", ")
            )
        })
        .collect();
    assert_eq!(
        stacks,
        [r#""lab" of "bob": lab-f"#, r#""other" of null: lab-g"#]
    );
}

/// Lambda makes the groups of functions by itself, and no other: one of a machine is foreign.
#[tokio::test]
async fn the_unmarked_group_of_a_machine_is_foreign() {
    let test = "the_unmarked_group_of_a_machine_is_foreign";
    let stack = "state_machines: { m: { definition: machine.asl.json, logging: all } }\n";
    let scene = Scene::of(test, stack).await;
    let group = "/aws/vendedlogs/states/lab-m";
    assert_eq!(scene.names["state_machine.m.logs"], group);
    let logs = &scene.clients.logs;
    let call = logs.create_log_group().log_group_name(group);
    call.send().await.unwrap();
    let refused = scene.deploy(&[]).ends(1);
    let whose = "it does not carry treino's mark".to_owned();
    let expected = [("state_machine.m.logs".to_owned(), whose)];
    assert_eq!(in_the_way(&refused), expected.into());
    scene.changed_nothing();
    scene.deploy(&["--adopt", "state_machine.m.logs"]).ends(0);
    scene.destroy().ends(0).says("verified:");
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}
