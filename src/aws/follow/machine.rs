//! What has to be known of a machine before one of its executions can be followed.

use crate::aws::Aws;
use crate::aws::error::Called;
use crate::aws::kinds::json;
use crate::engine::Fault;
use crate::history::DefinitionFacts;
use crate::stack::Kind;

/// A state machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// Whether it is an express one, of whose executions AWS keeps no history.
    pub express: bool,
}

/// A machine as it is now.
///
/// # Errors
/// What Step Functions answers.
pub async fn machine(aws: &Aws, name: &str) -> Result<Machine, Fault> {
    let call = aws
        .states
        .describe_state_machine()
        .state_machine_arn(aws.arn(Kind::StateMachine, name));
    let seen = call
        .send()
        .await
        .of("Step Functions", "DescribeStateMachine")?;
    Ok(Machine {
        name: name.to_owned(),
        express: seen.r#type == aws_sdk_sfn::types::StateMachineType::Express,
    })
}

/// What the definition an execution began with adds to its history: the machine may have been changed
/// since.
pub async fn definition_facts(aws: &Aws, execution: &str) -> DefinitionFacts {
    let call = aws
        .states
        .describe_state_machine_for_execution()
        .execution_arn(execution);
    // Without it the history is read all the same: it only says less.
    match call.send().await {
        Ok(seen) => DefinitionFacts::of(&json(&seen.definition)),
        Err(_) => DefinitionFacts::default(),
    }
}
