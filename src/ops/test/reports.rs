//! The files that results are written to: looked at before anything runs, and written whole or not at all.

use std::path::{Path, PathBuf};

use super::{TestOptions, Tested, junit, marks};
use crate::engine::{Leftover, ProviderError};
use crate::ops::Error;

/// The files of results.
pub(super) struct Reports {
    junit: Option<PathBuf>,
    marks: Option<PathBuf>,
}

impl Reports {
    /// Makes sure that they can be written.
    pub(super) fn prepare(options: &TestOptions) -> Result<Self, Error> {
        for (option, path) in [("--junit", &options.junit), ("--marks", &options.marks)] {
            if let Some(path) = path {
                check(path).map_err(|why| {
                    let path = path.display();
                    Error::Usage(format!(
                        "{option}: {path} cannot be written: {why}; no check was run"
                    ))
                })?;
            }
        }
        if options.junit.is_some() && options.junit == options.marks {
            return Err(Error::Usage(
                "--junit and --marks name the same file".to_owned(),
            ));
        }
        Ok(Self {
            junit: options.junit.clone(),
            marks: options.marks.clone(),
        })
    }

    /// Writes them.
    pub(super) fn write(&self, tested: &Tested) -> Result<(), Error> {
        let junit = self.junit.as_ref().map(|path| (path, junit::xml(tested)));
        let marks = self.marks.as_ref().map(|path| (path, marks::json(tested)));
        for (path, text) in [junit, marks].into_iter().flatten() {
            whole(path, &text).map_err(|error| {
                let what = format!(
                    "the results cannot be written to {}: {error}",
                    path.display()
                );
                Error::Provider(ProviderError::new(what).with_leftover(Leftover::Nothing))
            })?;
        }
        Ok(())
    }
}

/// Why a file cannot be written.
fn check(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err("it is a folder".to_owned());
    }
    let beside = beside(path);
    std::fs::write(&beside, b"").map_err(|error| error.to_string())?;
    std::fs::remove_file(&beside).map_err(|error| error.to_string())
}

/// Writes a file so that nobody ever sees half of it.
fn whole(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = beside(path);
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// A name in the same folder that nothing else has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}
