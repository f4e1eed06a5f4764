//! Causes from several places, each thing named once.

use super::denials::DENIED_CALL;
use crate::ops::{CauseKind, ChainLink, CheckCause};

/// The causes that the texts, the chain and the differences from the file come to: each thing is named once, by what
/// says most of it. `shares_trail` says that the trail in the chain is that of a class.
pub(super) fn merged(
    mut causes: Vec<CheckCause>,
    (chain, shares_trail): (&[ChainLink], bool),
    drift: &[CheckCause],
) -> Vec<CheckCause> {
    let broken = chain.iter().filter(|link| !link.holds);
    causes.extend(broken.map(|link| {
        let help = link.help.clone().unwrap_or_else(|| {
            if shares_trail && link.link == "trail" {
                "`treino class deploy` makes it for all students who share it".to_owned()
            } else {
                AS_THE_FILE_SAYS.to_owned()
            }
        });
        CheckCause {
            cause: CauseKind::BrokenChain,
            message: link.text.clone(),
            help: Some(help),
        }
    }));
    of_changed_roles(&mut causes, drift);
    // Where variables were changed by hand, one that is missing is among them.
    let is_changed = |one: &CheckCause| one.message.contains("environment.");
    if drift.iter().any(is_changed) {
        causes.retain(|one| one.cause != CauseKind::MissingVariable);
    }
    // Nor does it help to add to the file what a role that was changed lacks.
    if drift
        .iter()
        .any(|one| one.cause == CauseKind::MissingPermission)
    {
        causes.retain(|one| !one.message.starts_with(DENIED_CALL));
    }
    for cause in drift {
        let key = names(&cause.message).into_iter().next().unwrap_or_default();
        let is_it =
            |one: &&mut CheckCause| one.cause == cause.cause && names(&one.message).contains(&key);
        let mut told = causes.iter_mut().filter(is_it).peekable();
        if told.peek().is_none() {
            causes.push(cause.clone());
            continue;
        }
        // What was changed by hand is right in the file. A link that is broken has its own way out.
        for one in told.filter(|one| one.cause != CauseKind::BrokenChain) {
            one.help.clone_from(&cause.help);
        }
    }
    // What names no resource says least.
    if causes.iter().any(|one| !one.message.starts_with(VAGUE)) {
        causes.retain(|one| !one.message.starts_with(VAGUE));
    }
    causes
}

/// The way out of what was changed or deleted by hand.
pub(super) const AS_THE_FILE_SAYS: &str = "`treino deploy` makes it as the stack file says";

/// How a cause begins that does not name what is wrong.
pub(super) const VAGUE: &str = "a function ";

/// A role that was changed or deleted lacks permissions for that reason: adding them to the file is no way out.
fn of_changed_roles(causes: &mut Vec<CheckCause>, drift: &[CheckCause]) {
    let roles = drift
        .iter()
        .filter(|one| one.message.starts_with("the role of `"));
    for role in roles {
        let Some(key) = names(&role.message).into_iter().next() else {
            continue;
        };
        let is_its = |one: &CheckCause| {
            one.cause == CauseKind::MissingPermission
                && one.message.contains(&format!(" of `{key}` lacks "))
        };
        if role.cause == CauseKind::MissingResource {
            causes.retain(|one| !is_its(one));
            continue;
        }
        for one in causes.iter_mut().filter(|one| is_its(one)) {
            one.help.clone_from(&role.help);
        }
    }
}

/// The names in a message, as they are marked there.
fn names(text: &str) -> Vec<String> {
    let marked = text.split('`').skip(1).step_by(2);
    marked.map(String::from).collect()
}
