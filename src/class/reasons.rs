//! Why students' stacks are not done: once for all that have the same reason.

use std::path::{Path, PathBuf};

use super::progress::StudentProgress;
use crate::engine::{Outcome, Summary};
use crate::ops::{Error, GivenOptions, SharedReason, StackRef};

/// What stands for the owner in a reason that several have.
pub const OWNER: &str = "OWNER";

/// Why a student's stack is not done, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub text: String,
    pub help: Option<String>,
    pub way: WayOut,
}

/// The command that is the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayOut {
    /// The same one again.
    Again,
    /// A deploy of this file, for the students of this roster.
    Deploy(String, PathBuf, Box<GivenOptions>),
    /// None: the help says what is to be done before.
    Help,
}

impl Reason {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            help: None,
            way: WayOut::Again,
        }
    }

    /// What the same command does not mend.
    pub fn without_command(text: impl Into<String>) -> Self {
        Self {
            way: WayOut::Help,
            ..Self::new(text)
        }
    }

    /// The stack is not deployed.
    pub fn not_deployed(stack: &StackRef, roster: &Path, given: &GivenOptions) -> Self {
        let reason = Self::new("the stack is not deployed");
        let way = match stack {
            StackRef::File(file) => WayOut::Deploy(
                file.display().to_string(),
                roster.to_path_buf(),
                Box::new(given.clone()),
            ),
            StackRef::Name(_) => WayOut::Help,
        };
        let help = (way == WayOut::Help).then(|| "deploy its file: `treino class deploy`".into());
        Self {
            help,
            way,
            ..reason
        }
    }

    pub fn of(error: &Error) -> Self {
        Self {
            text: error.to_string(),
            help: error.help().map(String::from),
            way: match error {
                Error::Usage(_) | Error::Diagnostics(_) => WayOut::Help,
                _ => WayOut::Again,
            },
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
            way: WayOut::Again,
        })
    }
}

/// Each reason once, with its owners; `command` writes the command for them.
pub fn shared(
    rows: &[StudentProgress],
    command: impl Fn(&[String]) -> String,
) -> Vec<SharedReason> {
    let mut reasons: Vec<SharedReason> = Vec::new();
    let mut ways: Vec<&WayOut> = Vec::new();
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
        if let Some(known) = reasons.iter_mut().find(|known| known.reason == text) {
            known.owners.push(row.owner.clone());
        } else {
            ways.push(&reason.way);
            reasons.push(SharedReason {
                reason: text,
                help,
                owners: vec![row.owner.clone()],
                command: None,
            });
        }
    }
    for (reason, way) in reasons.iter_mut().zip(ways) {
        reason.command = match way {
            WayOut::Again => Some(command(&reason.owners)),
            WayOut::Deploy(file, roster, given) => {
                let words = [file.clone()];
                let of = ("deploy", &words[..]);
                Some(super::command::command(of, roster, &reason.owners, given))
            }
            WayOut::Help => None,
        };
        if let [owner] = reason.owners.as_slice() {
            let owner = owner.clone();
            reason.reason = reason.reason.replace(OWNER, &owner);
            reason.help = reason.help.as_ref().map(|help| help.replace(OWNER, &owner));
        }
    }
    reasons
}

/// The text with another word in place of the owner, where that is a part of a name.
pub fn without_owner(text: &str, owner: &str) -> String {
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
