//! Writing the files of a lab: all of them, or none.

use std::fs::{DirBuilder, File, remove_dir, remove_file, symlink_metadata};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use crate::source::{Diagnostic, Diagnostics, open_files_help};

/// Names that no file can have on Windows, whatever follows a point in them.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Writes files into a folder, which is made if it is not there.
///
/// # Errors
/// Everything that is in the way. Nothing is left of what was written.
pub(super) fn all(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), Diagnostics> {
    let mut found = obstacles(folder, files);
    if let Some(last) = found.pop() {
        // The way out is one for all of them.
        let rule = if last.message.ends_with("exists already") {
            "no file is ever overwritten: "
        } else {
            ""
        };
        found.push(last.help(format!("{rule}name another folder: `treino init LAB DIR`")));
        return Err(Diagnostics(found));
    }
    let mut made = Made::default();
    made.write(folder, files).map_err(|(path, error)| {
        made.delete();
        let help = match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "name a folder that you may write to: `treino init LAB DIR`"
            }
            _ => open_files_help(&error)
                .unwrap_or("fix that, or name another folder: `treino init LAB DIR`"),
        };
        let wrong = format!("{} cannot be written: {error}", path.display());
        Diagnostics::from(Diagnostic::error_with_help(wrong, help))
    })
}

/// What is in the way of these files, each with its path.
fn obstacles(folder: &Path, files: &[(&str, Vec<u8>)]) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let mut path = PathBuf::new();
    for part in folder.components() {
        path.push(part);
        // Links in the way to the folder are the user's own.
        let name = part.as_os_str().to_string_lossy();
        let why = match (std::fs::metadata(&path), symlink_metadata(&path)) {
            (Ok(there), _) if there.is_dir() => continue,
            (Ok(_), _) => Some("is a file, and a folder is needed".to_owned()),
            (Err(_), Ok(_)) => Some("is a link that leads nowhere".to_owned()),
            (Err(error), Err(_)) if error.kind() != ErrorKind::NotFound => {
                Some(format!("cannot be looked at: {error}"))
            }
            _ => matches!(part, Component::Normal(_))
                .then(|| unusual(&name))
                .flatten(),
        };
        if let Some(why) = why {
            wrong.push(format!("{} {why}", path.display()));
            break;
        }
    }
    if folder.as_os_str().is_empty() {
        wrong.push("the folder's name is empty".to_owned());
    }
    if wrong.is_empty() {
        for (file, _) in files {
            wrong.extend(in_the_way(folder, file).filter(|one| !wrong.contains(one)));
        }
    }
    wrong.into_iter().map(Diagnostic::error).collect()
}

/// What is in the way of one file: itself, or a part of its path that is no folder.
fn in_the_way(folder: &Path, file: &str) -> Option<String> {
    let mut path = folder.to_path_buf();
    let mut parts = file.split('/').peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        let is_last = parts.peek().is_none();
        let why = match symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => format!("cannot be looked at: {error}"),
            Ok(_) if is_last => "exists already".to_owned(),
            Ok(there) if there.is_dir() => continue,
            // What is written through a link would be somewhere else.
            Ok(there) if there.is_symlink() => "is a link, and a folder is needed".to_owned(),
            Ok(_) => "is a file, and a folder is needed".to_owned(),
        };
        return Some(format!("{} {why}", path.display()));
    }
    None
}

/// Why a folder of this name would be trouble for others: a lab is shared, by people with other systems.
fn unusual(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let is_port = stem.len() == 4
        && (stem.starts_with("com") || stem.starts_with("lpt"))
        && stem.ends_with(|c: char| c.is_ascii_digit());
    if DEVICES.contains(&stem.as_str()) || is_port {
        return Some(
            "is the name of a device on Windows, which has no folder of that name".to_owned(),
        );
    }
    if name.ends_with(['.', ' ']) {
        return Some(
            "ends with a point or a space, which Windows does not allow in a folder's name"
                .to_owned(),
        );
    }
    let odd = |c: &char| c.is_control() || "<>:\"|?*\\".contains(*c);
    let found = name.chars().find(odd)?;
    Some(format!(
        "contains {found:?}, which Windows does not allow in a folder's name"
    ))
}

