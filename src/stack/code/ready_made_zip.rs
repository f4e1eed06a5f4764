//! A zip file that somebody else made.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{FileError, MAX_UNZIPPED_BYTES, file_error, too_large};
use crate::source::Diagnostic;

/// Names of files in a zip, shortened.
fn some(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The files of a zip, and those that only their owner may read.
#[derive(Debug, Default)]
pub(super) struct ReadyMadeZip {
    /// The names of its files, sorted, as Linux unpacks them.
    pub(super) files: Vec<String>,
    /// The files that the user of a function may not read.
    pub(super) unreadable: Vec<String>,
}

impl ReadyMadeZip {
    /// Reads a zip to its end.
    ///
    /// # Errors
    /// It is no zip, damaged, encrypted, too large, or has names of Windows.
    pub(super) fn read(bytes: &[u8], shown: &str) -> Result<Self, FileError> {
        let mut archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_zip(bytes, shown, &error))?;
        let mut zip = Self::default();
        let mut backslashes = Vec::new();
        let mut size = 0;
        for index in 0..archive.len() {
            let file = archive
                .by_index_raw(index)
                .map_err(|error| damaged(shown, &error))?;
            let name = file.name().map_err(|error| damaged(shown, &error))?;
            let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
            if file.encrypted() {
                return Err(file_error(
                    format!("`{shown}` is encrypted (`{name}`), and Lambda has no password for it"),
                    "make it without a password; secrets belong in `environment`",
                ));
            }
            if name.contains('\\') {
                backslashes.push(name);
                continue;
            }
            size += file.size();
            if file.is_dir() {
                continue;
            }
            // Lambda's user is not the owner: the files need read permission for all.
            if file
                .unix_mode()
                .is_some_and(|mode| mode & 0o777 != 0 && mode & 0o004 == 0)
            {
                zip.unreadable.push(name.clone());
            }
            zip.files.push(name);
        }
        if !backslashes.is_empty() {
            return Err(file_error(
                format!(
                    "`{shown}` has names with backslashes ({}), as Compress-Archive of Windows PowerShell writes them: \
                     Linux takes them for names of files, not for folders",
                    some(&backslashes)
                ),
                "name the folder of the code instead, which treino zips itself; or make the zip in PowerShell 7 or \
                 with `tar -a -c -f NAME.zip *`",
            ));
        }
        if size > MAX_UNZIPPED_BYTES {
            return Err(too_large(shown, size, ""));
        }
        if zip.files.is_empty() {
            return Err(file_error(
                format!("`{shown}` has no files"),
                "put the function's code into it",
            ));
        }
        unpack(&mut archive, shown)?;
        zip.files.sort();
        zip.unreadable.sort();
        Ok(zip)
    }

    /// The warning about files that the user of a function may not read.
    pub(super) fn unreadable_warning(&self, shown: &str) -> Option<Diagnostic> {
        if self.unreadable.is_empty() {
            return None;
        }
        let what = some(&self.unreadable);
        let message = format!(
            "{what} of `{shown}` can be read only by the owner, and Lambda runs as another user"
        );
        let help = "run `chmod -R go+rX .` in the folder and zip it again; or name the folder, which treino zips itself";
        Some(Diagnostic::warning(message).help(help))
    }
}

/// Unpacks every file, which compares it with its checksum. What the zip says of sizes may be wrong.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, shown: &str) -> Result<(), FileError> {
    let mut left = MAX_UNZIPPED_BYTES;
    for index in 0..archive.len() {
        let file = archive
            .by_index(index)
            .map_err(|error| damaged(shown, &error))?;
        let name = file
            .name()
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        let read = std::io::copy(&mut file.take(left + 1), &mut std::io::sink())
            .map_err(|error| damaged(shown, &format!("`{name}`: {error}")))?;
        left = left
            .checked_sub(read)
            .ok_or_else(|| too_large(shown, MAX_UNZIPPED_BYTES + 1, ", whatever the zip says"))?;
    }
    Ok(())
}

fn damaged(shown: &str, error: &dyn std::fmt::Display) -> FileError {
    file_error(
        format!("`{shown}` is a damaged zip file: {error}"),
        "make it again, or copy it again; or name the folder of the code, which treino zips itself",
    )
}

/// What a file is that is no zip.
fn no_zip(bytes: &[u8], shown: &str, error: &ZipError) -> FileError {
    let help = "name the folder of the code, which treino zips itself, or a .zip";
    let what = match bytes {
        // The list of files is at the end of a zip.
        [b'P', b'K', ..] if error.to_string().contains("EOCD") => {
            return damaged(shown, &"its end is missing");
        }
        [b'P', b'K', ..] => return damaged(shown, error),
        [] => "is empty",
        [0x1f, 0x8b, ..] => "is a gzip file, and Lambda takes zip files only",
        [b'7', b'z', 0xbc, ..] => "is a 7z file, and Lambda takes zip files only",
        [b'R', b'a', b'r', b'!', ..] => "is a RAR file, and Lambda takes zip files only",
        _ => "is neither a folder nor a zip file",
    };
    file_error(format!("`{shown}` {what}"), help)
}

#[cfg(test)]
mod tests {
    use super::ReadyMadeZip;

    #[test]
    fn a_zip_that_was_cut_off_is_told_without_words_of_its_format() {
        let refused = ReadyMadeZip::read(b"PK\x03\x04 and no end", "f.zip").unwrap_err();
        let message = "`f.zip` is a damaged zip file: its end is missing";
        assert_eq!(refused.message, message);
    }
}
