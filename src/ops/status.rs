//! What is deployed.

use std::collections::BTreeMap;
use std::time::SystemTime;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::absent::{Absence, look_elsewhere};
use super::ages::Ages;
use super::contents::put_in;
use super::copies::answered;
use super::cost::plan_cost;
use super::forgotten_local::connected_if_running;
use super::frontend::{Frontend, Reporter};
use super::progress::reading;
use super::reaper::StackWait;
use super::session::Session;
use super::stack_ref::{StackRef, tell_unseen};
use super::{Error, Event, OtherOwners, ResourceContents, StackStatus, ending, reaper};
use crate::aws::AwsProvider;
use crate::engine::{
    OwnedResources, Provider, ProviderError, apart_from_trail, is_journal_name, list_any,
};
use crate::plan::Owned;
use crate::stack::usage::Usd;
use crate::stack::{
    Given, Kind, Loaded, Missing, PossibleKinds, SelfDestruct, TAG_EXPIRES, TAG_OWNER, TAG_STACK,
    Target, load,
};

/// Of how many stacks more is read at once.
const STACKS_AT_ONCE: usize = 8;

/// What a status found.
#[derive(Debug, Clone, PartialEq)]
pub struct Statuses {
    /// The stacks that are deployed.
    pub stacks: Vec<StackStatus>,
    /// Whether the stack that was asked for is known, deployed or not: a file has its name, or something of it was seen.
    pub known: bool,
}

/// Shows what is deployed in the account and region: one stack, or all of them. With an owner, only those
/// of this owner. No local AWS is started.
///
/// # Errors
/// The stack file cannot be read, AWS cannot be reached, or a call fails.
pub async fn status(
    session: &Session,
    stack: Option<&StackRef>,
    frontend: &dyn Frontend,
) -> Result<Statuses, Error> {
    let mut out = session.reporter(frontend);
    if let Some(stack) = stack {
        out = out.about(stack);
    }
    out.answer(statuses(session, stack, false, &out).await)
}

/// The same of all owners' copies of a stack, and apart of the trail that they share, by one listing.
///
/// # Errors
/// As [`status`].
pub async fn status_of_class(
    session: &Session,
    stack: &StackRef,
    frontend: &dyn Frontend,
) -> Result<(Statuses, Option<StackStatus>), Error> {
    let out = session.reporter(frontend).about(stack);
    let found = async {
        let (name, _) = stack.name_and_kinds(session)?;
        let mut found = statuses(session, Some(stack), true, &out).await?;
        let is_trail = |one: &StackStatus| one.owner.is_none() && one.stack != name;
        let trail = found.stacks.iter().position(is_trail);
        let trail = trail.map(|index| found.stacks.remove(index));
        Ok((found, trail))
    };
    answered(&out, found.await)
}

