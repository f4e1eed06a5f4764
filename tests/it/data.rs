//! The data files of `src/data`: they are what their packages say, and hold what the source asks for.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use regex::Regex;
use treino::data::limits;
use treino::local::Folders;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The comparison of the files with their packages, which are downloaded once; needs pip and npm.
static CHECKED: LazyLock<(PathBuf, Output)> = LazyLock::new(|| {
    let cache = Folders::of_user().expect("a home directory").cache;
    let folder = cache.join("data-packages");
    let output = Command::new(&*crate::extension::PYTHON)
        .args(["src/data/update.py", "--check", "--packages"])
        .arg(&folder)
        .current_dir(root())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .output()
        .expect("Python runs");
    (folder, output)
});

/// Where the packages are that the data files are made from.
pub fn packages() -> &'static Path {
    &CHECKED.0
}

#[test]
fn the_files_are_what_their_packages_say() {
    let output = &CHECKED.1;
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// A shape without a limit would be taken for one that takes everything.
#[test]
fn every_limit_that_is_asked_for_is_there() {
    let asked = Regex::new(r#"limits::(max|of)\(\s*"([^"]+)""#).unwrap();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for found in asked.captures_iter(&text) {
            let limit = limits::of(&found[2]);
            let is_there = match &found[1] {
                "max" => limit.is_some_and(|limit| limit.max.is_some()),
                _ => limit.is_some(),
            };
            assert!(
                is_there,
                "{}: {} has no such limit",
                file.display(),
                &found[2]
            );
        }
    }
}
