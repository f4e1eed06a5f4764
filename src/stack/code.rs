//! A function's package: the same files give the same bytes, on every machine and day.

mod exclude;
pub mod native;
mod package_files;
mod ready_made_zip;
mod sample;
mod secrets_warnings;
mod stack_files;
mod tool_output;
pub mod zipping;

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::boundary::Boundary;
use super::dependencies::{self, BuildMode, BuildTool, Dependencies};
use super::kinds::Architecture;
use super::secret_files::{self, RevealedSecret};
use super::{BuiltDependencies, DependencyBuild, PackagedDependencies, boundary};
use crate::source::{self, Diagnostics};
use exclude::ExcludePatterns;
pub use exclude::wrong_pattern;
use package_files::{PackageFiles, PackageRules};
use ready_made_zip::ReadyMadeZip;
pub use sample::sample;
pub use stack_files::StackFiles;
use zipping::ExecutableBit;

/// The maximum size of a package that `CreateFunction` and `UpdateFunctionCode` accept directly. A larger one goes
/// through S3.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_DIRECT_BYTES: usize = 50 * 1024 * 1024;
/// The maximum size of a package's files (the same page).
const MAX_UNZIPPED_BYTES: u64 = 250 * 1024 * 1024;

/// What a function's package is made of. Functions with equal ones share a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageSource {
    /// The folder or .zip file of the code, relative to the stack file.
    pub code: String,
    /// Folders and files that are put beside the code, relative to the stack file.
    pub include: Vec<String>,
    /// Patterns of files that are not packaged.
    pub exclude: Vec<String>,
    /// Whether the packages that the code names are installed.
    pub build: BuildMode,
    /// The runtime's identifier.
    pub runtime: String,
    /// The instruction set.
    pub architecture: Architecture,
}

impl PackageSource {
    fn executable_bit(&self) -> ExecutableBit {
        if self.runtime.starts_with("provided") {
            ExecutableBit::ContentOrDisk
        } else {
            ExecutableBit::Content
        }
    }
}

/// A zip file for Lambda.
#[derive(Debug, Clone)]
pub struct Package {
    /// The bytes of the zip.
    pub zip: Arc<[u8]>,
    /// Its SHA-256 in base64, as Lambda reports it.
    pub sha256: String,
    /// The file names in it, sorted.
    pub files: Vec<String>,
    /// Patterns of `exclude:` that match nothing.
    pub without_match: Vec<String>,
    /// Files left out because such files usually contain secrets; `exclude:` does not name them.
    pub left_out: Vec<String>,
    /// Files in it that usually hold secrets: `include:` names them, or the zip was ready-made.
    pub secrets: Vec<String>,
    /// Files in it whose content has what looks like a secret, which no `include:` names.
    pub revealed: Vec<RevealedSecret>,
    /// Whether it is a ready-made zip that `include:` does not name.
    pub is_not_included: bool,
    /// What is installed into it before it is deployed.
    pub build: Option<DependencyBuild>,
    /// Whether the file that names its packages cannot be read, or is another program's.
    pub has_unread_manifest: bool,
    /// What was installed into it.
    pub built: Option<PackagedDependencies>,
    /// What is wrong with the files that say what is installed, and with programs for other machines.
    pub problems: Diagnostics,
}

impl Package {
    /// The package with what was installed. A file of the code goes before one of a package.
    ///
    /// # Errors
    /// It takes more than Lambda allows.
    pub fn with(&self, path: &str, installed: &BuiltDependencies) -> Result<Self, FileError> {
        let merged = zipping::merge(&self.zip, &installed.zip).map_err(|error| {
            file_error(format!("{path} cannot be packaged: {error}"), "try again")
        })?;
        let size = zipping::contents(&merged).map_or(0, |(_, size)| size);
        if size > MAX_UNZIPPED_BYTES {
            let count = installed.packages.len();
            return Err(too_large(
                path,
                size,
                &format!(", {count} installed packages included"),
            ));
        }
        let mut package = Self {
            sha256: hash(&merged),
            zip: merged.into(),
            ..self.clone()
        };
        package.built = self.build.as_ref().map(|build| PackagedDependencies {
            tool: build.tool,
            file: build.manifest.clone(),
            packages: installed.packages.clone(),
            built_for: installed.built_for.clone(),
            unpinned: build.unpinned.clone(),
        });
        Ok(package)
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
    /// The key that it is about.
    pub part: PackagePart,
}

/// A key of a function about its package.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PackagePart {
    #[default]
    Code,
    /// `include:`, or its item with this index.
    Include(Option<usize>),
}

