//! Stacks that end by themselves, by an execution inside the local AWS, while no treino runs.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::Value;

use crate::support::proxy::Proxy;
use crate::support::{Clients, World, eventually};

const REAPER: &str = "treino-reaper";

/// A stack of most kinds.
fn lab(world: &World, expires: &str, more: &str) -> String {
    world.file(
        "code/app.py",
        b"def handler(event, context):\n    return event\n",
    );
    let machine = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":9999,"End":true}}}"#;
    world.file("machine.asl.json", machine.as_bytes());
    let text = format!(
        "stack: lab\nexpires: {expires}\n\
         buckets: {{ photos: {{ events: true }} }}\n\
         tables: {{ items: {{ partition_key: id }} }}\n\
         functions: {{ resize: {{ code: code, handler: app.handler, runtime: python3.13 }} }}\n\
         state_machines: {{ flow: {{ definition: machine.asl.json, logging: all }} }}\n\
         rules: {{ uploaded: {{ put_object_in: photos, start: flow }} }}\n{more}"
    );
    let path = world.file("lab.yaml", text.as_bytes());
    path.to_str().unwrap().to_owned()
}

/// The input of each execution that waits; nothing without a machine.
async fn waiting(clients: &Clients) -> Option<Vec<Value>> {
    let machine = clients.arn("states", &format!("stateMachine:{REAPER}"));
    let seen = clients.states.describe_state_machine();
    seen.state_machine_arn(&machine).send().await.ok()?;
    let call = clients
        .states
        .list_executions()
        .state_machine_arn(machine)
        .status_filter(ExecutionStatus::Running);
    let found = call.send().await.ok()?;
    let mut inputs = Vec::new();
    for one in found.executions {
        let call = clients.states.describe_execution();
        // The machine may have been deleted since.
        if let Ok(seen) = call.execution_arn(one.execution_arn).send().await {
            inputs.push(serde_json::from_str(&seen.input.unwrap()).unwrap());
        }
    }
    Some(inputs)
}

async fn has_role(clients: &Clients) -> bool {
    let call = clients.iam.get_role().role_name(REAPER);
    call.send().await.is_ok()
}

