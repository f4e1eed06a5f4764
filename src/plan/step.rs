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
    /// Nothing: it is as it should be.
    Keep,
    /// It is made.
    Create,
    /// These fields are changed in place.
    Update {
        /// What differs.
        changes: Vec<Change>,
    },
    /// It is deleted and made again, as AWS cannot change these fields in place.
    Replace {
        /// What differs.
        changes: Vec<Change>,
    },
    /// It is deleted.
    Delete,
}

impl Action {
    /// The verb for a person.
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

/// One resource's part of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// Its place in the stack.
    pub address: Address,
    /// What it is.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
    /// Why, in a few words.
    pub why: String,
    /// What is wanted; nothing where it is deleted. Serialised is its spec alone.
    #[serde(
        rename = "spec",
        serialize_with = "spec_of",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(
        with = "Option<Value>",
        description = "The state that is wanted, in the form of the kind's spec; absent where the resource is deleted."
    )]
    pub want: Option<Resource>,
    /// What stands; nothing where it is created, or deleted unread.
    #[serde(skip)]
    pub live: Option<ActualResource>,
    /// Whose it was until now, where it is taken over on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<Ownership>,
    /// The steps (by index in the plan) that have to be done before.
    pub after: Vec<usize>,
}

/// What is wanted of a resource, without what the step says of it already.
#[allow(clippy::ref_option, reason = "serde gives it so")]
fn spec_of<S: Serializer>(want: &Option<Resource>, serializer: S) -> Result<S::Ok, S::Error> {
    want.as_ref().map(|want| &want.spec).serialize(serializer)
}

impl Step {
    /// Whether anything is done.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.action != Action::Keep
    }
}

/// A name the stack wants that something else holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Foreign {
    /// The address that wants the name.
    pub address: Address,
    /// What stands there.
    pub kind: Kind,
    /// The name.
    pub name: String,
    /// Whose it seems to be.
    pub whose: Ownership,
    /// Why it cannot be taken over, where it cannot, and the way out.
    pub not_adoptable: Option<String>,
}

/// All that is to be done, in the order of addresses; the order of doing is in `after`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Plan {
    /// Where and for whom.
    pub target: Target,
    /// One step per resource.
    pub steps: Vec<Step>,
    /// What stands in the way. A plan with any of these is not to be applied.
    pub foreign: Vec<Foreign>,
    /// The ARNs AWS has made of what stands, by what stood for them in the stack.
    #[serde(skip)]
    pub made: LateBoundArns,
    /// Whether nothing of what stands is in the stack file: it was deployed from another one that gives
    /// the stack the same name, and all of it is deleted.
    pub another_file: bool,
}

impl Plan {
    /// Whether nothing is to be done.
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