fn file_error(message: String, help: impl Into<String>) -> FileError {
    FileError {
        message,
        help: help.into(),
        part: PackagePart::Code,
    }
}

impl FileError {
    fn of_include(self, index: Option<usize>) -> Self {
        Self {
            part: PackagePart::Include(index),
            ..self
        }
    }
}

/// Packages a folder with what is put beside it, or reads a ready-made `.zip`; `folder` is the stack file's.
///
/// # Errors
/// The code is missing, empty, unreadable, too large or outside the boundary.
pub fn package(
    folder: &Path,
    source: &PackageSource,
    boundary: &Boundary,
    own: &StackFiles,
) -> Result<Package, FileError> {
    let path = &folder.join(&source.code);
    let shown = path.display();
    let real = real_path(path, boundary)?;
    if real.is_file() {
        if let Some(named) = source.include.first() {
            return Err(file_error(
                format!("`include: [{named}]` puts nothing into `{shown}`, which is a zip file"),
                "name the folder of the code, which treino zips itself; or put the files into the zip",
            ));
        }
        if let Some(pattern) = source.exclude.first() {
            return Err(file_error(
                format!(
                    "`exclude: [{}]` leaves nothing out of `{shown}`, which is a zip file",
                    boundary::in_yaml(pattern)
                ),
                "name the folder of the code, which treino zips itself; or make the zip without these files",
            ));
        }
        let is_not_included = !boundary.is_included(&real, &real);
        let mut package = read_zip(path)?;
        if !is_not_included {
            package.revealed.clear();
        }
        return Ok(Package {
            is_not_included,
            ..package
        });
    }
    let Dependencies { build, problems } = match source.build {
        BuildMode::Auto => dependencies::find(path, &source.runtime, source.architecture, boundary),
        BuildMode::None => Dependencies::default(),
    };
    let has_unread_manifest = build.is_none() && !problems.0.is_empty();
    // What npm installs takes its place: it has no packages for development, and is for Linux.
    let is_npm = build
        .as_ref()
        .is_some_and(|build| build.tool == BuildTool::Npm);
    let replaced = is_npm.then_some("node_modules");
    let rules = PackageRules {
        boundary,
        own,
        exclude: ExcludePatterns::of(&source.exclude),
        replaced,
    };
    let mut found = PackageFiles::collect(path, real, &rules)?;
    for (index, named) in source.include.iter().enumerate() {
        let path = folder.join(named);
        let put = match path.canonicalize() {
            Ok(_) => real_path(&path, boundary).and_then(|real| found.put_beside(&path, real)),
            Err(_) => Err(missing_include(folder, source, named)),
        };
        put.map_err(|error| error.of_include(Some(index)))?;
    }
    let PackageFiles {
        files,
        left_out,
        secrets,
        revealed,
        ..
    } = found.sorted().map_err(|error| error.of_include(None))?;
    if files.is_empty() {
        let (what, help) = if source.exclude.is_empty() {
            ("has no files", "put the function's code there")
        } else {
            (
                "has no files that `exclude` does not leave out",
                "correct `exclude`, or put the function's code there",
            )
        };
        return Err(file_error(format!("the folder `{shown}` {what}"), help));
    }
    let listed = files
        .iter()
        .map(|(name, path)| (name.as_str(), path.as_path()));
    let bytes = zipping::zip(listed, source.executable_bit()).map_err(|(name, error)| {
        let help = source::open_files_help(&error).unwrap_or("check that its files can be read");
        file_error(format!("{shown} cannot be packaged: {name}: {error}"), help)
    })?;
    let mut problems = problems;
    problems.extend(native::foreign_programs(
        &files,
        &source.runtime,
        source.architecture,
    ));
    let names = files.into_iter().map(|(name, _)| name).collect();
    Ok(Package {
        without_match: rules.exclude.without_match(),
        left_out,
        secrets,
        revealed,
        build,
        has_unread_manifest,
        problems,
        ..new_package(bytes, names)
    })
}

