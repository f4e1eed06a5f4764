//! What has to be done, as data: from what is wanted and what is live to one step per resource.
//!
//! Pure: no call, no clock, nothing async. Planning the same two sides twice gives the same plan.

mod diff;
mod make;
mod ownership;
mod rename_detection;
mod step;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

pub use diff::{Change, changes};
pub use make::{DESTROYED, NEW, deploy, destroy, differences};
pub use ownership::Ownership;
pub use step::{Action, Foreign, Plan, Step};

use crate::stack::{Address, Kind, Tags};

/// A resource as it stands in AWS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActualResource {
    /// What it is.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// Its state, in the form of the kind's spec.
    pub spec: Value,
    /// Its tags, AWS's own (`aws:...`) left out.
    pub tags: Tags,
    /// When it was created, as an RFC 3339 time, where AWS says so.
    #[serde(default)]
    pub created: Option<String>,
    /// What AWS calls its state, where it cannot be used (yet): who made it may have been stopped
    /// before it was.
    #[serde(default)]
    pub unready: Option<String>,
}

impl ActualResource {
    /// Its ARN, where AWS makes a part of it.
    #[must_use]
    pub fn made_arn(&self) -> Option<&str> {
        let arn = self.kind.facts().arn_is_made.then(|| self.spec.get("arn"));
        arn.flatten().and_then(Value::as_str)
    }
}

/// A resource of this stack that was found by listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Owned {
    /// The address in its mark.
    pub address: Address,
    /// What it is.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// Its tags.
    pub tags: Tags,
}

/// What a survey found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ActualState {
    /// What stands under the names the stack wants, whoever made it.
    pub live: BTreeMap<Address, ActualResource>,
    /// What stands under the names the stack wants and cannot be looked at, as other accounts share
    /// the names: what AWS answered.
    #[serde(default)]
    pub elsewhere: BTreeMap<Address, String>,
    /// What carries the stack's mark and stands under a name it does not want (any longer).
    #[serde(default)]
    pub orphans: Vec<Orphan>,
    /// Kinds the caller may not list.
    #[serde(default)]
    pub unseen: Vec<Unseen>,
}

/// A kind that could not be looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// Which.
    pub kind: Kind,
    /// What AWS answered.
    pub why: String,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let kinds = self.kind.section().replace('_', " ");
        write!(f, "{kinds} could not be looked for: {}", self.why)
    }
}

/// Something the stack owns and no longer names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Orphan {
    /// The address in its mark.
    pub address: Address,
    /// What it is.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// Its state, if it was read.
    #[serde(default)]
    pub spec: Option<Value>,
}
