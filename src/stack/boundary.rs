//! What a stack file may have read: its repository, and what it names under `include:`.
//!
//! A hard link cannot be told from the file itself, and is read as a file of the folder it stands in.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::code::Wrong;
use super::secret_files;

/// What the root of a repository holds: a folder, or the file that stands for it in a worktree or a
/// submodule.
const MARKS: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

/// No files, but what the system shows of its processes, with their variables, and of its devices:
/// never read, whatever `include:` says.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// The folder all that is read stands in, and what else is named to be read. All paths are real ones.
#[derive(Debug)]
pub struct Boundary {
    folder: PathBuf,
    root: PathBuf,
    is_repository: bool,
    included: Vec<Included>,
    /// What is named under `include:` and is not there.
    pub missing: Vec<String>,
}

/// A path of `include:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Included {
    /// As the stack file names it.
    pub path: String,
    /// Where it leads.
    pub leads_to: PathBuf,
}

impl Boundary {
    /// What a stack file in this folder may have read. The nearest folder that is a repository counts:
    /// one within what somebody else made only narrows it.
    #[must_use]
    pub fn of(folder: &Path, include: &[String]) -> Self {
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        // Of a folder that is not there nothing can be read.
        let real = here.canonicalize().unwrap_or_else(|_| here.to_path_buf());
        let is_root = |path: &&Path| MARKS.iter().any(|mark| path.join(mark).exists());
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

    /// Why a path of the stack file may not be read, whose real one this is.
    #[must_use]
    pub fn refusal(&self, path: &Path, real: &Path) -> Option<Wrong> {
        let is_secret = || {
            self.is_secret(real).then(|| Wrong {
                message: format!("`{}` is where secrets are kept", path.display()),
                help: format!(
                    "name another path; or say that it is meant: {}",
                    include(&self.within(path))
                ),
            })
        };
        self.leads_out(path, real).or_else(is_secret)
    }

    /// Why a path may not be read that leads out.
    #[must_use]
    pub fn leads_out(&self, path: &Path, real: &Path) -> Option<Wrong> {
        if SYSTEM.iter().any(|system| real.starts_with(system)) {
            return Some(Wrong {
                message: format!("`{}` leads to `{}`", path.display(), real.display()),
                help: "what the system shows of processes and devices is no part of a stack: copy what is needed \
                       into a file"
                    .to_owned(),
            });
        }
        if self.holds(real) {
            return None;
        }
        let leads = if is_link(path) {
            format!("is a link to `{}`, out of", real.display())
        } else {
            "leads out of".to_owned()
        };
        Some(Wrong {
            message: format!("`{}` {leads} {}", path.display(), self.root_in_words()),
            help: format!(
                "keep what the stack needs within it; or name it, if it is meant to be read: {}",
                include(&self.within(path))
            ),
        })
    }

    /// Why a stack file may not be read: it is a link that leads out.
    #[must_use]
    pub fn refusal_of_stack(&self, path: &Path) -> Option<Wrong> {
        let real = path.canonicalize().ok()?;
        (!self.holds(&real)).then(|| Wrong {
            message: format!(
                "`{}` is a link to `{}`, out of {}",
                path.display(),
                real.display(),
                self.root_in_words()
            ),
            help: "name the file itself, if you mean it".to_owned(),
        })
    }

    /// Whether a real path may be read.
    fn holds(&self, real: &Path) -> bool {
        let bases =
            std::iter::once(&self.root).chain(self.included.iter().map(|one| &one.leads_to));
        bases.into_iter().any(|base| lies_in(real, base))
    }

    /// Whether a real path is, or stands in, what usually holds secrets, and is not named itself.
    #[must_use]
    pub fn is_secret(&self, real: &Path) -> bool {
        let within = real.ancestors().take_while(|path| *path != self.root);
        let mut secret = within.filter(|path| secret_files::is_one(path));
        secret.any(|secret| !self.names(secret, real))
    }

    /// Whether `include:` names what holds secrets, what it is a part of, or the part of it that is
    /// read.
    pub(super) fn names(&self, secret: &Path, real: &Path) -> bool {
        let mut named = self.included.iter().map(|one| &one.leads_to);
        named.any(|named| {
            real.starts_with(named) && (named.starts_with(secret) || secret_files::is_one(named))
        })
    }

    /// What is named and lies outside.
    pub fn outside(&self) -> impl Iterator<Item = &Included> {
        let all = self.included.iter();
        all.filter(|one| !lies_in(&one.leads_to, &self.root))
    }

    fn root_in_words(&self) -> String {
        let root = self.root.display();
        if self.is_repository {
            format!("the repository `{root}`")
        } else {
            format!("`{root}`, the folder above the stack file's")
        }
    }

    /// A path as the stack file would name it.
    fn within(&self, path: &Path) -> String {
        let within = path.strip_prefix(&self.folder).unwrap_or(path);
        within.to_string_lossy().into_owned()
    }
}

/// What to write to have a path read.
pub(super) fn include(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return format!("`include: [{path}]`");
    }
    format!("`include: [{}]`", serde_json::Value::from(path))
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_symlink())
}

/// Whether one real path lies in another, or is it.
fn lies_in(path: &Path, base: &Path) -> bool {
    path.starts_with(base) || path.ancestors().any(|above| is_same(above, base))
}

/// Where capital letters are not told from small ones, one folder has several names.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.metadata().ok().map(|meta| (meta.dev(), meta.ino()));
    id(one).is_some_and(|one| id(other) == Some(one))
}

#[cfg(not(unix))]
fn is_same(one: &Path, other: &Path) -> bool {
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
        boundary.refusal(path, &real).is_none()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_system_shows_of_processes_is_read_by_no_name() {
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
        // A worktree or submodule has a file there.
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
    fn without_a_repository_it_is_the_folder_above() {
        let root = made(&["lab/stacks", "lab/lambdas", "other"]);
        let at = |path: &str| root.path().join(path);
        let boundary = Boundary::of(&at("lab/stacks"), &[]);
        assert!(reads(&boundary, &at("lab/lambdas")));
        assert!(!reads(&boundary, &at("other")));
    }

    #[test]
    fn secrets_are_read_only_if_they_are_named_themselves() {
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
