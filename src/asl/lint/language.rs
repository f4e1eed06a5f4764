//! The query language of a definition or state, even if it does not name it.

use super::{Lint, fields, values};
use crate::asl::QueryLanguage;
use crate::asl::model::Machine;
use crate::asl::text::{all_of, suggestion};
use crate::source::{Entry, Node};

/// The language that `QueryLanguage` names, or probably means; none without the field.
pub(super) fn named(lint: &mut Lint, object: &Node) -> Option<QueryLanguage> {
    let (name, span) = values::text(lint, object, "QueryLanguage")?;
    if let Some(language) = QueryLanguage::named(name) {
        return Some(language);
    }
    let help = match suggestion(name, ["JSONPath", "JSONata"]) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write `JSONPath` or `JSONata`".to_owned(),
    };
    lint.error(span, format!("there is no query language `{name}`"), help);
    // The language that was meant, so that its fields are not reported as well.
    match name.to_lowercase().as_str() {
        "jsonpath" => Some(QueryLanguage::JsonPath),
        _ => Some(QueryLanguage::Jsonata),
    }
}

/// The language of a whole definition.
///
/// A definition that is in `JSONata` throughout and does not name the language has one error, not one
/// for each field.
pub(super) fn of_definition(lint: &mut Lint, model: &Machine) -> QueryLanguage {
    let root = model.json;
    if let Some(language) = named(lint, root) {
        return language;
    }
    let mut signs = Signs::default();
    for state in model.all_states() {
        signs.of_state(state.json);
    }
    let in_order = signs
        .jsonata
        .iter()
        .min_by_key(|entry| entry.key_span.start);
    let Some(first) = in_order else {
        return QueryLanguage::JsonPath;
    };
    if signs.is_mixed || !lint.source.text.contains("{%") {
        return QueryLanguage::JsonPath;
    }
    // A misspelt `QueryLanguage`, or one that is not a text, is reported elsewhere.
    if root.get("QueryLanguage").is_none() && !values::is_misspelt(root, "QueryLanguage") {
        lint.error(
            first.key_span,
            format!(
                "`{}` is a JSONata field, but the query language here is JSONPath",
                first.key
            ),
            "begin the definition with \"QueryLanguage\": \"JSONata\"",
        );
    }
    QueryLanguage::Jsonata
}

/// The language of a state within a definition of the language `top`.
pub(super) fn of_state(lint: &mut Lint, state: &Node, top: QueryLanguage) -> QueryLanguage {
    if let Some(language) = named(lint, state) {
        return language;
    }
    let mut signs = Signs::default();
    signs.of_state(state);
    let text = lint.source.text.get(state.span.start..state.span.end);
    let Some(first) = signs.jsonata.first() else {
        return top;
    };
    if top == QueryLanguage::Jsonata
        || signs.is_mixed
        || !text.is_some_and(|text| text.contains("{%"))
    {
        return top;
    }
    if state.get("QueryLanguage").is_none() && !values::is_misspelt(state, "QueryLanguage") {
        let names = all_of(signs.jsonata.iter().map(|entry| entry.key.as_str()));
        let are = match signs.jsonata.len() {
            1 => "is a JSONata field",
            _ => "are JSONata fields",
        };
        lint.error(
            first.key_span,
            format!("{names} {are}, but the query language here is JSONPath"),
            "give the state \"QueryLanguage\": \"JSONata\", or write JSONPath fields",
        );
    }
    QueryLanguage::Jsonata
}

/// The signs of one language or the other.
#[derive(Default)]
struct Signs<'a> {
    /// The fields that only `JSONata` has.
    jsonata: Vec<&'a Entry>,
    /// Whether there is a sign of `JSONPath`, or a state names its own language.
    is_mixed: bool,
}

impl<'a> Signs<'a> {
    /// Adds the signs of one state, without the states inside it.
    fn of_state(&mut self, state: &'a Node) {
        for entry in state.entries() {
            match (entry.key.as_str(), fields::language_of(&entry.key)) {
                ("QueryLanguage", _) | (_, Some(QueryLanguage::JsonPath)) => self.is_mixed = true,
                ("Choices", _) => {
                    for rule in entry.value.items().iter().flat_map(Node::entries) {
                        match rule.key.as_str() {
                            "Condition" => self.jsonata.push(rule),
                            "Variable" | "And" | "Or" | "Not" => self.is_mixed = true,
                            _ => {}
                        }
                    }
                }
                ("Branches" | "ItemProcessor" | "Iterator", _) => {}
                (_, Some(QueryLanguage::Jsonata)) => {
                    self.jsonata.push(entry);
                    self.is_mixed |= has_path_keys(&entry.value);
                }
                _ => self.is_mixed |= has_path_keys(&entry.value),
            }
        }
    }
}

/// Whether a value has keys that end in `.$` at any depth.
fn has_path_keys(node: &Node) -> bool {
    let in_entries = |entry: &Entry| entry.key.ends_with(".$") || has_path_keys(&entry.value);
    node.entries().iter().any(in_entries) || node.items().iter().any(has_path_keys)
}
