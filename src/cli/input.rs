//! The input of an execution, as it is given: text, a file, or standard input.

use std::ffi::OsStr;
use std::io::{ErrorKind, IsTerminal, Read};
use std::path::PathBuf;

use super::Error;
use super::terminal::Terminal;
use crate::aws::executions;
use crate::ops::{ARGUMENT, Event, Frontend, Input};

/// What is read of an input: more than Step Functions takes, so that it is seen to be too much.
const MOST: u64 = 1024 * 1024;

/// The bytes themselves, those of `@FILE`, or those of standard input (`-`).
pub(super) fn read(given: &OsStr, terminal: &Terminal) -> Result<Input, Error> {
    let (bytes, origin) = if given == "-" {
        let input = std::io::stdin();
        if input.is_terminal() {
            let message =
                "reading the input from this terminal: end it with Ctrl-D on a line of its own";
            terminal.event(&Event::Info {
                message: message.to_owned(),
            });
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
        (Ok(given.as_encoded_bytes().to_vec()), ARGUMENT.to_owned())
    };
    let bytes = bytes.map_err(|error| {
        let help = crate::source::open_files_help(&error)
            .map_or_else(String::new, |help| format!(": {help}"));
        Error::Usage(format!("{origin}: {error}{help}"))
    })?;
    Ok(Input { bytes, origin })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Out;

    fn refusal(text: &str) -> String {
        match read(OsStr::new(text), &Terminal::new(Out::default())) {
            Err(Error::Usage(message)) => message,
            _ => String::new(),
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert!(refusal("@/no/such/file").starts_with("/no/such/file: "));
        assert!(refusal("@/dev/zero").contains("over 1048576 bytes"));
        assert_eq!(refusal("{}"), "");
    }
}
