//! What went wrong with a call, and what it may have left behind.

use std::fmt;

use serde::Serialize;

/// What a failed step may have left in AWS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leftover {
    /// Nothing was changed.
    Nothing,
    /// Part of it is there; the next deploy or destroy goes on from it.
    Partial,
    /// It is not known whether AWS did it.
    #[default]
    Unknown,
}

/// Our own code for what a service contradicts itself in.
const CONTRADICTION: &str = "Contradiction";

/// A failed call or step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProviderError {
    /// The AWS service, as its SDK names it; empty where no call was made.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// AWS's error code; empty where there was no answer.
    pub code: String,
    /// AWS's message, or ours where there was no answer.
    pub message: String,
    /// AWS's id of the request, for its support.
    pub request_id: Option<String>,
    /// What may be left behind.
    pub leftover: Leftover,
    /// Whether it says that a name is somebody's whom treino cannot see.
    #[serde(skip)]
    pub elsewhere: bool,
    /// The way out, where there is a known one.
    pub help: Option<String>,
}

impl ProviderError {
    /// A error that is not AWS's answer to a call.
    pub fn ours(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// The same, with the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, if it says that the name is somebody's whom treino cannot see.
    #[must_use]
    pub fn elsewhere(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// The same, with what may be left behind.
    #[must_use]
    pub fn leaving(mut self, leftover: Leftover) -> Self {
        self.leftover = leftover;
        self
    }

    /// Whether AWS says that the caller may not do this.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        // Of S3, an answer without a body has no code of its own.
        let codes = [
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            // SNS's.
            "AuthorizationError",
            "HTTP 403",
        ];
        codes.contains(&self.code.as_str())
    }

    /// A service that says two things at once: it lists what it says is not there.
    #[must_use]
    pub fn contradiction(message: impl Into<String>) -> Self {
        Self {
            code: CONTRADICTION.to_owned(),
            ..Self::ours(message)
        }
    }

    /// Whether a service says two things at once.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        self.code == CONTRADICTION
    }

    /// Whether AWS answered with this code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if !self.operation.is_empty() {
            write!(f, "{} {}: ", self.service, self.operation)?;
        }
        match (self.code.is_empty(), self.message.is_empty()) {
            (true, _) => f.write_str(&self.message),
            (false, true) => f.write_str(&self.code),
            (false, false) => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

impl std::error::Error for ProviderError {}
