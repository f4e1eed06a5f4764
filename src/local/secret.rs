//! The secret access key of every account's root on the local AWS: made at each start, and known to
//! whoever may read the user's files.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use super::{Folders, causes, private_file};
use crate::source::Diagnostic;

/// How many bytes it is made of.
const LENGTH: usize = 20;

fn file(folders: &Folders) -> PathBuf {
    folders.state.join("secret")
}

/// Makes a new one; answers the file that holds it.
pub(super) fn make(folders: &Folders) -> Result<PathBuf, Diagnostic> {
    let path = file(folders);
    let mut random = [0_u8; LENGTH];
    getrandom::fill(&mut random).map_err(|error| causes::of_file(&path, &error.into()))?;
    let mut text = String::new();
    for byte in random {
        // It never fails: the text is in memory.
        let _ = write!(text, "{byte:02x}");
    }
    private_file(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| causes::of_file(&path, &error))?;
    Ok(path)
}

/// The one the running local AWS was started with.
///
/// # Errors
/// It is missing, or is not what was written.
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
        "start it anew: `treino local down` (its data goes with it), then `treino local up`",
    ))
}

/// Whether it is what [`make`] writes: it goes to shells.
fn is_secret(text: &str) -> bool {
    text.len() == 2 * LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
