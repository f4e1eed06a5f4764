//! Text files a person wrote, with the place of every value in them.
//!
//! A stack file and a Step Functions definition are both read into a [`Node`] tree, so that
//! whatever is wrong with them can be shown where it stands. This module knows neither format's
//! meaning; it is below everything else in the crate.

mod node;
mod problem;

use std::path::Path;
use std::sync::Arc;

pub use node::{Entry, Node, Value, parse};
pub use problem::{Place, Problem, Problems, Severity};

/// One file as it was read: its text, and the name to show for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// A source from text already at hand.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
        })
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// A [`Problem`] without a place, when the file is missing, a folder, too large or not UTF-8.
    pub fn read(path: &Path, limit: u64) -> Result<Arc<Self>, Problem> {
        let name = path.display().to_string();
        let failed = |why: &str, help: &str| Problem::error(format!("{name}: {why}")).help(help);
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => failed("no such file", "check the path"),
            _ => failed(&error.to_string(), "check that the file can be read"),
        })?;
        if meta.is_dir() {
            return Err(failed("is a folder, not a file", "name the file in it"));
        }
        if meta.len() > limit {
            return Err(failed(
                &format!("is {} bytes long", meta.len()),
                &format!("at most {limit} bytes are read"),
            ));
        }
        let bytes = std::fs::read(path)
            .map_err(|error| failed(&error.to_string(), "check that the file can be read"))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| failed("is not UTF-8 text", "save it as UTF-8"))?;
        Ok(Self::new(name, text))
    }
}

/// A range of bytes in a source's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Line and column of the first byte, both from 1, columns in characters.
    #[must_use]
    pub fn line_column(self, text: &str) -> (usize, usize) {
        let before = text.get(..self.start.min(text.len())).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        (line, column)
    }
}
