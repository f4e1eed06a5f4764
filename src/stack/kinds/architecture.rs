//! The instruction sets of functions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An instruction set.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Architecture {
    /// 64-bit x86.
    #[default]
    #[serde(rename = "x86_64")]
    X86,
    /// 64-bit ARM (Graviton).
    #[serde(rename = "arm64")]
    Arm,
}

impl Architecture {
    /// Its name in Lambda and in the stack file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        }
    }
}
