//! The kinds of AWS resources treino knows.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kinds::{self, with_kinds};
use super::resource_type::{Facts, ResourceType};

macro_rules! define_kind {
    ($($kind:ident, $of:ident, $section:ident, $about:literal;)*) => {
        /// A kind of AWS resource.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $(#[doc = $about] $kind,)*
        }

        const KINDS: &[Kind] = &[$(Kind::$kind),*];

        impl Kind {
            /// Every kind.
            pub const ALL: [Kind; KINDS.len()] = [$(Kind::$kind),*];

            /// The key of its section in the stack file.
            #[must_use]
            pub fn section(self) -> &'static str {
                match self {
                    $(Kind::$kind => stringify!($section),)*
                }
            }

            /// What is known of it without a call to AWS.
            #[must_use]
            pub fn resource_type(self) -> &'static dyn ResourceType {
                match self {
                    $(Kind::$kind => &kinds::$of,)*
                }
            }
        }
    };
}

with_kinds!(define_kind);

impl Kind {
    /// The kind of a noun, as it stands in addresses.
    #[must_use]
    pub fn of_noun(noun: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.facts().noun == noun)
    }

    /// The kind of a section of the stack file.
    #[must_use]
    pub fn of_section(section: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.section() == section)
    }

    /// What is fixed about this kind.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        self.resource_type().facts()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.facts().noun.replace('_', " "))
    }
}
