//! A plan and its steps.

use serde::Serialize;

use super::{ActualResource, Change, Ownership};
use crate::stack::{Address, Kind, LateBoundArns, Resource, Target};

/// What is done to one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its address in the stack.
    pub address: Address,
    pub kind: Kind,
    pub name: String,
    pub action: Action,
    /// Why, in a few words.
    pub why: String,
    /// The desired resource; `None` for a deletion.
    pub want: Option<Resource>,
    /// The actual resource; `None` for a creation, and for a deletion of a resource that was not read.
    pub live: Option<ActualResource>,
    /// The previous owner, if `--adopt` takes it over.
    pub taken: Option<Ownership>,
    /// The steps that must be done first, by their index in the plan.
    pub after: Vec<usize>,
}

impl Step {
    /// Whether the step changes anything.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.action != Action::Keep
    }
}

/// A name the stack wants that another resource has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The account, region, stack and owner.
    pub target: Target,
    /// One step per resource.
    pub steps: Vec<Step>,
    /// Foreign resources that have names the stack wants. A plan with any of these must not be applied.
    pub foreign: Vec<Foreign>,
    /// The ARNs that AWS generated for existing resources, by their placeholder in the stack.
    pub made: LateBoundArns,
    /// Whether no existing resource is in the stack file. The stack was then deployed from another file with
    /// the same stack name, and all of it is deleted.
    pub another_file: bool,
}

impl Plan {
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
