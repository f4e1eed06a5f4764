//! Step Functions in detail: variables, paths, waits, histories, and express machines.

use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sdk_sfn::operation::start_sync_execution::builders::StartSyncExecutionFluentBuilder;
use aws_sdk_sfn::types::{
    HistoryEvent, HistoryEventType as T, StateMachineType, SyncExecutionStatus,
};
use serde_json::{Value, json};

use super::ended::execution;
use super::{refusal, refused};
use crate::support::{Clients, World};

const LIST: &str = "arn:aws:states:::aws-sdk:s3:listObjectsV2";

#[tokio::test]
async fn jsonpath_has_variables() {
    let world = World::new("jsonpath_has_variables");
    let clients = world.clients().await;
    let definition = json!({ "StartAt": "First", "States": {
        "First": {
            "Type": "Pass", "Result": { "a": { "b": 7 } }, "ResultPath": "$.kept", "Next": "Add",
            "Assign": { "whole.$": "$.a", "n": 3, "id.$": "$$.Execution.Name" },
        },
        "Add": {
            "Type": "Pass", "Next": "Which",
            // Both see the old value.
            "Assign": { "n.$": "States.MathAdd($n, 10)", "before.$": "$n" },
        },
        "Which": {
            "Type": "Choice", "Default": "Wrong",
            "Choices": [{
                "Variable": "$n", "NumericEquals": 13, "Next": "Each", "Assign": { "chosen": true },
            }],
        },
        "Wrong": { "Type": "Fail" },
        "Each": {
            "Type": "Map", "ItemsPath": "$.kept.items", "Next": "Ask",
            "ItemSelector": { "item.$": "$$.Map.Item.Value", "n.$": "$n" },
            "ItemProcessor": { "StartAt": "Own", "States": {
                "Own": { "Type": "Pass", "Assign": { "n": "of the item" }, "End": true },
            } },
            "Assign": { "items.$": "$" },
        },
        "Ask": {
            "Type": "Task", "Resource": LIST, "End": true,
            "Parameters": { "Bucket": format!("missing-{}", clients.account) },
            "Catch": [{
                "ErrorEquals": ["States.ALL"], "Next": "Last", "Assign": { "error.$": "$.Error" },
            }],
        },
        "Last": {
            "Type": "Pass", "End": true,
            "Parameters": {
                "b.$": "$whole.b", "n.$": "$n", "before.$": "$before", "chosen.$": "$chosen",
                "item.$": "$items[1].item", "inner.$": "$items[0].n", "error.$": "$error",
            },
        },
    } });
    let mut with_items = definition;
    with_items["States"]["First"]["Result"]["items"] = json!(["x", "y"]);
    let output = execution(&clients, with_items).await.well();
    let expected = json!({
        "b": 7, "n": 13, "before": 3, "chosen": true, "item": "y", "inner": 13,
        "error": "S3.NoSuchBucketException",
    });
    assert_eq!(output, expected);
}

#[tokio::test]
async fn a_path_that_leads_nowhere_fails() {
    let world = World::new("a_path_that_leads_nowhere_fails");
    let clients = world.clients().await;
    let pass = |state: Value| json!({ "StartAt": "S", "States": { "S": state } });
    for (state, word) in [
        (
            json!({ "Type": "Pass", "Parameters": { "x.$": "$.no.such" }, "End": true }),
            "'$.no.such'",
        ),
        (
            json!({ "Type": "Pass", "InputPath": "$.missing", "End": true }),
            "'$.missing'",
        ),
        (
            json!({ "Type": "Pass", "OutputPath": "$.gone", "End": true }),
            "'$.gone'",
        ),
        (
            json!({ "Type": "Pass", "Parameters": { "x.$": "$never" }, "End": true }),
            "$never",
        ),
    ] {
        let (error, cause) = execution(&clients, pass(state)).await.badly();
        assert_eq!(error, "States.Runtime");
        assert!(cause.contains(word), "{cause}");
    }
    // A null that is there is a value, and a Choice may ask for what is not.
    let definition = json!({ "StartAt": "P", "States": {
        "P": { "Type": "Pass", "Result": { "n": null }, "Next": "Q" },
        "Q": { "Type": "Pass", "Parameters": { "n.$": "$.n" }, "Next": "C" },
        "C": {
            "Type": "Choice", "Default": "D",
            "Choices": [{ "Variable": "$.other", "IsPresent": true, "Next": "F" }],
        },
        "D": { "Type": "Succeed" },
        "F": { "Type": "Fail" },
    } });
    let output = execution(&clients, definition).await.well();
    assert_eq!(output, json!({ "n": null }));
}

