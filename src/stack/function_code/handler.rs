//! Whether a package has the handler: its file, and the name in it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html>

mod forms;
mod missing;
mod names;

use super::contents::PackageContents;
use super::{CodeLanguage, FunctionCode};

pub(super) use names::{check, is_module};

/// Message and help.
type Wrong = (String, String);

/// The file of a handler.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HandlerFile {
    /// A text in the package.
    Text(String),
    /// What cannot be looked into: compiled code, TypeScript, a file of a layer.
    Other,
}

/// A handler in its parts.
#[derive(Debug, PartialEq, Eq)]
struct HandlerParts {
    /// The module's path without its ending, with `/` between folders.
    path: String,
    /// The module as the handler names it.
    module: String,
    /// The name in the module, with those in it: `api.handler`.
    name: String,
}

impl HandlerParts {
    fn of(language: CodeLanguage, handler: &str) -> Option<Self> {
        let (module, name) = match language {
            CodeLanguage::Python(_) => handler.rsplit_once('.')?,
            // A dot in the name of a folder is part of it.
            CodeLanguage::Node(_) => {
                let base = handler.rfind('/').map_or(0, |at| at + 1);
                let dot = base + handler.get(base..)?.find('.')?;
                (handler.get(..dot)?, handler.get(dot + 1..)?)
            }
        };
        if module.is_empty() || module.ends_with('/') || name.is_empty() || name.ends_with('.') {
            return None;
        }
        let path = match language {
            CodeLanguage::Python(_) => module.replace('.', "/"),
            CodeLanguage::Node(_) => module.trim_start_matches("./").to_owned(),
        };
        Some(Self {
            path,
            module: module.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// The endings of a handler's file, each with whether it can be looked into, in the order in which they are tried.
fn endings(language: CodeLanguage) -> Vec<(&'static str, bool)> {
    match language {
        CodeLanguage::Python(_) => {
            vec![
                ("/__init__.py", true),
                (".py", true),
                (".pyc", false),
                ("/__init__.pyc", false),
            ]
        }
        CodeLanguage::Node(major) => {
            let mut all = vec![
                ("", true),
                ("/index.js", true),
                (".js", true),
                (".mjs", true),
                (".cjs", true),
            ];
            if major >= 24 {
                all.extend([(".ts", false), (".mts", false), (".cts", false)]);
            }
            all
        }
    }
}

/// Finds the handler's file as the runtime does.
///
/// # Errors
/// There is none.
pub(super) fn find(
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Result<HandlerFile, Wrong> {
    let found = find_exactly(language, function, contents);
    found.map_err(|wrong| forms::with_meant(wrong, language, function, contents))
}

fn find_exactly(
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Result<HandlerFile, Wrong> {
    let handler = function.handler;
    let is_node = matches!(language, CodeLanguage::Node(_));
    if is_node && handler.contains("..") {
        return Err((
            format!("the handler `{handler}` has `..`, which Lambda refuses"),
            "write the path from the folder of the code: `folder/file.function`".to_owned(),
        ));
    }
    if !is_node && handler.starts_with(['.', '/']) {
        return Err((
            format!(
                "the handler `{handler}` names no module: Python takes it for a relative import"
            ),
            "write the path from the folder of the code: `folder/file.function`".to_owned(),
        ));
    }
    let Some(parts) = HandlerParts::of(language, handler) else {
        let ending = if is_node { ".js" } else { ".py" };
        return Err((
            format!("the handler `{handler}` names no function"),
            format!("write `file.function`, such as `app.handler` for `handler` in app{ending}"),
        ));
    };
    // A file of a layer or of the runtime.
    if ["/opt/", "/var/"]
        .iter()
        .any(|root| parts.path.starts_with(root))
    {
        return Ok(HandlerFile::Other);
    }
    if let Some(found) = locate(language, &parts, contents) {
        return Ok(found);
    }
    // A handler of a package that is installed: `datadog_lambda.handler.handler`.
    let top = parts.path.split('/').next().unwrap_or_default();
    let top = top.replace('_', "-").to_lowercase();
    let build = function.package.build.as_ref();
    if build.is_some_and(|build| build.named.contains_key(&top)) {
        return Ok(HandlerFile::Other);
    }
    Err(missing::explain(language, function, contents, &parts))
}

/// The file of a handler in the package.
fn locate(
    language: CodeLanguage,
    parts: &HandlerParts,
    contents: &PackageContents<'_>,
) -> Option<HandlerFile> {
    let is_node = matches!(language, CodeLanguage::Node(_));
    if !is_node && contents.is_compiled(&parts.path) {
        return Some(HandlerFile::Other);
    }
    for (ending, is_text) in endings(language) {
        let file = format!("{}{ending}", parts.path);
        if contents.has(&file) {
            return Some(if is_text {
                HandlerFile::Text(file)
            } else {
                HandlerFile::Other
            });
        }
    }
    // The runtime's last try is the way in which Node.js finds packages.
    (is_node && contents.has_folder(&format!("node_modules/{}", parts.path)))
        .then_some(HandlerFile::Other)
}
