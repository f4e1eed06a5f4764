//! What a stack takes from outside of its repository: said in the plan, as its file may come from
//! anybody.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Included, Variable};

/// What is taken; no value of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reads {
    /// Variables of the environment, and where they go.
    pub environment: Vec<Variable>,
    /// Files and folders outside of the repository that are named to be read.
    pub outside: Vec<Included>,
    /// What is packaged and usually holds secrets.
    pub secrets: Vec<String>,
}
