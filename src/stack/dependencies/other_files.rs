//! Files that name packages and that treino does not read: nothing of them would be in the package.

use std::path::Path;

use crate::source::Diagnostic;

/// Runtimes by how their names begin, a file, and how it becomes one that is read.
const UNREAD: [(&str, &str, &str); 8] = [
    (
        "python",
        "Pipfile",
        "pipenv requirements > requirements.txt",
    ),
    (
        "python",
        "uv.lock",
        "uv export --no-dev --no-emit-project -o requirements.txt",
    ),
    ("python", "poetry.lock", "poetry export -o requirements.txt"),
    ("python", "environment.yml", "pip freeze > requirements.txt"),
    (
        "python",
        "pyproject.toml",
        "write the packages of `dependencies` into requirements.txt, one on each line",
    ),
    (
        "ruby",
        "Gemfile",
        "bundle config set --local path vendor/bundle; bundle install",
    ),
    (
        "java",
        "pom.xml",
        "mvn package, and name the .jar (as .zip) under `code`",
    ),
    (
        "java",
        "build.gradle",
        "gradle build, and name the .zip under `code`",
    ),
];
/// Names that are taken for `requirements.txt`, in lowercase letters.
const MISNAMED: [&str; 6] = [
    "requirements.txt",
    "requirement.txt",
    "requirments.txt",
    "requirements",
    "requirements.text",
    "requirements.txt.txt",
];

/// The warning about a file that is not read, in a folder that names no packages otherwise.
pub(super) fn find(folder: &Path, runtime: &str) -> Option<Diagnostic> {
    if runtime.starts_with("python") {
        let entries = std::fs::read_dir(folder).ok()?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut misnamed: Vec<String> = names
            .filter(|name| name != "requirements.txt")
            .filter(|name| MISNAMED.contains(&name.to_lowercase().as_str()))
            .collect();
        misnamed.sort();
        if let Some(name) = misnamed.first() {
            let message = format!("`{name}` is not read: pip's file is named requirements.txt");
            return Some(Diagnostic::warning(message).help("rename it to requirements.txt"));
        }
    }
    let mut unread = UNREAD.iter().filter(|(of, ..)| runtime.starts_with(of));
    let (_, name, how) = unread.find(|(_, name, _)| names_packages(&folder.join(name)))?;
    let message = format!("the packages that `{name}` names are not installed");
    let help = if runtime.starts_with("python") {
        format!(
            "make a requirements.txt beside it: {how}; or write `build: none` if the folder has them"
        )
    } else {
        format!("build it yourself ({how}), and write `build: none`")
    };
    Some(Diagnostic::warning(message).help(help))
}

/// Whether a file exists; of one that may hold settings alone, whether it names packages.
fn names_packages(path: &Path) -> bool {
    if !path.ends_with("pyproject.toml") || !path.is_file() {
        return path.is_file();
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let names = |line: &str| line.starts_with("dependencies") || line.contains(".dependencies]");
    text.lines().any(|line| names(line.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a folder with this file.
    fn said(runtime: &str, name: &str, text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        find(folder.path(), runtime)
            .map(|one| one.message)
            .unwrap_or_default()
    }

    #[test]
    fn packages_of_other_tools_are_not_ignored_in_silence() {
        assert!(said("python3.13", "Pipfile", "").contains("`Pipfile`"));
        assert!(
            said("python3.13", "Requirements.txt", "").contains("`Requirements.txt` is not read")
        );
        assert!(said("ruby3.4", "Gemfile", "").contains("`Gemfile`"));
        let project = "[project]\ndependencies = ['requests']\n";
        assert!(said("python3.13", "pyproject.toml", project).contains("`pyproject.toml`"));
        assert_eq!(
            said(
                "python3.13",
                "pyproject.toml",
                "[tool.ruff]\nline-length = 99\n"
            ),
            ""
        );
        assert_eq!(said("nodejs22.x", "Pipfile", ""), "");
        assert_eq!(said("python3.13", "requirements.txt", "# none\n"), "");
    }
}
