//! Why a check did not pass.

use super::WAITS;
use super::diagnose::short;
use crate::ops::{CauseKind, CheckOutcome, CheckResult};

impl CheckResult {
    /// What made it fail, as far as that can be seen.
    #[must_use]
    pub fn cause(&self) -> Option<CauseKind> {
        self.causes.first().map(|cause| cause.cause)
    }

    /// Why it did not pass, in one sentence: the cause where one is seen, else what was expected and what came. That code is
    /// another than the file's says little: the error comes first.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        let Some(cause) = self.causes.first() else {
            return self.message.clone();
        };
        let at = self.failed_at.as_ref();
        let at = at.filter(|_| cause.cause == CauseKind::ChangedResource);
        let Some((at, error)) = at.and_then(|at| Some((at, at.error.as_ref()?))) else {
            return Some(cause.message.clone());
        };
        let text = at
            .cause
            .as_ref()
            .map_or_else(String::new, |cause| format!(": {}", short(cause)));
        Some(format!("{error}{text} at {}; {}", at.state, cause.message))
    }

    /// Whether it is judged after the destroy alone.
    pub(super) fn waits_for_destroy(&self) -> bool {
        // The command in it may be completed.
        let begins = WAITS
            .split_once(" test")
            .map_or(WAITS, |(begins, _)| begins);
        let message = self.message.as_deref().unwrap_or_default();
        self.outcome == CheckOutcome::NotRun && message.starts_with(begins)
    }
}
