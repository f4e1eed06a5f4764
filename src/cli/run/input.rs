//! The input of an execution: JSON, checked before anything is called.

use std::io::Read;

use serde_json::Value;

use crate::aws::follow;
use crate::cli::Error;

/// The JSON itself, that of `@FILE`, or that of standard input (`-`).
pub(super) fn read(text: &str) -> Result<String, Error> {
    let (text, of) = match (text, text.strip_prefix('@')) {
        ("-", _) => (standard_input()?, "standard input".to_owned()),
        (_, Some(path)) => {
            let read = std::fs::read(path);
            let bytes = read.map_err(|error| Error::Usage(format!("{path}: {error}")))?;
            (utf8(bytes, path)?, path.to_owned())
        }
        _ => (text.to_owned(), "--input".to_owned()),
    };
    // The mark some editors put at the head of a file is no part of it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    if text.trim().is_empty() {
        return Err(Error::Usage(format!(
            "{of} is empty: an input is JSON, {{}} at the least"
        )));
    }
    if let Err(error) = serde_json::from_str::<Value>(&text) {
        return Err(Error::Usage(no_json(&of, &text, &error)));
    }
    match follow::input_limit(text.len()) {
        Some(why) => Err(Error::Usage(why)),
        None => Ok(text),
    }
}

fn standard_input() -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Error::Usage(format!("standard input: {error}")))?;
    utf8(bytes, "standard input")
}

fn utf8(bytes: Vec<u8>, of: &str) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| Error::Usage(format!("{of} is not UTF-8 text")))
}

/// What is wrong, with the line and a mark below the place.
fn no_json(of: &str, text: &str, error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    let what = what.replace("EOF", "the text ends");
    let (number, column) = (error.line(), error.column());
    let mut message = format!("{of} is no JSON, line {number}, column {column}: {what}");
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
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match read(text) {
            Err(Error::Usage(message)) => message,
            _ => String::new(),
        }
    }

    #[test]
    fn what_is_no_json_is_shown_with_its_place() {
        assert_eq!(
            refusal("{\"a\": 1,\n \"é\": tru}"),
            "--input is no JSON, line 2, column 11: expected ident\n   \"é\": tru}\n           ^"
        );
        assert!(refusal(" ").starts_with("--input is empty"));
        assert!(refusal("@/no/such/file").starts_with("/no/such/file: "));
        assert!(refusal(&format!("\"{}\"", "x".repeat(262_144))).contains("262146 bytes"));
        assert!(matches!(read("{\"a\": [1]}"), Ok(text) if text == "{\"a\": [1]}"));
    }
}
