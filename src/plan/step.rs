//! A plan and its steps.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{ActualResource, Change, Ownership};
use crate::stack::{Address, Kind, LateBoundArns, Resource, Target};

/// What is done to one resource.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    Keep,
    Create,
    /// These fields are changed in place.
    Update {
        changes: Vec<Change>,
    },
    /// It is deleted and created again, as AWS cannot change these fields in place.
    Replace {
        changes: Vec<Change>,
    },
    Delete,
}

impl Action {
    /// The verb shown to users.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Create => "create",
            Action::Update { .. } => "update",
            Action::Replace { .. } => "replace",
            Action::Delete => "delete",
        }
    }
}

/// The step of one resource.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// Its address in the stack.
    pub address: Address,
    pub kind: Kind,
    pub name: String,
    #[serde(flatten)]
    pub action: Action,
    /// Why, in a few words.
    pub why: String,
    /// The desired resource; `None` for a deletion. Only its spec is serialised.
    #[serde(
        rename = "spec",
        serialize_with = "spec_of",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(
        with = "Option<Value>",
        description = "The desired state, in the form of the kind's spec; absent for a deletion."
    )]
    pub want: Option<Resource>,
    /// The actual resource; `None` for a creation, and for a deletion of a resource that was not read.
    #[serde(skip)]
    pub live: Option<ActualResource>,
    /// The previous owner, if `--adopt` takes it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<Ownership>,
    /// Whether it only takes away permissions that another step of the same resource has kept, or left.
    #[serde(skip)]
    pub narrows: bool,
    /// The steps that must be done first, by their index in the plan.
    pub after: Vec<usize>,
}

/// The spec of a desired resource; the rest is in the step.
#[allow(clippy::ref_option, reason = "serde gives it so")]
fn spec_of<S: Serializer>(want: &Option<Resource>, serializer: S) -> Result<S::Ok, S::Error> {
    want.as_ref().map(|want| &want.spec).serialize(serializer)
}

impl Step {
    /// Whether the step changes anything.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.action != Action::Keep
    }
}

/// A name the stack wants that another resource has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Foreign {
    /// The address that wants the name.
    pub address: Address,
    /// The kind of that resource.
    pub kind: Kind,
    pub name: String,
    pub whose: Ownership,
    /// Why it cannot be adopted and what to do instead; `None` if it can.
    pub not_adoptable: Option<String>,
}

/// All steps, sorted by address. The order of execution is in `after`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Plan {
    /// The account, region, stack and owner.
    pub target: Target,
    /// One step per resource; two of a receiver that loses permissions only after its senders have changed.
    pub steps: Vec<Step>,
    /// Foreign resources that have names the stack wants. A plan with any of these must not be applied.
    pub foreign: Vec<Foreign>,
    /// The ARNs that AWS generated for existing resources, by their placeholder in the stack.
    #[serde(skip)]
    pub late_bound_arns: LateBoundArns,
    /// Whether no existing resource is in the stack file. The stack was then deployed from another file with
    /// the same stack name, and all of it is deleted.
    pub another_file: bool,
    /// What a deploy changes about the deletion of the stack by AWS, when it expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<EndChange>,
}

/// What a deploy changes about the deletion of a stack by AWS, when it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndChange {
    /// Nothing deletes the stack yet.
    Start,
    /// AWS deletes it at another time, or by a plan of other resources.
    Replace,
    /// AWS deletes it, and it has no end any more.
    Stop,
}

impl Plan {
    /// Whether a deploy does nothing: no step changes anything, nor does the end of the stack.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.is_empty() && self.end.is_none()
    }

    /// Whether no step changes anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.steps.iter().any(Step::is_change)
    }

    /// How many steps have this verb.
    #[must_use]
    pub fn count(&self, verb: &str) -> usize {
        self.steps
            .iter()
            .filter(|step| step.action.verb() == verb)
            .count()
    }
}