#[tokio::test]
async fn a_history_tells_each_attempt() {
    let world = World::new("a_history_tells_each_attempt");
    let clients = world.clients().await;
    let bucket = format!("missing-{}", clients.account);
    let definition = json!({ "StartAt": "W", "States": {
        "W": { "Type": "Wait", "Seconds": 1, "Next": "T" },
        "T": {
            "Type": "Task", "Resource": LIST, "Parameters": { "Bucket": bucket }, "Next": "Never",
            "Retry": [{ "ErrorEquals": ["S3.NoSuchBucketException"], "IntervalSeconds": 1, "MaxAttempts": 1 }],
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "End" }],
        },
        "Never": { "Type": "Fail" },
        "End": { "Type": "Pass", "End": true },
    } });
    let ended = execution(&clients, definition).await;
    let call = clients.states.get_execution_history();
    let seen = call.execution_arn(&ended.arn).send().await.unwrap();
    assert_eq!(ended.well()["Error"], "S3.NoSuchBucketException");
    let kinds: Vec<_> = seen.events().iter().map(HistoryEvent::r#type).collect();
    let expected = [
        &T::ExecutionStarted,
        &T::WaitStateEntered,
        &T::WaitStateExited,
        &T::TaskStateEntered,
        &T::TaskScheduled,
        &T::TaskStarted,
        &T::TaskFailed,
        &T::TaskScheduled,
        &T::TaskStarted,
        &T::TaskFailed,
        &T::TaskStateExited,
        &T::PassStateEntered,
        &T::PassStateExited,
        &T::ExecutionSucceeded,
    ];
    assert_eq!(kinds, expected);
    let waited = seen.events()[2].timestamp().as_secs_f64();
    assert!(waited - seen.events()[1].timestamp().as_secs_f64() >= 0.9);
    for event in &seen.events()[2..] {
        assert_eq!(event.previous_event_id(), event.id() - 1);
    }
    let scheduled = seen.events()[4].task_scheduled_event_details().unwrap();
    assert_eq!(scheduled.resource_type(), "aws-sdk:s3");
    assert_eq!(scheduled.resource(), "listObjectsV2");
    let parameters: Value = serde_json::from_str(scheduled.parameters()).unwrap();
    assert_eq!(parameters, json!({ "Bucket": bucket }));
    let failed = seen.events()[6].task_failed_event_details().unwrap();
    assert_eq!(failed.error(), Some("S3.NoSuchBucketException"));
    let cause = failed.cause().unwrap();
    assert!(cause.starts_with("The specified bucket does not exist"));
}

/// An express machine, or a standard one.
async fn machine(clients: &Clients, name: &str, kind: StateMachineType, state: Value) -> String {
    let definition = json!({ "StartAt": "S", "States": { "S": state } });
    let call = clients
        .states
        .create_state_machine()
        .name(name)
        .r#type(kind);
    let call = call.role_arn(format!("arn:aws:iam::{}:role/any", clients.account));
    let made = call.definition(definition.to_string()).send().await;
    made.unwrap().state_machine_arn
}

#[tokio::test]
async fn express_machines_answer_at_once() {
    let world = World::new("express_machines_answer_at_once");
    let clients = world.clients().await;
    let pass = json!({ "Type": "Pass", "Parameters": { "n.$": "$.n" }, "End": true });
    let express = machine(&clients, "express", StateMachineType::Express, pass.clone()).await;
    let start = clients.states.start_sync_execution();
    // The SDK puts `sync-` before the host, also before an address.
    let here = |call: StartSyncExecutionFluentBuilder| {
        call.customize().mutate_request(|request| {
            let uri = request.uri().replace("//sync-", "//");
            request.set_uri(uri).unwrap();
        })
    };
    let call = start
        .clone()
        .state_machine_arn(&express)
        .input(r#"{"n":1}"#);
    let ended = here(call).send().await.unwrap();
    assert_eq!(ended.status(), &SyncExecutionStatus::Succeeded);
    let output: Value = serde_json::from_str(ended.output().unwrap()).unwrap();
    assert_eq!(output, json!({ "n": 1 }));
    let begin = clients.arn("states", "express:express:");
    assert!(ended.execution_arn().starts_with(&begin));

    let call = start.clone().state_machine_arn(&express).input("{}");
    let failed = here(call).send().await.unwrap();
    assert_eq!(failed.status(), &SyncExecutionStatus::Failed);
    assert_eq!(failed.error(), Some("States.Runtime"));
    assert_eq!(failed.output(), None);

    let call = start.clone().state_machine_arn(&express).input("{");
    assert_eq!(refused!(here(call)), refusal("InvalidExecutionInput", 400));
    let standard = machine(&clients, "standard", StateMachineType::Standard, pass).await;
    let call = start.clone().state_machine_arn(standard);
    let expected = refusal("StateMachineTypeNotSupported", 400);
    assert_eq!(refused!(here(call)), expected);
    let call = start.state_machine_arn(clients.machine("missing"));
    assert_eq!(
        refused!(here(call)),
        refusal("StateMachineDoesNotExist", 400)
    );
}
