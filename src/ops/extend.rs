//! Another end for a stack that is deployed.

use std::time::{Duration, SystemTime};

use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::apply::{Completion, with_events};
use super::contents::put_in;
use super::copies::answered;
use super::destroy::owned::with_log_groups;
use super::ending::is_near;
use super::frontend::{Frontend, Reporter};
use super::plan::refused;
use super::session::Session;
use super::stack_ref::{DeployedStack, StackRef};
use super::{Error, Event, StackStatus, destroying, inventory, reaper, trail_end};
use crate::aws::AwsProvider;
use crate::aws::reaper::ReaperRole;
use crate::engine::{Events, Leftover, Provider, ProviderError, is_journal_name};
use crate::plan::Owned;
use crate::source::{Diagnostics, counted};
use crate::stack::{Guards, StackLifetime, TAG_EXPIRES, Target, in_days};

/// How many resources are tagged at once.
const TAGGED_AT_ONCE: usize = 8;

/// Which stack ends when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendOptions {
    /// The stack.
    pub stack: StackRef,
    /// Its end.
    pub extension: Extension,
}

/// The new end of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// So much later than now said; from now, where it has no end or should be gone.
    By(Duration),
    /// At this time.
    Until(SystemTime),
    /// None: it stays until it is destroyed.
    Never,
}

/// What an extension came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extended {
    /// How it ended.
    pub completion: Completion,
    /// When the stack expires now, as an RFC 3339 time.
    pub expires: Option<String>,
}

/// Gives a stack another end, until the next deploy with a shorter `expires` or `--renew`.
///
/// # Errors
/// The stack is not deployed, the time has passed, or a call fails.
pub async fn extend(
    session: &Session,
    options: &ExtendOptions,
    frontend: &dyn Frontend,
) -> Result<Extended, Error> {
    let out = session.reporter(frontend).about(&options.stack);
    let extended = async {
        let now = SystemTime::now();
        let guards = checked(options, now)?;
        // A command that extends needs a time, so that another is suggested where the stack is elsewhere.
        let found = DeployedStack::find(session, &out, (&options.stack, "status")).await?;
        let extended = moved(&found, options.extension, (Some(&guards), now), &out).await?;
        let copy = (&found.provider.0.target, found.resources.as_slice());
        let expires = extended.expires.clone();
        trail_end::outlast(session, copy, expires.as_deref(), &out).await;
        told_of_file(options, expires.as_deref(), now, &out);
        Ok(extended)
    };
    let extended = extended.await;
    out.answer(extended)
}

/// The same for a stack whose resources were listed already, as those of a class are. The trail that it shares stays as it is.
///
/// # Errors
/// The same.
pub async fn extend_copy(
    session: &Session,
    options: &ExtendOptions,
    resources: Vec<Owned>,
    frontend: &dyn Frontend,
) -> Result<Extended, Error> {
    let out = session.reporter(frontend).about(&options.stack);
    let extended = async {
        let now = SystemTime::now();
        let guards = checked(options, now)?;
        let (stack, _) = options.stack.name_and_kinds(session)?;
        let connection = session.connected(&out).await?;
        let target = session.target(connection, &stack);
        let found = DeployedStack {
            provider: AwsProvider::for_name(connection, &target),
            inventory: inventory::of_resources(&target, &resources),
            resources,
            console: connection.is_aws.then_some(target),
        };
        moved(&found, options.extension, (Some(&guards), now), &out).await
    };
    let extended = extended.await;
    out.answer(extended)
}

/// Whether an extension may be for some of the stacks with these ends; nothing stands for no end.
///
/// # Errors
/// It may be for none of them: the time has passed, or is too long.
pub fn check_extension(
    session: &Session,
    options: &ExtendOptions,
    ends: &[Option<SystemTime>],
    frontend: &dyn Frontend,
) -> Result<(), Error> {
    let out = session.reporter(frontend).about(&options.stack);
    let now = SystemTime::now();
    let refused = checked(options, now).and_then(|guards| {
        let of_each = ends.iter().map(|said| {
            let until = new_end(*said, options.extension, (Some(&guards), now));
            until.map(drop)
        });
        let of_each: Vec<Result<(), Error>> = of_each.collect();
        if of_each.iter().any(Result::is_ok) {
            return Ok(());
        }
        of_each.into_iter().next().unwrap_or(Ok(()))
    });
    answered(&out, refused)
}

