//! Whose a resource is that holds a name the stack wants.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::stack::{Address, Kind, TAG_OWNER, TAG_STACK, Tags, Target};

/// Whose a resource is that does not carry the stack's own mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// It carries no mark.
    Unmarked,
    /// Its mark names this stack, and no address in it.
    NoAddress,
    /// It carries the mark of this stack without an owner, and the stack has one.
    Ownerless(String),
    /// It carries another stack's mark, or another owner's.
    Others {
        /// The stack in its mark.
        stack: String,
        /// The owner in its mark.
        owner: Option<String>,
    },
    /// It cannot be looked at, as other accounts share the names; with what AWS answered.
    Elsewhere(String),
}

impl Ownership {
    /// Whose a resource with these tags is, if it is not this stack's.
    #[must_use]
    pub fn of(
        target: &Target,
        kind: Kind,
        address: &Address,
        name: &str,
        tags: &Tags,
    ) -> Option<Self> {
        if target.owns(tags) {
            return None;
        }
        let Some(stack) = tags.get(TAG_STACK) else {
            let ours = kind.resource_type().is_ours_unmarked(address, name);
            return (!ours).then_some(Self::Unmarked);
        };
        let owner = tags.get(TAG_OWNER);
        Some(if *stack != target.stack {
            Self::Others {
                stack: stack.clone(),
                owner: owner.cloned(),
            }
        } else if owner == target.owner.as_ref() {
            Self::NoAddress
        } else if owner.is_none() {
            Self::Ownerless(stack.clone())
        } else {
            Self::Others {
                stack: stack.clone(),
                owner: owner.cloned(),
            }
        })
    }

    /// Whom it would be taken from, as the command line names them: `STACK` or `STACK:OWNER`.
    #[must_use]
    pub fn others(&self) -> Option<String> {
        match self {
            Self::Ownerless(stack) | Self::Others { stack, owner: None } => Some(stack.clone()),
            Self::Others {
                stack,
                owner: Some(owner),
            } => Some(format!("{stack}:{owner}")),
            Self::Unmarked | Self::NoAddress | Self::Elsewhere(_) => None,
        }
    }

    /// From whom it is taken, in words.
    #[must_use]
    pub fn from(&self) -> String {
        match self {
            Self::Unmarked | Self::Elsewhere(_) => "from outside treino".to_owned(),
            Self::NoAddress => "from no address of this stack".to_owned(),
            Self::Ownerless(stack) => format!("from the stack {stack} without an owner"),
            Self::Others { stack, owner: None } => format!("from the stack {stack}"),
            Self::Others {
                stack,
                owner: Some(owner),
            } => format!("from the stack {stack} of {owner}"),
        }
    }
}

impl fmt::Display for Ownership {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Unmarked => f.write_str("it does not carry treino's mark"),
            Self::NoAddress => f.write_str("its mark names this stack, and no address in it"),
            Self::Ownerless(_) => f.write_str("it belongs to this stack without an owner"),
            Self::Others { stack, owner: None } => write!(f, "it belongs to the stack {stack}"),
            Self::Others {
                stack,
                owner: Some(owner),
            } => write!(f, "it belongs to the stack {stack} of {owner}"),
            Self::Elsewhere(why) => write!(
                f,
                "it is in another account or region, or may not be read ({why})"
            ),
        }
    }
}

impl Serialize for Ownership {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
