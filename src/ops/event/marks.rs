//! What the checks of a class came to.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CauseKind, CheckCounts};

/// A way out that one or several students' checks have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SharedWayOut {
    /// What is to be done, in one sentence, with `OWNER` in place of the owner.
    pub way: String,
    /// The owners.
    pub owners: Vec<String>,
    /// The command that does it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What the checks of a student's stack came to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StudentMarks {
    /// The owner.
    pub owner: String,
    /// The student's name, where the roster has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many ended how.
    pub counts: CheckCounts,
    /// The name of the first check that did not pass; nothing where the checks could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What made it fail, where that is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseKind>,
    /// Why it did not pass, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
