//! Whether the files that a Node.js module loads by their paths are in the package.
//!
//! <https://nodejs.org/api/modules.html#all-together>, <https://nodejs.org/api/esm.html#mandatory-file-extensions>

use super::MissingImport;
use super::node::path_of;
use crate::data::modules::of_node;
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::runtime_packages::nearly;
use crate::stack::function_code::{CodeLanguage, ImportedPackage};
use crate::stack::suggest::suggestion;

/// What `require` tries after the path itself.
const REQUIRED: [&str; 7] = [
    ".js",
    ".json",
    ".node",
    "/package.json",
    "/index.js",
    "/index.json",
    "/index.node",
];
/// The endings of files that may be meant by a path without one.
const MEANT: [&str; 8] = [
    ".js",
    ".mjs",
    ".cjs",
    ".json",
    "/index.js",
    "/index.mjs",
    "/index.cjs",
    ".ts",
];

/// Message and help, if a path leads to no file, or `require` is used where it does not exist.
pub(super) fn missing(
    module: &str,
    text: &str,
    import: &ImportedPackage,
    contents: &PackageContents<'_>,
) -> Option<MissingImport> {
    let written = import.paths.first()?;
    if !import.is_whole && module.ends_with(".mjs") && !text.contains("createRequire") {
        return Some((
            format!("`require` does not exist in ES modules, and `{module}` is one"),
            format!("write `import ... from '{written}'`; or name the file `.cjs`"),
        ));
    }
    if let Some(name) = written.strip_prefix("node:") {
        let meant = nearly(name, CodeLanguage::Node(0)).filter(|_| !of_node(name))?;
        return Some((
            format!("Node.js has no module `{written}`"),
            format!("did you mean `node:{meant}`?"),
        ));
    }
    let is_path = [".", ".."].contains(&written.as_str())
        || written.starts_with("./")
        || written.starts_with("../");
    if !is_path || written.contains(['?', '#', '%']) || written.contains("node_modules") {
        return None;
    }
    let Some(path) = path_of(module, written) else {
        return Some((
            format!("`{written}` leads out of the package"),
            "only what is in the code folder is packaged: name the folder under `include:`, which puts it beside the code"
                .to_owned(),
        ));
    };
    let tried = |endings: &[&str]| {
        let names = endings.iter().map(|ending| joined(&path, ending));
        names.into_iter().find(|name| contents.has(name))
    };
    let is_file = contents.has(&path) && !written.ends_with('/');
    if is_file || !import.is_whole && tried(&REQUIRED).is_some() {
        return None;
    }
    let whole = |found: &str| {
        let ending = found.strip_prefix(&path).unwrap_or_default();
        let ending = if path.is_empty() {
            format!("/{found}")
        } else {
            ending.to_owned()
        };
        format!("{}{ending}", written.trim_end_matches('/'))
    };
    if let Some(found) = tried(&MEANT) {
        let why = if found.ends_with(".ts") {
            "the package has it as TypeScript"
        } else if import.is_whole {
            "`import` takes the whole name of a file"
        } else {
            "`require` does not try this ending"
        };
        return Some((
            format!("`{written}` is not a file of the package: {why}"),
            format!("write `{}`", whole(&found)),
        ));
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let within = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let beside = contents
        .names()
        .iter()
        .filter_map(|one| one.strip_prefix(within.as_str()));
    let beside: Vec<&str> = beside
        .filter(|one| !one.contains('/') && !module.ends_with(*one))
        .collect();
    let bare = |one: &str| {
        one.rsplit_once('.')
            .map_or(one.to_owned(), |(bare, _)| bare.to_owned())
    };
    let bares: Vec<String> = beside.iter().map(|one| bare(one)).collect();
    let known: Vec<&str> = bares.iter().map(String::as_str).collect();
    let meant = suggestion(&bare(name), &known).and_then(|found| {
        let at = known.iter().position(|one| *one == found)?;
        beside.get(at)
    });
    let help = match meant {
        Some(file) => {
            let above = written.rsplit_once('/').map_or(".", |(above, _)| above);
            format!("did you mean `{above}/{file}`?")
        }
        None => "add the file; only what is in the code folder or named by `include:` is packaged"
            .to_owned(),
    };
    Some((format!("the file `{written}` is not in the package"), help))
}

fn joined(path: &str, ending: &str) -> String {
    format!("{path}{ending}").trim_start_matches('/').to_owned()
}
