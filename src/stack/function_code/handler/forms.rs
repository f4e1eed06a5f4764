//! Handlers in forms that other tools take, or that look right.

use super::{HandlerFile, HandlerParts, Wrong, locate, names};
use crate::stack::function_code::contents::PackageContents;
use crate::stack::function_code::{CodeLanguage, FunctionCode};

/// Endings of files, which a handler does not have.
const ENDINGS: [&str; 6] = [".py", ".js", ".mjs", ".cjs", ".ts", ".mts"];

/// The handler that is probably meant, if it is in the package: `app.handler` for `./app.py:handler()`.
pub(super) fn meant(
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Option<String> {
    let written = function.handler;
    let mut text = written
        .replace('\\', "/")
        .replace("::", ".")
        .replace([':', '#'], ".");
    if let Some(at) = text.find('(') {
        text.truncate(at);
    }
    let text = text.trim_start_matches(['.', '/']).trim_end_matches('.');
    let code = function.code.trim_start_matches("./").trim_end_matches('/');
    let within = text
        .strip_prefix(code)
        .and_then(|rest| rest.strip_prefix(['/', '.']));
    for text in std::iter::once(text).chain(within) {
        // `app.py.handler`, `app/handler`
        let mut tries = vec![text.to_owned()];
        for ending in ENDINGS {
            tries.extend(text.contains(ending).then(|| text.replacen(ending, "", 1)));
        }
        tries.extend(
            text.rsplit_once('/')
                .map(|(file, name)| format!("{file}.{name}")),
        );
        let found = tries.into_iter().find(|handler| {
            handler != written && is_handler(handler, language, function, contents)
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether the package has this handler, as far as the code tells.
fn is_handler(
    handler: &str,
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> bool {
    let Some(parts) = HandlerParts::of(language, handler) else {
        return false;
    };
    let function = FunctionCode {
        handler,
        ..*function
    };
    match locate(language, &parts, contents) {
        Some(HandlerFile::Text(file)) => {
            names::check(language, &function, contents, &file).is_none()
        }
        _ => false,
    }
}

/// The error of a handler, with the one that is meant if there is one.
pub(super) fn with_meant(
    wrong: Wrong,
    language: CodeLanguage,
    function: &FunctionCode<'_>,
    contents: &PackageContents<'_>,
) -> Wrong {
    match meant(language, function, contents) {
        Some(handler) => (wrong.0, format!("did you mean `{handler}`?")),
        None => wrong,
    }
}
