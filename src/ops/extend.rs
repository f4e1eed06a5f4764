//! Another end for a stack that is deployed.

use std::time::{Duration, SystemTime};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::apply::{Completion, with_events};
use super::contents::put_in;
use super::destroy::owned::with_log_groups;
use super::ending::is_near;
use super::frontend::{Frontend, Reporter};
use super::plan::refused;
use super::session::Session;
use super::stack_ref::{DeployedStack, StackRef};
use super::{Error, Event, StackStatus, reaper};
use crate::aws::AwsProvider;
use crate::aws::reaper::ReaperRole;
use crate::engine::{Events, Leftover, ProviderError, is_journal_name};
use crate::plan::Owned;
use crate::source::Diagnostics;
use crate::stack::{Guards, StackLifetime, TAG_EXPIRES};

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
    out.answer(extended(session, options, &out).await)
}

async fn extended(
    session: &Session,
    options: &ExtendOptions,
    out: &Reporter<'_>,
) -> Result<Extended, Error> {
    let now = SystemTime::now();
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
        return Err(too_long());
    }
    // For the time that is only known once the stack is found, it is looked at again.
    let guards = Guards::of_folder(&options.stack.folder())?;
    let first = match options.extension {
        Extension::Never => Some(None),
        Extension::Until(time) => Some(time.duration_since(now).ok()),
        Extension::By(_) => None,
    };
    refused(first.map_or_else(Diagnostics::default, |after| guards.check_extension(after)))?;
    // A command that extends needs a time, so that another is suggested where the stack is elsewhere.
    let found = DeployedStack::find(session, out, (&options.stack, "status")).await?;
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
    let until = until(&found.resources, options.extension, now);
    if until.is_some_and(|until| until > now + StackLifetime::LONGEST) {
        return Err(too_long());
    }
    let after = until.map(|until| until.duration_since(now).unwrap_or_default());
    refused(guards.check_extension(after))?;
    let expires = until.map(|until| humantime::format_rfc3339_seconds(until).to_string());
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
    let role = role.filter(|_| deletes);
    write_grants(provider, &found.resources, role.as_deref(), out).await?;
    let tagged = with_events(out, |events| async move {
        retag(provider, &found.resources, expires.as_deref(), &events).await
    });
    let resources = tagged.await?;
    let expires = until.map(|until| humantime::format_rfc3339_seconds(until).to_string());
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

fn too_long() -> Error {
    Error::Usage(
        "a stack may end up to 360d from now; `--never` leaves it without an end".to_owned(),
    )
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

/// The new end.
fn until(resources: &[Owned], extension: Extension, now: SystemTime) -> Option<SystemTime> {
    match extension {
        Extension::Never => None,
        Extension::Until(time) => Some(time),
        Extension::By(more) => {
            let said = resources
                .iter()
                .filter_map(|owned| owned.tags.get(TAG_EXPIRES));
            let said = said
                .filter_map(|at| humantime::parse_rfc3339(at).ok())
                .min();
            Some(said.map_or(now, |said| said.max(now)) + more)
        }
    }
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
mod tests {
    use super::*;
    use crate::stack::{Address, Kind, Tags};

    #[test]
    fn an_extension_counts_from_the_end_that_was_said() {
        let now = humantime::parse_rfc3339("2026-11-28T20:00:00Z").unwrap();
        let hour = Duration::from_hours(1);
        let stack = |at: Option<&str>| {
            let tags = at.map(|at| (TAG_EXPIRES.to_owned(), at.to_owned()));
            [Owned {
                address: Address::new(Kind::Table, "t"),
                kind: Kind::Table,
                name: "t".into(),
                tags: tags.into_iter().collect::<Tags>(),
            }]
        };
        for (said, expected) in [
            (Some("2026-11-28T21:00:00Z"), now + 2 * hour),
            (Some("2026-11-28T12:00:00Z"), now + hour),
            (Some("soon"), now + hour),
            (None, now + hour),
        ] {
            assert_eq!(
                until(&stack(said), Extension::By(hour), now),
                Some(expected)
            );
        }
        assert_eq!(until(&stack(None), Extension::Never, now), None);
    }
}
