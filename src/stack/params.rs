//! Parameters: values from outside the stack file, used as `${param.NAME}`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::suggest::did_you_mean;
use super::validate_names::{is_key, key_help};
use super::{StackFile, Target, reference::ReferenceValues};
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

/// The inputs for reading a stack file.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The owner of this copy of the stack.
    pub owner: Option<String>,
    /// The parameters' values.
    pub set: BTreeMap<String, String>,
    /// How a missing value is treated.
    pub missing: Missing,
    /// The day, such as `2026-11-28` (UTC), as some runtimes are refused from a day on. By default the day of
    /// the data ([`crate::data::runtimes::date`]).
    pub today: Option<String>,
    /// Whether functions may exist already: what AWS refuses of new ones only is then not an error, but stands in
    /// [`DesiredState::not_creatable`](super::DesiredState).
    pub may_exist: bool,
    /// Whether `expires` may be any time, as on a local AWS; else it is at least a minute.
    pub any_expiry: bool,
}

/// How a parameter without a value, or an unset environment variable, is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// An error: the stack will be deployed.
    #[default]
    Error,
    /// Not reported: the stack is only checked, and the value is given later.
    Later,
}

impl Given {
    /// The shortest `expires`.
    #[must_use]
    pub fn shortest_expiry(&self) -> Duration {
        if self.any_expiry {
            Duration::from_secs(1)
        } else {
            Duration::from_mins(1)
        }
    }
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
    /// The diagnostic about a missing value, if missing values are errors.
    pub(super) fn if_required(self, diagnostic: Diagnostic) -> Option<Diagnostic> {
        (self == Self::Error).then_some(diagnostic)
    }
}

/// Checks the parameters and the values given for them.
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
                    .help(key_help(&entry.key)),
            );
            continue;
        }
        let Some(param) = file.params.get(&entry.key) else {
            continue;
        };
        // A wrong or misspelt default is reported elsewhere.
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
            diagnostics.extend(given.missing.if_required(diagnostic));
        }
    }
}

/// The values of references before any resource is known: the built-in ones, and parameters with a value.
#[must_use]
pub fn resolve(
    target: &Target,
    file: &StackFile,
    set: &BTreeMap<String, String>,
) -> ReferenceValues {
    let words = ReferenceValues::of(target);
    let mut known = words.clone();
    for (name, param) in &file.params {
        let default = || param.default.as_ref().map(|text| words.replace(text));
        if let Some(value) = set.get(name).cloned().or_else(default) {
            known.set(format!("param.{name}"), &value);
        }
    }
    known
}
