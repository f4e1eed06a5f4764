//! Errors of the operating system, recognised by their text, with help.

use std::path::Path;

use crate::source::Diagnostic;

/// The texts of each error, by the system or by Python, and the help.
const KNOWN_ERRORS: &[(&[&str], &str)] = &[
    (
        &[
            "No space left on device",
            "os error 28",
            "Errno 28",
            "ENOSPC",
            "not enough space",
        ],
        "free 500 MB on that disk (or set XDG_CACHE_HOME to a folder on another one), then run the same command",
    ),
    (
        &[
            "Disk quota exceeded",
            "Quota exceeded",
            "Errno 122",
            "EDQUOT",
        ],
        "your disk quota is used up: free 500 MB, or set XDG_CACHE_HOME to a folder without one, then run the same \
         command",
    ),
    (
        &["File too large", "Errno 27", "EFBIG"],
        "raise the limit on the size of files (ulimit -f), then run the same command",
    ),
    (
        &[
            "Too many open files",
            "Errno 24",
            "os error 24",
            "EMFILE",
            "ENFILE",
        ],
        "raise the number of files a process may open (ulimit -n 1024), then run the same command",
    ),
    (
        &[
            "Cannot allocate memory",
            "Errno 12",
            "os error 12",
            "MemoryError",
        ],
        "end other programs to free memory, then run the same command",
    ),
    (
        &["Read-only file system", "Errno 30", "os error 30", "EROFS"],
        "that place cannot be written to: set XDG_CACHE_HOME to a folder that can, then run the same command",
    ),
    (
        &[
            "Not a directory",
            "File exists",
            "Errno 20",
            "os error 20",
            "os error 17",
            "ENOTDIR",
        ],
        "a file is where a folder has to be: move it away, or set XDG_CACHE_HOME to a folder, then run the same \
         command",
    ),
    (
        &[
            "Permission denied",
            "Operation not permitted",
            "Errno 13",
            "Access is denied",
            "EACCES",
            "EPERM",
        ],
        "permission is missing there: give it to yourself, or set XDG_CACHE_HOME to a folder of your own, then run \
         the same command",
    ),
];

/// The known error in a program's output: the line that contains it, and the help.
pub(super) fn find_known(said: &str) -> Option<(String, &'static str)> {
    for (signs, help) in KNOWN_ERRORS {
        let names = |line: &&str| signs.iter().any(|sign| line.contains(sign));
        if let Some(line) = said.lines().rev().find(names) {
            return Some((line.trim().to_owned(), help));
        }
    }
    None
}

/// The diagnostic for a file or folder that could not be created, read or written.
pub(crate) fn file_error(path: &Path, error: &std::io::Error) -> Diagnostic {
    let said = error.to_string();
    let help = find_known(&said).map_or("set XDG_CACHE_HOME to another folder", |(_, help)| help);
    Diagnostic::error_with_help(format!("{} cannot be used: {said}", path.display()), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_error_has_its_help() {
        let of = |code| {
            file_error(Path::new("/x"), &std::io::Error::from_raw_os_error(code))
                .help
                .unwrap_or_default()
        };
        #[cfg(unix)]
        for (code, way) in [
            (28, "free 500 MB"),
            (24, "ulimit -n"),
            (27, "ulimit -f"),
            (30, "cannot be written to"),
            (20, "a file is where a folder has to be"),
            (13, "permission"),
        ] {
            assert!(of(code).contains(way), "{code}: {}", of(code));
        }
        let said = "Traceback:\n  OSError: [Errno 28] No space left on device: '/x'\nend";
        let (line, _) = find_known(said).unwrap();
        assert_eq!(line, "OSError: [Errno 28] No space left on device: '/x'");
        assert_eq!(find_known("Could not find a version"), None);
    }
}
