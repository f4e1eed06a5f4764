//! An error or warning about a file of the user: what, where, and how to fix it.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Source, Span};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The command stops before it calls AWS.
    Error,
    /// It is printed, and the command goes on.
    Warning,
}

/// A range in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub source: Arc<Source>,
    pub span: Span,
}

/// One finding: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// One sentence, no full stop, no place in it.
    pub message: String,
    /// Where it is; `None` if it is not about one place in a file.
    pub place: Option<Place>,
    /// A short text shown at the caret.
    pub label: Option<String>,
    pub help: Option<String>,
}

/// All diagnostics of one run. As an error value it is never empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostic {
    /// An error without a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            place: None,
            label: None,
            help: None,
        }
    }

    /// An error outside any file, with its fix.
    pub fn error_with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::error(message).help(help)
    }

    /// A warning without a place.
    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span) -> Self {
        self.place = Some(Place {
            source: Arc::clone(source),
            span,
        });
        self
    }

    /// Sets the text shown at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|p| p.severity == Severity::Error)
    }

    /// Where the errors in a source are.
    pub fn errors_in(&self, source: &Source) -> impl Iterator<Item = Span> {
        let errors = self.0.iter().filter(|one| one.severity == Severity::Error);
        let places = errors.filter_map(|one| one.place.as_ref());
        let places = places.filter(|place| place.source.name == source.name);
        places.map(|place| place.span)
    }

    /// Replaces the source text they are drawn from. The places stay the same.
    #[must_use]
    pub fn drawn_from(mut self, source: &Arc<Source>) -> Self {
        for place in self.0.iter_mut().filter_map(|one| one.place.as_mut()) {
            place.source = Arc::clone(source);
        }
        self
    }

    /// `Err` of all of them if one is an error, else the value and the warnings.
    ///
    /// # Errors
    /// All diagnostics, when at least one is an error.
    pub fn into_result<T>(self, value: T) -> Result<(T, Self), Self> {
        if self.has_errors() {
            Err(self)
        } else {
            Ok((value, self))
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
