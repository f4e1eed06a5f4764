//! treino's own files in a folder of code: they are no part of a function.

use std::io::Read;
use std::path::{Path, PathBuf};

/// A larger file is no receipt.
const MAX_RECEIPT_BYTES: u64 = 4 * 1024 * 1024;

/// The stack file, its definitions and guards, by their canonical paths.
#[derive(Debug, Default)]
pub struct StackFiles(Vec<PathBuf>);

impl StackFiles {
    /// The files of these paths that exist.
    #[must_use]
    pub fn of(paths: impl Iterator<Item = PathBuf>) -> Self {
        Self(paths.filter_map(|path| path.canonicalize().ok()).collect())
    }

    /// Whether a canonical path is one of them, or a receipt of `destroy`.
    pub(super) fn contain(&self, path: &Path) -> bool {
        self.0.iter().any(|own| own == path) || is_receipt(path)
    }
}

/// Whether a file is what `destroy --receipt FILE` writes.
fn is_receipt(path: &Path) -> bool {
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    if !is_json
        || path
            .components()
            .any(|part| part.as_os_str() == "node_modules")
    {
        return false;
    }
    let mut text = String::new();
    let read = std::fs::File::open(path)
        .map(|file| file.take(MAX_RECEIPT_BYTES).read_to_string(&mut text));
    if !matches!(read, Ok(Ok(_))) || !text.contains("\"not_looked_for\"") {
        return false;
    }
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let fields = ["target", "began", "ended", "resources", "remains"];
    fields.iter().all(|field| json.get(field).is_some())
}
