//! Parameters: values given from outside the stack file, `${param.NAME}` within it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::suggest::did_you_mean;
use super::validate_names::is_key;
use super::{StackFile, Target, reference::Known};
use crate::source::{Diagnostic, Diagnostics, Node, Source};

/// A value given from outside: `--set NAME=VALUE`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Its value where none is given; without a default one has to be. May hold `${env:VARIABLE}`.
    #[serde(default)]
    pub default: Option<String>,
    /// Whether it is hidden in everything treino prints. It can then be used only in connections and in
    /// functions' `environment`.
    #[serde(default)]
    pub secret: bool,
}

/// What a stack file is read with.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Whose copy of the stack it is.
    pub owner: Option<String>,
    /// The parameters' values.
    pub set: BTreeMap<String, String>,
    /// What a value that is not given is.
    pub missing: Missing,
}

/// What a parameter without a value, or an environment variable that is not set, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// An error: something is to be done with the stack.
    #[default]
    Error,
    /// No diagnostic: the stack is only looked at, and the value is given when something is done with it.
    Later,
}

impl From<Option<&str>> for Given {
    fn from(owner: Option<&str>) -> Self {
        Self {
            owner: owner.map(String::from),
            ..Self::default()
        }
    }
}

impl Missing {
    /// A diagnostic about a missing value, where it is one.
    pub(super) fn weigh(self, diagnostic: Diagnostic) -> Option<Diagnostic> {
        (self == Self::Error).then_some(diagnostic)
    }
}

/// What is wrong with the parameters, and with what was given for them.
pub fn check(
    source: &Arc<Source>,
    root: &Node,
    file: &StackFile,
    given: &Given,
    diagnostics: &mut Diagnostics,
) {
    let names: Vec<&str> = file.params.keys().map(String::as_str).collect();
    for name in given
        .set
        .keys()
        .filter(|name| !file.params.contains_key(*name))
    {
        let help = if names.is_empty() {
            "it has none: declare them under `params:`".to_owned()
        } else {
            did_you_mean(name, &names)
        };
        diagnostics.push(
            Diagnostic::error(format!("--set {name}: the stack has no such parameter")).help(help),
        );
    }
    let written = root.get("params").map(Node::entries).unwrap_or_default();
    for entry in written {
        if !is_key(&entry.key) {
            diagnostics.push(
                Diagnostic::error(format!("`{}` cannot be a parameter's name", entry.key))
                    .at(source, entry.key_span)
                    .help("use up to 40 letters, digits, `-` and `_`, a letter first"),
            );
            continue;
        }
        let Some(param) = file.params.get(&entry.key) else {
            continue;
        };
        // A default that is wrong, or misspelt, is said to be.
        let fields = entry.value.entries().iter();
        let is_said = fields
            .map(|field| field.key.as_str())
            .any(|key| key == "default" || !["description", "secret"].contains(&key));
        if param.default.is_none() && !is_said && !given.set.contains_key(&entry.key) {
            let what = match param.description.trim() {
                "" => String::new(),
                text => format!(" ({})", text.trim_end_matches('.')),
            };
            let diagnostic =
                Diagnostic::error(format!("the parameter `{}` has no value", entry.key))
                    .at(source, entry.key_span)
                    .help(format!("give it{what}: --set {}=VALUE", entry.key));
            diagnostics.extend(given.missing.weigh(diagnostic));
        }
    }
}

/// What references can mean before any resource is known: the words every stack has, and the
/// parameters that have a value.
#[must_use]
pub fn settled(target: &Target, file: &StackFile, set: &BTreeMap<String, String>) -> Known {
    let words = Known::of(target);
    let mut known = words.clone();
    for (name, param) in &file.params {
        let default = || param.default.as_ref().map(|text| words.replace(text));
        if let Some(value) = set.get(name).cloned().or_else(default) {
            known.set(format!("param.{name}"), &value);
        }
    }
    known
}
