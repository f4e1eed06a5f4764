//! The folder that handouts are written to.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::{is_page, stack_of};

/// The name of the teacher's page.
const INDEX: &str = "index.html";

/// So much of a file says whether treino wrote it.
const HEAD: u64 = 4096;

/// What is written to see whether there is room: as much as the pages of a class.
const TRIAL: usize = 1024 * 1024;

/// A folder of handouts, which can be written to.
#[derive(Debug)]
pub struct HandoutFolder {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
}

/// Why a page was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnwrittenPage {
    /// In one sentence.
    pub why: String,
    /// Whether its name is that of a file that treino did not write.
    pub is_foreign: bool,
}

/// Where no page was written, no folder is left.
impl Drop for HandoutFolder {
    fn drop(&mut self) {
        for made in &self.made {
            // Only what is empty is removed.
            let _ = std::fs::remove_dir(made);
        }
    }
}

impl HandoutFolder {
    /// Makes the folder, unless it is there, and sees whether it can be written to.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn prepare(path: &Path) -> Result<Self, String> {
        let why = |error: std::io::Error| error.to_string();
        if path.exists() && !path.is_dir() {
            return Err("it is a file".to_owned());
        }
        let mut above = path.ancestors().skip(1);
        if let Some(file) = above.find(|one| one.exists() && !one.is_dir()) {
            return Err(format!("{} is no folder", file.display()));
        }
        let new = path
            .ancestors()
            .take_while(|one| !one.as_os_str().is_empty() && !one.exists());
        let made = new.map(Path::to_path_buf).collect();
        let folder = Self {
            path: path.to_path_buf(),
            made,
        };
        std::fs::create_dir_all(path).map_err(why)?;
        let trial = path.join(format!(".treino.{}.new", std::process::id()));
        let written = std::fs::File::create(&trial).and_then(|mut file| {
            file.write_all(&vec![b' '; TRIAL])?;
            file.sync_all()
        });
        let removed = std::fs::remove_file(&trial);
        written.and(removed).map_err(why)?;
        Ok(folder)
    }

    /// The name of a student's page. It begins with the stack, so that no owner is one of the names that Windows keeps for
    /// devices. Owners have small letters, digits and hyphens alone; whatever else there might be leads nowhere.
    #[must_use]
    pub fn name(stack: &str, owner: &str) -> String {
        format!("{}-{}.html", safe(stack), safe(owner))
    }

    /// The name of the teacher's page of a stack: `index.html`, or `index.STACK.html` where that is of another stack.
    #[must_use]
    pub fn index_name(&self, stack: &str) -> String {
        let there = head(&self.path.join(INDEX));
        let is_of_another = there
            .as_deref()
            .and_then(stack_of)
            .is_some_and(|of| of != stack);
        if is_of_another {
            format!("index.{}.html", safe(stack))
        } else {
            INDEX.to_owned()
        }
    }

    /// Whether treino wrote the page of this name.
    #[must_use]
    pub fn has_page(&self, name: &str) -> bool {
        head(&self.path.join(name)).is_some_and(|head| is_page(&head))
    }

    /// Writes a page, in place of an earlier one. Returns its path.
    ///
    /// # Errors
    /// Why it was not written: what has its name is not treino's, or it cannot be written.
    pub fn write(&self, name: &str, page: &str) -> Result<PathBuf, UnwrittenPage> {
        let path = self.path.join(name);
        let is_there = std::fs::symlink_metadata(&path).is_ok();
        // Where nothing is in a file, nothing is lost: it may be what a full disk left.
        let is_its = head(&path).is_some_and(|head| head.is_empty() || is_page(&head));
        if is_there && !is_its {
            return Err(UnwrittenPage {
                why: format!(
                    "{} was not written by treino, and stays as it is",
                    path.display()
                ),
                is_foreign: true,
            });
        }
        let beside = self
            .path
            .join(format!(".{name}.{}.new", std::process::id()));
        let written = std::fs::write(&beside, page).and_then(|()| std::fs::rename(&beside, &path));
        written.map_err(|error| {
            let _ = std::fs::remove_file(&beside);
            UnwrittenPage {
                why: format!("{} cannot be written: {error}", path.display()),
                is_foreign: false,
            }
        })?;
        Ok(path)
    }
}

