//! What a single state calls.

use serde_json::Value as Json;

use super::{Collector, StateMachineArn, task};
use crate::asl::model::{State, StateType};
use crate::asl::resource::{self, TaskResource};

/// A call that a Task state makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCall {
    /// The service, as integrations name it: `dynamodb`, `rekognition`, `http`.
    pub service: String,
    /// The action: `putItem`.
    pub action: String,
    /// The ARNs of what it is made on, as the role needs them; `*` where the definition does not say.
    pub resources: Vec<String>,
}

/// The call of a state of a definition whose references are resolved; nothing where it makes none, or nothing is known
/// of it.
#[must_use]
pub fn called(state: &State<'_, Json>, machine: &StateMachineArn) -> Option<StateCall> {
    if state.state_type != Some(StateType::Task) {
        return None;
    }
    let arn = state.json.get("Resource")?.as_str()?;
    let (service, action) = match resource::parse(arn).ok()? {
        TaskResource::Function => ("lambda", "invoke"),
        TaskResource::Sdk { service, action }
        | TaskResource::Optimized {
            service, action, ..
        } => (service, action),
        TaskResource::Activity | TaskResource::Unknown => return None,
    };
    let mut collector = Collector::new(machine);
    task(&mut collector, state.json, state.language);
    let permissions = collector.finish().permissions;
    Some(StateCall {
        service: service.to_owned(),
        action: action.to_owned(),
        resources: permissions
            .into_iter()
            .flat_map(|one| one.resources)
            .collect(),
    })
}
