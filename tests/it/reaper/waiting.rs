//! Exactly one execution waits for each stack, and plans say when that is not so.

use serde_json::Value;

use super::{REAPER, has_role, lab, text, waiting};
use crate::support::proxy::{Call, Proxy};
use crate::support::{Clients, World};

fn table(world: &World, head: &str) -> String {
    let text = format!("stack: lab\n{head}\ntables: {{ t: {{ partition_key: id }} }}\n");
    let path = world.file("lab.yaml", text.as_bytes());
    path.to_str().unwrap().to_owned()
}

/// The ARNs of the executions that wait.
async fn arns(clients: &Clients) -> Vec<String> {
    let call = clients.states.list_executions();
    let call = call.state_machine_arn(clients.machine(REAPER));
    let found = call
        .status_filter(aws_sdk_sfn::types::ExecutionStatus::Running)
        .send()
        .await;
    let found = found.map(|found| found.executions).unwrap_or_default();
    found.into_iter().map(|one| one.execution_arn).collect()
}

async fn stop(clients: &Clients, arn: &str) {
    let call = clients.states.stop_execution().execution_arn(arn);
    call.send().await.unwrap();
}

#[tokio::test]
async fn a_plan_says_that_nothing_waits_and_a_deploy_mends_it() {
    let world = World::new("a_plan_says_that_nothing_waits");
    let clients = world.clients().await;
    let file = table(&world, "expires: 2h");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let plan = |file: &str, code: i32| {
        let ran = world.treino_json(&["plan", file, "--exit-code"]).ends(code);
        assert_eq!(ran.changes().len(), 0);
        ran.event("plan")["end"].clone()
    };
    assert_eq!(plan(&file, 0), Value::Null);
    // Nothing waits.
    let first = arns(&clients).await;
    stop(&clients, &first[0]).await;
    assert_eq!(plan(&file, 2), "start");
    let shown = world.treino(&["plan", &file]).ends(0);
    let shown =
        shown.says("1 resource is up to date; no execution of AWS waits to delete the stack");
    assert!(!shown.out.contains("nothing to change"), "{}", shown.out);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(plan(&file, 0), Value::Null);
    let second = arns(&clients).await;
    assert_eq!(second.len(), 1);
    // Another plan waits: of a machine that somebody started by hand.
    let mut input = waiting(&clients).await.unwrap().remove(0);
    input["steps"][0]["name"] = "other".into();
    let name = text(&second[0].rsplit(':').next().unwrap().into()).to_owned();
    stop(&clients, &second[0]).await;
    let prefix = name.rsplit_once('-').unwrap().0;
    let call = clients
        .states
        .start_execution()
        .name(format!("{prefix}-by.hand"));
    let call = call.state_machine_arn(clients.machine(REAPER));
    call.input(input.to_string()).send().await.unwrap();
    assert_eq!(plan(&file, 2), "replace");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(plan(&file, 0), Value::Null);
    assert_eq!(waiting(&clients).await.unwrap().len(), 1);
    // The label stays, and nothing deletes it.
    let file = table(&world, "expires: 2h\nself_destruct: off");
    assert_eq!(plan(&file, 2), "stop");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(plan(&file, 0), Value::Null);
    assert_eq!(waiting(&clients).await, Some(Vec::new()));
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

/// The new one is started before the old one is stopped, by every command that replaces it.
#[tokio::test]
async fn a_stack_is_never_without_one() {
    let world = World::new("a_stack_is_never_without_one");
    let clients = world.clients().await;
    let proxy = Proxy::before(&world.endpoint);
    let file = lab(&world, "2h", "");
    let run = |words: &[&str]| {
        proxy.take();
        drop(world.treino_at(&proxy.endpoint, words).ends(0));
        let calls = proxy.take();
        let names: Vec<String> = calls.iter().map(Call::name).collect();
        let place = |name: &str| names.iter().position(|one| one == name);
        (
            place("states:StartExecution"),
            place("states:StopExecution"),
            names,
        )
    };
    let deploy = ["deploy", &file, "--yes"];
    let (started, stopped, names) = run(&deploy);
    // Before anything that costs.
    let first = names.iter().position(|name| {
        let [_, operation] = name.split(':').collect::<Vec<_>>()[..] else {
            return false;
        };
        operation.starts_with("Create")
            && !["CreateRole", "CreateStateMachine"].contains(&operation)
    });
    assert!(started < first && stopped.is_none(), "{names:?}");
    let changed = lab(&world, "3h", "queues: { jobs: {} }\n");
    let later = humantime::format_rfc3339_seconds(
        std::time::SystemTime::now() + std::time::Duration::from_secs(5_000),
    );
    let later = later.to_string();
    let replaced: [&[&str]; 4] = [
        &["deploy", &changed, "--yes"],
        &["extend", "lab", "10m"],
        &["extend", "lab", "--until", &later],
        &["deploy", &changed, "--yes", "--renew"],
    ];
    for words in replaced {
        let (started, stopped, names) = run(words);
        assert!(
            started.is_some() && started < stopped,
            "{words:?}: {names:?}"
        );
        let all = waiting(&clients).await.unwrap();
        assert_eq!(all.len(), 1, "{words:?}");
        // What is deployed says the same end.
        let shown = world.treino_json(&["status", "lab"]).ends(0);
        let stack = &shown.event("stack")["stack"];
        assert_eq!(stack["expires"], all[0]["expires"], "{words:?}");
        for owned in stack["resources"].as_array().unwrap() {
            assert_eq!(
                owned["tags"]["treino:expires"], all[0]["expires"],
                "{words:?}"
            );
        }
    }
    // What changes nothing asks for one list.
    for words in [&["plan", &changed][..], &["deploy", &changed, "--yes"]] {
        let (started, stopped, names) = run(words);
        assert_eq!((started, stopped), (None, None), "{words:?}");
        let asked = |name: &str| names.iter().filter(|one| *one == name).count();
        assert_eq!(asked("states:ListExecutions"), 1, "{words:?}: {names:?}");
        assert_eq!(asked("states:DescribeExecution"), 0, "{words:?}: {names:?}");
    }
    let (_, stopped, _) = run(&["destroy", "lab", "--yes"]);
    assert!(stopped.is_some());
    assert_eq!(waiting(&clients).await, None);
    assert!(!has_role(&clients).await);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn two_regions_have_a_machine_each_and_one_role() {
    let world = World::new("two_regions_have_a_machine_each");
    let (here, there) = (world.clients().await, world.clients_in("eu-west-1").await);
    let file = table(&world, "expires: 2h");
    let other = ["--region", "eu-west-1"];
    let there_too = |words: &[&str]| {
        world.treino(&[words, &other[..]].concat()).ends(0);
    };
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    there_too(&["deploy", &file, "--yes"]);
    for clients in [&here, &there] {
        assert_eq!(waiting(clients).await.map(|all| all.len()), Some(1));
    }
    world.treino(&["plan", &file, "--exit-code"]).ends(0);
    there_too(&["plan", &file, "--exit-code"]);
    there_too(&["extend", "lab", "1h"]);
    assert_eq!(waiting(&there).await.unwrap().len(), 1);
    there_too(&["destroy", &file, "--yes"]);
    assert_eq!(waiting(&there).await, None);
    assert_eq!(waiting(&here).await.map(|all| all.len()), Some(1));
    assert!(has_role(&here).await);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    assert_eq!(waiting(&here).await, None);
    assert!(!has_role(&here).await);
}

#[tokio::test]
async fn an_end_is_at_most_a_year_away() {
    let world = World::new("an_end_is_at_most_a_year_away");
    let file = table(&world, "expires: 400d");
    let refused = world.treino(&["deploy", &file, "--yes"]).ends(2);
    drop(refused.says("`400d` is too long a time for a stack"));
    let file = table(&world, "expires: 360d");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    for more in [
        ["5d", ""],
        ["900000000000d", ""],
        ["--until", "9999-01-01T00:00:00Z"],
    ] {
        let words = ["extend", "lab"]
            .into_iter()
            .chain(more.into_iter().filter(|word| !word.is_empty()));
        let refused = world.treino(&words.collect::<Vec<_>>()).ends(2);
        drop(refused.says("up to 360d from now"));
    }
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}
