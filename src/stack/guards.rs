//! `treino.yaml`: what the stacks beside it, and in the folders below it, have to keep to.

mod file;
mod rules;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use file::schema as guards_schema;

use super::boundary::Boundary;
use crate::source::{Diagnostic, Diagnostics, Node, Source, Span, parse};

/// The names that such a file may have.
pub const GUARDS_NAMES: [&str; 2] = ["treino.yaml", "treino.yml"];

/// The largest that is read.
const MAX_BYTES: u64 = 1024 * 1024;

/// The guards of a folder: those of every `treino.yaml` in it and above it, as far as its repository; without a
/// repository, in it and in the folder above. A stack has to keep to all of them.
#[derive(Debug, Default)]
pub struct Guards {
    files: Vec<GuardsFile>,
}

/// A `treino.yaml` without errors.
#[derive(Debug)]
struct GuardsFile {
    source: Arc<Source>,
    root: Node,
    /// The longest time after which a stack may expire.
    longest: Option<Duration>,
    accounts: Option<Vec<String>>,
    regions: Option<Vec<String>>,
}

impl Guards {
    /// The guards of a folder.
    ///
    /// # Errors
    /// What is wrong with their files.
    pub fn of_folder(folder: &Path) -> Result<Self, Diagnostics> {
        let boundary = Boundary::of(folder, &[]);
        let mut files = Vec::new();
        let mut found = Diagnostics::default();
        let mut above = folder.to_path_buf();
        for _ in 0..boundary.depth() {
            let paths = GUARDS_NAMES.map(|name| above.join(name));
            for path in paths.iter().filter(|path| is_there(path)) {
                if let Some(wrong) = boundary.check_stack_file(path) {
                    found.push(Diagnostic::error(wrong.message).help(wrong.help));
                    continue;
                }
                match read(path) {
                    Ok(file) => files.extend(file.map(|(file, _)| file)),
                    Err(wrong) => found.extend(wrong),
                }
            }
            above = folder_above(&above);
        }
        found.into_result(Self { files }).map(|(guards, _)| guards)
    }
}

/// The folder above, as short as it can be written: `..` leads elsewhere behind a link.
fn folder_above(folder: &Path) -> PathBuf {
    let with_dots = folder.join("..");
    let short = folder.parent().filter(|_| folder.file_name().is_some());
    let short = short.map(Path::to_path_buf);
    let real = |path: &Path| {
        let here = path.as_os_str().is_empty();
        let path = if here { Path::new(".") } else { path };
        path.canonicalize().ok()
    };
    short
        .filter(|short| real(short) == real(&with_dots))
        .unwrap_or(with_dots)
}

/// Whether there is something that is meant as a file.
fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok() && !path.is_dir()
}

/// What is wrong with a file of guards, for those who check it.
#[must_use]
pub fn check_guards(path: &Path) -> Diagnostics {
    match read(path) {
        Ok(Some((_, warnings))) => warnings,
        Ok(None) => Diagnostics::default(),
        Err(wrong) => wrong,
    }
}

/// Whether a file is one of guards: it has their name, and not the first key of a stack.
#[must_use]
pub fn is_guards_file(path: &Path) -> bool {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    name.is_some_and(|name| GUARDS_NAMES.contains(&name))
        && Source::read(path, MAX_BYTES).is_ok_and(|source| !is_stack(&source))
}

fn is_stack(source: &Source) -> bool {
    source.text.lines().any(|line| line.starts_with("stack:"))
}

/// A file of guards and warnings; nothing where it is a stack file of this name.
fn read(path: &Path) -> Result<Option<(GuardsFile, Diagnostics)>, Diagnostics> {
    let source = Source::read(path, MAX_BYTES)?;
    if is_stack(&source) {
        return Ok(None);
    }
    let root = parse(&source)?;
    file::checked(source, root).map(Some)
}

impl GuardsFile {
    /// Where a key's value is.
    fn place(&self, key: &str) -> Span {
        let node = self.root.get(key);
        node.map(|node| node.span).unwrap_or_default()
    }

    /// The file and line of a key, for messages about another file.
    fn named(&self, key: &str) -> String {
        let (line, _) = self.place(key).line_column(&self.source);
        format!("{}:{line}", self.source.name)
    }
}