/// A text as a part of the name of a file.
fn safe(text: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    text.chars().map(safe).collect()
}

/// The beginning of a file.
fn head(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    Some(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><meta name=\"generator\" content=\"treino\">new";

    #[test]
    fn names_of_pages_are_safe_everywhere() {
        assert_eq!(HandoutFolder::name("lab", "ana-b"), "lab-ana-b.html");
        for owner in ["con", "nul", "com1", "index", "aux"] {
            let name = HandoutFolder::name("lab", owner);
            assert_eq!(name, format!("lab-{owner}.html"));
            // What Windows keeps for devices is kept with any ending.
            assert_ne!(name.split('.').next(), Some(owner));
        }
        for owner in ["../x", "a/b", "a\\b", "..", "C:x", "a\0b", "ção", ".hidden"] {
            let name = HandoutFolder::name("lab", owner);
            let stem = name.strip_suffix(".html").unwrap();
            let is_safe =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
            assert!(stem.chars().all(is_safe), "{name}");
        }
    }

    #[test]
    fn what_treino_did_not_write_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("new/pages");
        let pages = HandoutFolder::prepare(&at).unwrap();
        assert_eq!(
            std::fs::read_dir(&at).unwrap().count(),
            0,
            "the trial leaves nothing"
        );
        let written = pages.write("lab-ana.html", PAGE).unwrap();
        assert_eq!(written, at.join("lab-ana.html"));
        assert!(pages.has_page("lab-ana.html") && !pages.has_page("lab-bia.html"));
        let newer = PAGE.replace("new", "newer");
        pages.write("lab-ana.html", &newer).unwrap();
        assert_eq!(std::fs::read_to_string(&written).unwrap(), newer);
        std::fs::write(at.join("lab-bia.html"), "<html>mine").unwrap();
        std::fs::create_dir(at.join("lab-eva.html")).unwrap();
        std::fs::write(at.join("lab-ivo.html"), "").unwrap();
        for name in ["lab-bia.html", "lab-eva.html"] {
            let refused = pages.write(name, PAGE).unwrap_err();
            assert!(
                refused.is_foreign && refused.why.contains("was not written by treino"),
                "{refused:?}"
            );
        }
        assert_eq!(
            std::fs::read_to_string(at.join("lab-bia.html")).unwrap(),
            "<html>mine"
        );
        pages.write("lab-ivo.html", PAGE).unwrap();
        assert_eq!(
            std::fs::read_dir(&at).unwrap().count(),
            4,
            "nothing else is left"
        );
    }

    #[test]
    fn folders_without_a_page_are_not_left() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("new/pages");
        drop(HandoutFolder::prepare(&at).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::create_dir(folder.path().join("new")).unwrap();
        drop(HandoutFolder::prepare(&at).unwrap());
        assert!(!at.exists() && folder.path().join("new").exists());
        let pages = HandoutFolder::prepare(&at).unwrap();
        pages.write("lab-ana.html", PAGE).unwrap();
        drop(pages);
        assert!(at.join("lab-ana.html").exists());
    }

    #[test]
    fn the_page_of_another_stack_stays() {
        let folder = tempfile::tempdir().unwrap();
        let pages = HandoutFolder::prepare(folder.path()).unwrap();
        assert_eq!(pages.index_name("lab"), "index.html");
        let of = |stack: &'static str| super::super::IndexPage {
            stack,
            description: "",
            students: Vec::new(),
            of_roster: 0,
        };
        let page = super::super::index(&of("lab"), super::super::HandoutLanguage::English);
        pages.write("index.html", &page).unwrap();
        assert_eq!(pages.index_name("lab"), "index.html");
        assert_eq!(pages.index_name("other"), "index.other.html");
        // What is not treino's is told when it is written.
        std::fs::write(folder.path().join("index.html"), "mine").unwrap();
        assert_eq!(pages.index_name("other"), "index.html");
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        std::fs::write(&file, "mine").unwrap();
        assert_eq!(HandoutFolder::prepare(&file).unwrap_err(), "it is a file");
        let below = HandoutFolder::prepare(&file.join("below/it")).unwrap_err();
        assert_eq!(below, format!("{} is no folder", file.display()));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }
}
