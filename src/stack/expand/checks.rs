//! What the checks of a stack file come to, and what they need of its files.

use std::path::Path;

use super::Expansion;
use crate::asl::model::StateType;
use crate::source::Node;
use crate::stack::reference::ReferenceValues;
use crate::stack::{Kind, Loaded, StackCheck};

impl Loaded {
    /// The checks as they are written, in the order of the file.
    #[must_use]
    pub fn checks(&self) -> Vec<(&String, &StackCheck)> {
        let written = self.root.get("checks").map(Node::entries);
        let written = written.into_iter().flatten();
        written
            .filter_map(|entry| self.file.checks.get_key_value(&entry.key))
            .collect()
    }
}

impl Expansion<'_> {
    /// The checks in the order of the file, with their references replaced as far as they have values.
    pub(super) fn file_checks(&self, known: &ReferenceValues) -> Vec<(String, StackCheck)> {
        let written = self.root.get("checks").map(Node::entries);
        let names = written.into_iter().flatten().map(|entry| &entry.key);
        let checks = names.filter_map(|name| Some((name, self.file.checks.get(name)?)));
        checks
            .map(|(name, check)| {
                // A check is plain data: it is what it was, with other texts.
                let value = serde_json::to_value(check).unwrap_or_default();
                let check = serde_json::from_value(known.replace_all(&value));
                (
                    name,
                    check.unwrap_or_else(|_| self.file.checks[name].clone()),
                )
            })
            .map(|(name, check)| (name.clone(), check))
            .collect()
    }

    /// The names of the states of a machine, at any depth; `None` where its definition could not be read.
    pub(in crate::stack) fn states_of(&self, machine: &str) -> Option<Vec<String>> {
        let uses = Kind::StateMachine.resource_type().definitions(self.file);
        let of = uses.into_iter().find(|of| of.key == machine)?;
        let (definition, _) = self.files.definition(of)?.as_ref().ok()?;
        let states = definition.model();
        let states = states.all_states().into_iter();
        Some(states.map(|state| state.name.text.to_owned()).collect())
    }

    /// The states of a machine that say how each of its executions goes.
    pub(in crate::stack) fn certain_states(&self, machine: &str) -> Option<CertainStates> {
        let uses = Kind::StateMachine.resource_type().definitions(self.file);
        let of = uses.into_iter().find(|of| of.key == machine)?;
        let (definition, _) = self.files.definition(of)?.as_ref().ok()?;
        let model = definition.model();
        // A Fail state inside another state may be caught.
        let failing = model.states.iter();
        let failing = failing.filter(|state| state.state_type == Some(StateType::Fail));
        Some(CertainStates {
            first: model.start_at.map(|state| state.text.to_owned()),
            failing: failing.map(|state| state.name.text.to_owned()).collect(),
        })
    }

    /// Why a file cannot be put, and the way out; `None` if it can.
    pub(in crate::stack) fn unusable_sample(&self, path: &str) -> Option<(String, String)> {
        if self.given.without_samples {
            return None;
        }
        let error = self.files.sample(path)?.as_ref().err()?;
        Some((error.message.clone(), error.help.clone()))
    }
}

/// States of a machine that say how each of its executions goes.
pub(in crate::stack) struct CertainStates {
    /// The one that each enters.
    pub first: Option<String>,
    /// Those with which each fails that enters them.
    pub failing: Vec<String>,
}

impl Loaded {
    /// The file that a check puts, by its path in the stack file.
    #[must_use]
    pub fn sample(&self, path: &str) -> Option<&Path> {
        self.files.sample(path)?.as_deref().ok()
    }
}
