//! Deploys and destroys at once that share one reaper: every stack with an end has exactly one execution that waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::Value;

use crate::support::proxy::{Proxy, When};
use crate::support::{Clients, World};

fn stack(world: &World, name: &str) -> String {
    let text = format!("stack: {name}\nexpires: 4h\ntables: {{ t: {{ partition_key: id }} }}\n");
    let path = world.file(&format!("{name}.yaml"), text.as_bytes());
    path.to_str().unwrap().to_owned()
}

/// The stacks for which an execution waits, one for each execution; nothing without a machine.
async fn waiting(clients: &Clients) -> Vec<String> {
    let machine = clients.arn("states", "stateMachine:treino-reaper");
    let call = clients.states.list_executions().state_machine_arn(machine);
    let call = call.status_filter(ExecutionStatus::Running);
    let Ok(found) = call.send().await else {
        return Vec::new();
    };
    let mut stacks = Vec::new();
    for one in found.executions {
        let call = clients.states.describe_execution();
        let seen = call.execution_arn(one.execution_arn).send().await.unwrap();
        let input: Value = serde_json::from_str(&seen.input.unwrap()).unwrap();
        stacks.push(input["stack"].as_str().unwrap().to_owned());
    }
    stacks.sort();
    stacks
}

/// Before the first of these requests, a deploy of another program from its beginning to its end.
fn deployed_before(
    proxy: &Proxy,
    request: &str,
    world: &Arc<World>,
    words: &[&str],
) -> Arc<AtomicBool> {
    let done = Arc::new(AtomicBool::new(false));
    let (seen, world) = (done.clone(), world.clone());
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    proxy.on(request).first(1).then(When::Before, move || {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        world.treino(&words).ends(0);
        seen.store(true, Ordering::SeqCst);
    });
    done
}

#[tokio::test]
async fn two_stacks_are_deployed_at_once() {
    let world = Arc::new(World::new("two_stacks_are_deployed_at_once"));
    let clients = world.clients().await;
    let (one, two) = (stack(&world, "one"), stack(&world, "two"));
    // Both find no machine and no role, and make them.
    for request in [
        "iam:CreateRole",
        "states:CreateStateMachine",
        "states:StartExecution",
    ] {
        let proxy = Proxy::before(&world.endpoint);
        let done = deployed_before(&proxy, request, &world, &["deploy", &two, "--yes"]);
        world
            .treino_at(&proxy.endpoint, &["deploy", &one, "--yes"])
            .ends(0);
        assert!(done.load(Ordering::SeqCst), "{request}");
        assert_eq!(waiting(&clients).await, ["one", "two"], "{request}");
        for name in ["one", "two"] {
            world.treino(&["destroy", name, "--yes"]).ends(0);
        }
        assert_eq!(waiting(&clients).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn one_stack_is_deployed_twice_at_once() {
    let world = Arc::new(World::new("one_stack_is_deployed_twice_at_once"));
    let clients = world.clients().await;
    let one = stack(&world, "one");
    let renew = ["deploy", &one, "--yes", "--renew"];
    for request in ["states:CreateStateMachine", "states:StartExecution"] {
        let proxy = Proxy::before(&world.endpoint);
        let done = deployed_before(&proxy, request, &world, &renew);
        world.treino_at(&proxy.endpoint, &renew).ends(0);
        assert!(done.load(Ordering::SeqCst), "{request}");
        assert_eq!(waiting(&clients).await, ["one"], "{request}");
        world.treino(&["destroy", "one", "--yes"]).ends(0);
    }
}

#[tokio::test]
async fn the_last_destroy_leaves_the_machine_to_a_deploy_that_has_begun() {
    let world = Arc::new(World::new("the_last_destroy_leaves_the_machine"));
    let clients = world.clients().await;
    let (one, two) = (stack(&world, "one"), stack(&world, "two"));
    world.treino(&["deploy", &one, "--yes"]).ends(0);
    let proxy = Proxy::before(&world.endpoint);
    // The destroy has counted the executions of other stacks.
    let done = deployed_before(
        &proxy,
        "states:StopExecution",
        &world,
        &["deploy", &two, "--yes"],
    );
    world
        .treino_at(&proxy.endpoint, &["destroy", "one", "--yes"])
        .ends(0);
    assert!(done.load(Ordering::SeqCst));
    assert_eq!(waiting(&clients).await, ["two"]);
    world.treino(&["destroy", "two", "--yes"]).ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

/// The machine is deleted while the deploy goes on: the execution is seen to be there at the end, or started again.
#[tokio::test]
async fn a_deploy_whose_machine_is_deleted_meanwhile_makes_it_again() {
    let world = Arc::new(World::new("a_deploy_whose_machine_is_deleted"));
    let clients = world.clients().await;
    let one = stack(&world, "one");
    // Before the first check, and after it.
    for request in ["states:DescribeStateMachine", "dynamodb:CreateTable"] {
        let proxy = Proxy::before(&world.endpoint);
        let beside = world.clone();
        proxy
            .on(request)
            .after("states:StartExecution")
            .first(1)
            .then(When::Before, move || {
                let mut runtime = tokio::runtime::Builder::new_current_thread();
                runtime.enable_all().build().unwrap().block_on(async {
                    let clients = beside.clients().await;
                    let machine = clients.arn("states", "stateMachine:treino-reaper");
                    let call = clients.states.delete_state_machine();
                    call.state_machine_arn(machine).send().await.unwrap();
                });
            });
        world
            .treino_at(&proxy.endpoint, &["deploy", &one, "--yes"])
            .ends(0);
        assert_eq!(waiting(&clients).await, ["one"], "{request}");
        world.treino(&["destroy", "one", "--yes"]).ends(0);
    }
}
