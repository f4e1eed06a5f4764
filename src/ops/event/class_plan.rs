//! What is told of the plan of a class.

use schemars::JsonSchema;
use serde::Serialize;

use super::ResourceContents;
use crate::stack::{Address, Kind};

/// What is to be done for a class.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClassPlan {
    /// What is to be done: `deploy` or `destroy`.
    pub verb: &'static str,
    /// The stack.
    pub stack: String,
    /// The plan of each stack: those of shared trails first, then the students' in the order of the roster.
    pub stacks: Vec<PlannedStack>,
    /// Policies of one student's stack that reach another's. With any, nothing is deployed.
    pub violations: Vec<Violation>,
    /// Quotas that the class needs a part of.
    pub quotas: Vec<QuotaUse>,
    /// The ARNs of roles and managed policies that exist already: whether they reach another student's resources is not looked
    /// at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_looked_at: Vec<String>,
    /// How long the published rates of AWS's services make it last, in seconds. On the local AWS there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_seconds: Option<f64>,
}

/// The plan of one stack of a class, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlannedStack {
    /// The stack.
    pub stack: String,
    /// The owner; nothing of a shared trail.
    pub owner: Option<String>,
    /// The account id.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// How many resources are created.
    pub create: usize,
    /// How many are changed.
    pub update: usize,
    /// How many are replaced.
    pub replace: usize,
    /// How many are deleted.
    pub delete: usize,
    /// How many stay as they are.
    pub keep: usize,
    /// The resources that are updated, replaced or deleted; those that a destroy deletes are not listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<ChangedResource>,
    /// The data that is deleted with what is replaced or deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<ResourceContents>,
    /// When it expires, as an RFC 3339 time; absent of one that stays until it is destroyed, and of a destroy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Whether AWS then deletes it: not with `self_destruct: off`. Absent of a destroy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_destruct: Option<bool>,
    /// Why it cannot be deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Why a resource is updated of which nothing but the time changes at which the stack expires.
pub const ONLY_END_CHANGES: &str = "only the end changes";

/// A resource that a plan updates, replaces or deletes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ChangedResource {
    /// Its place in the stack.
    pub address: Address,
    /// What is done to it: `update`, `replace` or `delete`.
    pub action: &'static str,
    /// Why, in a few words.
    pub why: String,
}

/// A policy that reaches another student's resource, or a name that two students' resources have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Violation {
    /// The owner whose stack has the policy.
    pub owner: String,
    /// The address of the role; of two resources with one name, that of the resource.
    pub address: Address,
    /// The name of the policy in the role; nothing for two resources with one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The pattern of ARNs, or the name.
    pub pattern: String,
    /// The owner whose resource is reached.
    pub victim: String,
    /// The ARN of that resource.
    pub reached: String,
    /// How many resources of other students are reached by this pattern.
    pub count: usize,
    /// Where the stack file says so: file, line and column; nothing where no `allow` of it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A quota of an account in a region, and what a class needs of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuotaUse {
    /// The account id.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// The kind of resource. Of `function` it is not the resources that are counted, but their executions at one time: one of
    /// each function.
    pub kind: Kind,
    /// How many there are, whoever's they are; nothing where they cannot be listed.
    pub there: Option<usize>,
    /// How many more the class needs.
    pub needed: usize,
    /// How many AWS allows, where nobody asked it for more.
    pub most: usize,
    /// Whether AWS can be asked for more.
    pub adjustable: bool,
    /// The page that says so, below `https://docs.aws.amazon.com/`.
    pub page: &'static str,
}

impl QuotaUse {
    /// Whether the class fits.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.there.unwrap_or(0) + self.needed <= self.most
    }
}
