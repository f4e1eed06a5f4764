//! Why an operation could not go on.

use std::fmt;

use crate::engine::{Leftover, ProviderError};
use crate::source::{Diagnostic, Diagnostics, Severity};

/// Why an operation could not go on. It holds no secret that the session knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// Something is wrong with a file. Nothing was changed.
    Diagnostics(Diagnostics),
    /// Something is wrong with how the operation was called. Nothing was changed.
    Usage(String),
    /// A call failed.
    Provider(ProviderError),
    /// The local AWS failed.
    Local(Diagnostic),
    /// It was stopped by a request, before anything was changed.
    Stopped(Diagnostic),
}

impl Error {
    /// How many of the diagnostics are errors; 1 for any other error.
    #[must_use]
    pub fn count(&self) -> usize {
        let Self::Diagnostics(diagnostics) = self else {
            return 1;
        };
        let errors = diagnostics.0.iter();
        errors.filter(|one| one.severity == Severity::Error).count()
    }

    /// The way out, where there is a known one, and one only.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Diagnostics(Diagnostics(found)) => match &found[..] {
                [one] => one.help.as_deref(),
                _ => None,
            },
            Self::Usage(_) => None,
            Self::Provider(error) => error.help.as_deref(),
            Self::Local(diagnostic) | Self::Stopped(diagnostic) => diagnostic.help.as_deref(),
        }
    }

    /// The plan that was agreed to is no longer what would be done.
    pub(super) fn outdated() -> Self {
        let error = ProviderError::new(
            "the live state has changed since it was shown, so nothing was done",
        );
        let help = "run the same command again, and see whether you agree to what it shows then";
        Self::Provider(error.help(help).with_leftover(Leftover::Nothing))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Diagnostics(diagnostics) => {
                for (number, diagnostic) in diagnostics.0.iter().enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(f, "{separator}{}", diagnostic.message)?;
                }
                Ok(())
            }
            Self::Usage(text) => f.write_str(text),
            Self::Provider(error) => error.fmt(f),
            Self::Local(diagnostic) | Self::Stopped(diagnostic) => f.write_str(&diagnostic.message),
        }
    }
}

impl std::error::Error for Error {}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(diagnostics)
    }
}

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Local(diagnostic)
    }
}
