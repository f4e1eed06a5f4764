//! Which kinds of resources a stack file can come to.

use std::collections::BTreeSet;

use super::file::IGNORED_KEYS;
use super::{Kind, schema};
use crate::source::{Node, Value};

/// The kinds that a stack may have resources of. A service that none of them needs may fail, be denied or not
/// be offered, and no verb fails for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PossibleKinds(Option<BTreeSet<Kind>>);

impl PossibleKinds {
    /// Every kind, where a stack is known by its name alone.
    #[must_use]
    pub fn all() -> Self {
        Self(None)
    }

    /// These kinds.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = Kind>) -> Self {
        Self(Some(kinds.into_iter().collect()))
    }

    /// The kinds of a stack file, with those that its resources imply. The sections alone are read, so that a
    /// file with mistakes elsewhere will do; every kind, where a section may be misspelt.
    #[must_use]
    pub fn of_file(root: &Node) -> Self {
        let schema = schema();
        let is_known =
            |key: &str| key.starts_with(IGNORED_KEYS) || schema["properties"].get(key).is_some();
        if root.entries().iter().any(|entry| !is_known(&entry.key)) {
            return Self::all();
        }
        let mut kinds = BTreeSet::new();
        for entry in root.entries() {
            let Some(kind) = Kind::of_section(&entry.key) else {
                continue;
            };
            let resources = match &entry.value.value {
                Value::Null => continue,
                Value::Map(resources) if resources.is_empty() => continue,
                Value::Map(resources) => resources,
                // A mistake that hides what is meant.
                _ => return Self::all(),
            };
            kinds.insert(kind);
            match kind {
                // A large package goes through a bucket.
                Kind::Function => kinds.extend([Kind::LogGroup, Kind::Bucket]),
                Kind::StateMachine => drop(kinds.insert(Kind::LogGroup)),
                Kind::Trail => drop(kinds.insert(Kind::Bucket)),
                _ => {}
            }
            let has_role = |resource: &Node| resource.get("role").is_some();
            let makes_roles = matches!(kind, Kind::Function | Kind::StateMachine | Kind::Rule)
                && !root.get("defaults").is_some_and(has_role)
                && !resources.iter().all(|of| has_role(&of.value));
            if makes_roles {
                kinds.insert(Kind::Role);
            }
        }
        Self(Some(kinds))
    }

    /// Whether the stack may have a resource of this kind.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.0.is_none() || self.is_declared(kind)
    }

    /// Whether a stack file comes to resources of this kind.
    #[must_use]
    pub fn is_declared(&self, kind: Kind) -> bool {
        self.0.as_ref().is_some_and(|kinds| kinds.contains(&kind))
    }
}
