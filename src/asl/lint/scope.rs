//! Variables: which states assign them, and which can read them.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>: a branch of
//! a Parallel and an inline Map read the variables around them; a distributed Map does not; an
//! inner scope cannot assign a name of an outer one. What the Parallel or Map around it assigns itself is
//! excepted: it does so when the inner scope has ended, and AWS takes the same name in both.

use std::collections::BTreeMap;

use super::{Lint, values};
use crate::asl::QueryLanguage;
use crate::asl::model::State;
use crate::asl::text::suggestion;
use crate::source::{Entry, Node, Span, Value};

/// The variables that the states of one machine assign.
pub(super) struct VariableScope {
    /// Each name with the states that assign it, and where.
    names: BTreeMap<String, Vec<(String, Span)>>,
    /// The state of the machine that is checked now.
    current: String,
    /// Whether every `Assign` is correct, so that all names are known; errors are reported elsewhere.
    is_clear: bool,
    /// Whether its states can read the variables of the scopes around it.
    sees_out: bool,
}

/// Opens the scope of a machine: collects the variables its states assign, and reports invalid names.
pub(super) fn open(lint: &mut Lint, states: &[State], top: QueryLanguage, sees_out: bool) {
    let mut names: BTreeMap<String, Vec<(String, Span)>> = BTreeMap::new();
    let mut is_clear = true;
    for state in states {
        let language = state.own_language.unwrap_or(top);
        let inner = ["Choices", "Catch"]
            .into_iter()
            .filter_map(|field| state.json.get(field))
            .flat_map(Node::items);
        let is_list = |field: &str| match state.json.get(field) {
            Some(node) => matches!(node.value, Value::List(_)),
            None => !values::is_misspelt(state.json, field),
        };
        is_clear &= is_list("Choices") && is_list("Catch");
        for holder in std::iter::once(state.json).chain(inner) {
            is_clear &= matches!(holder.value, Value::Map(_))
                && match holder.get("Assign") {
                    Some(assign) => matches!(assign.value, Value::Map(_)),
                    None => !values::is_misspelt(holder, "Assign"),
                };
            let assigned = holder.get("Assign").map(Node::entries).unwrap_or_default();
            for entry in assigned {
                if let Some(name) = assign(lint, entry, language, sees_out) {
                    let by = (state.name.text.to_owned(), entry.key_span);
                    names.entry(name.to_owned()).or_default().push(by);
                }
            }
        }
    }
    lint.scopes.push(VariableScope {
        names,
        current: String::new(),
        is_clear,
        sees_out,
    });
}

/// Says which state of the innermost machine is checked now.
pub(super) fn enter(lint: &mut Lint, state: &str) {
    if let Some(scope) = lint.scopes.last_mut() {
        state.clone_into(&mut scope.current);
    }
}

/// Closes the innermost scope.
pub(super) fn close(lint: &mut Lint) {
    lint.scopes.pop();
}

/// The name of a variable that is assigned; none if it is no name.
fn assign<'a>(
    lint: &mut Lint,
    entry: &'a Entry,
    language: QueryLanguage,
    sees_out: bool,
) -> Option<&'a str> {
    let key = entry.key.as_str();
    let name = match language {
        QueryLanguage::JsonPath => key.strip_suffix(".$").unwrap_or(key),
        QueryLanguage::Jsonata => key,
    };
    if let Some((message, help)) = wrong_name(name) {
        lint.error(entry.key_span, message, help);
        return None;
    }
    if let Some(span) = assigned_around(lint, name).filter(|_| sees_out) {
        let other = lint.line(span);
        lint.error(
            entry.key_span,
            format!("the variable `{name}` is assigned outside of this branch already"),
            format!(
                "it is on line {other}; a branch cannot change what is around it: take another name"
            ),
        );
    }
    Some(name)
}

/// Where a state assigns the variable that neither is nor holds the state checked now.
fn assigned_around(lint: &Lint, name: &str) -> Option<Span> {
    for scope in lint.scopes.iter().rev() {
        let mut by = scope.names.get(name).into_iter().flatten();
        if let Some((_, span)) = by.find(|(state, _)| *state != scope.current) {
            return Some(*span);
        }
        if !scope.sees_out {
            return None;
        }
    }
    None
}

fn wrong_name(name: &str) -> Option<(String, &'static str)> {
    let starts_well = name.chars().next().is_some_and(char::is_alphabetic);
    let goes_well = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if name == "states" {
        Some((
            "the variable `states` is reserved".to_owned(),
            "take another name",
        ))
    } else if !starts_well || !goes_well {
        Some((
            format!("`{name}` is not a name for a variable"),
            "a name is a letter, then letters, digits and underscores",
        ))
    } else if name.chars().count() > 80 {
        Some((
            format!(
                "the name of the variable is {} characters long",
                name.chars().count()
            ),
            "names have at most 80",
        ))
    } else {
        None
    }
}

/// Warns if no state assigns a variable that is read.
pub(super) fn read(lint: &mut Lint, name: &str, span: Span) {
    let mut known: Vec<&str> = Vec::new();
    for scope in lint.scopes.iter().rev() {
        if !scope.is_clear {
            return;
        }
        known.extend(scope.names.keys().map(String::as_str));
        if !scope.sees_out {
            break;
        }
    }
    if known.contains(&name) || lint.unassigned.contains(name) {
        return;
    }
    let help = match suggestion(name, known.iter().copied().chain(["states"])) {
        Some(meant) => format!("did you mean `${meant}`?"),
        None => format!("give it a value before, in \"Assign\": {{\"{name}\": ...}}"),
    };
    lint.unassigned.insert(name.to_owned());
    lint.warning(
        span,
        format!("no state assigns the variable `${name}`"),
        help,
    );
}
