//! Text files of the user, with the source range of every value.
//!
//! A stack file and a Step Functions definition are both parsed into a [`Node`] tree, so that a diagnostic
//! can show the line it is about. This module knows nothing about either format. It depends on no other
//! module of the crate.

mod counted;
mod diagnostic;
mod file_format;
mod hexadecimal;
mod node;
mod odd_characters;
mod tags;
mod yaml;
mod yaml_faults;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, OnceLock};

pub use counted::{counted, plural};
pub use diagnostic::{Diagnostic, Diagnostics, Place, Severity};
pub use file_format::FileFormat;
pub use hexadecimal::hexadecimal;
pub use node::{Entry, Node, Value};
pub use odd_characters::{is_invisible, near_syntax_error, odd_character, odd_characters};
pub use tags::tags;
pub use yaml::{duplicates, parse};
pub use yaml_faults::missing_separator;

/// A file that was read: its text and its display name.
#[derive(Debug)]
pub struct Source {
    /// The path as the user wrote it.
    pub name: String,
    pub text: String,
    /// The byte offset of each line, computed on first use.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text) == (&other.name, &other.text)
    }
}

impl Eq for Source {}

impl Source {
    /// A source from a text in memory.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
        })
    }

    /// The line number of a byte offset, from 0, and the offset at which that line begins.
    fn line_at(&self, at: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n');
            let begins = breaks.map(|(at, _)| at + 1);
            std::iter::once(0).chain(begins).collect()
        });
        let number = lines
            .partition_point(|begin| *begin <= at)
            .saturating_sub(1);
        (number, lines.get(number).copied().unwrap_or(0))
    }

    /// The line of a byte offset together with the line before it, their offset, and the number of the first,
    /// from 1.
    #[must_use]
    pub fn lines_before(&self, at: usize) -> (&str, usize, usize) {
        let (number, begin) = self.line_at(at);
        let (first, from) = match begin.checked_sub(1) {
            Some(before) => self.line_at(before),
            None => (number, begin),
        };
        let rest = self.text.get(begin..).unwrap_or_default();
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let lines = self.text.get(from..begin + end).unwrap_or_default();
        (lines, from, first + 1)
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// A [`Diagnostic`] if the file is missing, not a regular file, unreadable, too large or not UTF-8. Only
    /// the last has a place.
    pub fn read(path: &Path, limit: u64) -> Result<Arc<Self>, Diagnostic> {
        let name = path.display().to_string();
        let unreadable = |error: &std::io::Error| {
            Diagnostic::error(format!("`{name}` cannot be read: {error}"))
                .help(open_files_help(error).unwrap_or("check who may read the file"))
        };
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => missing(path),
            _ if is_link_loop(&error) => missing(path),
            _ => unreadable(&error),
        })?;
        if !meta.is_file() {
            let what = if meta.is_dir() { "a folder" } else { "no file" };
            return Err(Diagnostic::error(format!("`{name}` is {what}"))
                .help("name a file, with its ending"));
        }
        if meta.len() > limit {
            let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
            return Err(Diagnostic::error(format!(
                "`{name}` is {} MiB large, and at most {} MiB are read",
                mib(meta.len()),
                mib(limit)
            ))
            .help("check that it is the file you mean"));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
        if is_utf16(&bytes) {
            return Err(not_utf8(&name, &bytes, 0));
        }
        String::from_utf8(bytes)
            // A byte order mark is not part of the text.
            .map(|text| Self::new(&name, text.strip_prefix('\u{feff}').unwrap_or(&text)))
            .map_err(|error| not_utf8(&name, error.as_bytes(), error.utf8_error().valid_up_to()))
    }
}

/// The error of a path that leads to no file: it may be a link to nothing, or be written with backslashes.
fn missing(path: &Path) -> Diagnostic {
    dangling(path).unwrap_or_else(|| {
        let name = path.display().to_string();
        let help = slashes_help(&name).unwrap_or_else(|| "check the path".to_owned());
        Diagnostic::error(format!("there is no file `{}`", shown_path(&name))).help(help)
    })
}

/// The error of a symbolic link to what does not exist, or to itself; `None` if the path is no link, or leads somewhere.
#[must_use]
pub fn dangling(path: &Path) -> Option<Diagnostic> {
    let leads_to = std::fs::read_link(path).ok()?;
    let error = std::fs::metadata(path).err()?;
    let (name, leads_to) = (path.display(), leads_to.display());
    let message = match error.kind() {
        ErrorKind::NotFound => {
            format!("`{name}` is a link to `{leads_to}`, which does not exist")
        }
        _ if is_link_loop(&error) => {
            format!("`{name}` is a link to `{leads_to}`, which leads back to the link")
        }
        _ => return None,
    };
    Some(Diagnostic::error(message).help("remove the link, or make it again to what exists"))
}

