//! When the trail ends that the stacks of a class share: not before the last of them.

use std::time::{Duration, SystemTime};

use super::copies::answered;
use super::extend::{Extension, moved};
use super::frontend::{Frontend, Reporter};
use super::session::Session;
use super::stack_ref::{DeployedStack, StackRef};
use super::{Error, StackStatus};
use crate::aws::AwsProvider;
use crate::engine::Provider;
use crate::plan::Owned;
use crate::stack::{
    Kind, StackLifetime, TAG_EXPIRES, Target, class_target, recorded_by, shared_trail_name,
};

/// How long after the last student's stack the shared trail expires: AWS begins to delete a stack up to three minutes after
/// its end (`docs/reaper.md`).
const AFTER_STACKS: Duration = Duration::from_mins(3);

/// When a trail that stacks share has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedTrailEnd {
    /// When it may end at the soonest; nothing where one of the stacks has no end.
    pub last: Option<SystemTime>,
    /// Whether these are the stacks of all the owners.
    pub is_of_all: bool,
}

impl SharedTrailEnd {
    /// For stacks with these ends.
    #[must_use]
    pub fn after(ends: impl Iterator<Item = Option<SystemTime>>, is_of_all: bool) -> Self {
        let ends: Option<Vec<SystemTime>> = ends.collect();
        let last = ends.and_then(|ends| ends.into_iter().max());
        Self {
            last: last.map(|last| last + AFTER_STACKS),
            is_of_all,
        }
    }

    /// For all the owners' stacks.
    #[must_use]
    pub fn of_all<'s>(stacks: impl Iterator<Item = &'s StackStatus>) -> Self {
        // Of one that a destroy has left only its journal of, nothing needs the trail.
        let stacks = stacks.filter(|one| !one.is_journal_alone());
        Self::after(stacks.map(|one| time(one.expires.as_ref())), true)
    }

    /// Whether a trail with this end needs another: it expires before the stacks, or has no end though all of them have one.
    fn moves(self, expires: Option<SystemTime>) -> bool {
        match (expires, self.last) {
            (Some(expires), Some(last)) => expires < last,
            (Some(_), None) => true,
            (None, Some(_)) => self.is_of_all,
            (None, None) => false,
        }
    }
}

/// Whether the trail among these resources records nothing, as it was stopped. What cannot be read is not said to be.
pub async fn is_trail_stopped(session: &Session, resources: &[Owned]) -> bool {
    let Some(trail) = resources.iter().find(|one| one.kind == Kind::Trail) else {
        return false;
    };
    let silent = super::session::Silent;
    let Ok(connection) = session.connected(&session.reporter(&silent)).await else {
        return false;
    };
    let provider = AwsProvider::for_name(connection, &session.target(connection, ""));
    let live = provider.read(Kind::Trail, &trail.name).await;
    live.ok()
        .flatten()
        .is_some_and(|live| live.spec["logging"] == false)
}

/// A shared trail that is deployed.
struct LiveTrail {
    name: String,
    expires: Option<SystemTime>,
    spec: serde_json::Value,
}

/// The trail that the copies of a stack share.
async fn live_trail(
    session: &Session,
    target: &Target,
    out: &Reporter<'_>,
) -> Result<Option<LiveTrail>, Error> {
    let class = class_target(target);
    let connection = session.connected(out).await?;
    let provider = AwsProvider::for_name(connection, &class);
    let name = shared_trail_name(target);
    let live = provider.read(Kind::Trail, &name).await?;
    let Some(live) = live.filter(|live| class.owns(&live.tags)) else {
        return Ok(None);
    };
    let expires = live.tags.get(TAG_EXPIRES);
    let expires = expires.and_then(|at| humantime::parse_rfc3339(at).ok());
    Ok(Some(LiveTrail {
        name,
        expires,
        spec: live.spec,
    }))
}

