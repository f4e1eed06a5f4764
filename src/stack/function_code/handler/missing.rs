//! Where the file of a handler may be, when it is not where the handler says.

use super::{HandlerParts, Wrong, endings};
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::{CodeLanguage, FunctionCode};
use crate::stack::suggest::suggestion;

/// Folders that are no part of the user's own code.
const OTHERS: [&str; 3] = ["node_modules/", "__MACOSX/", "site-packages/"];

/// Message and help for a handler without a file.
pub(super) fn explain(
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
    parts: &HandlerParts,
) -> Wrong {
    let file = format!("{}{}", parts.path, main_ending(language));
    let message = format!(
        "the code has no file {file} for the handler `{}`",
        function.handler
    );
    let named = |module: &str| format!("`{module}.{}`", parts.name);
    if let Some((folder, found)) = deeper(language, contents, &parts.path) {
        let handler = named(&format!("{folder}/{}", parts.module));
        let instead = if function.is_zip() {
            "zip what is in this folder, not the folder itself".to_owned()
        } else {
            format!(
                "write `code: {}/{folder}`",
                function.code.trim_end_matches('/')
            )
        };
        return (
            message,
            format!(
                "the code has {found}: {instead}; or write `handler: {handler}`",
                handler = handler.trim_matches('`')
            ),
        );
    }
    let modules = modules_at_top(language, contents);
    let known: Vec<&str> = modules.iter().map(|(module, _)| *module).collect();
    let dotted = modules.iter().find(|(module, _)| {
        let rest = function.handler.strip_prefix(module);
        module.contains('.') && rest.is_some_and(|rest| rest.starts_with('.'))
    });
    if let Some((module, found)) = dotted {
        let name = function.handler.get(module.len()..).unwrap_or_default();
        let plain = module.replace('.', "_");
        let help = format!(
            "the name of a handler's file has no dots: rename {found} to {}, and write `handler: {plain}{name}`",
            found.replacen(module, &plain, 1)
        );
        return (message, help);
    }
    if let Some(module) = suggestion(&parts.module, &known) {
        return (message, format!("did you mean {}?", named(module)));
    }
    let typescript = format!("{}.ts", parts.path);
    if contents.has(&typescript) {
        let help = format!(
            "the code has {typescript}, which {} does not load: compile it to {file}",
            function.runtime
        );
        return (message, help);
    }
    let help = if modules.is_empty() {
        format!(
            "add {file} with a function `{}`, or correct `code`",
            parts.name
        )
    } else {
        let files: Vec<&str> = modules.iter().map(|(_, file)| *file).take(5).collect();
        format!("the code has {}", files.join(", "))
    };
    (message, help)
}

fn main_ending(language: CodeLanguage) -> &'static str {
    match language {
        CodeLanguage::Python(_) => ".py",
        CodeLanguage::Node(_) => ".js",
    }
}

/// The folder in which the handler's file is, and the file: the one with the shortest path.
fn deeper<'c>(
    language: CodeLanguage,
    contents: &'c PackageContents<'_>,
    path: &str,
) -> Option<(&'c str, &'c str)> {
    let tails = endings(language)
        .into_iter()
        .filter(|(ending, _)| !ending.is_empty());
    let tails: Vec<String> = tails
        .map(|(ending, _)| format!("/{path}{ending}"))
        .collect();
    let own = contents
        .names()
        .iter()
        .filter(|name| !OTHERS.iter().any(|other| name.contains(other)));
    let found = own.filter_map(|name| {
        let folder = tails
            .iter()
            .find_map(|tail| name.strip_suffix(tail.as_str()))?;
        Some((folder, *name))
    });
    found.min_by_key(|(folder, _)| (folder.matches('/').count(), *folder))
}

/// The modules beside the one that is missing, with their files.
fn modules_at_top<'c>(
    language: CodeLanguage,
    contents: &'c PackageContents<'_>,
) -> Vec<(&'c str, &'c str)> {
    let all = contents.names().iter().filter(|name| !name.contains('/'));
    let of = all.filter_map(|name| {
        let endings = endings(language).into_iter();
        let mut plain = endings.filter(|(ending, _)| ending.starts_with('.'));
        Some((
            plain.find_map(|(ending, _)| name.strip_suffix(ending))?,
            *name,
        ))
    });
    of.collect()
}
