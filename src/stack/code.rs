//! A function's package: the same bytes for the same files, on every machine and day.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// The largest package `CreateFunction` and `UpdateFunctionCode` take directly.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST_ZIP: usize = 50 * 1024 * 1024;
/// The largest unzipped size.
const LARGEST_FILES: u64 = 250 * 1024 * 1024;

/// Folders and files that are never part of a function.
const LEFT_OUT: &[&str] = &[
    "__pycache__",
    ".git",
    ".hg",
    ".svn",
    ".DS_Store",
    ".venv",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".idea",
    ".vscode",
    "Thumbs.db",
];

/// A zip file for Lambda.
#[derive(Debug, Clone)]
pub struct Package {
    /// The bytes of the zip.
    pub zip: Arc<[u8]>,
    /// Their SHA-256 in base64, as Lambda reports it.
    pub sha256: String,
    /// The names in it, sorted; empty for a ready-made zip whose list cannot be read.
    pub files: Vec<String>,
}

/// Why a package cannot be made.
#[derive(Debug)]
pub struct Wrong {
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

fn wrong(message: String, help: impl Into<String>) -> Wrong {
    Wrong {
        message,
        help: help.into(),
    }
}

/// Packages a folder, or takes a ready-made `.zip`.
///
/// # Errors
/// Missing, empty, unreadable or too large code, with the way out.
pub fn package(path: &Path) -> Result<Package, Wrong> {
    let shown = path.display();
    let meta = std::fs::metadata(path).map_err(|_| {
        wrong(
            format!("there is no folder `{shown}`"),
            "the path is relative to the stack file: correct it, or create the folder",
        )
    })?;
    if meta.is_file() {
        return ready_made(path);
    }
    let mut files = Vec::new();
    walk(path, path, &mut files).map_err(|error| {
        wrong(
            format!("{shown}: {error}"),
            "check that the folder can be read",
        )
    })?;
    if files.is_empty() {
        return Err(wrong(
            format!("the folder `{shown}` has no files"),
            "put the function's code there",
        ));
    }
    files.sort();
    let unreadable = |error: &dyn std::fmt::Display| {
        wrong(
            format!("{shown} cannot be packaged: {error}"),
            "check that its files can be read",
        )
    };
    let mut total = 0;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, file) in &files {
        let bytes = std::fs::read(file).map_err(|error| unreadable(&format!("{name}: {error}")))?;
        total += bytes.len() as u64;
        if total > LARGEST_FILES {
            return Err(wrong(
                format!("the files of {shown} take over 250 MiB"),
                "Lambda allows 250 MiB unzipped; leave out what the function does not need",
            ));
        }
        zip.start_file(name.as_str(), options(file))
            .map_err(|error| unreadable(&error))?;
        zip.write_all(&bytes).map_err(|error| unreadable(&error))?;
    }
    let bytes = zip
        .finish()
        .map_err(|error| unreadable(&error))?
        .into_inner();
    finish(
        path,
        bytes,
        files.into_iter().map(|(name, _)| name).collect(),
    )
}

fn ready_made(path: &Path) -> Result<Package, Wrong> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        wrong(
            format!("{shown}: {error}"),
            "check that the file can be read",
        )
    })?;
    let archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).map_err(|_| {
        wrong(
            format!("`{shown}` is neither a folder nor a zip file"),
            "name the folder of the code, which treino zips itself, or a .zip",
        )
    })?;
    let mut files: Vec<String> = archive.file_names().flatten().map(String::from).collect();
    files.sort();
    finish(path, bytes, files)
}

fn finish(path: &Path, bytes: Vec<u8>, files: Vec<String>) -> Result<Package, Wrong> {
    if bytes.len() > LARGEST_ZIP {
        return Err(wrong(
            format!(
                "the package of {} takes {} MiB",
                path.display(),
                bytes.len() / 1024 / 1024
            ),
            "Lambda takes 50 MiB directly; leave out what the function does not need",
        ));
    }
    Ok(Package {
        sha256: STANDARD.encode(Sha256::digest(&bytes)),
        zip: bytes.into(),
        files,
    })
}

/// Nothing of the clock, the user or the file system's order gets into the package; only whether a
/// file may be executed, which custom runtimes need.
fn options(file: &Path) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(if executable(file) { 0o755 } else { 0o644 })
}

#[cfg(unix)]
fn executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> bool {
    false
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if LEFT_OUT.contains(&name.as_str()) || path.extension().is_some_and(|e| e == "pyc") {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.push((parts.join("/"), path.clone()));
        }
    }
    Ok(())
}
