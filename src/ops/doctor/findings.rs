//! What was found, as data.

use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::ProviderError;
use crate::ops::Error;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorTopic {
    /// The stack file.
    Stack,
    /// Who the caller is, and until when.
    Credentials,
    /// The clock of this machine.
    Clock,
    /// What the region offers.
    Region,
    /// What the caller may do.
    Permissions,
    /// Existing roles that the stack uses.
    Roles,
    /// How much room the account has.
    Quotas,
    /// The plan of the account, and its credits.
    Account,
    /// The local AWS, and the programs of this machine.
    Local,
}

/// What follows from a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// It is as it has to be.
    Ok,
    /// A deploy does not fail by it, but something else may.
    Warning,
    /// A deploy fails.
    Fails,
    /// It could not be found out.
    NotKnown,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DoctorFinding {
    /// What it is about.
    pub topic: DoctorTopic,
    /// What follows from it.
    pub level: FindingLevel,
    /// One sentence.
    pub message: String,
    /// The way out, where there is a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What `doctor` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// The stack, where a file was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The account id, where AWS was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region's code, where AWS was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether a deploy would fail.
    pub fails: bool,
    /// Each finding, by topic.
    pub findings: Vec<DoctorFinding>,
}

impl DoctorTopic {
    pub(super) fn finding(self, level: FindingLevel, message: impl Into<String>) -> DoctorFinding {
        DoctorFinding {
            topic: self,
            level,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn ok(self, message: impl Into<String>) -> DoctorFinding {
        self.finding(FindingLevel::Ok, message)
    }

    pub(super) fn warning(self, message: impl Into<String>) -> DoctorFinding {
        self.finding(FindingLevel::Warning, message)
    }

    pub(super) fn fails(self, message: impl Into<String>) -> DoctorFinding {
        self.finding(FindingLevel::Fails, message)
    }

    pub(super) fn unknown(self, message: impl Into<String>) -> DoctorFinding {
        self.finding(FindingLevel::NotKnown, message)
    }

    /// An error of an operation as a finding.
    pub(super) fn of(self, level: FindingLevel, error: &Error) -> DoctorFinding {
        let finding = self.finding(level, said(error));
        match error.help() {
            Some(help) => finding.with(help),
            None => finding,
        }
    }

    /// What a call that failed leaves open.
    pub(super) fn not_answered(self, what: &str, error: &ProviderError) -> DoctorFinding {
        let why = if error.is_denied() {
            let action = error.denied_action().map_or_else(
                || format!("{} {}", error.service, error.operation),
                String::from,
            );
            format!("these credentials may not look ({action})")
        } else {
            error.to_string()
        };
        self.unknown(format!("{what}: {why}"))
    }
}

impl DoctorFinding {
    /// The same with a way out.
    pub(super) fn with(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// An error as one sentence.
pub(super) fn said(error: &Error) -> String {
    error.to_string()
}

/// Findings as they come.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<DoctorFinding>);

impl Findings {
    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = DoctorFinding>) {
        self.0.extend(findings);
    }

    /// By topic; within one as they came.
    pub(super) fn sorted(mut self) -> Vec<DoctorFinding> {
        self.0.sort_by_key(|one| one.topic);
        self.0
    }
}
