//! The files of a package, and their texts.

use std::cell::RefCell;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::syntax::MAX_CODE_BYTES;
use crate::stack::code::Package;

/// The files of a package.
pub(super) struct PackageContents<'p> {
    /// Their names, sorted.
    names: Vec<&'p str>,
    archive: Option<RefCell<ZipArchive<Cursor<&'p [u8]>>>>,
}

impl<'p> PackageContents<'p> {
    pub(super) fn of(package: &'p Package) -> Self {
        let names = package.files.iter().map(String::as_str);
        let mut names: Vec<&str> = names
            .map(|name| name.strip_prefix("./").unwrap_or(name))
            .collect();
        names.sort_unstable();
        let archive = ZipArchive::new(Cursor::new(&*package.zip));
        Self {
            names,
            archive: archive.ok().map(RefCell::new),
        }
    }

    /// The names of all files, sorted.
    pub(super) fn names(&self) -> &[&'p str] {
        &self.names
    }

    /// Whether there is a file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.binary_search(&name).is_ok()
    }

    /// Whether there is a file in this folder.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let at = self.names.partition_point(|name| *name < folder.as_str());
        self.names
            .get(at)
            .is_some_and(|name| name.starts_with(&folder))
    }

    /// Whether there is a Python module or a folder at this path.
    pub(super) fn has_module(&self, path: &str) -> bool {
        [".py", ".pyc"]
            .iter()
            .any(|ending| self.has(&format!("{path}{ending}")))
            || self.has_folder(path)
            || self.is_compiled(path)
    }

    /// Whether there is a compiled module: `app.so`, `app.cpython-313-x86_64-linux-gnu.so`.
    pub(super) fn is_compiled(&self, path: &str) -> bool {
        let begins = format!("{path}.");
        let from = self.names.partition_point(|name| *name < begins.as_str());
        let names = self.names.iter().skip(from);
        let mut alike = names.take_while(|name| name.starts_with(&begins));
        alike.any(|name| name.ends_with(".so"))
    }

    /// Whether a Python file is neither UTF-8 nor names its encoding.
    ///
    /// <https://peps.python.org/pep-0263/>
    pub(super) fn has_unknown_encoding(&self, name: &str) -> bool {
        let Some(bytes) = self.bytes(name) else {
            return false;
        };
        let mut first = bytes.split(|byte| *byte == b'\n').take(2);
        let names_it = first.any(|line| String::from_utf8_lossy(line).contains("coding"));
        !names_it && std::str::from_utf8(&bytes).is_err()
    }

    /// The text of a file; `None` if it has none, or is too large to be written by hand.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let bytes = self.bytes(name)?;
        // Other encodings differ in comments and texts alone; a byte order mark is not part of the text.
        let text = String::from_utf8_lossy(&bytes);
        Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let mut archive = self.archive.as_ref()?.borrow_mut();
        let at = archive.index_for_name(name);
        let at = at.or_else(|| archive.index_for_name(&format!("./{name}")))?;
        let file = archive.by_index(at).ok()?;
        let mut bytes = Vec::new();
        file.take(MAX_CODE_BYTES + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > MAX_CODE_BYTES {
            return None;
        }
        Some(bytes)
    }
}
