//! The input of an execution: JSON, checked before anything is called.

use std::ffi::OsStr;
use std::io::{ErrorKind, IsTerminal, Read};
use std::path::PathBuf;

use serde_json::Value;

use crate::aws::executions;
use crate::cli::Error;
use crate::report::{self, Out};

/// What is read of an input: more than Step Functions takes, so that it is seen to be too much.
const MOST: u64 = 1024 * 1024;

/// The JSON itself, that of `@FILE`, or that of standard input (`-`).
pub(super) fn read(given: &OsStr, out: Out) -> Result<String, Error> {
    let (bytes, of) = if given == "-" {
        let input = std::io::stdin();
        if input.is_terminal() {
            out.aside(report::dim(
                "reading the input from this terminal: end it with Ctrl-D on a line of its own",
            ));
        }
        (all(input.lock()), "standard input".to_owned())
    } else if let Some(path) = path_of(given) {
        let read = std::fs::File::open(&path).and_then(|file| {
            if file.metadata()?.is_dir() {
                return Err(ErrorKind::IsADirectory.into());
            }
            Ok(file)
        });
        (read.and_then(all), path.display().to_string())
    } else {
        (Ok(given.as_encoded_bytes().to_vec()), "--input".to_owned())
    };
    let bytes = bytes.map_err(|error| {
        let help = crate::source::open_files_help(&error)
            .map_or_else(String::new, |help| format!(": {help}"));
        Error::Usage(format!("{of}: {error}{help}"))
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Usage(format!("{of} is not UTF-8 text, which JSON is")))?;
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
    match executions::input_limit(text.len()) {
        Some(why) => Err(Error::Usage(why)),
        None => Ok(text),
    }
}

/// What may have no end is read as far as it can matter.
fn all(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(std::io::Error::other(executions::input_too_long(MOST)));
    }
    Ok(bytes)
}

/// The path of `@FILE`, which may be no text.
#[cfg(unix)]
fn path_of(given: &OsStr) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let path = given.as_bytes().strip_prefix(b"@")?;
    Some(OsStr::from_bytes(path).into())
}

#[cfg(not(unix))]
fn path_of(given: &OsStr) -> Option<PathBuf> {
    Some(given.to_str()?.strip_prefix('@')?.into())
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
        match read(OsStr::new(text), Out::default()) {
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
        assert!(refusal("@/dev/zero").contains("over 1048576 bytes"));
        let read = read(OsStr::new("{\"a\": [1]}"), Out::default());
        assert!(matches!(read, Ok(text) if text == "{\"a\": [1]}"));
    }
}
