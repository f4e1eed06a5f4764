//! What an execution's history does not say and its machine's definition does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::WaitTime;
use crate::asl::model::{Machine, State, StateType};

/// What of a definition makes a history readable, by the names of states, which are unique in a
/// definition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DefinitionFacts {
    /// How long Wait states wait, where that is a literal.
    pub waits: BTreeMap<String, WaitTime>,
    /// The first state of each branch of a Parallel state.
    pub branches: BTreeMap<String, Vec<String>>,
    /// Error and cause of Fail states; empty where they are computed or missing.
    pub fails: BTreeMap<String, (String, String)>,
}

impl DefinitionFacts {
    /// The facts of a definition; none of JSON that is no definition.
    #[must_use]
    pub fn of(definition: &Value) -> Self {
        let mut facts = Self::default();
        for state in Machine::of(definition).all_states() {
            facts.add(state);
        }
        facts
    }

    fn add(&mut self, state: &State<Value>) {
        let name = || state.name.text.to_owned();
        match state.state_type {
            Some(StateType::Wait) => {
                let seconds = state.json.get("Seconds").and_then(Value::as_f64);
                let wait = seconds.map(WaitTime::Seconds);
                let wait = wait.or_else(|| literal(state, "Timestamp").map(WaitTime::Until));
                self.waits.extend(wait.map(|wait| (name(), wait)));
            }
            Some(StateType::Fail) => {
                let [error, cause] =
                    ["Error", "Cause"].map(|field| literal(state, field).unwrap_or_default());
                self.fails.insert(name(), (error, cause));
            }
            Some(StateType::Parallel) => {
                let starts = state.branches().map(|branch| branch.start_at);
                let starts = starts.map(|start| start.map_or_else(String::new, |s| s.text.into()));
                self.branches.insert(name(), starts.collect());
            }
            _ => {}
        }
    }
}

/// The text of a field, unless it is a `JSONata` expression, which only Step Functions evaluates.
fn literal(state: &State<Value>, field: &str) -> Option<String> {
    let text = state.json.get(field).and_then(Value::as_str)?;
    (!text.starts_with("{%")).then(|| text.to_owned())
}