/// What was made so far, in its order.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Made {
    fn write(
        &mut self,
        folder: &Path,
        files: &[(&str, Vec<u8>)],
    ) -> Result<(), (PathBuf, std::io::Error)> {
        self.folder(folder)?;
        for (name, text) in files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                self.folder(parent)?;
            }
            // Another program may have made it since it was looked for.
            let mut file = File::create_new(&path).map_err(|error| (path.clone(), error))?;
            self.files.push(path.clone());
            file.write_all(text).map_err(|error| (path, error))?;
        }
        Ok(())
    }

    /// Makes a folder with those above it, where they are not there.
    fn folder(&mut self, folder: &Path) -> Result<(), (PathBuf, std::io::Error)> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.folder(above)?;
        }
        let made = DirBuilder::new().create(folder);
        made.map_err(|error| (folder.to_path_buf(), error))?;
        self.folders.push(folder.to_path_buf());
        Ok(())
    }

    /// Deletes it. A folder that somebody else has written to in the meantime stays.
    fn delete(&self) {
        for file in &self.files {
            let _ = remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 2] = ["stack.yaml", "lambdas/f/app.py"];

    fn files() -> Vec<(&'static str, Vec<u8>)> {
        FILES
            .iter()
            .map(|path| (*path, path.as_bytes().to_vec()))
            .collect()
    }

    fn refused(folder: &Path) -> String {
        let Diagnostics(found) = all(folder, &files()).unwrap_err();
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        assert!(found.last().unwrap().help.is_some());
        messages.join("; ")
    }

    /// All entries below a folder.
    fn entries(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if symlink_metadata(&path).unwrap().is_dir() {
                found.extend(entries(&path));
            }
            found.push(path);
        }
        found.sort();
        found
    }

    #[test]
    fn a_folder_is_made_or_filled() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["new", "two/deep", "there"] {
            let folder = root.path().join(folder);
            if folder.ends_with("there") {
                std::fs::create_dir(&folder).unwrap();
                std::fs::write(folder.join("notes.txt"), "mine").unwrap();
            }
            all(&folder, &files()).unwrap();
            for file in FILES {
                assert_eq!(std::fs::read_to_string(folder.join(file)).unwrap(), file);
            }
        }
        assert!(root.path().join("there/notes.txt").exists());
    }

    #[test]
    fn nothing_is_overwritten_and_all_that_is_in_the_way_is_said() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("lab");
        std::fs::create_dir_all(folder.join("lambdas/f")).unwrap();
        for file in FILES {
            std::fs::write(folder.join(file), "mine").unwrap();
        }
        let before = entries(root.path());
        let said = refused(&folder);
        for file in FILES {
            assert!(said.contains(&format!("{file} exists already")), "{said}");
            assert_eq!(std::fs::read_to_string(folder.join(file)).unwrap(), "mine");
        }
        // With one of them in the way, none is written.
        std::fs::remove_file(folder.join("stack.yaml")).unwrap();
        assert!(refused(&folder).ends_with("lambdas/f/app.py exists already"));
        assert_eq!(entries(root.path()).len(), before.len() - 1);
        std::fs::remove_dir_all(folder.join("lambdas")).unwrap();
        std::fs::write(folder.join("lambdas"), "").unwrap();
        assert!(refused(&folder).ends_with("lambdas is a file, and a folder is needed"));
        let file = folder.join("lambdas");
        assert!(refused(&file).ends_with("is a file, and a folder is needed"));
        assert!(
            refused(&file.join("below")).ends_with("lambdas is a file, and a folder is needed")
        );
        assert_eq!(refused(Path::new("")), "the folder's name is empty");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        use std::os::unix::fs::symlink;

        let root = tempfile::tempdir().unwrap();
        let (folder, elsewhere) = (root.path().join("lab"), root.path().join("elsewhere"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::create_dir(&elsewhere).unwrap();
        symlink(&elsewhere, folder.join("lambdas")).unwrap();
        symlink("nowhere", folder.join("stack.yaml")).unwrap();
        let said = refused(&folder);
        assert!(said.contains("stack.yaml exists already"), "{said}");
        assert!(
            said.contains("lambdas is a link, and a folder is needed"),
            "{said}"
        );
        symlink("nowhere", root.path().join("dangling")).unwrap();
        assert!(refused(&root.path().join("dangling")).ends_with("is a link that leads nowhere"));
        assert_eq!(entries(&elsewhere), Vec::<PathBuf>::new());
        // The folder itself may be one.
        symlink(&elsewhere, root.path().join("mine")).unwrap();
        all(&root.path().join("mine"), &files()).unwrap();
    }

    #[test]
    fn what_was_written_is_deleted_if_the_rest_cannot_be() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("two/lab");
        let long = "x".repeat(300);
        let files = [
            ("stack.yaml", vec![1]),
            ("lambdas/app.py", vec![2]),
            (long.as_str(), vec![3]),
        ];
        let mut made = Made::default();
        made.write(&folder, &files).unwrap_err();
        assert_eq!(entries(root.path()).len(), 5);
        made.delete();
        assert_eq!(entries(root.path()), Vec::<PathBuf>::new());
        let Diagnostics(found) = all(&folder, &files).unwrap_err();
        assert_eq!(found.len(), 1);
        assert_eq!(entries(root.path()), Vec::<PathBuf>::new());
    }

    #[test]
    fn names_that_windows_does_not_take_are_refused() {
        for name in [
            "con", "NUL.lab", "com1", "a:b", "what?", "lab.", "lab ", "a\nb", r"a\b",
        ] {
            assert!(unusual(name).is_some(), "{name}");
        }
        for name in [
            "lab", "com", "my lab", "aula-1.2", "ação", "..lab", "console",
        ] {
            assert_eq!(unusual(name), None, "{name}");
        }
        let root = tempfile::tempdir().unwrap();
        if cfg!(unix) {
            assert!(refused(&root.path().join("a:b")).contains("contains ':'"));
        }
    }
}
