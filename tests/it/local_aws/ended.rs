//! One state, run by a machine of its own.

use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Clients, eventually};

/// How an execution ended.
#[derive(Debug)]
pub struct ExecutionResult {
    pub arn: String,
    pub status: ExecutionStatus,
    pub output: Value,
    pub error: String,
    pub cause: String,
}

impl ExecutionResult {
    /// The output of an execution that succeeded.
    #[track_caller]
    pub fn well(self) -> Value {
        assert_eq!(self.status, ExecutionStatus::Succeeded, "{self:?}");
        self.output
    }

    /// The error and the cause of one that failed.
    #[track_caller]
    pub fn badly(self) -> (String, String) {
        assert_eq!(self.status, ExecutionStatus::Failed, "{self:?}");
        (self.error, self.cause)
    }
}

/// A task of JSONPath, run.
pub async fn task(clients: &Clients, resource: &str, parameters: Value) -> ExecutionResult {
    let state = json!({
        "Type": "Task", "Resource": resource, "Parameters": parameters, "End": true
    });
    execution(clients, json!({ "StartAt": "S", "States": { "S": state } })).await
}

/// A task of JSONata, run.
pub async fn jsonata_task(clients: &Clients, resource: &str, arguments: Value) -> ExecutionResult {
    let state = json!({
        "Type": "Task", "Resource": resource, "Arguments": arguments, "End": true
    });
    let definition = json!({
        "QueryLanguage": "JSONata", "StartAt": "S", "States": { "S": state }
    });
    execution(clients, definition).await
}

/// A definition, run on a machine that is named after it.
pub async fn execution(clients: &Clients, definition: Value) -> ExecutionResult {
    let definition = definition.to_string();
    let digest = Sha256::digest(&definition);
    let name = format!(
        "m{:016x}",
        digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| { number << 8 | u64::from(*byte) })
    );
    let call = clients.states.create_state_machine().name(&name);
    let call = call.role_arn(format!("arn:aws:iam::{}:role/any", clients.account));
    let made = call.definition(definition).send().await;
    if let Err(refusal) = &made {
        assert_eq!(refusal.code(), Some("StateMachineAlreadyExists"));
    }
    let call = clients.states.start_execution();
    let started = call.state_machine_arn(clients.machine(&name)).send().await;
    let arn = started.unwrap().execution_arn;
    let seen = eventually(&format!("the end of {arn}"), async || {
        let call = clients.states.describe_execution().execution_arn(&arn);
        let seen = call.send().await.unwrap();
        (seen.status != ExecutionStatus::Running).then_some(seen)
    })
    .await;
    ExecutionResult {
        arn,
        status: seen.status,
        output: seen.output.map_or(Value::Null, |output| {
            serde_json::from_str(&output).expect("JSON as output")
        }),
        error: seen.error.unwrap_or_default(),
        cause: seen.cause.unwrap_or_default(),
    }
}
