//! What of a folder belongs into a package.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use super::{Wrong, wrong};
use crate::source;
use crate::stack::boundary::Boundary;
use crate::stack::secret_files;

/// The largest unzipped size.
const LARGEST_FILES: u64 = 250 * 1024 * 1024;
/// More files and folders than this are no function: the folder is another one than was meant.
const MOST_ENTRIES: usize = 100_000;

/// Folders and files that are never part of a function.
const LEFT_OUT: &[&str] = &[
    "__pycache__",
    ".git",
    ".hg",
    ".jj",
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

/// The files of a folder, as many as may be a function.
pub(super) struct Found<'b> {
    boundary: &'b Boundary,
    /// By their names in the package.
    pub(super) files: Vec<(String, PathBuf)>,
    pub(super) left_out: Vec<String>,
    pub(super) secrets: Vec<String>,
    /// The real paths of the folders it is in: a link may lead back to one of them.
    within: Vec<PathBuf>,
    entries: usize,
    bytes: u64,
}

impl<'b> Found<'b> {
    /// All that a folder holds, whose real path this is.
    pub(super) fn within(
        folder: &Path,
        real: PathBuf,
        boundary: &'b Boundary,
    ) -> Result<Self, Wrong> {
        let mut found = Self {
            boundary,
            files: Vec::new(),
            left_out: Vec::new(),
            secrets: Vec::new(),
            within: Vec::new(),
            entries: 0,
            bytes: 0,
        };
        found.walk(folder, real, "")?;
        // A file system lists in any order.
        found.files.sort();
        found.left_out.sort();
        found.secrets.sort();
        Ok(found)
    }

    /// Takes in a folder, whose real path this is, and whose name in the package.
    fn walk(&mut self, folder: &Path, real: PathBuf, name: &str) -> Result<(), Wrong> {
        if self.within.contains(&real) {
            return Err(wrong(
                format!("{} leads back to a folder it is in", folder.display()),
                "remove this link",
            ));
        }
        let entries = std::fs::read_dir(&real).map_err(|error| unreadable(folder, &error))?;
        self.within.push(real);
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            let last = entry.file_name();
            let path = folder.join(&last);
            let Some(last) = last.to_str() else {
                return Err(wrong(
                    format!("the name of {} is not UTF-8 text", path.display()),
                    "rename it, or keep it out of the function's folder",
                ));
            };
            if is_left_over(last) {
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
            let Some(real) = self.followed(&path, &entry, &inner)? else {
                continue;
            };
            let meta = std::fs::metadata(&real).map_err(|error| unreadable(&path, &error))?;
            if meta.is_dir() {
                // A virtual environment is this machine's, whatever it is called.
                if !real.join("pyvenv.cfg").exists() {
                    self.walk(&path, real, &inner)?;
                }
            } else if meta.is_file() {
                self.bytes += meta.len();
                self.files.push((inner, real));
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
        self.within.pop();
        Ok(())
    }

    /// Where an entry really stands; nothing where it is left out as it may hold secrets.
    fn followed(
        &mut self,
        path: &Path,
        entry: &DirEntry,
        inner: &str,
    ) -> Result<Option<PathBuf>, Wrong> {
        let own = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(path, &error))?;
        let mut real = own.clone();
        if kind.is_symlink() {
            real = own
                .canonicalize()
                .map_err(|error| unreadable(path, &error))?;
            if let Some(refusal) = self.boundary.leads_out(path, &real) {
                return Err(refusal);
            }
        }
        let is_secret = secret_files::is_one(&own) || secret_files::is_one(&real);
        let is_kept_out = is_secret && !self.boundary.names(&real, &real);
        if is_kept_out || kind.is_symlink() && self.boundary.is_secret(&real) {
            self.left_out.push(inner.to_owned());
            return Ok(None);
        }
        if is_secret {
            self.secrets.push(inner.to_owned());
        }
        Ok(Some(real))
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Wrong {
    let help = source::descriptors(error).unwrap_or("check that the folder can be read");
    wrong(format!("{}: {error}", path.display()), help)
}

/// Whether a name is one of what tools leave beside the code.
fn is_left_over(name: &str) -> bool {
    LEFT_OUT.contains(&name)
        || [".pyc", ".swp", "~"]
            .iter()
            .any(|ending| name.ends_with(ending))
}
