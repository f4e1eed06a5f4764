//! What a sweep has found.

use schemars::JsonSchema;
use serde::Serialize;

use super::StackStatus;
use crate::stack::Kind;

/// The stacks of an account, as a sweep sees them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SweepFindings {
    /// The account id.
    pub account: String,
    /// The codes of the regions that were looked at.
    pub regions: Vec<String>,
    /// The stacks that are to be deleted.
    pub chosen: Vec<SweptStack>,
    /// The stacks that stay.
    pub kept: Vec<SweptStack>,
    /// What could not be looked at: regions, or single kinds in them.
    pub unseen: Vec<UnseenRegion>,
    /// The stacks of others, where those of one owner are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_owners: Option<OtherOwners>,
}

/// How many stacks others have, where those of one owner are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OtherOwners {
    /// The owner that is meant.
    pub owner: String,
    /// How many stacks there are of other owners, and without one.
    pub stacks: usize,
}

/// A stack that a sweep has found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SweptStack {
    /// The stack. `since` is read only where its age matters.
    #[serde(flatten)]
    pub stack: StackStatus,
    /// The region's code.
    pub region: String,
    /// Why it is to be deleted; empty for one that stays.
    pub reasons: Vec<SweepReason>,
}

/// Why a sweep deletes a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SweepReason {
    /// Its `expires` has passed.
    Expired,
    /// A destroy has begun and not ended.
    Unfinished,
    /// It is older than was asked for.
    Old,
    /// Every stack is to be deleted.
    All,
}

/// A region that could not be looked at, or not for every kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnseenRegion {
    /// The region's code.
    pub region: String,
    /// Why, in one sentence.
    pub why: String,
}

/// What no stack has, in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrphansOfRegion {
    /// The region's code.
    pub region: String,
    /// Each resource.
    pub orphans: Vec<OrphanedResource>,
}

/// A resource that no stack has: a log group whose function does not exist, or a bucket of another tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrphanedResource {
    /// Its kind.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// Its size in bytes, where a list says it.
    pub bytes: Option<u64>,
    /// What it is, in words.
    pub what: String,
    /// The command that deletes it, for a shell; nothing where another tool may use it.
    pub delete: Option<String>,
}
