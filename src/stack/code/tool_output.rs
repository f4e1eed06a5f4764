//! Files that tools leave beside the code, and virtual environments: they are never packaged.

use std::path::Path;

/// Names of files and folders of version control, editors, operating systems, and caches of tools.
const NAMES: [&str; 43] = [
    // Version control.
    ".bzr",
    ".git",
    ".gitattributes",
    ".gitignore",
    ".gitkeep",
    ".gitmodules",
    ".hg",
    ".hgignore",
    ".jj",
    ".svn",
    "CVS",
    "_darcs",
    // Editors.
    ".classpath",
    ".editorconfig",
    ".fleet",
    ".history",
    ".idea",
    ".project",
    ".settings",
    ".vs",
    ".vscode",
    ".zed",
    // Operating systems.
    ".DS_Store",
    ".Spotlight-V100",
    ".Trashes",
    ".directory",
    "Thumbs.db",
    "__MACOSX",
    "desktop.ini",
    // Caches of tools, and what other tools of this kind build.
    ".aws-sam",
    ".eggs",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".nyc_output",
    ".pytest_cache",
    ".ruff_cache",
    ".serverless",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
];

const ENDINGS: [&str; 8] = [
    ".iml",
    ".pyo",
    ".sublime-project",
    ".sublime-workspace",
    ".swn",
    ".swo",
    ".swp",
    "~",
];

/// Whether a name is of a file or folder that tools leave beside the code.
pub(super) fn is_tool_output(name: &str) -> bool {
    NAMES.contains(&name)
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
        // Emacs: a lock and an unsaved file. macOS: what another file system cannot keep of a file.
        || name.starts_with(".#")
        || name.starts_with('#') && name.ends_with('#') && name.len() > 1
        || name.starts_with("._")
}

/// Whether a file is the compiled form of a Python module whose text is beside it, which Python prefers. Without the text
/// it is the module: `app.pyc`. `app.cpython-313.pyc` is a module nowhere but in `__pycache__`.
pub(super) fn is_compiled_beside(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.extension().is_some_and(|ending| ending == "pyc")
        && (stem.contains('.') || path.with_extension("py").exists())
}

/// Whether a folder is a virtual environment, whatever its name: it is of use on this machine alone.
pub(super) fn is_virtual_environment(folder: &Path) -> bool {
    let marks = [
        "pyvenv.cfg",
        "conda-meta",
        "bin/activate",
        "Scripts/activate",
    ];
    marks.iter().any(|mark| folder.join(mark).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_function_needs_is_left_out() {
        for name in [
            ".git",
            ".gitignore",
            ".vscode",
            "__pycache__",
            "a.pyo",
            ".app.py.swp",
            "app.py~",
            ".#app.py",
            "#app.py#",
            "._app.py",
            ".DS_Store",
            "desktop.ini",
            ".venv",
        ] {
            assert!(is_tool_output(name), "{name}");
        }
        for name in [
            "app.py",
            "git",
            ".npmrc",
            ".github.py",
            "venv.py",
            "a.pyc",
            "#",
            "#a",
            ".config",
            "package.json",
            ".node",
            "env",
            "requirements.txt",
            ".well-known",
        ] {
            assert!(!is_tool_output(name), "{name}");
        }
    }

    #[test]
    fn compiled_modules_without_their_text_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["app.py", "app.pyc", "only.pyc", "only.cpython-313.pyc"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let is_beside = |name: &str| is_compiled_beside(&folder.path().join(name));
        assert!(is_beside("app.pyc") && is_beside("only.cpython-313.pyc"));
        assert!(!is_beside("only.pyc") && !is_beside("app.py"));
    }

    #[test]
    fn virtual_environments_are_known_by_what_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let of = |mark: &str| {
            let own = folder.path().join(mark.replace('/', "-"));
            let mark = own.join(mark);
            std::fs::create_dir_all(mark.parent().unwrap()).unwrap();
            std::fs::write(mark, "").unwrap();
            is_virtual_environment(&own)
        };
        assert!(of("pyvenv.cfg") && of("bin/activate") && of("Scripts/activate"));
        assert!(!of("bin/tool") && !of("activate"));
    }
}
