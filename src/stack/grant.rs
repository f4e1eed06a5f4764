//! Policy statements of roles, with their reasons.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::policy::Allow;

/// A policy statement of a role that treino creates, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Grant {
    pub statement: Value,
    /// What needs it, in a few words.
    pub why: String,
}

impl Grant {
    /// A statement and its reason.
    pub(super) fn new(statement: Value, why: impl Into<String>) -> Self {
        Self {
            statement,
            why: why.into(),
        }
    }

    /// The statements of `allow:` entries.
    pub(super) fn from_allow(allow: &[Allow]) -> impl Iterator<Item = Grant> + '_ {
        allow
            .iter()
            .map(|one| Self::new(one.statement(), "its `allow`"))
    }
}
