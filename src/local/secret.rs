//! The secret access key of every account's root user on the local AWS: generated at each start, readable
//! only by the user.

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use super::{Folders, os_errors, private_file};
use crate::source::{Diagnostic, hexadecimal};

/// Its length in random bytes.
const LENGTH: usize = 20;

fn file(folders: &Folders) -> PathBuf {
    folders.state.join("secret")
}

/// Generates a new one; returns its file.
pub(super) fn make(folders: &Folders) -> Result<PathBuf, Diagnostic> {
    let path = file(folders);
    let mut random = [0_u8; LENGTH];
    getrandom::fill(&mut random).map_err(|error| os_errors::file_error(&path, &error.into()))?;
    let text = hexadecimal(&random);
    private_file(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| os_errors::file_error(&path, &error))?;
    Ok(path)
}

/// The secret of the running local AWS.
///
/// # Errors
/// The file is missing or damaged.
pub fn secret(folders: &Folders) -> Result<String, Diagnostic> {
    let path = file(folders);
    let wrong = match std::fs::read_to_string(&path) {
        Ok(text) if is_secret(&text) => return Ok(text),
        Ok(text) if text.is_empty() => "is empty".to_owned(),
        Ok(_) => "is damaged".to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => "is missing".to_owned(),
        Err(error) if error.kind() == ErrorKind::InvalidData => "is damaged".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    Err(Diagnostic::error_with_help(
        format!(
            "the file with the secret of the local AWS, {}, {wrong}",
            path.display()
        ),
        "restart it: `treino local down` (its data is deleted), then `treino local up`",
    ))
}

/// Whether it has the format that [`make`] writes: it is printed for shells to evaluate.
fn is_secret(text: &str) -> bool {
    text.len() == 2 * LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
