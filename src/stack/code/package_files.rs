//! The files of a folder that belong into a package.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use super::exclude::ExcludePatterns;
use super::stack_files::StackFiles;
use super::tool_output::{is_compiled_beside, is_tool_output, is_virtual_environment};
use super::{FileError, MAX_UNZIPPED_BYTES, file_error};
use crate::source;
use crate::stack::boundary::Boundary;
use crate::stack::secret_files::{self, RevealedSecret};

/// A folder with more entries is not a function's: the wrong folder was named.
const MAX_ENTRIES: usize = 100_000;

/// What is packaged of a folder.
pub(super) struct PackageRules<'b> {
    pub(super) boundary: &'b Boundary,
    pub(super) own: &'b StackFiles,
    pub(super) exclude: ExcludePatterns,
    /// A folder of the code that is not packaged.
    pub(super) replaced: Option<&'static str>,
}

/// The files of a folder that are packaged.
pub(super) struct PackageFiles<'b> {
    rules: &'b PackageRules<'b>,
    /// Name in the package and canonical path.
    pub(super) files: Vec<(String, PathBuf)>,
    pub(super) left_out: Vec<String>,
    pub(super) secrets: Vec<String>,
    pub(super) revealed: Vec<RevealedSecret>,
    /// The canonical paths of the folders being walked: a link may lead back to one of them.
    open_folders: Vec<PathBuf>,
    entries: usize,
    bytes: u64,
}

impl<'b> PackageFiles<'b> {
    /// Collects the files of a folder; `real` is its canonical path.
    pub(super) fn collect(
        folder: &Path,
        real: PathBuf,
        rules: &'b PackageRules<'b>,
    ) -> Result<Self, FileError> {
        let mut found = Self {
            rules,
            files: Vec::new(),
            left_out: Vec::new(),
            secrets: Vec::new(),
            revealed: Vec::new(),
            open_folders: Vec::new(),
            entries: 0,
            bytes: 0,
        };
        found.walk(folder, real, "")?;
        Ok(found)
    }

    /// Adds a folder or file beside the code, under its own name.
    pub(super) fn put_beside(&mut self, path: &Path, real: PathBuf) -> Result<(), FileError> {
        // Of `../shared/.` and of a link, the name as it is written counts.
        let last = path.file_name().or(real.file_name());
        let Some(name) = last.and_then(|name| name.to_str()).map(str::to_owned) else {
            return Err(file_error(
                format!("`{}` has no name to be put beside the code", path.display()),
                "name a folder or a file",
            ));
        };
        if real.is_dir() {
            return self.walk(path, real, &name);
        }
        if secret_files::is_secret_file(&real) {
            self.secrets.push(name.clone());
        } else {
            self.look_into(&name, &real);
        }
        self.files.push((name, real));
        Ok(())
    }

    /// Sorts what was found: the file system's order is undefined.
    pub(super) fn sorted(mut self) -> Result<Self, FileError> {
        self.files.sort();
        self.files.dedup();
        self.left_out.sort();
        self.secrets.sort();
        self.revealed.sort();
        let twin = self.files.windows(2).find(|two| two[0].0 == two[1].0);
        if let Some([(name, one), (_, other)]) = twin.map(|two| [&two[0], &two[1]]) {
            return Err(file_error(
                format!(
                    "`{name}` would be both `{}` and `{}`",
                    one.display(),
                    other.display()
                ),
                "rename one of them: `include:` puts folders and files beside the code",
            ));
        }
        Ok(self)
    }

