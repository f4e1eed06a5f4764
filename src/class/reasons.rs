//! Why students' stacks are not done: once for all that have the same reason.

use super::progress::StudentProgress;
use crate::engine::{Outcome, Summary};
use crate::ops::{Error, SharedReason};

/// What stands for the owner in a reason that several have.
const OWNER: &str = "OWNER";

/// Why a student's stack is not done, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub text: String,
    pub help: Option<String>,
}

impl Reason {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            help: None,
        }
    }

    pub fn of(error: &Error) -> Self {
        Self {
            text: error.to_string(),
            help: error.help().map(String::from),
        }
    }

    /// The first step that failed, or else that could not be verified.
    pub fn of_summary(summary: &Summary) -> Option<Self> {
        let failed = summary
            .outcomes
            .iter()
            .find_map(|(address, outcome)| match outcome {
                Outcome::Failed { error } => Some((address, error)),
                _ => None,
            });
        let unverified = || {
            summary
                .outcomes
                .iter()
                .find_map(|(address, outcome)| match outcome {
                    Outcome::Unverified { error } => Some((address, error)),
                    _ => None,
                })
        };
        let (address, error) = failed.or_else(unverified)?;
        Some(Self {
            text: format!("{address}: {error}"),
            help: error.help.clone(),
        })
    }
}

/// Each reason once, with its owners; `command` writes the command for them.
pub fn shared(
    rows: &[StudentProgress],
    command: impl Fn(&[String]) -> String,
) -> Vec<SharedReason> {
    let mut reasons: Vec<SharedReason> = Vec::new();
    for row in rows {
        let Some(reason) = row
            .reason
            .as_ref()
            .filter(|_| row.state.is_end() && !row.state.is_done())
        else {
            continue;
        };
        let text = without_owner(&reason.text, &row.owner);
        let help = reason
            .help
            .as_ref()
            .map(|help| without_owner(help, &row.owner));
        match reasons.iter_mut().find(|known| known.reason == text) {
            Some(known) => known.owners.push(row.owner.clone()),
            None => reasons.push(SharedReason {
                reason: text,
                help,
                owners: vec![row.owner.clone()],
                command: None,
            }),
        }
    }
    for reason in &mut reasons {
        reason.command = Some(command(&reason.owners));
        if let [owner] = reason.owners.as_slice() {
            let owner = owner.clone();
            let with_owner = |text: &str| text.replace(OWNER, &owner);
            reason.reason = with_owner(&reason.reason);
            reason.help = reason.help.as_deref().map(with_owner);
        }
    }
    reasons
}

/// The text with another word in place of the owner, where that is a part of a name.
fn without_owner(text: &str, owner: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(owner) {
        let (before, after) = (&rest[..at], &rest[at + owner.len()..]);
        whole.push_str(before);
        let is_word = is_part(whole.chars().next_back()) || is_part(after.chars().next());
        whole.push_str(if is_word { owner } else { OWNER });
        rest = after;
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::StudentState;

    fn row(owner: &str, state: StudentState, reason: &str) -> StudentProgress {
        StudentProgress {
            owner: owner.into(),
            name: None,
            state,
            done: 0,
            began: None,
            seconds: None,
            reason: Some(Reason::new(reason)),
        }
    }

    #[test]
    fn a_reason_is_told_once_with_all_it_is_of() {
        use StudentState::{Done, Failed};
        let rows = [
            row("ana", Failed, "table.t: lab-t-ana is in use by banana"),
            row("bia", Failed, "table.t: lab-t-bia is in use by banana"),
            row(
                "caio",
                Failed,
                "role.r: lab-r-caio-us-east-1 may not be made",
            ),
            row("davi", Done, "x"),
        ];
        let found = shared(&rows, |owners| owners.join("+"));
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.reason.as_str(), one.command.as_deref().unwrap()))
            .collect();
        assert_eq!(
            found,
            [
                ("table.t: lab-t-OWNER is in use by banana", "ana+bia"),
                ("role.r: lab-r-caio-us-east-1 may not be made", "caio"),
            ]
        );
    }
}
