//! The input of an execution: JSON, checked before anything is called.

use std::path::Path;

use serde_json::Value;

use crate::aws::executions;
use crate::ops::{Error, shell_word};

/// The origin of an input that is the argument itself.
pub const ARGUMENT: &str = "--input";

/// The input of an execution, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The bytes of a JSON text.
    pub bytes: Vec<u8>,
    /// Where they are from, for errors: a file's path, `standard input`.
    pub origin: String,
}

impl Input {
    /// The text, if it is JSON that Step Functions takes.
    pub(super) fn checked(&self) -> Result<String, Error> {
        let origin = &self.origin;
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|_| Error::Usage(format!("{origin} is not UTF-8 text, which JSON is")))?;
        // The mark some editors put at the head of a file is no part of it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(Error::Usage(format!(
                "{origin} is empty: an input is JSON, {{}} at the least"
            )));
        }
        if let Err(error) = serde_json::from_str::<Value>(text) {
            return Err(Error::Usage(no_json(origin, text, &error)));
        }
        match executions::input_limit(text.len()) {
            Some(why) => Err(Error::Usage(why)),
            None => Ok(text.to_owned()),
        }
    }
}

/// What is wrong, with the line and a mark below the place.
fn no_json(origin: &str, text: &str, error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    let what = what.replace("EOF", "the text ends");
    let (number, column) = (error.line(), error.column());
    let mut message = format!("{origin} is not valid JSON, line {number}, column {column}: {what}");
    let line = text.lines().nth(number.saturating_sub(1));
    if let Some(line) = line {
        // Columns count bytes; a long line is shown around the place.
        let end = column.saturating_sub(1).min(line.len());
        let before = line.get(..end).unwrap_or(line).chars().count();
        let from = before.saturating_sub(50);
        let shown: String = line.chars().skip(from).take(70).collect();
        let shown = shown.replace('\t', " ");
        let mark = " ".repeat(before - from);
        message = format!("{message}\n  {shown}\n  {mark}^");
    }
    match meant(origin, text.trim()) {
        Some(help) => format!("{message}\n  {help}"),
        None => message,
    }
}

/// What was probably meant by an argument that is not JSON.
fn meant(origin: &str, text: &str) -> Option<String> {
    if origin != ARGUMENT {
        return None;
    }
    if Path::new(text).is_file() || text.ends_with(".json") {
        let file = shell_word(text);
        return Some(format!(
            "to take the content of a file as the input: --input @{file}"
        ));
    }
    let quoted = text.starts_with(['{', '[', '\'']) && !text.contains('"');
    let help = "JSON has double quotes around names and texts, and the shell needs single quotes around the whole: \
                --input '{\"name\": \"value\"}'";
    quoted.then(|| help.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let input = Input {
            bytes: text.as_bytes().to_vec(),
            origin: "--input".to_owned(),
        };
        match input.checked() {
            Err(Error::Usage(message)) => message,
            _ => String::new(),
        }
    }

    #[test]
    fn what_is_no_json_is_shown_with_its_place() {
        assert_eq!(
            refusal("{\"a\": 1,\n \"é\": tru}"),
            "--input is not valid JSON, line 2, column 11: expected ident\n   \"é\": tru}\n           ^"
        );
        assert!(refusal(" ").starts_with("--input is empty"));
        assert!(refusal(&format!("\"{}\"", "x".repeat(262_144))).contains("262146 bytes"));
        assert_eq!(refusal("{\"a\": [1]}"), "");
        for (given, help) in [
            ("pedido.json", "--input @pedido.json"),
            ("my order.json", "--input @'my order.json'"),
            ("Cargo.toml", "--input @Cargo.toml"),
            ("{'a':1}", "double quotes"),
            ("{a:1}", "double quotes"),
        ] {
            assert!(refusal(given).contains(help), "{}", refusal(given));
        }
        assert!(!refusal("{\"a\": tru}").contains("double quotes"));
    }
}