    /// Adds the files of a folder; `real` is its canonical path, `name` its name in the package.
    fn walk(&mut self, folder: &Path, real: PathBuf, name: &str) -> Result<(), FileError> {
        if self.open_folders.contains(&real) {
            return Err(file_error(
                format!("{} leads back to a folder it is in", folder.display()),
                "remove this link",
            ));
        }
        let entries = std::fs::read_dir(&real).map_err(|error| unreadable(folder, &error))?;
        self.open_folders.push(real);
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            let last = entry.file_name();
            let path = folder.join(&last);
            let Some(last) = last.to_str() else {
                return Err(file_error(
                    format!("the name of {} is not UTF-8 text", path.display()),
                    "rename it, or keep it out of the function's folder",
                ));
            };
            let inner = match name {
                "" => last.to_owned(),
                _ => format!("{name}/{last}"),
            };
            // Asked first: a pattern may name what is left out anyway.
            let is_folder = entry.path().is_dir();
            let is_excluded = self.rules.exclude.excludes(&inner, is_folder);
            if is_excluded && !(is_folder && self.rules.exclude.is_open(&inner))
                || is_tool_output(last)
                || !is_folder && is_compiled_beside(&entry.path())
                || self.rules.replaced == Some(inner.as_str())
            {
                continue;
            }
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(file_error(
                    format!("there are over {MAX_ENTRIES} files where {inner} is"),
                    "name the folder of this function alone",
                ));
            }
            let Some(real) = self.resolve(&path, &entry, &inner, is_excluded)? else {
                continue;
            };
            let meta = std::fs::metadata(&real).map_err(|error| unreadable(&path, &error))?;
            if meta.is_dir() {
                if !is_virtual_environment(&real) {
                    self.walk(&path, real, &inner)?;
                }
            } else if self.rules.own.contain(&real) {
            } else if meta.is_file() {
                self.bytes += meta.len();
                self.look_into(&inner, &real);
                self.files.push((inner, real));
            } else {
                // Reading a pipe or a device may never end.
                return Err(file_error(
                    format!("{} is neither a file nor a folder", path.display()),
                    "keep it out of the function's folder",
                ));
            }
            if self.bytes > MAX_UNZIPPED_BYTES {
                return Err(file_error(
                    "the files of the function take over 250 MiB".to_owned(),
                    "Lambda allows 250 MiB unzipped; leave out what the function does not need",
                ));
            }
        }
        self.open_folders.pop();
        Ok(())
    }

    /// Notes a secret in a file's content. Packages of others have keys for their tests.
    fn look_into(&mut self, name: &str, real: &Path) {
        let is_known = self.secrets.last().is_some_and(|last| last == name);
        if is_known || name.contains("node_modules/") || self.rules.boundary.is_included(real, real)
        {
            return;
        }
        if let Some(what) = secret_files::revealed_in(real) {
            self.revealed.push(RevealedSecret {
                file: name.to_owned(),
                what,
            });
        }
    }

    /// The canonical path of an entry; `None` if it is left out because it may hold secrets.
    fn resolve(
        &mut self,
        path: &Path,
        entry: &DirEntry,
        inner: &str,
        is_excluded: bool,
    ) -> Result<Option<PathBuf>, FileError> {
        let own = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(path, &error))?;
        let mut real = own.clone();
        if kind.is_symlink() {
            real = own
                .canonicalize()
                .map_err(|error| unusable_link(path, &error))?;
            if let Some(refusal) = self.rules.boundary.check_outside(path, &real) {
                return Err(refusal);
            }
        }
        let is_secret = secret_files::is_secret_file(&own) || secret_files::is_secret_file(&real);
        let is_kept_out = is_secret && !self.rules.boundary.is_included(&real, &real);
        if is_kept_out || kind.is_symlink() && self.rules.boundary.is_secret(&real) {
            if !is_excluded {
                self.left_out.push(inner.to_owned());
            }
            return Ok(None);
        }
        if is_secret {
            self.secrets.push(inner.to_owned());
        }
        Ok(Some(real))
    }
}

fn unusable_link(path: &Path, error: &std::io::Error) -> FileError {
    match source::dangling(path) {
        Some(found) => file_error(
            found.message,
            "remove the link, or leave it out with `exclude`",
        ),
        None => unreadable(path, error),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> FileError {
    let help = source::open_files_help(error).unwrap_or("check that the folder can be read");
    file_error(format!("{}: {error}", path.display()), help)
}