/// What there is in the account, but the reaper and its role, by listing.
async fn found(clients: &Clients) -> Vec<String> {
    let mut names = Vec::new();
    let buckets = clients.s3.list_buckets().send().await.unwrap();
    names.extend(buckets.buckets().iter().filter_map(|one| one.name.clone()));
    let tables = clients.dynamodb.list_tables().send().await.unwrap();
    names.extend(tables.table_names.unwrap_or_default());
    let functions = clients.lambda.list_functions().send().await.unwrap();
    let functions = functions.functions().iter();
    names.extend(functions.filter_map(|one| one.function_name.clone()));
    let machines = clients.states.list_state_machines().send().await.unwrap();
    names.extend(machines.state_machines.into_iter().map(|one| one.name));
    let rules = clients.events.list_rules().send().await.unwrap();
    names.extend(rules.rules().iter().filter_map(|one| one.name.clone()));
    let groups = clients.logs.describe_log_groups().send().await.unwrap();
    let groups = groups.log_groups().iter();
    names.extend(groups.filter_map(|one| one.log_group_name.clone()));
    let roles = clients.iam.list_roles().send().await.unwrap();
    names.extend(roles.roles.into_iter().map(|one| one.role_name));
    names.retain(|name| name != REAPER);
    names
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_stack_ends_by_itself() {
    ends_by_itself(&World::new("a_stack_ends_by_itself")).await;
}

/// The role of whoever deploys is checked; the local AWS does not check that of a state machine, which
/// `least_privilege::reaper` simulates.
#[tokio::test]
async fn a_stack_ends_by_itself_where_policies_are_enforced() {
    ends_by_itself(&World::enforced("a_stack_ends_where_enforced")).await;
}

async fn ends_by_itself(world: &World) {
    let clients = world.clients().await;
    let file = lab(world, "10s", "");
    let deployed = world.treino(&["deploy", &file, "--yes"]).ends(0);
    let deployed = deployed.says("AWS then deletes it and its data");
    drop(deployed);
    let shown = world.treino_json(&["status"]).ends(0);
    let stack = &shown.event("stack")["stack"];
    assert!(text(&stack["ends"]) >= text(&stack["expires"]), "{stack}");
    assert_eq!(stack["reaper_missing"], false);
    // An object, and an execution that runs.
    let bucket = format!("lab-photos-{}-{}", world.account, clients.region);
    let put = clients.s3.put_object().bucket(&bucket).key("a b+é.jpg");
    put.body(b"one".to_vec().into()).send().await.unwrap();
    let machine = clients.arn("states", "stateMachine:lab-flow");
    let run = clients.states.start_execution().state_machine_arn(machine);
    run.send().await.unwrap();
    eventually("the stack has ended", async || {
        found(&clients).await.is_empty().then_some(())
    })
    .await;
    eventually("its reaper has deleted itself", async || {
        waiting(&clients).await.is_none().then_some(())
    })
    .await;
    // The role cannot be deleted by an execution that has it; the next destroy does.
    assert!(has_role(&clients).await);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    assert!(!has_role(&clients).await);
}

/// The reaper is the first thing that a deploy makes: whatever becomes of the deploy, the stack ends.
#[tokio::test]
async fn what_a_failed_deploy_has_made_ends_by_itself() {
    let world = World::new("a_failed_deploy_ends_by_itself");
    let clients = world.clients().await;
    let file = lab(&world, "8s", "");
    let proxy = Proxy::before(&world.endpoint);
    let refused = proxy.on("lambda:CreateFunction");
    refused.refuse(400, "AccessDeniedException", "no");
    let deploy = ["deploy", &file, "--yes"];
    world.treino_at(&proxy.endpoint, &deploy).ends(1);
    assert_eq!(waiting(&clients).await.map(|all| all.len()), Some(1));
    assert!(!found(&clients).await.is_empty());
    eventually("what was made has ended", async || {
        found(&clients).await.is_empty().then_some(())
    })
    .await;
    eventually("its reaper has deleted itself", async || {
        waiting(&clients).await.is_none().then_some(())
    })
    .await;
    // The role stays: a sweep that finds no stack deletes it.
    assert!(has_role(&clients).await);
    world.treino(&["sweep"]).ends(0);
    assert!(!has_role(&clients).await);
}

#[tokio::test]
async fn exactly_one_execution_waits_for_a_stack() {
    let world = World::new("exactly_one_execution_waits");
    let clients = world.clients().await;
    let one = async || {
        let mut all = waiting(&clients).await.unwrap();
        all.retain(|input| input["owner"] == "");
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    };
    let file = lab(&world, "2h", "");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let first = one().await;
    assert_eq!(first["steps"][0]["kind"], "rule");
    // Another copy beside it.
    let other = ["--owner", "ana"];
    world
        .treino(&[&["deploy", &file, "--yes"][..], &other].concat())
        .ends(0);
    assert_eq!(waiting(&clients).await.unwrap().len(), 2);
    // Without a change it stays: even the random wait is the same.
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(one().await, first);
    // A changed stack has a changed plan.
    let file = lab(&world, "2h", "queues: { jobs: {} }\n");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let changed = one().await;
    let kinds = changed["steps"].as_array().unwrap().iter();
    assert!(kinds.clone().any(|step| step["kind"] == "queue"));
    assert_eq!(changed["expires"], first["expires"]);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.treino(&["deploy", &file, "--yes", "--renew"]).ends(0);
    let renewed = one().await;
    assert!(text(&renewed["expires"]) > text(&first["expires"]));
    // By its name alone, and every resource says so.
    world
        .treino(&["extend", "lab", "30m"])
        .ends(0)
        .says("ends in");
    let extended = one().await;
    assert!(text(&extended["expires"]) > text(&renewed["expires"]));
    let order = |input: &Value| {
        let steps = input["steps"].as_array().unwrap().iter();
        steps.map(|step| step["arn"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(order(&extended), order(&renewed));
    let shown = world.treino_json(&["status", "lab"]).ends(0);
    let stacks = shown.events("stack");
    let stack = stacks
        .iter()
        .map(|event| &event["stack"])
        .find(|stack| stack["owner"].is_null())
        .unwrap();
    for owned in stack["resources"].as_array().unwrap() {
        assert_eq!(owned["tags"]["treino:expires"], extended["expires"]);
    }
    assert_eq!(stack["ends"], extended["begins"]);
    let usage = world.treino(&["extend", "lab", "--until", "2020-01-01T00:00:00Z"]);
    usage.ends(2).says("has passed");
    world.treino(&["extend", "lab", "--never"]).ends(0);
    let all = waiting(&clients).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["owner"], "ana");
    let shown = world.treino_json(&["status", "lab"]).ends(0);
    let stacks = shown.events("stack");
    let of_nobody = |event: &&Value| event["stack"]["owner"].is_null();
    let stack = stacks.iter().find(of_nobody).unwrap();
    assert!(stack["stack"]["expires"].is_null());
    // None after a destroy; machine and role go with the last stack.
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    one().await;
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await.unwrap().len(), 1);
    assert!(has_role(&clients).await);
    world
        .treino(&[&["destroy", &file, "--yes"][..], &other].concat())
        .ends(0);
    assert_eq!(waiting(&clients).await, None);
    assert!(!has_role(&clients).await);
    assert_eq!(found(&clients).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_stack_without_an_end_has_no_reaper() {
    let world = World::new("a_stack_without_an_end");
    let clients = world.clients().await;
    let stack = |head: &str| {
        let text = format!("stack: lab\n{head}\ntables: {{ t: {{ partition_key: id }} }}\n");
        let path = world.file("lab.yaml", text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    let file = stack("expires: never");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await, None);
    let file = stack("expires: 4h\nself_destruct: off");
    let off = world.treino(&["deploy", &file, "--yes"]).ends(0);
    drop(off.says("nothing deletes it then"));
    assert_eq!(waiting(&clients).await, None);
    let shown = world.treino_json(&["status"]).ends(0);
    assert_eq!(shown.event("stack")["stack"]["reaper_missing"], true);
    let file = stack("expires: 4h");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await.map(|all| all.len()), Some(1));
    // What says no end any more keeps none.
    let file = stack("expires: never");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await.map(|all| all.len()), Some(0));
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await, None);
    assert!(!has_role(&clients).await);
}
