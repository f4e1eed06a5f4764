//! Arguments and variables that are not UTF-8 text, where text is wanted.

use std::ffi::OsStr;

use crate::ops::Error;

/// Variables that are read as text, beside those of AWS and treino.
const TEXTS: [&str; 5] = [
    "HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
];
/// What such variables are named that nobody else may see.
const SECRET: [&str; 4] = ["KEY", "SECRET", "TOKEN", "PASSWORD"];

/// That a variable is not text: whatever reads it would take it for one that is not set.
pub(super) fn variables() -> Result<(), Error> {
    match not_text() {
        Some(variable) => Err(Error::Usage(variable)),
        None => Ok(()),
    }
}

fn not_text() -> Option<String> {
    std::env::vars_os().find_map(|(name, value)| {
        let name = name.to_str().filter(|_| value.to_str().is_none())?;
        let read = TEXTS.contains(&name) || name.starts_with("AWS_") || name.starts_with("TREINO_");
        let value = if SECRET.iter().any(|part| name.contains(part)) {
            String::new()
        } else {
            format!(" (`{}`)", value.to_string_lossy())
        };
        read.then(|| {
            format!(
                "the environment variable {name} is not UTF-8 text{value}: set it to another value, or unset it"
            )
        })
    })
}

/// What is wrong where the arguments, or the variables that stand for some, are not text.
pub(super) fn arguments() -> String {
    let mut wrong = Vec::new();
    let mut before = String::new();
    for argument in std::env::args_os().skip(1) {
        let shown = shown(&argument, &before);
        if argument.to_str().is_none() {
            wrong.push(if before.starts_with('-') && !shown.starts_with('-') {
                format!("`{before} {shown}`")
            } else {
                format!("`{shown}`")
            });
        }
        before = shown;
    }
    if wrong.is_empty() {
        return not_text().unwrap_or_else(|| "an argument is not UTF-8 text".to_owned());
    }
    format!(
        "{} is not UTF-8 text, and only paths may be anything else: write it in UTF-8",
        wrong.join(", ")
    )
}

/// An argument as it may be shown: the value of a parameter may be a secret.
fn shown(argument: &OsStr, before: &str) -> String {
    let text = argument.to_string_lossy();
    let pair = text
        .strip_prefix("--set=")
        .or_else(|| (before == "--set").then_some(&*text));
    match pair.and_then(|pair| Some((text.len() - pair.len(), pair.find('=')?))) {
        Some((begin, name)) => format!("{}...", &text[..=begin + name]),
        None => text.into_owned(),
    }
}
