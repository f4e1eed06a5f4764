//! Why a role allows what it allows.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::policy::Allow;

/// One statement of a role treino makes, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Grant {
    /// The statement of the policy.
    pub statement: Value,
    /// What needs it, in a few words.
    pub why: String,
}

impl Grant {
    /// A statement and what needs it.
    pub(super) fn new(statement: Value, why: impl Into<String>) -> Self {
        Self {
            statement,
            why: why.into(),
        }
    }

    /// What `allow:` entries come to.
    pub(super) fn written(allow: &[Allow]) -> impl Iterator<Item = Grant> + '_ {
        allow
            .iter()
            .map(|one| Self::new(one.statement(), "its `allow`"))
    }
}
