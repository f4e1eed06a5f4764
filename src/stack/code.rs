//! A function's package: the same bytes for the same files, on every machine and day.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::source;

/// The largest package `CreateFunction` and `UpdateFunctionCode` take directly.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST_ZIP: usize = 50 * 1024 * 1024;
/// The largest unzipped size.
const LARGEST_FILES: u64 = 250 * 1024 * 1024;
/// More files and folders than this are no function: the folder is another one than was meant.
const MOST_ENTRIES: usize = 100_000;

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
    let mut found = Found::default();
    found.walk(path, "", &mut Vec::new())?;
    let mut files = found.files;
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
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, file) in &files {
        let bytes = std::fs::read(file).map_err(|error| {
            let wrong = unreadable(&format!("{name}: {error}"));
            match source::descriptors(&error) {
                Some(help) => Wrong {
                    help: help.to_owned(),
                    ..wrong
                },
                None => wrong,
            }
        })?;
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
    let unreadable = |error: std::io::Error| {
        let help = source::descriptors(&error).unwrap_or("check that the file can be read");
        wrong(format!("{shown}: {error}"), help)
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST_ZIP as u64 {
        return Err(too_large(path, length));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
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

fn too_large(path: &Path, bytes: u64) -> Wrong {
    let (shown, size) = (path.display(), bytes / 1024 / 1024);
    wrong(
        format!("the package of {shown} takes {size} MiB"),
        "Lambda takes 50 MiB directly; leave out what the function does not need",
    )
}

fn finish(path: &Path, bytes: Vec<u8>, files: Vec<String>) -> Result<Package, Wrong> {
    if bytes.len() > LARGEST_ZIP {
        return Err(too_large(path, bytes.len() as u64));
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

/// The files of a folder, as many as may be a function.
#[derive(Default)]
struct Found {
    /// By their names in the package.
    files: Vec<(String, PathBuf)>,
    entries: usize,
    bytes: u64,
}

impl Found {
    /// Takes in a folder, whose name in the package is this. `within` are the real paths of the
    /// folders it is in: a link may lead back to one of them.
    fn walk(&mut self, folder: &Path, name: &str, within: &mut Vec<PathBuf>) -> Result<(), Wrong> {
        let unreadable = |path: &Path, error: &std::io::Error| {
            let help = source::descriptors(error).unwrap_or("check that the folder can be read");
            wrong(format!("{}: {error}", path.display()), help)
        };
        let real = folder
            .canonicalize()
            .map_err(|error| unreadable(folder, &error))?;
        if within.contains(&real) {
            return Err(wrong(
                format!("{} leads back to a folder it is in", folder.display()),
                "remove this link",
            ));
        }
        within.push(real);
        let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(folder, &error))?.path();
            let Some(last) = path.file_name().and_then(OsStr::to_str) else {
                return Err(wrong(
                    format!("the name of {} is not UTF-8 text", path.display()),
                    "rename it, or keep it out of the function's folder",
                ));
            };
            if LEFT_OUT.contains(&last) || path.extension().is_some_and(|e| e == "pyc") {
                continue;
            }
            let inner = match name {
                "" => last.to_owned(),
                _ => format!("{name}/{last}"),
            };
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(wrong(
                    format!("there are over {MOST_ENTRIES} files where {inner} is"),
                    "name the folder of this function alone",
                ));
            }
            let meta = std::fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
            if meta.is_dir() {
                self.walk(&path, &inner, within)?;
            } else if meta.is_file() {
                self.bytes += meta.len();
                self.files.push((inner, path));
            } else {
                // To read from a pipe or a device may never end.
                return Err(wrong(
                    format!("{} is neither a file nor a folder", path.display()),
                    "keep it out of the function's folder",
                ));
            }
            if self.bytes > LARGEST_FILES {
                return Err(wrong(
                    "the files of the function take over 250 MiB".to_owned(),
                    "Lambda allows 250 MiB unzipped; leave out what the function does not need",
                ));
            }
        }
        within.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(folder: &Path) -> String {
        match package(folder) {
            Err(wrong) => wrong.message,
            Ok(package) => panic!("{:?}", package.files),
        }
    }

    #[test]
    fn files_are_named_by_their_place() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["a/b/c.py", "a.py", "a/x.pyc", "é.txt"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let made = package(folder.path()).unwrap();
        assert_eq!(made.files, ["a.py", "a/b/c.py", "é.txt"]);
        assert_eq!(made.sha256, package(folder.path()).unwrap().sha256);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_and_what_is_no_file_are_refused() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("app.py"), "").unwrap();
        symlink(&inner, folder.path().join("again")).unwrap();
        let files = package(folder.path()).unwrap().files;
        assert_eq!(files, ["again/app.py", "inner/app.py"]);
        symlink(folder.path(), inner.join("back")).unwrap();
        symlink(folder.path(), inner.join("back-too")).unwrap();
        assert!(refusal(folder.path()).contains("leads back"));
        let other = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(other.path().join("s")).unwrap();
        assert!(refusal(other.path()).contains("neither a file nor a folder"));
    }
}
