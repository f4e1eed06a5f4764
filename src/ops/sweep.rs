//! Deleting, in one go, every stack that should be gone: in several regions, whoever deployed it.

mod reasons;

use std::time::{Duration, SystemTime};

use futures_util::stream::{self, StreamExt};

use self::reasons::reasons;
use super::ages::Ages;
use super::apply::Completion;
use super::command::Commands;
use super::destroy::StandingStack;
use super::frontend::{Frontend, Reporter};
use super::session::Session;
use super::stack_ref::StackRef;
use super::status::{by_stack, other_owners};
use super::{
    Error, Event, OrphanedResource, OrphansOfRegion, StackStatus, SweepFindings, SweptStack,
    UnseenRegion, reaper, shell_word,
};
use crate::aws::{AwsConnection, AwsProvider};
use crate::engine::{ProviderError, list_any};
use crate::plan::Unseen;
use crate::stack::{Kind, PossibleKinds, TAG_EXPIRES, Target};

/// How many regions are looked at at once.
const REGIONS_AT_ONCE: usize = 4;

/// Which stacks a sweep deletes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct SweepOptions {
    /// The regions to look at.
    pub regions: SweptRegions,
    /// Those whose `expires` has passed, and those whose destroy has begun and not ended.
    pub expired: bool,
    /// Those whose first resource is older than this.
    pub older_than: Option<Duration>,
    /// All of them.
    pub all: bool,
    /// Whether what no stack has is listed, too. It is not deleted.
    pub orphans: bool,
    /// Whether it is done without asking.
    pub yes: bool,
    /// Whether what would be deleted is only shown.
    pub dry_run: bool,
}

/// The regions a sweep looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SweptRegions {
    /// The session's.
    #[default]
    Session,
    /// Every region of the partition. Those that the account has not enabled are left out.
    All,
    /// These, by code.
    Named(Vec<String>),
}

/// What a sweep came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// How it ended: as the stack that ended worst.
    pub completion: Completion,
    /// What was found.
    pub found: Option<SweepFindings>,
}

/// Deletes the stacks that `options` name, with proof, after one question. With an owner in the session, only
/// those of this owner. No local AWS is started.
///
/// # Errors
/// AWS cannot be reached, no region can be looked at, or nobody can be asked. A stack that is not deleted whole is no
/// error, but a [`Completion`]; the others are deleted all the same.
pub async fn sweep(
    session: &Session,
    options: &SweepOptions,
    frontend: &dyn Frontend,
) -> Result<Swept, Error> {
    let out = session.reporter(frontend);
    out.answer(swept(session, options, &out).await)
}

async fn swept(
    session: &Session,
    options: &SweepOptions,
    out: &Reporter<'_>,
) -> Result<Swept, Error> {
    let Some(connection) = session.connected_if_running(out).await? else {
        out.send(Event::NoStack {
            stack: None,
            region: None,
            account: None,
            complete: true,
            running: Some(false),
            known: true,
            seen: Vec::new(),
            other_owners: None,
        });
        return Ok(Swept {
            completion: Completion::Complete,
            found: None,
        });
    };
    let found = findings(session, connection, options).await?;
    out.send(Event::Sweep(found.clone()));
    let unseen = !found.unseen.is_empty();
    let ended = |completion| {
        Ok(Swept {
            completion: worse(
                completion,
                if unseen {
                    Completion::Unverified
                } else {
                    Completion::Complete
                },
            ),
            found: Some(found.clone()),
        })
    };
    if options.orphans {
        for region in &found.regions {
            let there = connection.in_region(region);
            let commands = out.commands().clone().in_region(region, &connection.region);
            send_orphans(&there, session, (out, &commands)).await;
        }
    }
    if found.chosen.is_empty() {
        if !options.dry_run {
            without_reapers(session, connection, &found.regions, out).await;
        }
        return ended(Completion::Complete);
    }
    let mut standing = Vec::new();
    for one in &found.chosen {
        let of = OfStack::new(session, connection, one, out);
        let found =
            StandingStack::found(&of.provider, &of.target, PossibleKinds::all(), &of.out).await?;
        if !found.is_absent() {
            found.tell(&of.provider, &of.out).await;
            standing.push((of, found));
        }
    }
    if options.dry_run {
        return ended(Completion::Complete);
    }
    let question = match standing.len() {
        1 => "delete this stack?".to_owned(),
        many => format!("delete these {many} stacks?"),
    };
    if !out.confirm(question, options.yes).await? {
        return ended(Completion::Declined);
    }
    let mut completion = Completion::Complete;
    for (of, found) in standing {
        of.out.info(format!("deleting {}", of.label));
        let deleted = of.deleted(session, found, options.yes).await;
        let one = deleted.unwrap_or_else(|error| {
            of.out.warn(format!("{} is not deleted: {error}", of.label));
            Completion::Failed
        });
        completion = worse(completion, one);
        if one == Completion::Stopped {
            break;
        }
    }
    without_reapers(session, connection, &found.regions, out).await;
    ended(completion)
}

