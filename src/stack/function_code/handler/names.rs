//! Whether the file of a handler has the name.

use std::collections::{BTreeMap, BTreeSet};

use super::{HandlerParts, Wrong};
use crate::stack::code::path_in_package;
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::node::NodeModule;
use crate::stack::function_code::python::{PythonDefinition, PythonModule};
use crate::stack::function_code::{CodeLanguage, FunctionCode};
use crate::stack::suggest::suggestion;

/// Message and help, if the file is known not to have the name.
pub(in crate::stack::function_code) fn check(
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
    file: &str,
) -> Option<Wrong> {
    let parts = HandlerParts::of(language, function.handler)?;
    let text = contents.text(file)?;
    let shown = path_in_package(function.code, file);
    // Of `index.api.handler`, only `api` is a name of the module.
    let name = match language {
        CodeLanguage::Python(_) => parts.name.as_str(),
        CodeLanguage::Node(_) => parts.name.split('.').next().unwrap_or_default(),
    };
    match language {
        CodeLanguage::Python(_) => {
            let module = PythonModule::parse(&text);
            // A module that imports itself may set any name of its own.
            let own_name = parts.module.replace('/', ".");
            let imported = module.imports(None);
            if imported
                .iter()
                .any(|one| one.name == own_name || one.paths.contains(&own_name))
            {
                return None;
            }
            let names = module.names?;
            if let Some(found) = names.get(name) {
                let problem = found.problem.as_ref()?;
                return Some((
                    format!("`{name}` in `{shown}` {problem}"),
                    format!("write `def {name}(event, context):`"),
                ));
            }
            let known = own(&names, |one| one.problem.is_none());
            let functions = own(&names, |one| one.is_function);
            let help = match help(&parts, name, &known, &functions) {
                Some(help) => help,
                None => format!("add a function to it: `def {name}(event, context):`"),
            };
            Some((format!("`{shown}` has no `{name}`"), help))
        }
        CodeLanguage::Node(_) => check_node(&text, file, &shown, name, &parts, contents),
    }
}

/// The public names that a module itself defines as what is wanted.
fn own(
    names: &BTreeMap<String, PythonDefinition>,
    is_wanted: fn(&PythonDefinition) -> bool,
) -> Vec<&str> {
    let own = names.iter().filter(|(name, definition)| {
        definition.is_own && is_wanted(definition) && !name.starts_with('_')
    });
    own.map(|(name, _)| name.as_str()).collect()
}

/// Which of the known names is probably meant, or all functions.
fn help(parts: &HandlerParts, name: &str, known: &[&str], functions: &[&str]) -> Option<String> {
    let handler = |name: &str| format!("`{}.{name}`", parts.module);
    if let Some(meant) = suggestion(name, known) {
        return Some(format!(
            "did you mean `{meant}`? Then write `handler: {}`",
            handler(meant).trim_matches('`')
        ));
    }
    match functions {
        [] => None,
        [one] => Some(format!(
            "it has `{one}`: write `handler: {}`",
            handler(one).trim_matches('`')
        )),
        some => {
            let shown: Vec<String> = some
                .iter()
                .take(5)
                .map(|name| format!("`{name}`"))
                .collect();
            Some(format!("it has {}", shown.join(", ")))
        }
    }
}

fn check_node(
    text: &str,
    file: &str,
    shown: &str,
    name: &str,
    parts: &HandlerParts,
    contents: &PackageContents<'_>,
) -> Option<Wrong> {
    let module = NodeModule::parse(text, Some(name));
    let is_esm = module.is_esm
        || file.ends_with(".mjs")
        || file.ends_with(".js") && is_module(file, contents);
    let names = if is_esm && !file.ends_with(".cjs") {
        &module.esm
    } else {
        &module.common
    };
    let names: &BTreeSet<String> = names.as_ref()?;
    if names.contains(name) {
        let value = module
            .values
            .get(name)
            .filter(|_| !parts.name.contains('.'))?;
        return Some((
            format!(
                "`{name}` in `{shown}` is {}, not a function",
                value.as_ref()?
            ),
            "write a function: `event => { ... }`".to_owned(),
        ));
    }
    if is_esm && !module.is_esm && module.uses_exports {
        return Some((
            format!("`{shown}` is an ES module, in which `exports` and `module` do not exist"),
            format!("write `export const {name} = ...`; or name the file `.cjs`"),
        ));
    }
    let known: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "__esModule")
        .filter(|name| !module.values.get(*name).is_some_and(Option::is_some))
        .collect();
    let message = format!("`{shown}` does not export `{name}`");
    let export = if is_esm {
        format!("`export {{ {name} }}`")
    } else {
        format!("`exports.{name} = {name}`")
    };
    let help = if module.declared.contains(name) {
        format!("it has `{name}`: add {export}")
    } else if names.contains("default") {
        format!(
            "write `export const {name} = ...`: Lambda calls `default` only for `handler: {}.default`",
            parts.module
        )
    } else {
        help(parts, name, &known, &known).unwrap_or_else(|| {
            let of = if is_esm {
                format!("`export const {name} = ...`")
            } else {
                format!("`exports.{name} = ...`")
            };
            format!("write {of}")
        })
    };
    Some((message, help))
}

/// Whether the nearest `package.json` makes `.js` files ES modules.
pub(in crate::stack::function_code) fn is_module(
    file: &str,
    contents: &PackageContents<'_>,
) -> bool {
    let mut folder = file;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        if folder.ends_with("node_modules") {
            return false;
        }
        if let Some(is) = type_of(&format!("{folder}/package.json"), contents) {
            return is;
        }
    }
    type_of("package.json", contents).unwrap_or(false)
}

fn type_of(package: &str, contents: &PackageContents<'_>) -> Option<bool> {
    let text = contents.text(package)?;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    Some(json["type"] == "module")
}
