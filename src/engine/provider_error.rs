//! An error of a call to AWS, and what the call may have left behind.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// The code of an error for a local AWS that ended; AWS has no such code.
pub const LOCAL_AWS_ENDED: &str = "LocalAwsEnded";

/// What a failed step may have left in AWS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Leftover {
    /// Nothing was changed, and there was nothing before.
    Nothing,
    /// Nothing was changed: the resource exists as before.
    Whole,
    /// A part exists; the next deploy or destroy continues from it.
    Partial,
    /// It is unknown whether AWS executed the call.
    #[default]
    Unknown,
}

/// Our own error code for a service that contradicts itself.
const CONTRADICTION: &str = "Contradiction";
/// Our own error code for a list that shows what is gone.
const LATE_LIST: &str = "LateList";

/// A failed call or step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProviderError {
    /// The AWS service, as its SDK names it; empty where no call was made.
    pub service: String,
    pub operation: String,
    /// AWS's error code; empty where there was no answer.
    pub code: String,
    /// AWS's message, or ours where there was no answer.
    pub message: String,
    /// AWS's request id, for AWS Support.
    pub request_id: Option<String>,
    /// What may be left behind.
    pub leftover: Leftover,
    /// Whether the name belongs to a resource that treino cannot read, in another account or region.
    #[serde(skip)]
    pub elsewhere: bool,
    /// How to fix it, if known.
    pub help: Option<String>,
}

impl ProviderError {
    /// An error that is not an answer of AWS.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// Sets how to fix it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Marks the name as belonging to a resource that treino cannot read.
    #[must_use]
    pub fn elsewhere(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// Sets what may be left behind.
    #[must_use]
    pub fn with_leftover(mut self, leftover: Leftover) -> Self {
        self.leftover = leftover;
        self
    }

    /// The same of a step on a resource that existed before: where nothing was changed, all of it is left.
    #[must_use]
    pub fn of_existing(mut self) -> Self {
        if self.leftover == Leftover::Nothing {
            self.leftover = Leftover::Whole;
        }
        self
    }

    /// Whether AWS denied the call.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        // An S3 answer without a body has no error code.
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

    /// Whether the caller's credentials have expired.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        let codes = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];
        codes.contains(&self.code.as_str())
    }

    /// Whether AWS does not know the caller's key, or its signature is wrong.
    #[must_use]
    pub fn is_unknown_caller(&self) -> bool {
        let codes = [
            "AuthFailure",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        ];
        codes.contains(&self.code.as_str())
    }

    /// Whether AWS does not take the caller's credentials: expired or unknown ones, a wrong signature, a wrong clock. No
    /// other call would be answered either.
    #[must_use]
    pub fn is_of_credentials(&self) -> bool {
        self.is_expired() || self.is_unknown_caller() || self.code == "RequestTimeTooSkewed"
    }

    /// An error for a service that contradicts itself: it lists a resource and answers that it does not
    /// exist.
    #[must_use]
    pub fn contradiction(message: impl Into<String>) -> Self {
        Self {
            code: CONTRADICTION.to_owned(),
            ..Self::new(message)
        }
    }

    /// Whether the service contradicted itself.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        self.code == CONTRADICTION
    }

    /// An error for a list that shows resources which every call by their names does not find: some lists
    /// show for minutes what is deleted.
    #[must_use]
    pub fn late_list(message: impl Into<String>) -> Self {
        Self {
            code: LATE_LIST.to_owned(),
            ..Self::new(message)
        }
    }

    /// Whether a list shows what is not found by its name.
    #[must_use]
    pub fn is_late_list(&self) -> bool {
        self.code == LATE_LIST
    }

    /// The IAM action that the caller lacks, if AWS denied the call and names it.
    #[must_use]
    pub fn denied_action(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("not authorized to perform: ")?;
        let action = rest.split_whitespace().next()?;
        (self.is_denied() && action.contains(':')).then_some(action)
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
        // That code is treino's own: nobody finds it in the documentation of AWS.
        let is_coded = !self.code.is_empty() && !self.is(LOCAL_AWS_ENDED);
        match (!is_coded, self.message.is_empty()) {
            (true, _) => f.write_str(&self.message),
            (false, true) => f.write_str(&self.code),
            (false, false) => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

impl std::error::Error for ProviderError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_aws_does_not_have_is_not_shown() {
        let said = |code: &str| {
            let mut error = ProviderError::new("it ended");
            error.code = code.to_owned();
            error.to_string()
        };
        assert_eq!(said(LOCAL_AWS_ENDED), "it ended");
        assert_eq!(said("AccessDenied"), "AccessDenied: it ended");
    }
}
