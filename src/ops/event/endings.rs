//! What events tell of a stack that was made, and of its end.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::ResourceContents;

/// A stack that was deployed for the first time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CreatedStack {
    /// The stack.
    pub stack: String,
    /// Its owner.
    pub owner: Option<String>,
    /// Whether it is on the local AWS.
    pub local: bool,
    /// How many state machines it has.
    pub state_machines: usize,
    /// How many of its rules start a state machine.
    pub rules: usize,
    /// An input to try its first state machine with, where the file contains one.
    pub example: Option<Value>,
    /// The command that runs a state machine, where there is one. `FILE` and `KEY` in it are to be replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The command that deletes the stack.
    pub destroy: String,
    /// When AWS deletes it by itself, as an RFC 3339 time, where it has an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// The command that gives it a later end, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend: Option<String>,
}

/// The end of a stack that is near, or has passed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EndingStack {
    /// The stack.
    pub stack: String,
    /// Its owner.
    pub owner: Option<String>,
    /// When it expires, as an RFC 3339 time.
    pub expires: String,
    /// When the reaper begins to delete it, as an RFC 3339 time; null where none waits.
    pub ends: Option<String>,
    /// What users put in: the objects of its buckets and the items of its tables.
    pub contents: Vec<ResourceContents>,
    /// The command that gives it a later end.
    pub extend: String,
}