/// What of an extension can be refused before the stack is looked for.
fn checked(options: &ExtendOptions, now: SystemTime) -> Result<Guards, Error> {
    if let Extension::Until(time) = options.extension
        && time <= now
    {
        let time = humantime::format_rfc3339_seconds(time);
        return Err(Error::Usage(format!(
            "{time} has passed: to end the stack now, `treino destroy`"
        )));
    }
    if let Extension::By(more) = options.extension
        && more > StackLifetime::LONGEST
    {
        return Err(too_long(None));
    }
    // For the time that is only known once the stack is found, it is looked at again.
    let guards = Guards::of_folder(&options.stack.folder())?;
    let first = match options.extension {
        Extension::Never => Some(None),
        Extension::Until(time) => Some(time.duration_since(now).ok()),
        Extension::By(_) => None,
    };
    refused(first.map_or_else(Diagnostics::default, |after| guards.check_extension(after)))?;
    Ok(guards)
}

/// Gives what is deployed another end. Without guards it is not compared with what may be.
pub(super) async fn moved(
    found: &DeployedStack,
    extension: Extension,
    (guards, now): (Option<&Guards>, SystemTime),
    out: &Reporter<'_>,
) -> Result<Extended, Error> {
    let (provider, is_aws) = (&found.provider, found.console.is_some());
    let target = &provider.0.target;
    let is_journal = |owned: &Owned| is_journal_name(owned.kind, &owned.name);
    if found.resources.iter().any(is_journal) {
        let what = format!("a destroy of {} has begun and not ended", target.stack);
        return Err(ProviderError::new(what)
            .help("`treino destroy` finishes it; `treino deploy` makes the stack again")
            .with_leftover(Leftover::Nothing)
            .into());
    }
    let said = said(&found.resources);
    let until = new_end(said, extension, (guards, now))?;
    let has_begun = reaper::has_begun(&provider.0).await?;
    let expires = until.map(|until| humantime::format_rfc3339_seconds(until).to_string());
    // What says that it expires later is not deleted: of a sooner end, the tags are first.
    let is_sooner = until.is_some_and(|until| said.is_some_and(|said| until < said));
    let mut resources = found.resources.clone();
    if is_sooner {
        resources = tagged(provider, &resources, expires.as_deref(), out).await?;
    }
    let mut ends = None;
    let owned = with_log_groups(provider, target, found.resources.clone());
    let (mut orphans, _) = owned.await?;
    orphans.extend(found.inventory.clone());
    let input = reaper::of_resources(target, &orphans, until, is_aws)?;
    let role = reaper::granted_role(&provider.0, &found.resources).await?;
    let input = input.by_role(role.clone());
    let deletes = if until.is_some() {
        reaper::renew(&provider.0, ReaperRole::Kept, &input, out).await?;
        ends = input.begins;
        true
    } else {
        // Before the tags: a reaper deletes what does not say that it expires later.
        reaper::unending(&provider.0, &input, out).await?
    };
    if has_begun {
        // A call that was under way when it was stopped still has its effect.
        tokio::time::sleep(destroying::pause(!is_aws)).await;
        resources = still_there(provider, target, resources, out).await?;
    }
    let role = role.filter(|_| deletes);
    write_grants(provider, &resources, role.as_deref(), out).await?;
    if !is_sooner {
        resources = tagged(provider, &resources, expires.as_deref(), out).await?;
    }
    let is_soon = expires.as_ref().is_some_and(|at| is_near(at, now));
    let contents = if is_soon {
        put_in(provider, &resources, out).await
    } else {
        Vec::new()
    };
    out.send(Event::Stack {
        stack: StackStatus {
            stack: target.stack.clone(),
            owner: target.owner.clone(),
            since: None,
            expires: expires.clone(),
            ends,
            contents,
            resources,
            ..StackStatus::default()
        },
        named: false,
        region: target.region.clone(),
        account: target.account.clone(),
    });
    Ok(Extended {
        completion: Completion::Complete,
        expires,
    })
}

/// Tells of an end that the next deploy does not keep.
fn told_of_file(
    options: &ExtendOptions,
    expires: Option<&str>,
    now: SystemTime,
    out: &Reporter<'_>,
) {
    let until = expires.and_then(|at| humantime::parse_rfc3339(at).ok());
    let file = options.stack.lifetime().and_then(StackLifetime::time);
    out.info_of(file.and_then(|file| undone(file, until, now)));
}

/// The resources, marked with the new end.
async fn tagged(
    provider: &AwsProvider,
    resources: &[Owned],
    expires: Option<&str>,
    out: &Reporter<'_>,
) -> Result<Vec<Owned>, ProviderError> {
    with_events(out, |events| async move {
        retag(provider, resources, expires, &events).await
    })
    .await
}

