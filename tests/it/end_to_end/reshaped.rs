//! Resources leave the stack file, or change their keys and names.

use super::{RULE, TRAIL, logs, whole_lab};
use crate::support::{Lab, World};

fn action(verb: &str) -> (String, Vec<String>) {
    (verb.to_owned(), Vec::new())
}

#[tokio::test]
async fn what_leaves_the_file_is_deleted() {
    let world = World::new("what_leaves_the_file_is_deleted");
    let clients = world.clients().await;
    let lab = Lab::copy(&world);
    let stack = lab.stack();
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    lab.cut("rules");
    lab.cut("trails");

    let planned = world.treino_json(&["plan", &stack]).ends(0);
    let gone = [
        "rule.photo-uploaded",
        "rule.photo-uploaded.role",
        "trail.uploads",
        "trail.uploads.bucket",
    ];
    let deletions = gone.map(|address| (address.to_owned(), action("delete")));
    assert_eq!(planned.changes(), deletions.into());
    for address in gone {
        assert_eq!(planned.why(address), "no longer in the stack file");
    }
    // A plan deletes nothing yet.
    assert_eq!(clients.everything().await, whole_lab(&world));

    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    let mut left = whole_lab(&world);
    let gone = [
        format!("rule {RULE}"),
        format!("trail {TRAIL}"),
        format!("bucket {}", logs(&world)),
        "role image-metadata-photo-uploaded-role-us-east-1".to_owned(),
    ];
    left.retain(|resource| !gone.contains(resource));
    assert_eq!(clients.everything().await, left);
    world.treino(&["plan", &stack, "--exit-code"]).ends(0);
}

#[tokio::test]
async fn what_gets_another_key_is_replaced() {
    let world = World::new("what_gets_another_key_is_replaced");
    let clients = world.clients().await;
    let file = |table: &str| {
        let text = format!("stack: shelf\ntables:\n  {table}:\n    partition_key: id\n");
        let path = world.file("shelf.yaml", text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    world.treino(&["deploy", &file("books"), "--yes"]).ends(0);
    assert_eq!(clients.everything().await, ["table shelf-books"]);

    let stack = file("volumes");
    let planned = world.treino_json(&["plan", &stack]).ends(0);
    let both = [
        ("table.books".to_owned(), action("delete")),
        ("table.volumes".to_owned(), action("create")),
    ];
    assert_eq!(planned.changes(), both.into());
    assert!(
        planned
            .why("table.books")
            .starts_with("table.volumes takes its place")
    );
    let why = planned.why("table.volumes");
    assert!(why.contains("replaces table.books (shelf-books)"), "{why}");
    assert!(why.contains("its key changed"), "{why}");
    world.treino(&["plan", &stack]).ends(0).says(&why);

    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    assert_eq!(clients.everything().await, ["table shelf-volumes"]);
    world.treino(&["plan", &stack, "--exit-code"]).ends(0);
}

#[tokio::test]
async fn what_gets_another_name_is_replaced() {
    let world = World::new("what_gets_another_name_is_replaced");
    let clients = world.clients().await;
    let lab = Lab::copy(&world);
    let stack = lab.stack();
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    let name = "    name: extract-metadata-function";
    lab.edit("stacks/image-metadata.yaml", name, "    name: reader");

    let planned = world.treino_json(&["plan", &stack]).ends(0);
    let event = planned.event("plan");
    let steps = event["steps"].as_array().unwrap().iter();
    let step = |step: &serde_json::Value| {
        let text = |key: &str| step[key].as_str().unwrap().to_owned();
        (text("action"), text("address"), text("name"), text("why"))
    };
    let steps: Vec<_> = steps.map(step).collect();
    let of = |wanted: &str, address: &str| {
        let mut found = steps.iter().filter(|s| s.0 == wanted && s.1 == address);
        let step = found
            .next()
            .unwrap_or_else(|| panic!("{wanted} {address}: {steps:?}"));
        (step.2.clone(), step.3.clone())
    };
    let (name, why) = of("create", "function.extract-metadata");
    assert_eq!(name, "reader");
    assert_eq!(
        why,
        "replaces extract-metadata-function: AWS cannot rename a function"
    );
    let (name, why) = of("delete", "function.extract-metadata");
    assert_eq!(name, "extract-metadata-function");
    assert_eq!(why, "its name is now reader");
    // What refers to it follows: its log group, the definition, the policies with its ARN in them.
    assert_eq!(
        of("create", "function.extract-metadata.logs").0,
        "/aws/lambda/reader"
    );
    of("delete", "function.extract-metadata.logs");
    of("update", "function.extract-metadata.role");
    of("update", "state_machine.pipeline");
    of("update", "state_machine.pipeline.role");
    assert_eq!(steps.iter().filter(|step| step.0 != "keep").count(), 7);

    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    let renamed = |resource: String| resource.replace("extract-metadata-function", "reader");
    let mut wanted: Vec<String> = whole_lab(&world).into_iter().map(renamed).collect();
    wanted.sort();
    assert_eq!(clients.everything().await, wanted);
    world.treino(&["plan", &stack, "--exit-code"]).ends(0);
    // The pipeline calls it by its new name.
    let photo = crate::support::sample("coffee.jpg");
    world
        .treino(&["run", &stack, photo.to_str().unwrap()])
        .ends(0);
}
