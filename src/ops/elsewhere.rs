//! What is seen of a stack beside the copies that were asked for, by lists that are the same in every region.

use std::collections::BTreeSet;

use super::absent::look_elsewhere;
use super::session::{Session, Silent};
use super::stack_ref::StackRef;
use super::{Error, SeenStack};
use crate::aws::AwsProvider;

/// What was seen of a stack in other regions of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenElsewhere {
    /// Its copies there; where there are none, copies of a stack with a similar name.
    pub seen: Vec<SeenStack>,
    /// Whether these are of the stack itself.
    pub is_it: bool,
}

/// Looks for copies of a stack in the other regions of the session's account. Roles and buckets are seen; a list that fails
/// shows nothing.
///
/// # Errors
/// The stack file names no stack, or AWS cannot be reached.
pub async fn seen_elsewhere(
    session: &Session,
    stack: &StackRef,
    verb: &str,
) -> Result<SeenElsewhere, Error> {
    let silent = Silent;
    let out = session.reporter(&silent).about(stack);
    let (name, _) = stack.name_and_kinds(session)?;
    let Some(connection) = session.connected_if_running(&out).await? else {
        return Ok(SeenElsewhere::default());
    };
    let target = session.target(connection, &name);
    let provider = AwsProvider::for_name(connection, &target);
    let absence = look_elsewhere(&provider, &target, (session, stack), verb, &[], &out).await;
    let is_it = absence.seen.iter().any(|one| one.stack == name);
    Ok(SeenElsewhere {
        seen: absence.seen,
        is_it,
    })
}

/// The owners of the copies of a stack in the session's account and region that have a role beside these roles: one list, and
/// the tags of what is not known. Nothing stands for a copy without an owner.
///
/// # Errors
/// AWS cannot be reached, or the list fails.
pub async fn owners_by_roles(
    session: &Session,
    stack: &str,
    known: &BTreeSet<String>,
) -> Result<BTreeSet<Option<String>>, Error> {
    let silent = Silent;
    let out = session.reporter(&silent);
    let connection = session.connected(&out).await?;
    let target = session.target(connection, stack);
    let provider = AwsProvider::for_name(connection, &target);
    Ok(provider.owners_by_roles(known).await?)
}