/// `ELOOP`: too many symbolic links.
fn is_link_loop(error: &std::io::Error) -> bool {
    let number = if cfg!(target_os = "linux") { 40 } else { 62 };
    error.raw_os_error() == Some(number)
}

/// The escapes that double quotes of YAML have for control characters: the character, and the letter after the backslash.
const ESCAPES: [(char, char); 9] = [
    ('\0', '0'),
    ('\u{7}', 'a'),
    ('\u{8}', 'b'),
    ('\t', 't'),
    ('\n', 'n'),
    ('\u{b}', 'v'),
    ('\u{c}', 'f'),
    ('\r', 'r'),
    ('\u{1b}', 'e'),
];

/// A path for a message: control characters as YAML's double quotes write them.
#[must_use]
pub fn shown_path(path: &str) -> String {
    let mut shown = String::new();
    for c in path.chars() {
        match ESCAPES.iter().find(|(control, _)| *control == c) {
            Some((_, letter)) => shown.extend(['\\', *letter]),
            None => shown.push(c),
        }
    }
    shown
}

/// Help for a path with the backslashes of Windows, elsewhere.
#[must_use]
pub fn slashes_help(path: &str) -> Option<String> {
    if let Some((_, letter)) = ESCAPES.iter().find(|(control, _)| path.contains(*control)) {
        return Some(format!(
            "`\\{letter}` in double quotes is a control character: write the path with `/`: {}",
            shown_path(path).replace('\\', "/")
        ));
    }
    let is_meant = path.contains('\\') && !cfg!(windows);
    is_meant.then(|| format!("write the path with `/`: {}", path.replace('\\', "/")))
}

/// Help for a process that reached its limit of open files and connections.
pub const RAISE_OPEN_FILES: &str =
    "raise the limit of open files: ulimit -n 1024; in a new shell, where this one refuses it";

/// Help for `EMFILE` and `ENFILE`: too many open files.
#[must_use]
pub fn open_files_help(error: &std::io::Error) -> Option<&'static str> {
    // The limit of the process and the limit of the system. The numbers are the same on every Unix.
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    match error.raw_os_error() {
        Some(EMFILE) => Some(RAISE_OPEN_FILES),
        Some(ENFILE) => Some("end other programs, or raise the limit of the whole system"),
        _ => None,
    }
}

/// Text in another encoding: the place is the first invalid byte.
fn not_utf8(name: &str, bytes: &[u8], at: usize) -> Diagnostic {
    let help = "save the file as UTF-8";
    if is_utf16(bytes) {
        return Diagnostic::error(format!("`{name}` is UTF-16 text, not UTF-8")).help(help);
    }
    if let Some(format) = FileFormat::of_bytes(bytes) {
        return Diagnostic::error(format!("`{name}` is {format}, not a text file"))
            .help("check that it is the file you mean");
    }
    // A binary file has no lines to show.
    if bytes.contains(&0) {
        return Diagnostic::error(format!("`{name}` is not a text file"))
            .help("check that it is the file you mean");
    }
    let text = String::from_utf8_lossy(bytes);
    Diagnostic::error("this is not UTF-8 text")
        .at(&Source::new(name, text), Span { start: at, end: at })
        .label(format!("the byte {:#04x}", bytes.get(at).unwrap_or(&0)))
        .help(help)
}

/// UTF-16, with its mark or without: then every other byte of plain text is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    let first = &bytes[..bytes.len().min(64)];
    let zeros = |odd: usize| first.iter().skip(odd).step_by(2).all(|byte| *byte == 0);
    let is_text = |odd: usize| first.iter().skip(odd).step_by(2).all(|byte| *byte != 0);
    bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || (first.len() > 3 && (zeros(0) && is_text(1) || zeros(1) && is_text(0)))
}

/// A range of bytes in a source's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Line and column of the first byte, both from 1, columns in characters.
    #[must_use]
    pub fn line_column(self, source: &Source) -> (usize, usize) {
        let at = self.start.min(source.text.len());
        let (number, begin) = source.line_at(at);
        let before = source.text.get(begin..at).unwrap_or_default();
        (number + 1, before.chars().count() + 1)
    }
}
