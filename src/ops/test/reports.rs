//! The files that results are written to: looked at before anything runs, and written whole or not at all.

use std::path::{Path, PathBuf};

use super::{Tested, csv, junit, marks};
use crate::engine::{Leftover, ProviderError};
use crate::ops::Error;

/// The files of results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultFiles {
    /// Where they are written as `JUnit` XML.
    pub junit: Option<PathBuf>,
    /// Where they are written as marks.
    pub marks: Option<PathBuf>,
    /// Where those of a class are written as a table.
    pub csv: Option<PathBuf>,
}

/// What the checks of a student's stack came to.
#[derive(Debug, Clone, PartialEq)]
pub struct TestedStudent {
    /// The owner.
    pub owner: String,
    /// The student's name, where the roster has it.
    pub name: Option<String>,
    /// What the checks came to.
    pub tested: Tested,
}

impl ResultFiles {
    /// Makes sure that they can be written.
    ///
    /// # Errors
    /// One cannot be written, or two are the same.
    pub fn check(&self) -> Result<(), Error> {
        let mut earlier: Vec<(&str, PathBuf)> = Vec::new();
        for (option, path) in [
            ("--junit", &self.junit),
            ("--marks", &self.marks),
            ("--csv", &self.csv),
        ] {
            let Some(path) = path else {
                continue;
            };
            can_be_written(path).map_err(|why| {
                let path = path.display();
                Error::Usage(format!(
                    "{option}: {path} cannot be written: {why}; no check was run"
                ))
            })?;
            let whole = real(path);
            if let Some((other, _)) = earlier.iter().find(|(_, path)| *path == whole) {
                return Err(Error::Usage(format!(
                    "{other} and {option} name the same file"
                )));
            }
            earlier.push((option, whole));
        }
        Ok(())
    }

    /// Writes the results of one stack.
    pub(super) fn write(&self, tested: &Tested) -> Result<(), Error> {
        if let Some(path) = &self.junit {
            written(path, &junit::xml(tested))?;
        }
        if let Some(path) = &self.marks {
            written(path, &marks::json(tested))?;
        }
        Ok(())
    }

    /// Writes the results of a class.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_class(&self, stack: &str, students: &[TestedStudent]) -> Result<(), Error> {
        if let Some(path) = &self.junit {
            written(path, &junit::of_class(students))?;
        }
        if let Some(path) = &self.marks {
            written(path, &marks::of_class(stack, students))?;
        }
        if let Some(path) = &self.csv {
            written(path, &csv::table(students))?;
        }
        Ok(())
    }
}

fn written(path: &Path, text: &str) -> Result<(), Error> {
    whole(path, text).map_err(|error| {
        let what = format!(
            "the results cannot be written to {}: {error}",
            path.display()
        );
        Error::Provider(ProviderError::new(what).with_leftover(Leftover::Nothing))
    })
}

/// Why a file cannot be written.
fn can_be_written(path: &Path) -> Result<(), String> {
    if path == Path::new("-") {
        return Err(
            "it is no file, and standard output has the text or the events: name a file".to_owned(),
        );
    }
    if path.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if is_device(path) {
        return Ok(());
    }
    let beside = beside(&real(path));
    std::fs::write(&beside, b"").map_err(|error| error.to_string())?;
    std::fs::remove_file(&beside).map_err(|error| error.to_string())
}

/// Writes a file so that nobody ever sees half of it. A device or a pipe is written as it is: no file takes its place.
fn whole(path: &Path, text: &str) -> std::io::Result<()> {
    if is_device(path) {
        return std::fs::write(path, text);
    }
    let path = &real(path);
    let beside = beside(path);
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// Whether something is there that is no file.
fn is_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The file that a path leads to, by links and folders.
fn real(path: &Path) -> PathBuf {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let in_folder = || {
        let folder = std::fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    let there = std::fs::canonicalize(path).ok();
    there
        .or_else(in_folder)
        .unwrap_or_else(|| path.to_path_buf())
}

/// A name in the same folder that nothing else has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}