/// The error of a path that leads to nothing.
fn missing(path: &Path) -> FileError {
    let shown = path.display();
    if let Some(found) = source::dangling(path) {
        return file_error(found.message, found.help.unwrap_or_default());
    }
    let shown = shown.to_string();
    let help = source::slashes_help(&shown).unwrap_or_else(|| {
        "the path is relative to the stack file: correct it, or create the folder".to_owned()
    });
    let shown = source::shown_path(&shown);
    file_error(format!("there is no folder `{shown}`"), help)
}

/// The error of an item of `include:` that leads to nothing.
fn missing_include(folder: &Path, source: &PackageSource, named: &str) -> FileError {
    if named.contains(['*', '?', '[']) {
        return file_error(
            format!("`include` takes paths, not patterns: `{named}`"),
            "name the folder; `exclude` leaves files of it out by patterns",
        );
    }
    let mut error = missing(&folder.join(named));
    // Written as the code would write it: relative to its own folder.
    let mut of_code = PathBuf::new();
    for part in Path::new(&source.code).join(named).components() {
        match part {
            Component::ParentDir => _ = of_code.pop(),
            Component::CurDir => {}
            other => of_code.push(other),
        }
    }
    if folder.join(&of_code).exists() {
        error.help = format!(
            "the path is relative to the stack file: did you mean `{}`?",
            of_code.display()
        );
    } else {
        error.message = error
            .message
            .replace("there is no folder", "there is no file or folder");
    }
    error
}

fn real_path(path: &Path, boundary: &Boundary) -> Result<PathBuf, FileError> {
    let real = path.canonicalize().map_err(|_| missing(path))?;
    match boundary.check(path, &real) {
        Some(refusal) => Err(refusal),
        None => Ok(real),
    }
}

fn read_zip(path: &Path) -> Result<Package, FileError> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let help = source::open_files_help(&error).unwrap_or("check that the file can be read");
        file_error(format!("{shown}: {error}"), help)
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_UNZIPPED_BYTES {
        return Err(too_large(&shown.to_string(), length, ", zipped"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let shown = shown.to_string();
    let zip = ReadyMadeZip::read(&bytes, &shown)?;
    let (secrets, revealed) = secret_files::in_zip(&bytes, &zip.files);
    let problems = zip.unreadable_warning(&shown).into_iter().collect();
    let package = new_package(bytes, zip.files);
    Ok(Package {
        secrets,
        revealed,
        problems,
        ..package
    })
}

fn too_large(path: &str, bytes: u64, what: &str) -> FileError {
    let size = bytes.div_ceil(1024 * 1024);
    file_error(
        format!("the files of {path} take {size} MiB{what}"),
        "Lambda allows 250 MiB unzipped; leave out what the function does not need",
    )
}

fn hash(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

fn new_package(bytes: Vec<u8>, files: Vec<String>) -> Package {
    Package {
        sha256: hash(&bytes),
        zip: bytes.into(),
        files,
        without_match: Vec::new(),
        left_out: Vec::new(),
        secrets: Vec::new(),
        revealed: Vec::new(),
        is_not_included: false,
        build: None,
        has_unread_manifest: false,
        built: None,
        problems: Diagnostics::default(),
    }
}

#[cfg(test)]
mod tests;
