//! Which files are checked.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::source::{self, Diagnostic, FileFormat, Node, Source, open_files_help};
use crate::stack;

/// The largest file whose keys are looked at.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

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

/// The stack files and definitions right in a folder, sorted. Files of other tools are not meant.
fn within(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_meant = is_yaml(&path) && !name.starts_with('.') || name.ends_with(".asl.json");
        if is_meant && path.is_file() && !is_of_another_tool(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a file is of another tool: its keys tell its format, or are all unknown to treino.
fn is_of_another_tool(path: &Path) -> bool {
    if stack::is_guards_file(path) {
        return false;
    }
    let Ok(source) = Source::read(path, MAX_BYTES) else {
        return false;
    };
    let Ok(root) = source::parse(&source) else {
        return FileFormat::of_documents(&source.text).is_some();
    };
    if let Some(format) = FileFormat::of(&root) {
        return matches!(format, FileFormat::Other(_));
    }
    let has_keys = !root.entries().is_empty();
    has_keys && !is_asl(path) && !stack::has_stack_keys(&root)
}

/// Whether a name says that the file is a definition: `x.asl.json`, `x.asl.yaml`.
fn is_asl(path: &Path) -> bool {
    let inner = path.file_stem().map(Path::new).and_then(Path::extension);
    inner.is_some_and(|inner| inner == "asl")
}

/// What a file is checked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checkable {
    Stack,
    Definition,
    /// What stacks have to keep to.
    Guards,
}

impl Checkable {
    /// By what is in the file; by its name, if it cannot be parsed or its keys do not tell. `None` if it is
    /// neither YAML nor JSON.
    pub(super) fn of(path: &Path) -> Option<Self> {
        if stack::is_guards_file(path) {
            return Some(Self::Guards);
        }
        let is_json = has_ending(path, &["json"]);
        let is_told = path.exists() && !is_yaml(path) && !is_json;
        if is_told && FileFormat::of_name(path).is_some() {
            return None;
        }
        let root = parsed(path);
        match root.as_ref().and_then(FileFormat::of) {
            Some(FileFormat::Definition) => return Some(Self::Definition),
            Some(FileFormat::Stack | FileFormat::Other(_)) => return Some(Self::Stack),
            None if is_told => return begins_as_stack(path).then_some(Self::Stack),
            None => {}
        }
        let is_stack = root.as_ref().is_some_and(stack::has_stack_keys);
        Some(if is_asl(path) || is_json && !is_stack {
            Self::Definition
        } else {
            Self::Stack
        })
    }
}

/// What is in a file, if it can be parsed.
fn parsed(path: &Path) -> Option<Node> {
    let source = Source::read(path, MAX_BYTES).ok()?;
    source::parse(&source).ok()
}

/// Whether a file that cannot be parsed has a line that only a stack file has.
fn begins_as_stack(path: &Path) -> bool {
    let source = Source::read(path, MAX_BYTES);
    source.is_ok_and(|source| source.text.lines().any(|line| line.starts_with("stack:")))
}

fn is_yaml(path: &Path) -> bool {
    has_ending(path, &["yaml", "yml"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default();
    endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// The canonical path of a file, so that two paths of one file are equal.
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
