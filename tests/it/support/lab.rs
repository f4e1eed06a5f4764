//! A copy of the image-metadata lab that a test may edit.

use std::fs;
use std::path::{Path, PathBuf};

use super::{World, repository};

/// The copy, in the world's folder.
pub struct Lab {
    folder: PathBuf,
}

impl Lab {
    pub fn copy(world: &World) -> Self {
        let folder = world.folder.path().join("lab");
        for part in ["stacks", "definitions", "lambdas"] {
            copy(&repository(part), &folder.join(part));
        }
        Self { folder }
    }

    /// The stack file.
    pub fn stack(&self) -> String {
        self.path("stacks/image-metadata.yaml")
    }

    /// A file of the copy.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Replaces a text that stands in the file exactly once.
    #[track_caller]
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let path = self.folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old} in {name}");
        fs::write(&path, text.replace(old, new)).unwrap();
    }

    /// Cuts a section out of the stack file.
    #[track_caller]
    pub fn cut(&self, section: &str) {
        let path = self.folder.join("stacks/image-metadata.yaml");
        let text = fs::read_to_string(&path).unwrap();
        let mut inside = false;
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| {
                if !line.is_empty() && !line.starts_with([' ', '#']) {
                    inside = *line == format!("{section}:");
                }
                !inside || line.starts_with('#')
            })
            .collect();
        assert!(kept.len() < text.lines().count(), "no section {section}");
        fs::write(&path, kept.join("\n") + "\n").unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
