//! Step Functions definitions: read, checked offline, and what the machine's role must allow.
//!
//! A definition is a file of the Amazon States QueryLanguage: JSON with the fields the specification
//! <https://states-language.net/spec.html> and the Step Functions developer guide
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html>
//! describe. Its texts may hold treino's references, `${name.attribute}`; they are accepted
//! anywhere in a text, and `$${` stands for a literal `${`.
//!
//! What is deliberately absent: nothing here knows the stack, AWS or the network. [`load`] reads
//! and lints a file; [`permissions`] derives statements from a definition whose references are
//! resolved. Neither evaluates a path or an expression.

mod json;
mod jsonata;
mod lint;
pub mod model;
mod path;
mod permissions;
mod resource;
mod text;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::source::{Node, Problem, Problems, Source, Span};
use model::Machine;

pub use permissions::{
    RequiredPermission, RequiredPermissions, StateMachineArn, logging, permissions, tracing,
};

/// The most bytes a definition may have: the length `CreateStateMachine` accepts
/// (<https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html>).
pub const MAX_BYTES: usize = 1_048_576;

/// A definition that can be deployed: read, checked, without errors.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The file.
    pub source: Arc<Source>,
    /// Its values with their places.
    pub root: Node,
    /// The same values, in the order written.
    pub json: serde_json::Value,
}

impl Definition {
    /// The structure of the definition, with the place of every state.
    #[must_use]
    pub fn model(&self) -> Machine<'_> {
        Machine::of(&self.root)
    }
}

/// How a state selects and transforms data
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryLanguage {
    /// `$.path`, in fields that end in `Path` or `.$`.
    JsonPath,
    /// `{% expression %}` in any text.
    Jsonata,
}

impl QueryLanguage {
    /// The language a `QueryLanguage` value names.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "JSONPath" => Some(Self::JsonPath),
            "JSONata" => Some(Self::Jsonata),
            _ => None,
        }
    }

    /// Its name as `QueryLanguage` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonPath => "JSONPath",
            Self::Jsonata => "JSONata",
        }
    }
}

/// Twice what AWS takes: blanks do not count there.
const LARGEST_FILE: u64 = 2 * MAX_BYTES as u64;

/// Reads a definition's file.
///
/// # Errors
/// The file is missing, unreadable, no text, or longer than a definition can be.
pub fn read(path: &Path) -> Result<Arc<Source>, Problem> {
    Source::read(path, LARGEST_FILE).map_err(|problem| {
        let length = std::fs::metadata(path).map_or(0, |meta| meta.len());
        if length <= LARGEST_FILE {
            return problem;
        }
        problem.help(format!(
            "Step Functions takes {MAX_BYTES} bytes without blanks: move a part to a machine of its own and start it \
             from here"
        ))
    })
}

/// Reads and checks a definition.
///
/// The second value holds the warnings.
///
/// # Errors
/// All problems of the file in the order of their places, at least one of them an error: text
/// that is no JSON, or whatever AWS would refuse that can be seen offline.
pub fn load(source: &Arc<Source>) -> Result<(Definition, Problems), Problems> {
    let (root, json) = json::read(source)?;
    let mut problems = lint::check(source, &Machine::of(&root));
    let bytes = json.to_string().len();
    if bytes > MAX_BYTES {
        problems.push(
            Problem::error(format!("the definition is {bytes} bytes long without its blanks"))
                .at(source, Span::default())
                .help(format!(
                    "Step Functions takes {MAX_BYTES}: move a part to a machine of its own and start it from here"
                )),
        );
    }
    problems
        .0
        .sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
    problems.or(Definition {
        source: Arc::clone(source),
        root,
        json,
    })
}

/// What of a definition a machine of type EXPRESS cannot have: waiting for jobs and tokens,
/// activities, distributed Maps. The type is not part of the definition, so [`load`] cannot know.
#[must_use]
pub fn check_express(definition: &Definition) -> Problems {
    lint::check_express(&definition.source, &definition.model())
}
