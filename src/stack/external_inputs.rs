//! What a stack reads from outside its repository. The plan shows it, as the author of a stack file may be
//! anybody.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Included, Variable};

/// The inputs, without values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExternalInputs {
    /// Environment variables and their uses.
    pub environment: Vec<Variable>,
    /// Files and folders outside the repository, named under `include:`.
    pub outside: Vec<Included>,
    /// Packaged files that usually hold secrets.
    pub secrets: Vec<String>,
}
