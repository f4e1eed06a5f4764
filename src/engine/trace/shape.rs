//! What an execution's history does not say and its machine's definition does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Waits;

/// The parts of a definition that make a history readable, by the names of states, which are unique
/// in a machine.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    /// How long Wait states wait, where that is written as it is.
    pub waits: BTreeMap<String, Waits>,
    /// The first state of each branch of a Parallel state.
    pub branches: BTreeMap<String, Vec<String>>,
    /// Error and cause of Fail states, where they are written as they are.
    pub fails: BTreeMap<String, (String, String)>,
}

impl Shape {
    /// The shape of a definition; of what is none, an empty one.
    #[must_use]
    pub fn of(definition: &Value) -> Self {
        let mut shape = Self::default();
        shape.machine(definition);
        shape
    }

    fn machine(&mut self, machine: &Value) {
        let states = machine.get("States").and_then(Value::as_object);
        for (name, state) in states.into_iter().flatten() {
            self.state(name, state);
        }
    }

    fn state(&mut self, name: &str, state: &Value) {
        let text = |field: &str| {
            let text = state.get(field).and_then(Value::as_str)?;
            // A JSONata expression comes to something only AWS knows.
            (!text.starts_with("{%")).then(|| text.to_owned())
        };
        let branches = state.get("Branches").and_then(Value::as_array);
        match state.get("Type").and_then(Value::as_str) {
            Some("Wait") => {
                let seconds = state.get("Seconds").and_then(Value::as_f64);
                let waits = seconds.map(Waits::Seconds);
                let waits = waits.or_else(|| text("Timestamp").map(Waits::Until));
                self.waits
                    .extend(waits.map(|waits| (name.to_owned(), waits)));
            }
            Some("Fail") => {
                let error = text("Error").unwrap_or_default();
                let cause = text("Cause").unwrap_or_default();
                self.fails.insert(name.to_owned(), (error, cause));
            }
            Some("Parallel") => {
                let first = |branch: &Value| {
                    let start = branch.get("StartAt").and_then(Value::as_str);
                    start.unwrap_or_default().to_owned()
                };
                let firsts = branches.into_iter().flatten().map(first).collect();
                self.branches.insert(name.to_owned(), firsts);
            }
            _ => {}
        }
        let inner = branches.into_iter().flatten();
        for machine in inner
            .chain(state.get("ItemProcessor"))
            .chain(state.get("Iterator"))
        {
            self.machine(machine);
        }
    }
}