async fn statuses(
    session: &Session,
    stack: Option<&StackRef>,
    with_trail: bool,
    out: &Reporter<'_>,
) -> Result<Statuses, Error> {
    let named = stack.map(|stack| stack.name_and_kinds(session));
    let (name, possible) = match named.transpose()? {
        Some((name, possible)) => (Some(name), possible),
        None => (None, PossibleKinds::all()),
    };
    let known = !matches!(stack, Some(StackRef::Name(_)));
    let Some(connection) = connected_if_running(session, (name.as_deref(), "status"), out).await?
    else {
        return Ok(not_running(name, known, out));
    };
    let target = session.target(connection, name.as_deref().unwrap_or_default());
    let provider = AwsProvider::for_name(connection, &target);
    let OwnedResources {
        mut owned,
        mut others,
        unseen,
        ..
    } = found(&provider, name.as_deref(), &possible, out).await?;
    if with_trail {
        let (trail, rest) = apart_from_trail(&target, others);
        owned.extend(trail);
        others = rest;
    }
    let (stacks, not_meant) = by_stack(owned, session.owner());
    if stacks.is_empty() {
        let complete = !unseen.iter().any(|one| possible.has(one.kind));
        let mut absence = Absence {
            known,
            other_owners: other_owners(session, by_stack(not_meant.clone(), None).0.len()),
            ..Absence::default()
        };
        if let Some(stack) = stack {
            others.extend(not_meant);
            absence =
                look_elsewhere(&provider, &target, (session, stack), "status", &others, out).await;
            if complete {
                absence.check_folder(stack)?;
            }
        }
        out.send(absence.no_stack(&target, name.is_some(), complete));
        return Ok(Statuses {
            stacks: Vec::new(),
            // What could not be looked for may be there.
            known: absence.known || !complete,
        });
    }
    let reference = stack;
    let mut statuses = Vec::new();
    let ends = ends_of(&provider, &stacks, out).await;
    for found in details(&provider, stacks, name.is_some(), out).await? {
        let StackDetails {
            key,
            resources,
            expires,
            since,
            contents,
        } = found;
        let waiting = ends
            .as_ref()
            .and_then(|ends| ends.get(&key).cloned())
            .unwrap_or_default();
        let (stack, owner) = key;
        let seen = ends.as_ref().map(|_| waiting.begins.is_none());
        let reaper_missing = if expires.is_some() { seen } else { Some(false) };
        let is_missing = reaper_missing == Some(true);
        let file = is_missing.then(|| file_of(session, &stack, reference));
        let self_destruct = file.flatten().map(|loaded| loaded.file.self_destruct);
        let self_destruct = self_destruct.map(|said| said == SelfDestruct::On);
        let help = is_missing.then(|| way_out(&stack, owner.as_deref(), &target.region, out));
        let status = StackStatus {
            since,
            reaper_missing,
            self_destruct,
            help,
            idle_a_day: (expires.is_none() && connection.is_aws)
                .then(|| idle_a_day(session, &stack, reference, &target))
                .flatten(),
            stack,
            owner,
            ends: waiting.begins,
            limits: waiting.limits,
            expires,
            contents,
            resources,
        };
        send(&status, name.is_some(), &target, out);
        statuses.push(status);
    }
    Ok(Statuses {
        stacks: statuses,
        known: true,
    })
}

/// A deployed stack, and what was read of it.
struct StackDetails {
    key: (String, Option<String>),
    resources: Vec<Owned>,
    expires: Option<String>,
    since: Option<String>,
    contents: Vec<ResourceContents>,
}

/// What is told of each stack, some of them at a time. What it contains is counted of one stack, and of those that end soon.
async fn details(
    provider: &AwsProvider,
    stacks: ByStack,
    is_one: bool,
    out: &Reporter<'_>,
) -> Result<Vec<StackDetails>, ProviderError> {
    let now = SystemTime::now();
    let ages = &Ages::new(provider);
    let found = stacks.into_iter().map(|(key, resources)| async move {
        let resources = without_journals(resources, &key.0, out);
        let expires = ending::expires(&resources).cloned();
        let is_soon = expires.as_ref().is_some_and(|at| ending::is_near(at, now));
        let contents = async {
            if is_one || is_soon {
                put_in(provider, &resources, out).await
            } else {
                Vec::new()
            }
        };
        let (since, contents) = tokio::join!(ages.oldest(&resources), contents);
        Ok(StackDetails {
            since: since?,
            key,
            resources,
            expires,
            contents,
        })
    });
    stream::iter(found)
        .buffered(STACKS_AT_ONCE)
        .try_collect()
        .await
}

/// The resources in their order, without the journal of a destroy that was begun, of which is warned, unless nothing else is
/// left.
fn without_journals(resources: Vec<Owned>, stack: &str, out: &Reporter<'_>) -> Vec<Owned> {
    let is_journal = |owned: &Owned| is_journal_name(owned.kind, &owned.name);
    let (journals, mut resources): (Vec<_>, Vec<_>) = resources.into_iter().partition(is_journal);
    if !journals.is_empty() {
        warn_of_destroy(stack, out);
    }
    if resources.is_empty() {
        resources = journals;
    }
    resources.sort_by(|a, b| a.address.cmp(&b.address));
    resources
}

fn warn_of_destroy(stack: &str, out: &Reporter<'_>) {
    out.warn(format!(
        "a destroy of {stack} has begun and not ended: it is under way, or was stopped; run it again to finish it"
    ));
}

