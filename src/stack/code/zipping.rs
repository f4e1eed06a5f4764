//! Zips that are the same on every machine and day: sorted, without times, owners and the disk's modes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What makes a file executable in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutableBit {
    /// Its content: a program of Linux or a script with `#!`. A disk of Windows marks every file or none.
    Content,
    /// Its content, or the mark of the disk: for custom runtimes, whose `bootstrap` is always executable.
    ContentOrDisk,
}

/// Zips files. Each is a name in the zip, sorted, and what reads its bytes.
///
/// # Errors
/// A file cannot be read: its name and the error.
pub fn zip<'f>(
    files: impl Iterator<Item = (&'f str, &'f Path)>,
    bit: ExecutableBit,
) -> Result<Vec<u8>, (String, std::io::Error)> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, path) in files {
        let failed = |error: std::io::Error| (name.to_owned(), error);
        let bytes = std::fs::read(path).map_err(failed)?;
        let is_executable = is_program(&bytes)
            || bit == ExecutableBit::ContentOrDisk && (name == "bootstrap" || is_marked(path));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(if is_executable { 0o755 } else { 0o644 });
        zip.start_file(name, options)
            .map_err(|error| failed(error.into()))?;
        zip.write_all(&bytes).map_err(failed)?;
    }
    let done = zip
        .finish()
        .map_err(|error| (String::new(), error.into()))?;
    Ok(done.into_inner())
}

/// The files of both zips, sorted; those of the first go before those of the second. Nothing is compressed again.
///
/// # Errors
/// One of them is no zip.
pub fn merge(first: &[u8], second: &[u8]) -> Result<Vec<u8>, ZipError> {
    let mut archives = [
        ZipArchive::new(Cursor::new(first))?,
        ZipArchive::new(Cursor::new(second))?,
    ];
    let mut names = BTreeMap::new();
    for (which, archive) in archives.iter_mut().enumerate() {
        for index in 0..archive.len() {
            let name = archive.by_index_raw(index)?.name()?.to_string();
            names.entry(name).or_insert((which, index));
        }
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (which, index) in names.into_values() {
        zip.raw_copy_file(archives[which].by_index_raw(index)?)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The names of a zip's files, sorted, and how many bytes they take unzipped.
///
/// # Errors
/// It is no zip.
pub fn contents(bytes: &[u8]) -> Result<(Vec<String>, u64), ZipError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let (mut names, mut size) = (Vec::new(), 0);
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index)?;
        names.push(file.name()?.to_string());
        size += file.size();
    }
    names.sort();
    Ok((names, size))
}

/// Whether the bytes are a program of Linux, or a script that names its interpreter.
fn is_program(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF") || bytes.starts_with(b"#!")
}

#[cfg(unix)]
fn is_marked(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_marked(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names and modes in a zip.
    fn modes(bytes: &[u8]) -> Vec<(String, u32)> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let all = (0..archive.len()).map(|index| {
            let file = archive.by_index_raw(index).unwrap();
            (
                file.name().unwrap().to_string(),
                file.unix_mode().unwrap() & 0o777,
            )
        });
        all.collect()
    }

    #[cfg(unix)]
    #[test]
    fn the_disk_s_mark_counts_for_custom_runtimes_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let files = ["app.py", "bootstrap", "tool.sh", "tool"];
        let texts = ["x = 1", "plain", "#!/bin/sh", "\x7fELF"];
        for (name, text) in files.iter().zip(texts) {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let zipped = |bit| {
            let paths = files.map(|name| (name, folder.path().join(name)));
            let of = paths.iter().map(|(name, path)| (*name, path.as_path()));
            zip(of, bit).unwrap()
        };
        let plain = zipped(ExecutableBit::Content);
        let custom = zipped(ExecutableBit::ContentOrDisk);
        let of = |bytes: &[u8]| {
            modes(bytes)
                .into_iter()
                .map(|(_, mode)| mode)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&plain), [0o644, 0o644, 0o755, 0o755]);
        assert_eq!(of(&custom), [0o644, 0o755, 0o755, 0o755]);
        for name in files {
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(folder.path().join(name), mode).unwrap();
        }
        assert_eq!(zipped(ExecutableBit::Content), plain);
        assert_eq!(of(&zipped(ExecutableBit::ContentOrDisk)), [0o755; 4]);
    }

    #[test]
    fn the_first_zip_goes_before_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (own, other, library) = (
            write("1", "own"),
            write("2", "other"),
            write("3", "library"),
        );
        let of =
            |files: &[(&str, &Path)]| zip(files.iter().copied(), ExecutableBit::Content).unwrap();
        let first = of(&[("b.py", &own)]);
        let second = of(&[("a/x.py", &library), ("b.py", &other), ("c.py", &library)]);
        let merged = merge(&first, &second).unwrap();
        let whole = of(&[("a/x.py", &library), ("b.py", &own), ("c.py", &library)]);
        assert_eq!(merged, whole, "merged as if zipped together");
        let (names, size) = contents(&merged).unwrap();
        assert_eq!((names.join(" "), size), ("a/x.py b.py c.py".into(), 17));
    }
}