/// What AWS, which had begun to delete the stack, has left of it.
async fn still_there(
    provider: &AwsProvider,
    target: &Target,
    resources: Vec<Owned>,
    out: &Reporter<'_>,
) -> Result<Vec<Owned>, Error> {
    let read = resources.into_iter().map(|owned| async move {
        let live = provider.read(owned.kind, &owned.name).await?;
        let is_ours = live.is_some_and(|live| target.owns(&live.tags));
        Ok::<_, ProviderError>(is_ours.then_some(owned))
    });
    let left: Vec<Owned> = try_join_all(read).await?.into_iter().flatten().collect();
    if left.is_empty() {
        reaper::ended(&provider.0, out).await;
        let what = format!("AWS has deleted all of {}, which had expired", target.stack);
        return Err(ProviderError::new(what)
            .help("deploy the stack file to make it again")
            .with_leftover(Leftover::Nothing)
            .into());
    }
    out.warn(format!(
        "AWS had begun to delete {}, which had expired: {} of it {} left; deploy the stack file again to have all of it",
        target.stack,
        counted(left.len(), "resource"),
        if left.len() == 1 { "is" } else { "are" },
    ));
    Ok(left)
}

/// `said` is the end to which the time was added, where it was.
fn too_long(said: Option<SystemTime>) -> Error {
    let most = "a stack may end up to 360d from now";
    let never = "`--never` leaves it without an end";
    Error::Usage(match said {
        Some(said) => format!(
            "{most}, and the time is added to its present end, {}: `--until` names the end itself; {never}",
            humantime::format_rfc3339_seconds(said)
        ),
        None => format!("{most}; {never}"),
    })
}

/// What is told of an end that is later than the stack file allows: the next deploy does not keep it.
fn undone(file: Duration, until: Option<SystemTime>, now: SystemTime) -> Option<String> {
    let is_later = until.is_none_or(|until| until > now + file);
    is_later.then(|| {
        let file = in_days(file);
        format!(
            "the next deploy may make this end sooner again, as the stack file says `expires: {file}`: to keep it, write a \
             longer time there"
        )
    })
}

/// Writes the policies of buckets with names of their own.
async fn write_grants(
    provider: &AwsProvider,
    resources: &[Owned],
    role: Option<&str>,
    out: &Reporter<'_>,
) -> Result<(), ProviderError> {
    let all = resources.iter().map(|one| (one.kind, one.name.as_str()));
    with_events(out, |events| async move {
        reaper::write_grants(provider, all, role, &events).await
    })
    .await
}

/// The new end, where there may be such.
fn new_end(
    said: Option<SystemTime>,
    extension: Extension,
    (guards, now): (Option<&Guards>, SystemTime),
) -> Result<Option<SystemTime>, Error> {
    let until = until(said, extension, now);
    if until.is_some_and(|until| until > now + StackLifetime::LONGEST) {
        let added = matches!(extension, Extension::By(_));
        return Err(too_long(said.filter(|said| added && *said > now)));
    }
    if let Some(guards) = guards {
        let after = until.map(|until| until.duration_since(now).unwrap_or_default());
        refused(guards.check_extension(after))?;
    }
    Ok(until)
}

/// The new end.
fn until(said: Option<SystemTime>, extension: Extension, now: SystemTime) -> Option<SystemTime> {
    match extension {
        Extension::Never => None,
        Extension::Until(time) => Some(time),
        Extension::By(more) => Some(said.map_or(now, |said| said.max(now)) + more),
    }
}

/// The end that the resources say; the earliest, where they differ.
fn said(resources: &[Owned]) -> Option<SystemTime> {
    let said = resources
        .iter()
        .filter_map(|owned| owned.tags.get(TAG_EXPIRES));
    said.filter_map(|at| humantime::parse_rfc3339(at).ok())
        .min()
}

/// Marks every resource with the new end.
async fn retag(
    provider: &AwsProvider,
    resources: &[Owned],
    expires: Option<&str>,
    events: &Events,
) -> Result<Vec<Owned>, ProviderError> {
    let tagged = stream::iter(resources).map(|owned| async move {
        let mut owned = owned.clone();
        match expires {
            Some(at) => drop(owned.tags.insert(TAG_EXPIRES.to_owned(), at.to_owned())),
            None => drop(owned.tags.remove(TAG_EXPIRES)),
        }
        provider.retag(&owned, &owned.tags, events).await?;
        Ok(owned)
    });
    tagged.buffered(TAGGED_AT_ONCE).try_collect().await
}

#[cfg(test)]
mod tests;
