//! Commands while AWS deletes the stack, which has expired.

use std::time::Duration;

use super::{REAPER, found, has_role, is_over, lab, text, waiting};
use crate::support::proxy::Proxy;
use crate::support::{Clients, World, eventually};

/// A stack that has expired, of which AWS has deleted the first half, and waits before it goes on.
async fn half_deleted(world: &World, clients: &Clients) -> String {
    // Some seconds for the deploy; then it is replaced.
    let file = lab(world, "2h", "");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let soon = std::time::SystemTime::now() + Duration::from_secs(3);
    let soon = humantime::format_rfc3339_seconds(soon).to_string();
    world.treino(&["extend", "lab", "--until", &soon]).ends(0);
    let mut input = waiting(clients).await.unwrap().remove(0);
    let machine = clients.machine(REAPER);
    let call = clients.states.list_executions().state_machine_arn(&machine);
    let call = call.status_filter(aws_sdk_sfn::types::ExecutionStatus::Running);
    let arn = call
        .send()
        .await
        .unwrap()
        .executions
        .remove(0)
        .execution_arn;
    let prefix = arn.rsplit(':').next().unwrap().rsplit_once('-').unwrap().0;
    input["pause"] = 900.into();
    let steps = input["steps"].as_array_mut().unwrap();
    let half = steps.len() / 2;
    let gone: Vec<String> = steps
        .drain(half..)
        .map(|step| text(&step["name"]).to_owned())
        .collect();
    let first: Vec<String> = steps
        .iter()
        .map(|step| text(&step["name"]).to_owned())
        .collect();
    let call = clients
        .states
        .start_execution()
        .name(format!("{prefix}-half"));
    let call = call.state_machine_arn(&machine).input(input.to_string());
    call.send().await.unwrap();
    let call = clients.states.stop_execution().execution_arn(arn);
    call.send().await.unwrap();
    eventually("half of it is deleted", async || {
        let left = found(clients).await;
        (!first.iter().any(|name| left.contains(name))).then_some(())
    })
    .await;
    assert!(gone.iter().any(|name| !name.is_empty()));
    assert!(!found(clients).await.is_empty());
    file
}

#[tokio::test]
async fn a_deploy_stops_the_deletion_and_makes_all_of_it_again() {
    let world = World::new("a_deploy_stops_the_deletion");
    let clients = world.clients().await;
    let file = half_deleted(&world, &clients).await;
    let shown = world.treino(&["status", "lab"]).ends(0);
    drop(shown.says("AWS is deleting it"));
    let planned = world.treino(&["plan", &file]).ends(0);
    drop(planned.says("lab has expired, and AWS is deleting it: a deploy stops that"));
    assert_eq!(waiting(&clients).await.unwrap().len(), 1);
    // Nobody can be asked.
    let asked = world.treino(&["deploy", &file]).ends(2);
    drop(asked.says("--yes"));
    let deployed = world.treino(&["deploy", &file, "--yes"]).ends(0);
    drop(deployed.says("lab has expired, and AWS is deleting it"));
    let all = waiting(&clients).await.unwrap();
    assert_eq!(all.len(), 1);
    let left = found(&clients).await;
    for step in all[0]["steps"].as_array().unwrap() {
        let name = text(&step["name"]).to_owned();
        assert!(
            left.contains(&name) || name.starts_with("/aws/lambda/"),
            "{name} is not in {left:?}"
        );
    }
    let plan = world.treino(&["plan", &file, "--exit-code"]).ends(0);
    drop(plan.says("nothing to change"));
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

#[tokio::test]
async fn an_extension_stops_the_deletion_and_says_what_is_deleted() {
    let world = World::new("an_extension_stops_the_deletion");
    let clients = world.clients().await;
    let file = half_deleted(&world, &clients).await;
    let extended = world.treino(&["extend", "lab", "1h"]).ends(0);
    drop(
        extended
            .says("ends in")
            .says("AWS had begun to delete lab, which had expired: "),
    );
    let all = waiting(&clients).await.unwrap();
    assert_eq!(all.len(), 1);
    let shown = world.treino_json(&["status", "lab"]).ends(0);
    let stack = &shown.event("stack")["stack"];
    assert_eq!(stack["ends"], all[0]["begins"]);
    for owned in stack["resources"].as_array().unwrap() {
        assert_eq!(owned["tags"]["treino:expires"], all[0]["expires"]);
    }
    // A deploy completes it.
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await.unwrap().len(), 1);
    world.treino(&["plan", &file, "--exit-code"]).ends(0);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await, None);
}

#[tokio::test]
async fn a_destroy_finishes_what_aws_has_begun() {
    let world = World::new("a_destroy_finishes_what_aws_has_begun");
    let clients = world.clients().await;
    let file = half_deleted(&world, &clients).await;
    let destroyed = world.treino(&["destroy", &file, "--yes"]).ends(0);
    drop(destroyed.says("verified:"));
    assert_eq!(clients.everything().await, Vec::<String>::new());
    assert_eq!(waiting(&clients).await, None);
    assert!(!has_role(&clients).await);
}

/// What is made after the execution has looked for it would stay for ever.
#[tokio::test]
async fn a_stack_that_expires_before_its_deploy_has_ended_is_deleted_and_said_to_be() {
    let world = World::new("it_expires_before_its_deploy_has_ended");
    let clients = world.clients().await;
    let file = lab(&world, "3s", "");
    let proxy = Proxy::before(&world.endpoint);
    proxy
        .on("lambda:CreateFunction")
        .delay(Duration::from_secs(8));
    let deploy = ["deploy", &file, "--yes"];
    let ran = world.treino_at(&proxy.endpoint, &deploy).ends(1);
    drop(ran.says("before this deploy had ended: AWS deletes it"));
    is_over(&clients).await;
    assert_eq!(found(&clients).await, Vec::<String>::new());
}

/// A deploy just before the end would be deleted while it works.
#[tokio::test]
async fn a_deploy_just_before_the_end_counts_from_now() {
    let world = World::new("a_deploy_just_before_the_end");
    let clients = world.clients().await;
    let file = lab(&world, "2h", "");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let at = |seconds| {
        let time = std::time::SystemTime::now() + Duration::from_secs(seconds);
        humantime::format_rfc3339_seconds(time).to_string()
    };
    let soon = at(240);
    world.treino(&["extend", "lab", "--until", &soon]).ends(0);
    let deployed = world.treino(&["deploy", &file, "--yes"]).ends(0);
    drop(deployed.says(&format!(
        "lab ends soon, at {soon}: its `expires` counts from now again"
    )));
    let all = waiting(&clients).await.unwrap();
    assert_eq!(all.len(), 1);
    assert!(text(&all[0]["expires"]) > at(7_000).as_str());
    // Later, it is kept.
    let later = at(1_000);
    world.treino(&["extend", "lab", "--until", &later]).ends(0);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(
        waiting(&clients).await.unwrap()[0]["expires"],
        later.as_str()
    );
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}