/// Deletes the reaper of each region, and its role, where no stack has one: the last execution cannot delete its own role.
async fn without_reapers(
    session: &Session,
    connection: &AwsConnection,
    regions: &[String],
    out: &Reporter<'_>,
) {
    for region in regions {
        let there = connection.in_region(region);
        let provider = AwsProvider::for_name(&there, &session.target(&there, ""));
        reaper::ended(&provider.0, out).await;
    }
}

/// Lists what no stack has in a region.
async fn send_orphans(
    connection: &AwsConnection,
    session: &Session,
    (out, commands): (&Reporter<'_>, &Commands),
) {
    let region = &connection.region;
    let provider = AwsProvider::for_name(connection, &session.target(connection, ""));
    let found = match provider.leavings().await {
        Ok(found) => found,
        Err(error) => return out.warn(format!("in {region}: {error}")),
    };
    let orphans = found.into_iter().map(|one| OrphanedResource {
        delete: (one.kind == Kind::LogGroup).then(|| {
            let name = shell_word(&one.name);
            let command = format!("`aws logs delete-log-group --log-group-name {name}`");
            commands.complete(&command).replace('`', "")
        }),
        kind: one.kind,
        name: one.name,
        bytes: one.bytes,
        what: one.what,
    });
    out.send(Event::Orphans(OrphansOfRegion {
        region: region.clone(),
        orphans: orphans.collect(),
    }));
}

/// The worse of two ends.
fn worse(one: Completion, other: Completion) -> Completion {
    let rank = |completion| match completion {
        Completion::Complete => 0,
        Completion::Unverified => 1,
        Completion::Declined | Completion::Unknown => 2,
        Completion::Blocked | Completion::Failed => 3,
        Completion::Stopped => 4,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// One stack that is deleted: where, and how it is spoken of.
struct OfStack<'a> {
    target: Target,
    provider: AwsProvider,
    out: Reporter<'a>,
    label: String,
}

impl<'a> OfStack<'a> {
    fn new(
        session: &Session,
        connection: &AwsConnection,
        one: &SweptStack,
        out: &Reporter<'a>,
    ) -> Self {
        let StackStatus { stack, owner, .. } = &one.stack;
        let there = connection.in_region(&one.region);
        let target = Target {
            owner: owner.clone(),
            ..session.target(&there, stack)
        };
        let name = StackRef::Name(stack.clone());
        let of = owner
            .as_ref()
            .map_or_else(String::new, |owner| format!(" of {owner}"));
        Self {
            provider: AwsProvider::for_name(&there, &target),
            out: out.about_copy(&name, owner.as_deref(), &one.region, &connection.region),
            label: format!("{stack}{of} in {}", one.region),
            target,
        }
    }

    async fn deleted(
        &self,
        session: &Session,
        found: StandingStack,
        unasked: bool,
    ) -> Result<Completion, Error> {
        // The user may answer hours later, and a name may belong to somebody else by then.
        if !unasked && !found.is_unchanged(&self.provider).await? {
            return Err(Error::outdated());
        }
        let ended = found
            .destroyed(session, &self.provider, true, &self.out)
            .await?;
        if ended.completion == Completion::Complete {
            reaper::ended(&self.provider.0, &self.out).await;
        }
        Ok(ended.completion)
    }
}

/// What there is in every region, and what of it is to go.
async fn findings(
    session: &Session,
    connection: &AwsConnection,
    options: &SweepOptions,
) -> Result<SweepFindings, Error> {
    let looks = stream::iter(regions(connection, &options.regions)).map(|region| async move {
        let there = connection.in_region(&region);
        let found = stacks_in(session, &there, options).await;
        (region, there.is_opt_in(), found)
    });
    let looks: Vec<_> = looks.buffered(REGIONS_AT_ONCE).collect().await;
    let mut findings = SweepFindings {
        account: connection.account.clone(),
        regions: Vec::new(),
        chosen: Vec::new(),
        kept: Vec::new(),
        unseen: Vec::new(),
        other_owners: other_owners(session, 0),
    };
    let all = options.regions == SweptRegions::All;
    let mut first = None;
    for (region, is_opt_in, found) in looks {
        match found {
            Ok((found, others, unseen)) => {
                if let Some(of) = &mut findings.other_owners {
                    of.stacks += others;
                }
                let (chosen, kept): (Vec<_>, Vec<_>) =
                    found.into_iter().partition(|one| !one.reasons.is_empty());
                findings.chosen.extend(chosen);
                findings.kept.extend(kept);
                let unseen = unseen.into_iter().map(|one| UnseenRegion {
                    region: region.clone(),
                    why: one.to_string(),
                });
                findings.unseen.extend(unseen);
                findings.regions.push(region);
            }
            // AWS knows no key there of an account that has not enabled the region.
            Err(error) if all && is_opt_in && error.is_of_credentials() => {}
            Err(error) => {
                findings.unseen.push(UnseenRegion {
                    region,
                    why: error.to_string(),
                });
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if findings.regions.is_empty() => Err(error.into()),
        _ => Ok(findings),
    }
}

fn regions(connection: &AwsConnection, wanted: &SweptRegions) -> Vec<String> {
    match wanted {
        SweptRegions::Session => vec![connection.region.clone()],
        SweptRegions::Named(regions) => regions.clone(),
        SweptRegions::All => connection.all_regions(),
    }
}

async fn stacks_in(
    session: &Session,
    connection: &AwsConnection,
    options: &SweepOptions,
) -> Result<(Vec<SweptStack>, usize, Vec<Unseen>), ProviderError> {
    let target = session.target(connection, "");
    let provider = AwsProvider::for_name(connection, &target);
    let found = list_any(&provider, None, &PossibleKinds::all()).await?;
    let (stacks, others) = by_stack(found.owned, session.owner());
    let mut all = Vec::new();
    let ages = Ages::new(&provider);
    for ((stack, owner), resources) in stacks {
        let since = match options.older_than {
            None => None,
            Some(_) => ages.oldest(&resources).await?,
        };
        let expires = resources
            .iter()
            .filter_map(|owned| owned.tags.get(TAG_EXPIRES));
        let status = StackStatus {
            expires: expires.min().cloned(),
            stack,
            owner,
            since,
            resources,
            ..StackStatus::default()
        };
        all.push(SweptStack {
            reasons: reasons(&status, options, SystemTime::now()),
            region: connection.region.clone(),
            stack: status,
        });
    }
    Ok((all, by_stack(others, None).0.len(), found.unseen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_end_counts() {
        use Completion::{Complete, Failed, Stopped, Unverified};
        assert_eq!(worse(Complete, Unverified), Unverified);
        assert_eq!(worse(Failed, Unverified), Failed);
        assert_eq!(worse(Failed, Stopped), Stopped);
    }
}
