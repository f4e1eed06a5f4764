//! What has to be known of a machine before one of its executions can be followed.

use crate::aws::Aws;
use crate::aws::resources::json;
use crate::aws::transport::error::Called;
use crate::engine::{Fault, Shape};
use crate::stack::Kind;

/// A state machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// Whether it is an express one, of whose executions AWS keeps no history.
    pub express: bool,
    /// What its definition says of its states.
    pub shape: Shape,
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
        shape: Shape::of(&json(&seen.definition)),
    })
}

/// The shape of the machine an execution began with: it may have been changed since.
pub async fn shape(aws: &Aws, execution: &str) -> Shape {
    let call = aws
        .states
        .describe_state_machine_for_execution()
        .execution_arn(execution);
    // Without it the history is read all the same: it only says less.
    match call.send().await {
        Ok(seen) => Shape::of(&json(&seen.definition)),
        Err(_) => Shape::default(),
    }
}
