//! Step Functions definitions: their structure, checks that need no AWS, and the permissions of the role.
//!
//! A definition is written in the Amazon States Language: JSON, or YAML that means the same, with the fields the specification
//! <https://states-language.net/spec.html> and the Step Functions developer guide
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html>
//! describe. A text may have treino's references, `${name.attribute}`, anywhere in it; `$${` is a literal
//! `${`.
//!
//! [`load`] reads and checks a file, [`load_inline`] a part of a stack file. [`model`] is the structure of a definition. [`permissions`] derives
//! the statements of a policy from a definition whose references are resolved.
//!
//! What is deliberately absent: nothing here knows the stack, AWS or the network, and nothing evaluates
//! a path or an expression.

pub mod cloudformation;
mod json;
mod jsonata;
mod lint;
pub mod model;
mod outline;
mod path;
mod permissions;
pub mod placeholder;
mod resolved;
mod resource;
mod text;
pub mod ways;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::source::{self, Diagnostic, Diagnostics, FileFormat, Node, Source, Span, Value};
use model::Machine;

pub use jsonata::{
    ConditionFault, condition_faults, evaluated, is_constant, is_expression, with_literal_arguments,
};
pub use outline::{
    MachineOutline, OutlinedChild, OutlinedCondition, OutlinedRetry, OutlinedState, OutlinedWay,
    WayTaken, outline,
};
pub use permissions::{
    PermissionWarning, RequiredPermission, RequiredPermissions, StateCall, StateMachineArn, called,
    logging, permissions, tracing,
};
pub use resolved::check_resolved;

/// The most bytes of a definition that `CreateStateMachine` accepts
/// (<https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html>).
pub const MAX_BYTES: usize = 1_048_576;

/// A definition without errors.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The file: its own, or the stack file.
    pub source: Arc<Source>,
    /// Its value with the place of every part.
    pub root: Node,
    /// The same as JSON without places, in the order written.
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

/// Twice [`MAX_BYTES`], which does not count the whitespace between values.
const LARGEST_FILE: u64 = 2 * MAX_BYTES as u64;

/// Reads the file of a definition.
///
/// # Errors
/// The file is missing, unreadable, not UTF-8, or longer than a definition can be.
pub fn read(path: &Path) -> Result<Arc<Source>, Diagnostic> {
    Source::read(path, LARGEST_FILE).map_err(|diagnostic| {
        let length = std::fs::metadata(path).map_or(0, |meta| meta.len());
        if length <= LARGEST_FILE {
            return diagnostic;
        }
        diagnostic.help(format!(
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
/// All diagnostics in the order of their places, at least one of them an error: the text is neither JSON nor, in a `.yaml` file,
/// YAML, or AWS
/// would reject the definition.
pub fn load(source: &Arc<Source>) -> Result<(Definition, Diagnostics), Diagnostics> {
    let read = if yaml::is_yaml(&source.name) {
        yaml::read(source)
    } else {
        json::read(source)
    };
    let (root, json) = read.map_err(|wrong| {
        let documents = FileFormat::of_documents(&source.text).map(FileFormat::in_words);
        match documents.or_else(|| FileFormat::of_name(Path::new(&source.name))) {
            Some(format) => other_format(source, format),
            None => wrong,
        }
    })?;
    checked(source, root, json)
}

/// The same for a definition inside a parsed stack file.
///
/// # Errors
/// All diagnostics, if AWS would reject the definition.
pub fn load_inline(
    source: &Arc<Source>,
    root: &Node,
) -> Result<(Definition, Diagnostics), Diagnostics> {
    checked(source, root.clone(), root.to_json())
}

fn checked(
    source: &Arc<Source>,
    root: Node,
    json: serde_json::Value,
) -> Result<(Definition, Diagnostics), Diagnostics> {
    not_a_definition(source, &root)?;
    let odd = source::odd_characters(source, &root);
    if odd.has_errors() {
        return Err(odd);
    }
    if root.value == Value::Null {
        return Err(json::empty().at(source, root.span).into());
    }
    let mut diagnostics = lint::check(source, &Machine::of(&root));
    let bytes = json.to_string().len();
    if bytes > MAX_BYTES {
        diagnostics.push(
            Diagnostic::error(format!("the definition is {bytes} bytes long without its blanks"))
                .at(source, start_of(&root))
                .help(format!(
                    "Step Functions takes {MAX_BYTES}: move a part to a machine of its own and start it from here"
                )),
        );
    }
    diagnostics
        .0
        .sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| place.span.start));
    diagnostics.into_result(Definition {
        source: Arc::clone(source),
        root,
        json,
    })
}

/// Help for a file that is no definition.
const NAME_THE_DEFINITION: &str = "name the file that has `StartAt` and `States`";
/// The same for one that may have been meant as a stack file.
const DEFINITION_OR_STACK: &str = "a definition has `StartAt` and `States`; a stack file has `stack` and a section such as `functions`";

/// The error of a file that is no definition by the keys at its top.
fn not_a_definition(source: &Arc<Source>, root: &Node) -> Result<(), Diagnostics> {
    let (what, help) = match FileFormat::of(root) {
        Some(FileFormat::Definition) => return Ok(()),
        Some(format) => (
            format!(
                "this is {}, not a Step Functions definition",
                format.in_words()
            ),
            NAME_THE_DEFINITION,
        ),
        None if lint::has_no_field_of_machine(root)
            && let Some(format) = FileFormat::of_name(Path::new(&source.name)) =>
        {
            return Err(other_format(source, format));
        }
        None if lint::has_no_field_of_machine(root) => (
            "this is no Step Functions definition: it has neither `StartAt` nor `States`"
                .to_owned(),
            DEFINITION_OR_STACK,
        ),
        None => return Ok(()),
    };
    let first = root.entries().first();
    let at = first.map_or(root.span, |entry| entry.key_span);
    Err(Diagnostic::error(what).at(source, at).help(help).into())
}

/// The error of a file that is no definition by the ending of its name.
fn other_format(source: &Source, format: &str) -> Diagnostics {
    let message = format!(
        "`{}` is {format}, not a Step Functions definition",
        source.name
    );
    Diagnostic::error(message).help(NAME_THE_DEFINITION).into()
}

/// Where a definition begins.
fn start_of(root: &Node) -> Span {
    Span {
        start: root.span.start,
        end: root.span.start,
    }
}

/// What in a definition an Express workflow does not support: waiting for jobs and task tokens,
/// activities, distributed Maps. The workflow type is not part of the definition, so that [`load`] cannot
/// check this.
#[must_use]
pub fn check_express(definition: &Definition) -> Diagnostics {
    lint::check_express(&definition.source, &definition.model())
}
