//! Which files a stack file may have read: those of its repository, and those under `include:`.
//!
//! A hard link cannot be detected; it counts as a file of its folder.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::code::{FileError, PackagePart};
use super::secret_files;

/// What identifies the root of a repository: a folder, or a file in a worktree or submodule.
const REPOSITORY_MARKERS: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// Not real files: the system's view of processes, with their environment, and of devices. Never read, even
/// if `include:` names them.
const SYSTEM_FOLDERS: [&str; 3] = ["/proc", "/sys", "/dev"];

/// The root folder, and the paths of `include:`. All paths are canonical.
#[derive(Debug)]
pub struct Boundary {
    folder: PathBuf,
    root: PathBuf,
    is_repository: bool,
    included: Vec<Included>,
    /// Paths of `include:` that do not exist.
    pub missing: Vec<String>,
}

/// A path of `include:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Included {
    /// The path as written in the stack file.
    pub path: String,
    /// The canonical path.
    pub leads_to: PathBuf,
}

impl Boundary {
    /// The boundary of a stack file in this folder. The nearest repository counts: a repository inside a
    /// received folder can only narrow it.
    #[must_use]
    pub fn of(folder: &Path, include: &[String]) -> Self {
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        // A missing folder has nothing to read.
        let real = here.canonicalize().unwrap_or_else(|_| here.to_path_buf());
        let is_root = |path: &&Path| {
            REPOSITORY_MARKERS
                .iter()
                .any(|mark| path.join(mark).exists())
        };
        let repository = real.ancestors().find(is_root).map(Path::to_path_buf);
        let (mut included, mut missing) = (Vec::new(), Vec::new());
        for path in include {
            match folder.join(path).canonicalize() {
                Ok(leads_to) => included.push(Included {
                    path: path.clone(),
                    leads_to,
                }),
                Err(_) => missing.push(path.clone()),
            }
        }
        Self {
            folder: folder.to_path_buf(),
            is_repository: repository.is_some(),
            root: repository.unwrap_or_else(|| real.parent().unwrap_or(&real).to_path_buf()),
            included,
            missing,
        }
    }

    /// How many folders there are from the stack file's to the root, both included.
    #[must_use]
    pub fn depth(&self) -> usize {
        let real = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        let real = real.canonicalize().unwrap_or_default();
        let within = real.ancestors().filter(|one| one.starts_with(&self.root));
        within.count()
    }

    /// Why a path of the stack file may not be read; `real` is its canonical form. `None` if it may.
    #[must_use]
    pub fn check(&self, path: &Path, real: &Path) -> Option<FileError> {
        let is_secret = || {
            self.is_secret(real).then(|| FileError {
                message: format!("`{}` usually contains secrets", path.display()),
                help: format!(
                    "name another path; or say that it is meant: {}",
                    include_help(&self.as_in_stack_file(path))
                ),
                part: PackagePart::default(),
            })
        };
        self.check_outside(path, real).or_else(is_secret)
    }

    /// Why a path outside the boundary may not be read; `None` if it is inside.
    #[must_use]
    pub fn check_outside(&self, path: &Path, real: &Path) -> Option<FileError> {
        if SYSTEM_FOLDERS.iter().any(|system| real.starts_with(system)) {
            return Some(FileError {
                message: format!("`{}` leads to `{}`", path.display(), real.display()),
                help: "what the system shows of processes and devices is not part of a stack: copy what is needed \
                       into a file"
                    .to_owned(),
                part: PackagePart::default(),
            });
        }
        if self.contains(real) {
            return None;
        }
        let leads = if is_link(path) {
            format!("is a link to `{}`, out of", real.display())
        } else {
            "leads out of".to_owned()
        };
        Some(FileError {
            message: format!("`{}` {leads} {}", path.display(), self.root_in_words()),
            help: format!(
                "keep what the stack needs within it; or name it, if it is meant to be read: {}",
                include_help(&self.as_in_stack_file(path))
            ),
            part: PackagePart::default(),
        })
    }

    /// Why a stack file may not be read: it is a link to a file outside the boundary.
    #[must_use]
    pub fn check_stack_file(&self, path: &Path) -> Option<FileError> {
        let real = path.canonicalize().ok()?;
        (!self.contains(&real)).then(|| FileError {
            message: format!(
                "`{}` is a link to `{}`, out of {}",
                path.display(),
                real.display(),
                self.root_in_words()
            ),
            help: "name the file itself, if you mean it".to_owned(),
            part: PackagePart::default(),
        })
    }

    /// Whether a canonical path is inside the root or an included path.
    fn contains(&self, real: &Path) -> bool {
        let bases =
            std::iter::once(&self.root).chain(self.included.iter().map(|one| &one.leads_to));
        bases.into_iter().any(|base| is_within(real, base))
    }

    /// Whether a canonical path is, or is inside, a usual location of secrets that `include:` does not name.
    #[must_use]
    pub fn is_secret(&self, real: &Path) -> bool {
        let within = real.ancestors().take_while(|path| *path != self.root);
        let mut secret = within.filter(|path| secret_files::is_secret_file(path));
        secret.any(|secret| !self.is_included(secret, real))
    }

