//! Who owns a resource whose name the stack wants.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::stack::{Address, Kind, TAG_OWNER, TAG_STACK, Tags, Target};

/// The owner of a resource without the stack's own tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// It has no ownership tags of treino.
    Unmarked,
    /// Its tags name this stack, but no address in it.
    NoAddress,
    /// Its tags name this stack without an owner, and the stack has one.
    Ownerless(String),
    /// Its tags name another stack or another owner.
    Others {
        /// The stack in its tags.
        stack: String,
        /// The owner in its tags.
        owner: Option<String>,
    },
    /// It cannot be read, with AWS's answer: other accounts share the namespace.
    Elsewhere(String),
}

impl Ownership {
    /// The owner of a resource with these tags; `None` if this stack owns it.
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

    /// The owner as `--take-from` names it: `STACK` or `STACK:OWNER`.
    #[must_use]
    pub fn take_from_argument(&self) -> Option<String> {
        match self {
            Self::Ownerless(stack) | Self::Others { stack, owner: None } => Some(stack.clone()),
            Self::Others {
                stack,
                owner: Some(owner),
            } => Some(format!("{stack}:{owner}")),
            Self::Unmarked | Self::NoAddress | Self::Elsewhere(_) => None,
        }
    }

    /// The previous owner, in words.
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

/// It is serialised as a sentence.
impl JsonSchema for Ownership {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Ownership".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