/// Nothing is deployed on a local AWS that does not run.
fn not_running(stack: Option<String>, known: bool, out: &Reporter<'_>) -> Statuses {
    out.send(Event::NoStack {
        stack,
        region: None,
        account: None,
        complete: true,
        running: Some(false),
        known,
        seen: Vec::new(),
        other_owners: None,
    });
    Statuses {
        stacks: Vec::new(),
        known,
    }
}

/// What waits for the ends of stacks, where one may have an end or limits.
async fn ends_of(
    provider: &AwsProvider,
    stacks: &BTreeMap<(String, Option<String>), Vec<Owned>>,
    out: &Reporter<'_>,
) -> Option<BTreeMap<(String, Option<String>), StackWait>> {
    let all = || stacks.values().flatten();
    let expires = all().any(|owned| owned.tags.contains_key(TAG_EXPIRES));
    // Limits are for state machines, and no tag says them.
    if expires || all().any(|owned| owned.kind == Kind::StateMachine) {
        return reaper::ends(&provider.0, expires, out).await;
    }
    None
}

/// What can be done about a stack that nothing deletes.
fn way_out(stack: &str, owner: Option<&str>, region: &str, out: &Reporter<'_>) -> String {
    let of = StackRef::Name(stack.to_owned());
    let copy = out.about_copy(&of, owner, region, region);
    let (extend, destroy) = (
        copy.commands().write("extend", &["1h"]),
        copy.commands().write("destroy", &[]),
    );
    format!("to have AWS delete it: `{extend}`; to delete it now: `{destroy}`")
}

/// What a stack costs a day by its file, if that is given or found.
fn idle_a_day(
    session: &Session,
    stack: &str,
    reference: Option<&StackRef>,
    target: &Target,
) -> Option<Usd> {
    let loaded = file_of(session, stack, reference)?;
    let target = Target {
        stack: stack.to_owned(),
        ..target.clone()
    };
    let (desired, _) = loaded.expand(&target).ok()?;
    plan_cost(&desired).idle_a_day
}

/// The file of a stack, if that is given or found.
fn file_of(session: &Session, stack: &str, reference: Option<&StackRef>) -> Option<Loaded> {
    let file = match reference {
        Some(StackRef::File(file)) => file.clone(),
        _ => StackRef::file_nearby(stack)?,
    };
    let given = Given {
        owner: session.owner().map(String::from),
        missing: Missing::Later,
        may_exist: true,
        ..Given::default()
    };
    load(&file, given).ok().map(|(loaded, _)| loaded)
}

fn send(status: &StackStatus, named: bool, target: &Target, out: &Reporter<'_>) {
    out.send(Event::Stack {
        stack: status.clone(),
        named,
        region: target.region.clone(),
        account: target.account.clone(),
    });
}

/// What carries treino's mark, of one stack or of all.
async fn found(
    provider: &dyn Provider,
    stack: Option<&str>,
    possible: &PossibleKinds,
    out: &Reporter<'_>,
) -> Result<OwnedResources, Error> {
    let listing = list_any(provider, stack, possible);
    let what = Some("all that may be a stack's");
    let found = reading(out, (what, 1), || provider.pending_reads(), listing).await?;
    tell_unseen(&found.unseen, possible, out);
    Ok(found)
}

/// Resources by stack and owner.
pub(super) type ByStack = BTreeMap<(String, Option<String>), Vec<Owned>>;

/// The resources by stack and owner; with an owner, those of others apart.
pub(super) fn by_stack(found: Vec<Owned>, only: Option<&str>) -> (ByStack, Vec<Owned>) {
    let mut stacks = ByStack::new();
    let mut others = Vec::new();
    for owned in found {
        let stack = owned.tags.get(TAG_STACK).cloned().unwrap_or_default();
        let owner = owned.tags.get(TAG_OWNER).cloned();
        if only.is_none() || only == owner.as_deref() {
            stacks.entry((stack, owner)).or_default().push(owned);
        } else {
            others.push(owned);
        }
    }
    (stacks, others)
}

/// How many stacks others have, where the session is for one owner.
pub(super) fn other_owners(session: &Session, stacks: usize) -> Option<OtherOwners> {
    session.owner().map(|owner| OtherOwners {
        owner: owner.to_owned(),
        stacks,
    })
}
