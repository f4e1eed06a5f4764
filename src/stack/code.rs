//! A function's package: the same files give the same bytes, on every machine and day.

mod package_files;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::boundary::Boundary;
use super::{boundary, secret_files};
use crate::source;
use package_files::PackageFiles;

/// The maximum size of a package that `CreateFunction` and `UpdateFunctionCode` accept directly.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_ZIP_BYTES: usize = 50 * 1024 * 1024;
/// A zip file for Lambda.
#[derive(Debug, Clone)]
pub struct Package {
    /// The bytes of the zip.
    pub zip: Arc<[u8]>,
    /// Its SHA-256 in base64, as Lambda reports it.
    pub sha256: String,
    /// The file names in it, sorted.
    pub files: Vec<String>,
    /// Files left out because such files usually hold secrets.
    pub left_out: Vec<String>,
    /// Files in it that usually hold secrets: `include:` names them, or the zip was ready-made.
    pub secrets: Vec<String>,
    /// Whether it is a ready-made zip that `include:` does not name.
    pub is_not_included: bool,
}

impl Package {
    /// The warning about secrets in the package of this path, with help.
    #[must_use]
    pub fn secrets_warning(&self, path: &str) -> Option<(String, String)> {
        let listed = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        if let Some(first) = self.left_out.first() {
            let what = listed(&self.left_out);
            let named = boundary::include_help(&path_in_package(path, first));
            return Some((
                format!("left out of the package, as it usually contains secrets: {what}"),
                format!("keep it out of the folder; if the function needs it, name it: {named}"),
            ));
        }
        (self.is_not_included && !self.secrets.is_empty()).then(|| {
            let named = boundary::include_help(path);
            (
                format!(
                    "the package has what usually contains secrets: {}",
                    listed(&self.secrets)
                ),
                format!("make it without; if the function needs it, name the package: {named}"),
            )
        })
    }
}

/// The path of a file in a package.
#[must_use]
pub fn path_in_package(package: &str, name: &str) -> String {
    format!("{}/{name}", package.trim_end_matches('/'))
}

/// Why a file or folder cannot be used.
#[derive(Debug)]
pub struct FileError {
    pub message: String,
    pub help: String,
}

fn file_error(message: String, help: impl Into<String>) -> FileError {
    FileError {
        message,
        help: help.into(),
    }
}

/// The error of a path that leads to nothing.
fn missing(path: &Path) -> FileError {
    let shown = path.display();
    if let Some(found) = source::dangling(path) {
        return file_error(found.message, found.help.unwrap_or_default());
    }
    let help = source::slashes_help(&shown.to_string()).unwrap_or_else(|| {
        "the path is relative to the stack file: correct it, or create the folder".to_owned()
    });
    file_error(format!("there is no folder `{shown}`"), help)
}

/// Packages a folder, or reads a ready-made `.zip`.
///
/// # Errors
/// The code is missing, empty, unreadable, too large or outside the boundary.
pub fn package(path: &Path, boundary: &Boundary) -> Result<Package, FileError> {
    let shown = path.display();
    let real = path.canonicalize().map_err(|_| missing(path))?;
    if let Some(refusal) = boundary.check(path, &real) {
        return Err(refusal);
    }
    if real.is_file() {
        let is_not_included = !boundary.is_included(&real, &real);
        return Ok(Package {
            is_not_included,
            ..read_zip(path)?
        });
    }
    let PackageFiles {
        files,
        left_out,
        secrets,
        ..
    } = PackageFiles::collect(path, real, boundary)?;
    if files.is_empty() {
        return Err(file_error(
            format!("the folder `{shown}` has no files"),
            "put the function's code there",
        ));
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        file_error(
            format!("{shown} cannot be packaged: {error}"),
            "check that its files can be read",
        )
    };
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, file) in &files {
        let bytes = std::fs::read(file).map_err(|error| {
            let failed = unreadable(&format!("{name}: {error}"));
            match source::open_files_help(&error) {
                Some(help) => FileError {
                    help: help.to_owned(),
                    ..failed
                },
                None => failed,
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
    let package = new_package(
        path,
        bytes,
        files.into_iter().map(|(name, _)| name).collect(),
    )?;
    Ok(Package {
        left_out,
        secrets,
        ..package
    })
}

fn read_zip(path: &Path) -> Result<Package, FileError> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let help = source::open_files_help(&error).unwrap_or("check that the file can be read");
        file_error(format!("{shown}: {error}"), help)
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_ZIP_BYTES as u64 {
        return Err(too_large(path, length));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).map_err(|_| {
        file_error(
            format!("`{shown}` is neither a folder nor a zip file"),
            "name the folder of the code, which treino zips itself, or a .zip",
        )
    })?;
    let mut files: Vec<String> = archive.file_names().flatten().map(String::from).collect();
    files.sort();
    let secrets = secret_files::in_zip(&bytes, &files);
    let package = new_package(path, bytes, files)?;
    Ok(Package { secrets, ..package })
}

fn too_large(path: &Path, bytes: u64) -> FileError {
    let (shown, size) = (path.display(), bytes / 1024 / 1024);
    file_error(
        format!("the package of {shown} takes {size} MiB"),
        "Lambda takes 50 MiB directly; leave out what the function does not need",
    )
}

fn new_package(path: &Path, bytes: Vec<u8>, files: Vec<String>) -> Result<Package, FileError> {
    if bytes.len() > MAX_ZIP_BYTES {
        return Err(too_large(path, bytes.len() as u64));
    }
    Ok(Package {
        sha256: STANDARD.encode(Sha256::digest(&bytes)),
        zip: bytes.into(),
        files,
        left_out: Vec::new(),
        secrets: Vec::new(),
        is_not_included: false,
    })
}

/// The package does not depend on the clock, the user or the order of the file system; only on whether a file
/// is executable, which custom runtimes need.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn packaged(folder: &Path) -> Result<Package, FileError> {
        package(folder, &Boundary::of(folder, &[]))
    }

    fn refusal(folder: &Path) -> String {
        match packaged(folder) {
            Err(wrong) => wrong.message,
            Ok(package) => panic!("{:?}", package.files),
        }
    }

    #[test]
    fn package_names_are_relative_paths() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["a/b/c.py", "a.py", "a/x.pyc", "é.txt"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let made = packaged(folder.path()).unwrap();
        assert_eq!(made.files, ["a.py", "a/b/c.py", "é.txt"]);
        assert_eq!(made.sha256, packaged(folder.path()).unwrap().sha256);
    }

    #[cfg(unix)]
    #[test]
    fn circular_links_and_special_files_are_refused() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("app.py"), "").unwrap();
        symlink(&inner, folder.path().join("again")).unwrap();
        let files = packaged(folder.path()).unwrap().files;
        assert_eq!(files, ["again/app.py", "inner/app.py"]);
        symlink(folder.path(), inner.join("back")).unwrap();
        symlink(folder.path(), inner.join("back-too")).unwrap();
        assert!(refusal(folder.path()).contains("leads back"));
        let other = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(other.path().join("s")).unwrap();
        assert!(refusal(other.path()).contains("neither a file nor a folder"));
    }
}
