//! The modules that Python and Node.js come with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::DataSource;

/// Whether a version of Python has a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardModule {
    /// It has it.
    Present,
    /// Python `3.N` is the last that has it.
    Until(u32),
    /// Python `3.N` is the first that has it.
    Since(u32),
    /// No version that the data knows has it.
    Unknown,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModulesFile {
    #[serde(rename = "sources")]
    _sources: Vec<DataSource>,
    python_versions: Vec<String>,
    always: BTreeSet<String>,
    python: BTreeMap<String, Versions>,
    node: BTreeSet<String>,
}

/// The first and the last `3.N` that has a module; `None` where every later or earlier one does.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versions {
    #[serde(default)]
    since: Option<u32>,
    #[serde(default)]
    until: Option<u32>,
}

static FILE: LazyLock<ModulesFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("modules.json")).unwrap_or_default());

/// Whether Python `3.minor` has a module with this name. It has every private one, as far as anybody knows.
#[must_use]
pub fn of_python(name: &str, minor: u32) -> StandardModule {
    if name.starts_with('_') || FILE.always.contains(name) {
        return StandardModule::Present;
    }
    match FILE.python.get(name) {
        None => StandardModule::Unknown,
        Some(Versions {
            until: Some(until), ..
        }) if minor > *until => StandardModule::Until(*until),
        Some(Versions {
            since: Some(since), ..
        }) if minor < *since => StandardModule::Since(*since),
        Some(_) => StandardModule::Present,
    }
}

/// Whether the modules of Python `3.minor` are in the data: a newer one may have more.
#[must_use]
pub fn knows_python(minor: u32) -> bool {
    FILE.python_versions.contains(&format!("3.{minor}"))
}

/// The public modules of every version of Python.
pub fn all_of_python() -> impl Iterator<Item = &'static str> {
    FILE.always
        .iter()
        .chain(FILE.python.keys())
        .map(String::as_str)
}

/// The modules of Node.js, without `node:`.
pub fn all_of_node() -> impl Iterator<Item = &'static str> {
    FILE.node.iter().map(String::as_str)
}

/// Whether some version of Node.js has a module with this name, without `node:`.
#[must_use]
pub fn of_node(name: &str) -> bool {
    FILE.node.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_come_and_go() {
        assert_eq!(of_python("json", 13), StandardModule::Present);
        assert_eq!(of_python("_socket", 13), StandardModule::Present);
        assert_eq!(of_python("cgi", 12), StandardModule::Present);
        assert_eq!(of_python("cgi", 13), StandardModule::Until(12));
        assert_eq!(of_python("distutils", 12), StandardModule::Until(11));
        assert_eq!(of_python("tomllib", 10), StandardModule::Since(11));
        assert_eq!(of_python("requests", 13), StandardModule::Unknown);
        assert!(knows_python(13) && !knows_python(99));
        assert!(of_node("fs") && of_node("crypto") && !of_node("express"));
    }
}