    /// Whether `include:` names a location of secrets, a folder that contains it, or the part of it that is
    /// read.
    pub(super) fn is_included(&self, secret: &Path, real: &Path) -> bool {
        let mut named = self.included.iter().map(|one| &one.leads_to);
        named.any(|named| {
            real.starts_with(named)
                && (named.starts_with(secret) || secret_files::is_secret_file(named))
        })
    }

    /// The included paths outside the root.
    pub fn outside(&self) -> impl Iterator<Item = &Included> {
        let all = self.included.iter();
        all.filter(|one| !is_within(&one.leads_to, &self.root))
    }

    fn root_in_words(&self) -> String {
        let root = self.root.display();
        if self.is_repository {
            format!("the repository `{root}`")
        } else {
            format!("`{root}`, the folder above the stack file's")
        }
    }

    /// A path relative to the folder of the stack file.
    fn as_in_stack_file(&self, path: &Path) -> String {
        let within = path.strip_prefix(&self.folder).unwrap_or(path);
        within.to_string_lossy().into_owned()
    }
}

/// Help: the `include:` entry for a path.
pub(super) fn include_help(path: &str) -> String {
    format!(
        "`include: [{}]` at the top of the stack file",
        in_yaml(path)
    )
}

/// A path or pattern as an item of a list in YAML.
pub(super) fn in_yaml(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path.to_owned();
    }
    serde_json::Value::from(path).to_string()
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_symlink())
}

/// Whether a canonical path is another one or inside it.
fn is_within(path: &Path, base: &Path) -> bool {
    path.starts_with(base) || path.ancestors().any(|above| is_same_file(above, base))
}

/// Compares device and inode: on case-insensitive file systems a folder has several names.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.metadata().ok().map(|meta| (meta.dev(), meta.ino()));
    id(one).is_some_and(|one| id(other) == Some(one))
}

#[cfg(not(unix))]
fn is_same_file(one: &Path, other: &Path) -> bool {
    let lower = |path: &Path| path.to_string_lossy().to_lowercase();
    lower(one) == lower(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(folders: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        root
    }

    fn reads(boundary: &Boundary, path: &Path) -> bool {
        let real = path.canonicalize().unwrap();
        boundary.check(path, &real).is_none()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn proc_is_never_read() {
        let root = made(&["lab"]);
        let environment = "/proc/self/environ";
        for named in [environment, "/proc", "/"] {
            let boundary = Boundary::of(&root.path().join("lab"), &[named.to_owned()]);
            assert!(!reads(&boundary, Path::new(environment)), "{named}");
        }
    }

    #[test]
    fn the_nearest_repository_is_the_boundary() {
        let root = made(&[
            "far/out",
            "repo/.git",
            "repo/a/b/c",
            "repo/sub/stacks",
            "repo/shared",
        ]);
        let at = |path: &str| root.path().join(path);
        let deep = Boundary::of(&at("repo/a/b/c"), &[]);
        assert!(reads(&deep, &at("repo/shared")));
        assert!(!reads(&deep, &at("far")));
        assert!(!reads(&deep, &at("repo/..")));
        // A worktree or submodule has a `.git` file.
        std::fs::write(at("repo/sub/.git"), "gitdir: ../.git/modules/sub").unwrap();
        let narrow = Boundary::of(&at("repo/sub/stacks"), &[]);
        assert!(reads(&narrow, &at("repo/sub")));
        assert!(!reads(&narrow, &at("repo/shared")));
        let named = Boundary::of(
            &at("repo/sub/stacks"),
            &["../../shared".into(), "no".into()],
        );
        assert!(reads(&named, &at("repo/shared")));
        assert_eq!(named.missing, ["no"]);
        assert_eq!(named.outside().count(), 1);
    }

    #[test]
    fn without_a_repository_the_parent_folder_is_the_boundary() {
        let root = made(&["lab/stacks", "lab/lambdas", "other"]);
        let at = |path: &str| root.path().join(path);
        let boundary = Boundary::of(&at("lab/stacks"), &[]);
        assert!(reads(&boundary, &at("lab/lambdas")));
        assert!(!reads(&boundary, &at("other")));
    }

    #[test]
    fn secrets_are_read_only_if_included_explicitly() {
        let root = made(&["lab/.git", "lab/.aws/sso", "lab/code"]);
        let at = |path: &str| root.path().join(path).canonicalize().unwrap();
        let of = |include: &[&str]| {
            let include: Vec<String> = include.iter().map(|&path| path.to_owned()).collect();
            Boundary::of(&at("lab"), &include)
        };
        assert!(of(&["."]).is_secret(&at("lab/.aws/sso")));
        assert!(!of(&["."]).is_secret(&at("lab/code")));
        for named in [".aws", ".aws/sso"] {
            assert!(!of(&[named]).is_secret(&at("lab/.aws/sso")), "{named}");
        }
        assert!(of(&[".aws/sso"]).is_secret(&at("lab/.aws")));
    }
}
