//! Variables: which states assign them, and which can read them.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>: a branch of
//! a Parallel and an inline Map read the variables around them; a distributed Map does not; an
//! inner scope cannot assign a name of an outer one.

use std::collections::BTreeMap;

use super::{Lint, values};
use crate::asl::QueryLanguage;
use crate::asl::model::State;
use crate::asl::text::suggestion;
use crate::source::{Entry, Node, Span, Value};

/// The variables that the states of one machine assign.
pub(super) struct VariableScope {
    names: BTreeMap<String, Span>,
    /// Whether every `Assign` is correct, so that all names are known; errors are reported elsewhere.
    is_clear: bool,
    /// Whether its states can read the variables of the scopes around it.
    sees_out: bool,
}

/// Opens the scope of a machine: collects the variables its states assign, and reports invalid names.
pub(super) fn open(lint: &mut Lint, states: &[State], top: QueryLanguage, sees_out: bool) {
    let mut names = BTreeMap::new();
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
                assign(lint, entry, language, sees_out, &mut names);
            }
        }
    }
    lint.scopes.push(VariableScope {
        names,
        is_clear,
        sees_out,
    });
}

/// Closes the innermost scope.
pub(super) fn close(lint: &mut Lint) {
    lint.scopes.pop();
}

fn assign(
    lint: &mut Lint,
    entry: &Entry,
    language: QueryLanguage,
    sees_out: bool,
    names: &mut BTreeMap<String, Span>,
) {
    let key = entry.key.as_str();
    let name = match language {
        QueryLanguage::JsonPath => key.strip_suffix(".$").unwrap_or(key),
        QueryLanguage::Jsonata => key,
    };
    if let Some((message, help)) = wrong_name(name) {
        return lint.error(entry.key_span, message, help);
    }
    let outer = lint
        .scopes
        .iter()
        .find_map(|scope| scope.names.get(name).copied());
    if let Some(span) = outer.filter(|_| sees_out) {
        let other = lint.line(span);
        lint.error(
            entry.key_span,
            format!("the variable `{name}` is assigned outside of this branch already"),
            format!("it stands on line {other}; a branch cannot change what is around it: take another name"),
        );
    }
    names.entry(name.to_owned()).or_insert(entry.key_span);
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
            format!("`{name}` is no name for a variable"),
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
