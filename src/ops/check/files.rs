//! Which files are checked.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::source::{Diagnostic, open_files_help};

/// A file, or the path that leads to none and why.
pub(super) type FileOrError = Result<PathBuf, (PathBuf, Diagnostic)>;

/// The path to suggest if none is given: one that leads to files here, else a placeholder.
pub(super) fn suggestion() -> &'static str {
    let holds_files = |folder: &str| within(Path::new(folder)).is_ok_and(|files| !files.is_empty());
    if holds_files("stacks") {
        "stacks/*.yaml"
    } else if holds_files(".") {
        "."
    } else {
        "STACK.yaml"
    }
}

/// The files named, with those of folders; or why there are none.
pub(super) fn files(paths: &[PathBuf]) -> Vec<FileOrError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(Ok(path.clone()));
            continue;
        }
        let wrong = |message: String, help: &str| {
            Err((path.clone(), Diagnostic::error(message).help(help)))
        };
        let shown = path.display();
        match within(path) {
            Ok(inner) if inner.is_empty() => files.push(wrong(
                format!("the folder `{shown}` has no stack file and no definition"),
                "folders within it are not searched: name them, or the files",
            )),
            Ok(inner) => files.extend(inner.into_iter().map(Ok)),
            Err(error) => files.push(wrong(
                format!("the folder `{shown}` cannot be read: {error}"),
                open_files_help(&error).unwrap_or("check who may read the folder"),
            )),
        }
    }
    let mut seen = HashSet::new();
    files.retain(|file| file.as_ref().map_or(true, |path| seen.insert(real(path))));
    files
}

/// The stack files and definitions right in a folder, sorted.
fn within(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_meant = is_stack(&path) && !name.starts_with('.') || name.ends_with(".asl.json");
        if is_meant && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a path is a stack file's by its ending.
pub(super) fn is_stack(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end == "yaml" || end == "yml")
}

/// Whether a path is a definition's by its ending.
pub(super) fn is_definition(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "json")
}

/// The canonical path of a file, so that two paths of one file are equal.
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
