//! Files that are read as they are.

use std::path::{Path, PathBuf};

use super::{FileError, file_error, real_path};
use crate::source;
use crate::stack::boundary::Boundary;

/// A file that is read as it is, such as one that a check puts.
///
/// # Errors
/// It is missing, is no file, or may not be read.
pub fn sample(path: &Path, boundary: &Boundary) -> Result<PathBuf, FileError> {
    let shown = source::shown_path(&path.display().to_string());
    let real = match real_path(path, boundary) {
        Ok(real) => real,
        Err(mut error) => {
            error.message = error
                .message
                .replace("there is no folder", "there is no file");
            error.help = error.help.replace("create the folder", "create the file");
            return Err(error);
        }
    };
    if real.is_file() {
        return Ok(real);
    }
    let help = "name a file";
    Err(file_error(format!("`{shown}` is not a file"), help))
}
