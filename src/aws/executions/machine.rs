//! What `treino run` reads of a state machine before it starts or follows an execution.

use crate::aws::Aws;
use crate::aws::resources::json;
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;
use crate::history::DefinitionFacts;
use crate::stack::Kind;

/// A state machine.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineDescription {
    /// Its name.
    pub name: String,
    /// Whether its type is EXPRESS: AWS keeps no history of its executions.
    pub express: bool,
}

/// Describes the machine of this name.
///
/// # Errors
/// What Step Functions answers.
pub async fn describe_machine(aws: &Aws, name: &str) -> Result<MachineDescription, ProviderError> {
    let call = aws
        .states
        .describe_state_machine()
        .state_machine_arn(aws.arn(Kind::StateMachine, name));
    let seen = call
        .send()
        .await
        .for_call("Step Functions", "DescribeStateMachine")?;
    Ok(MachineDescription {
        name: name.to_owned(),
        express: seen.r#type == aws_sdk_sfn::types::StateMachineType::Express,
    })
}

/// The facts of the definition that an execution runs: that of its machine may be newer.
pub async fn definition_facts(aws: &Aws, execution: &str) -> DefinitionFacts {
    let call = aws
        .states
        .describe_state_machine_for_execution()
        .execution_arn(execution);
    // A history can be read without the definition; some details are missing then.
    match call.send().await {
        Ok(seen) => DefinitionFacts::of(&json(&seen.definition)),
        Err(_) => DefinitionFacts::default(),
    }
}
