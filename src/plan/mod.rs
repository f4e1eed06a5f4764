//! The plan as data: compares the desired with the actual state and makes one step per resource, or two where
//! permissions are taken away last.
//!
//! Pure: no AWS calls, no clock, nothing async. The same input gives the same plan.

mod diff;
mod make;
mod narrowing;
mod ownership;
mod remade_roles;
mod rename_detection;
mod step;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use diff::{Change, changes};
pub use make::{DESTROYED, HIDDEN_VALUE, NEW, deploy, destroy, differences};
pub use ownership::Ownership;
pub use step::{Action, EndChange, Foreign, Plan, Step};

use crate::stack::{Address, Kind, Tags};

/// A resource as it exists in AWS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActualResource {
    pub kind: Kind,
    pub name: String,
    /// Its state, in the form of the kind's spec.
    pub spec: Value,
    /// Its tags, AWS's own (`aws:...`) left out.
    pub tags: Tags,
    /// When it was created, as an RFC 3339 time, where AWS says so.
    #[serde(default)]
    pub created: Option<String>,
    /// AWS's name of its status while it cannot be used (yet). The run that created it may have been stopped
    /// before it was ready.
    #[serde(default)]
    pub unready: Option<String>,
    /// Fields of the spec that read as desired, and in which AWS keeps the id of a role that was removed since. A plan
    /// finds them; an update writes them in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outdated: Vec<String>,
}

impl ActualResource {
    /// Its ARN, if AWS generates a part of it.
    #[must_use]
    pub fn late_bound_arn(&self) -> Option<&str> {
        let arn = self.kind.facts().arn_is_made.then(|| self.spec.get("arn"));
        arn.flatten().and_then(Value::as_str)
    }
}

/// A resource of this stack, found by listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Owned {
    /// The address in its ownership tags.
    pub address: Address,
    pub kind: Kind,
    pub name: String,
    pub tags: Tags,
}

/// Kind and name of each resource that a stack has or may have.
pub type Inventory = BTreeSet<(Kind, String)>;

/// What a survey of AWS found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ActualState {
    /// The resources that have the names the stack wants, whoever owns them.
    pub live: BTreeMap<Address, ActualResource>,
    /// Names the stack wants that belong to a resource the caller cannot read, with AWS's answer. Other
    /// accounts share the namespace.
    #[serde(default)]
    pub elsewhere: BTreeMap<Address, String>,
    /// Resources with the stack's ownership tags whose name the stack does not want (any more).
    #[serde(default)]
    pub orphans: Vec<Orphan>,
    /// Kinds the caller is not allowed to list.
    #[serde(default)]
    pub unseen: Vec<Unseen>,
    /// The inventory of the stack, where it has one.
    #[serde(skip)]
    pub inventory: Option<Inventory>,
}

/// A kind that could not be listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    pub kind: Kind,
    /// What AWS answered.
    pub why: String,
    /// The same in a few words.
    #[serde(default)]
    pub brief: String,
    /// The IAM action that the caller lacks, where AWS names it.
    #[serde(default)]
    pub action: Option<String>,
}

impl Unseen {
    /// The kind and why, in a few words.
    #[must_use]
    pub fn in_brief(&self) -> String {
        let kinds = self.kind.section().replace('_', " ");
        format!("{kinds} ({})", self.brief)
    }

    /// That these kinds, of which a stack file has no resource, could not be looked for, and how they can be.
    #[must_use]
    pub fn note(unseen: &[&Self]) -> String {
        let briefs: Vec<String> = unseen.iter().map(|one| one.in_brief()).collect();
        let actions = unseen.iter().filter_map(|one| one.action.as_deref());
        let actions: Vec<String> = actions.map(|action| format!("`{action}`")).collect();
        let way_out = if actions.is_empty() {
            "allow these credentials to list them, or run the same command again later".to_owned()
        } else {
            format!("allow these credentials {}", actions.join(" and "))
        };
        format!(
            "not looked for, as the stack file has none: {}; to see what an earlier version of it may have left, {way_out}",
            briefs.join(", ")
        )
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let kinds = self.kind.section().replace('_', " ");
        write!(f, "{kinds} could not be looked for: {}", self.why)
    }
}

/// A resource that the stack owns and its file no longer contains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Orphan {
    /// The address in its mark.
    pub address: Address,
    pub kind: Kind,
    pub name: String,
    /// Its spec, if it was read.
    #[serde(default)]
    pub spec: Option<Value>,
}
