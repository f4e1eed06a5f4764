//! The address of a resource in its stack.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// The address of a resource: `table.metadata`, or `function.extract.role` for a resource that belongs to
/// another one. Ordered as text.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// The address of a resource of the stack file.
    #[must_use]
    pub fn new(kind: Kind, key: &str) -> Self {
        Self(format!("{}.{key}", kind.facts().noun))
    }

    /// The address of a resource that belongs to this one.
    #[must_use]
    pub fn part(&self, part: &str) -> Self {
        Self(format!("{}.{part}", self.0))
    }

    /// An address from a `treino:address` tag; any text is valid.
    #[must_use]
    pub fn from_tag(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The key in the stack file: `extract` in `function.extract.role`.
    #[must_use]
    pub fn key(&self) -> &str {
        self.0.split('.').nth(1).unwrap_or(&self.0)
    }

    /// Its part of the owning resource: `role` in `function.extract.role`.
    #[must_use]
    pub fn of_owner(&self) -> Option<&str> {
        self.0.splitn(3, '.').nth(2)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&self.0)
    }
}
