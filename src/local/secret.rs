//! The secret access key of every account's root on the local AWS: made at each start, and known to
//! whoever may read the user's files.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use super::{Failure, Folders, private_file};

fn file(folders: &Folders) -> PathBuf {
    folders.state.join("secret")
}

/// Makes a new one; answers the file that holds it.
pub(super) fn make(folders: &Folders) -> Result<PathBuf, Failure> {
    let path = file(folders);
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            format!("the secret in {} cannot be made: {error}", path.display()),
            "make room and permission there",
        )
    };
    let mut random = [0_u8; 20];
    getrandom::fill(&mut random).map_err(|error| failed(&error))?;
    let mut text = String::new();
    for byte in random {
        // It never fails: the text is in memory.
        let _ = write!(text, "{byte:02x}");
    }
    private_file(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| failed(&error))?;
    Ok(path)
}

/// The one the running local AWS was started with.
///
/// # Errors
/// It cannot be read.
pub fn secret(folders: &Folders) -> Result<String, Failure> {
    let path = file(folders);
    std::fs::read_to_string(&path).map_err(|error| {
        Failure::new(
            format!(
                "the secret of the local AWS cannot be read: {}: {error}",
                path.display()
            ),
            "start it anew: treino local down (its data goes with it)",
        )
    })
}