/// Gives the stack of a shared trail its new end.
async fn put_off(
    session: &Session,
    target: &Target,
    last: Option<SystemTime>,
    out: &Reporter<'_>,
) -> Result<(), Error> {
    let now = SystemTime::now();
    let session = session.of_owner(None);
    let stack = StackRef::Name(class_target(target).stack);
    let silent = out.silent();
    let found = DeployedStack::find(&session, &silent, (&stack, "status")).await?;
    let extension = last.map_or(Extension::Never, |last| {
        Extension::Until(last.min(now + StackLifetime::LONGEST))
    });
    moved(&found, extension, (None, now), &silent).await?;
    Ok(())
}

/// Lets the trail of a class that records the objects of a copy end after it. That it fails is a warning: the copy has its
/// new end.
pub(super) async fn outlast(
    session: &Session,
    (target, resources): (&Target, &[Owned]),
    expires: Option<&str>,
    out: &Reporter<'_>,
) {
    let has_own = resources.iter().any(|owned| owned.kind == Kind::Trail);
    if target.owner.is_none() || has_own {
        return;
    }
    let end = expires.and_then(|at| humantime::parse_rfc3339(at).ok());
    let mut end = SharedTrailEnd::after(std::iter::once(end), false);
    // Who may not read trails is told so by a deploy.
    let Ok(Some(trail)) = live_trail(session, target, out).await else {
        return;
    };
    if trail.expires.is_none() && end.last.is_some() {
        end = end_of_all(session, target).await.unwrap_or(end);
    }
    if !end.moves(trail.expires) {
        return;
    }
    let end = end.last;
    let buckets = resources.iter().filter(|owned| owned.kind == Kind::Bucket);
    let arns: Vec<String> = buckets.map(|one| format!(":::{}/", one.name)).collect();
    let recorded = recorded_by(&trail.spec);
    let mut objects = recorded.iter().flat_map(|(_, objects)| objects);
    if !objects.any(|object| arns.iter().any(|arn| object.ends_with(arn))) {
        return;
    }
    let name = &trail.name;
    match put_off(session, target, end, out).await {
        Ok(()) => out.info(match end {
            Some(end) => format!(
                "the trail {name} of the class ends after it: at {}",
                humantime::format_rfc3339_seconds(end)
            ),
            None => format!("the trail {name} of the class has no end any more, either"),
        }),
        Err(error) => out.warn(match trail.expires {
            Some(expires) => format!(
                "the trail {name} of the class still expires at {}, before this stack, which then hears of no object: {error}",
                humantime::format_rfc3339_seconds(expires)
            ),
            None => format!("the trail {name} of the class still has no end: {error}"),
        }),
    }
}

/// The end after all owners' copies of a stack.
async fn end_of_all(session: &Session, target: &Target) -> Result<SharedTrailEnd, Error> {
    let (all, silent) = (session.of_owner(None), super::session::Silent);
    let stack = StackRef::Name(target.stack.clone());
    let (copies, _) = super::status_of_class(&all, &stack, &silent).await?;
    Ok(SharedTrailEnd::of_all(copies.stacks.iter()))
}

fn time(at: Option<&String>) -> Option<SystemTime> {
    at.and_then(|at| humantime::parse_rfc3339(at).ok())
}

/// Lets the trail that a class shares in the session's account and region end after its stacks, where it would end before, or
/// has no end though all of them have one.
/// Returns whether it was changed. `known` is what was listed of its stack.
///
/// # Errors
/// AWS cannot be reached, or a call fails.
pub async fn extend_shared_trail(
    session: &Session,
    stack: &str,
    (end, known): (SharedTrailEnd, Option<&StackStatus>),
    frontend: &dyn Frontend,
) -> Result<bool, Error> {
    let out = session.reporter(frontend);
    let extended = async {
        let connection = session.connected(&out).await?;
        let target = session.target(connection, stack);
        let trail = live_trail(session, &target, &out).await?;
        let expires = match (trail, known) {
            (Some(trail), _) => trail.expires,
            // Its log bucket has an end, too.
            (None, Some(known)) => time(known.expires.as_ref()),
            (None, None) => return Ok(false),
        };
        if !end.moves(expires) {
            return Ok(false);
        }
        put_off(session, &target, end.last, &out).await?;
        Ok(true)
    };
    let extended = extended.await;
    answered(&out, extended)
}
