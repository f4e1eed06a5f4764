//! The files that results are written to: looked at before anything runs, and written whole or not at all.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
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
            can_be_written(path)
                .and_then(|()| is_of_results(option, path))
                .map_err(|why| {
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

    /// Writes the results of a class. `separator` is between the columns of the table.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write_class(
        &self,
        stack: &str,
        students: &[TestedStudent],
        separator: char,
    ) -> Result<(), Error> {
        if let Some(path) = &self.junit {
            written(path, &junit::of_class(students))?;
        }
        if let Some(path) = &self.marks {
            written(path, &marks::of_class(stack, students))?;
        }
        if let Some(path) = &self.csv {
            written(path, &csv::table(students, separator))?;
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
    std::fs::write(&beside, b"").map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let folder = path.parent().unwrap_or(Path::new("")).display();
            format!("there is no folder {folder}")
        }
        _ => error.to_string(),
    })?;
    std::fs::remove_file(&beside).map_err(|error| error.to_string())
}

/// Why a file that is there is not replaced: it has no results of this form in it.
fn is_of_results(option: &str, path: &Path) -> Result<(), String> {
    if is_device(path) {
        return Ok(());
    }
    let mut start = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.to_string()),
        Ok(file) => file.take(START).read_to_end(&mut start),
    }
    .map_err(|error| error.to_string())?;
    let start = String::from_utf8_lossy(&start);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let is_one = match option {
        "--junit" => start.starts_with('<') && start.contains("<testsuite"),
        "--marks" => start.starts_with('{') && start.contains("\"max_score\""),
        _ => start.replace([';', '\t'], ",").starts_with(csv::HEAD),
    };
    if start.is_empty() || is_one {
        return Ok(());
    }
    Err("a file of another kind is there: name another file, or delete it".to_owned())
}

/// How many bytes of a file say what it is.
const START: u64 = 4096;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_results_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let with = |option: &str, text: &str| {
            std::fs::write(&path, text).unwrap();
            is_of_results(option, &path).is_ok()
        };
        let junit = "<?xml version=\"1.0\"?>\n<testsuites tests=\"1\">";
        let marks = "{\n  \"version\": 1,\n  \"max_score\": 3";
        let csv = "\u{feff}owner;name;passed;failed;not_judged;score;max_score;check;cause;message";
        let roster = "owner,name,region\nana,Ana,";
        let stack = "stack: lab\nbuckets: {}\n";
        for (option, own) in [("--junit", junit), ("--marks", marks), ("--csv", csv)] {
            for text in [junit, marks, csv, roster, stack, "<html>", "{}"] {
                assert_eq!(with(option, text), text == own, "{option}: {text}");
            }
            assert!(with(option, " \n"), "an empty file");
        }
        assert!(is_of_results("--junit", &folder.path().join("new")).is_ok());
    }
}
