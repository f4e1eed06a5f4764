//! Rows about state machines.

use super::{MACHINE, Scene, noted};
use crate::support::proxy::Answer;

const NAME: &str = "lab-m";
const LOGGING: &str = "    logging: error\n";

#[tokio::test]
async fn row_10_executions_are_stopped_before_their_machine_goes() {
    let test = "row_10_executions_are_stopped_before_their_machine_goes";
    let scene = Scene::of(test, &[MACHINE]).await;
    scene.deployed();
    let arn = scene.clients.machine(NAME);
    let mut running = Vec::new();
    for _ in 0..3 {
        let call = scene.clients.states.start_execution();
        let started = call.state_machine_arn(&arn).send().await.unwrap();
        running.push(started.execution_arn);
    }
    scene.proxy.pages_of_one();
    let looks = scene
        .proxy
        .on("states:DescribeStateMachine")
        .after("states:DeleteStateMachine");
    let body = serde_json::json!({
        "stateMachineArn": arn, "name": NAME, "status": "DELETING", "definition": "{}",
        "roleArn": "arn:aws:iam::123456789012:role/lab", "type": "STANDARD", "creationDate": 1.0,
    });
    looks.first(2).answer(move |_| {
        Some(Answer::made(
            200,
            "application/x-amz-json-1.0",
            body.to_string(),
        ))
    });

    let destroyed = scene.destroy().ends(0).says("verified:");

    noted(&destroyed, "the state machine is being deleted");
    let order = scene.proxy.changes();
    let at = |name: &str| order.iter().position(|call| call == name).unwrap();
    assert!(at("states:StopExecution") < at("states:DeleteStateMachine"));
    let stopped: Vec<_> = scene.proxy.calls("states:StopExecution");
    for execution in running {
        assert!(
            stopped.iter().any(|call| call.body.contains(&execution)),
            "{execution}"
        );
    }
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn row_10_an_execution_that_ended_meanwhile_needs_no_stop() {
    let test = "row_10_an_execution_that_ended_meanwhile_needs_no_stop";
    let scene = Scene::of(test, &[MACHINE]).await;
    scene.deployed();
    let call = scene.clients.states.start_execution();
    let call = call.state_machine_arn(scene.clients.machine(NAME));
    call.send().await.unwrap();
    let stop = scene.proxy.on("states:StopExecution").nth(1);
    stop.refuse(400, "ValidationException", "Execution is not running");

    scene.destroy().ends(0).says("verified:");

    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn row_10_a_name_is_free_when_the_old_machine_is_gone() {
    let test = "row_10_a_name_is_free_when_the_old_machine_is_gone";
    let scene = Scene::of(test, &[MACHINE]).await;
    let rule = scene.proxy.on("states:CreateStateMachine").first(2);
    rule.refuse(
        400,
        "StateMachineDeleting",
        "State Machine is being deleted: 'lab-m'",
    );

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "is deleting the old machine");
    assert_eq!(scene.proxy.count("states:CreateStateMachine"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_11_a_new_definition_is_read_back_before_it_is_used() {
    let test = "row_11_a_new_definition_is_read_back_before_it_is_used";
    let scene = Scene::of(test, &[MACHINE]).await;
    scene.deployed();
    let definition =
        br#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 9, "End": true}}}"#;
    scene.world.file("machine.asl.json", definition);
    let looks = scene
        .proxy
        .on("states:DescribeStateMachine")
        .after("states:UpdateStateMachine");
    looks
        .first(2)
        .rewrite(|_, body| body.replace(": 9", ": 600"));

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "the old definition is still read");
    let calls = scene.proxy.take();
    let updated = calls
        .iter()
        .position(|call| call.operation == "UpdateStateMachine");
    let looks = calls[updated.unwrap()..].iter();
    assert_eq!(
        looks
            .filter(|call| call.operation == "DescribeStateMachine")
            .count(),
        3 + 1,
        "and once more when all is done"
    );
    scene.is_whole().await;
}

#[tokio::test]
async fn row_12_a_machine_waits_for_its_log_group() {
    let test = "row_12_a_machine_waits_for_its_log_group";
    let scene = Scene::of(test, &[MACHINE, LOGGING]).await;
    let denied = "The state machine IAM Role is not authorized to access the Log Destination";
    let rule = scene.proxy.on("states:CreateStateMachine").first(2);
    rule.refuse(400, "AccessDeniedException", denied);

    scene.deploy().ends(0);

    let calls = scene.proxy.calls("states:CreateStateMachine");
    assert_eq!(calls.len(), 3);
    let group = format!("log-group:/aws/vendedlogs/states/{NAME}:*\"");
    assert!(calls[0].body.contains(&group), "{}", calls[0].body);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_25_a_machine_made_while_it_is_looked_at_is_nobody_elses() {
    let test = "row_25_a_machine_made_while_it_is_looked_at_is_nobody_elses";
    let scene = Scene::of(test, &[MACHINE]).await;
    scene.deployed();
    // Its tags were read too early.
    let early = scene.proxy.on("states:ListTagsForResource").first(1);
    early.rewrite(|_, _| r#"{"tags": []}"#.to_owned());

    scene.plan().ends(0).says("nothing to change");

    scene.is_whole().await;
}
