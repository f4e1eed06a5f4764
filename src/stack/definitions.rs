//! Where the definition of a state machine is, and its substitutions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::reference;
use super::suggest::suggestion;

/// A definition (ASL): its file, or the definition itself.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MachineDefinition {
    /// The path of its file, JSON or (`.yaml`, `.yml`) YAML, relative to the stack file.
    File(#[schemars(length(min = 1))] String),
    /// The definition itself.
    Inline(Map<String, Value>),
}

/// Texts that replace `${NAME}` in a definition, by name.
pub type Substitutions = BTreeMap<String, String>;

/// The definition of one resource of a stack file.
#[derive(Debug, Clone, Copy)]
pub struct DefinitionUse<'f> {
    /// The key of the resource.
    pub key: &'f str,
    pub definition: &'f MachineDefinition,
    pub substitutions: &'f Substitutions,
}

/// A definition with its substitutions made. Other references stay.
#[must_use]
pub fn substituted(definition: &Value, substitutions: &Substitutions) -> Value {
    match definition {
        Value::String(text) => Value::String(reference::substitute(text, substitutions)),
        Value::Array(items) => {
            let items = items.iter();
            items.map(|item| substituted(item, substitutions)).collect()
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, one)| (key.clone(), substituted(one, substitutions)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Whether any text of a definition has `${name}`.
#[must_use]
pub fn refers_to(definition: &Value, name: &str) -> bool {
    any_text(definition, &|text| {
        reference::find(text).iter().any(|found| found.path == name)
    })
}

/// Whether any text of a definition has a reference that may be meant for `${name}`, and is wrong: it is misspelt, has an
/// attribute, or is not closed.
#[must_use]
pub fn may_refer_to(definition: &Value, name: &str) -> bool {
    any_text(definition, &|text| {
        let key = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        let mut found = reference::find(text).into_iter();
        !reference::unclosed(text).is_empty()
            || found.any(|found| suggestion(&key(&found.path), &[name]).is_some())
    })
}

fn any_text(definition: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match definition {
        Value::String(text) => is(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, is)),
        Value::Object(fields) => fields.values().any(|field| any_text(field, is)),
        _ => false,
    }
}
