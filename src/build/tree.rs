//! What was installed, as a zip without what differs between two machines.

use std::path::{Path, PathBuf};

use crate::local::file_error;
use crate::source::Diagnostic;
use crate::stack::BuildTool;
use crate::stack::zipping::{ExecutableBit, zip};

/// The folder of the installed files, below that of an installation.
pub(super) fn output(folder: &Path, tool: BuildTool) -> PathBuf {
    match tool {
        BuildTool::Pip => folder.join("python"),
        BuildTool::Npm => folder.join("node_modules"),
    }
}

/// Zips the installed files.
pub(super) fn zip_of(folder: &Path, tool: BuildTool) -> Result<Vec<u8>, Diagnostic> {
    let files = files(folder, tool)?;
    let listed = files
        .iter()
        .map(|(name, path)| (name.as_str(), path.as_path()));
    zip(listed, ExecutableBit::Content)
        .map_err(|(name, error)| file_error(&folder.join(name), &error))
}

/// The installed files by their names in the package, sorted.
pub(super) fn files(folder: &Path, tool: BuildTool) -> Result<Vec<(String, PathBuf)>, Diagnostic> {
    let prefix = match tool {
        BuildTool::Pip => String::new(),
        BuildTool::Npm => "node_modules/".to_owned(),
    };
    let mut found = Vec::new();
    walk(&output(folder, tool), &prefix, tool, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(
    folder: &Path,
    prefix: &str,
    tool: BuildTool,
    found: &mut Vec<(String, PathBuf)>,
) -> Result<(), Diagnostic> {
    let unreadable = |error: std::io::Error| file_error(folder, &error);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if is_of_machine(&name, tool) {
            continue;
        }
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), tool, found)?;
        } else if kind.is_file() {
            found.push((name, entry.path()));
        }
    }
    Ok(())
}

/// Whether a file is written for this machine or by the installing program: it is of no use to a function.
fn is_of_machine(name: &str, tool: BuildTool) -> bool {
    let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
    match tool {
        // Scripts begin with the path of this machine's Python. RECORD has their hashes.
        BuildTool::Pip => {
            name == "bin"
                || last == "__pycache__"
                || folder.ends_with(".dist-info")
                    && ["RECORD", "INSTALLER", "REQUESTED", "direct_url.json"].contains(&last)
        }
        BuildTool::Npm => {
            let is_in_root =
                ["node_modules/.package-lock.json", "node_modules/.cache"].contains(&name);
            is_in_root || last == ".bin" && folder.ends_with("node_modules")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_between_machines_is_left_out() {
        let of = |tool, names: &[&'static str]| -> Vec<&str> {
            let kept = names.iter().filter(|name| !is_of_machine(name, tool));
            kept.copied().collect()
        };
        let python = [
            "bin",
            "a/bin",
            "a/__pycache__",
            "a/x.pyc",
            "a.dist-info/RECORD",
            "a.dist-info/METADATA",
            "RECORD",
        ];
        assert_eq!(
            of(BuildTool::Pip, &python),
            ["a/bin", "a/x.pyc", "a.dist-info/METADATA", "RECORD"]
        );
        let node = [
            "node_modules/.bin",
            "node_modules/a/node_modules/.bin",
            "node_modules/.package-lock.json",
            "node_modules/a/.bin",
        ];
        assert_eq!(of(BuildTool::Npm, &node), ["node_modules/a/.bin"]);
    }
}
