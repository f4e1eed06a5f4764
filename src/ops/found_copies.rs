//! What is deployed of several owners' copies of a stack, and what else a class is told of its account.

use std::collections::BTreeMap;

use super::apply::Completion;
use super::contents::contents_of;
use super::copies::answered;
use super::destroy::{Destroyed, StandingStack};
use super::frontend::{Frontend, Reporter};
use super::plan::send_plan;
use super::session::{Session, Silent};
use super::stack_ref::StackRef;
use super::status::by_stack;
use super::{Error, ResourceContents, reaper};
use crate::aws::AwsProvider;
use crate::engine::{
    OwnedResources, ProviderError, apart_from_trail, first_journal, list_any, now,
};
use crate::plan::{Owned, Plan};
use crate::stack::{Kind, PossibleKinds, TAG_OWNER, Target, class_target, inventory};

/// What is deployed of a stack that is to be deleted.
pub struct FoundStack<'s> {
    session: &'s Session,
    stack: StackRef,
    provider: AwsProvider,
    found: StandingStack,
}

/// The copies of a stack in one account and region.
pub struct FoundCopies<'s> {
    /// Those of the sessions' owners that have anything, in the order of the sessions.
    pub copies: Vec<FoundStack<'s>>,
    /// What the owners of the other copies have.
    pub others: BTreeMap<Option<String>, Vec<Owned>>,
    /// The trail that copies share.
    pub shared_trail: Option<FoundStack<'s>>,
}

/// Finds the copies of a stack that these sessions' owners have. They are of one account and region, which `all` is, too;
/// the lists are read once. Without a connection there is nothing.
///
/// # Errors
/// The stack file names no stack, or a call fails.
pub async fn find_copies<'s>(
    all: &'s Session,
    sessions: &[&'s Session],
    stack: &StackRef,
    frontend: &dyn Frontend,
) -> Result<FoundCopies<'s>, Error> {
    let out = all.reporter(frontend).about(stack);
    let found = found_copies(all, sessions, stack, &out).await;
    answered(&out, found)
}

async fn found_copies<'s>(
    all: &'s Session,
    sessions: &[&'s Session],
    stack: &StackRef,
    out: &Reporter<'_>,
) -> Result<FoundCopies<'s>, Error> {
    let (name, possible) = stack.name_and_kinds(all)?;
    let mut found = FoundCopies {
        copies: Vec::new(),
        others: BTreeMap::new(),
        shared_trail: None,
    };
    let Some(connection) = all.connected_if_running(out).await? else {
        return Ok(found);
    };
    let target = all.target(connection, &name);
    let began = now();
    let provider = AwsProvider::for_name(connection, &target);
    let listed = list_any(&provider, Some(&name), &possible).await?;
    let (trail, _) = apart_from_trail(&target, listed.others);
    let targets: Vec<Target> = sessions
        .iter()
        .map(|session| session.target(connection, &name))
        .collect();
    // The marks of what each has: the proof that one is gone need not read them again, nor those of the journals.
    let of_all: Vec<(Option<String>, (Kind, String))> = listed
        .owned
        .iter()
        .map(|one| {
            (
                one.tags.get(TAG_OWNER).cloned(),
                (one.kind, one.name.clone()),
            )
        })
        .chain(targets.iter().flat_map(|of| {
            [first_journal(of), (Kind::LogGroup, inventory(of))].map(|one| (of.owner.clone(), one))
        }))
        .collect();
    let (mut by_stack, _) = by_stack(listed.owned, None);
    for (session, target) in sessions.iter().zip(&targets) {
        let key = (name.clone(), target.owner.clone());
        let Some(owned) = by_stack.remove(&key) else {
            continue;
        };
        let owned = OwnedResources {
            owned,
            others: Vec::new(),
            unseen: listed.unseen.clone(),
            inventory: listed
                .inventory
                .iter()
                .filter(|one| target.owns(&one.tags))
                .cloned()
                .collect(),
        };
        let one = FoundStack::of(session, stack, target, (possible.clone(), owned), &began);
        let of_others = of_all.iter().filter(|(owner, _)| *owner != target.owner);
        let of_others = of_others.map(|(_, one)| one.clone()).collect();
        found.copies.push(one.await?.beside(of_others));
    }
    let others = by_stack.into_iter();
    found.others = others.map(|((_, owner), owned)| (owner, owned)).collect();
    let class = class_target(&target);
    if !trail.is_empty() {
        let stack = StackRef::Name(class.stack.clone());
        let possible = PossibleKinds::of([Kind::Bucket, Kind::Trail]);
        // Its names are all generated: it has no inventory.
        let trail = OwnedResources {
            owned: trail,
            unseen: listed.unseen,
            ..OwnedResources::default()
        };
        let trail = FoundStack::of(all, &stack, &class, (possible, trail), &began).await?;
        found.shared_trail = Some(trail);
    }
    Ok(found)
}

impl<'s> FoundStack<'s> {
    async fn of(
        session: &'s Session,
        stack: &StackRef,
        target: &Target,
        found: (PossibleKinds, OwnedResources),
        began: &str,
    ) -> Result<Self, Error> {
        let silent = Silent;
        let out = session.reporter(&silent);
        let connection = session.connected(&out).await?;
        let provider = AwsProvider::for_name(connection, target);
        let found = StandingStack::of(&provider, target, found, &out, began.to_owned()).await?;
        Ok(Self {
            session,
            stack: stack.clone(),
            provider,
            found,
        })
    }

    /// Beside resources that are known to be of others.
    fn beside(mut self, of_others: Vec<(Kind, String)>) -> Self {
        self.found = self.found.beside(of_others);
        self
    }

    /// The owner.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.plan().target.owner.as_deref()
    }

    /// The plan that deletes it.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        self.found.plan()
    }

    /// What its resources contain.
    pub async fn contents(&self, frontend: &dyn Frontend) -> Vec<ResourceContents> {
        let out = self.session.reporter(frontend).about(&self.stack);
        contents_of(&self.provider, self.plan(), &out).await
    }

    /// Deletes it, and proves that it is gone.
    ///
    /// # Errors
    /// A call fails before the first step. A step that fails is no error, but a [`Completion`].
    pub async fn delete(self, frontend: &dyn Frontend) -> Result<Destroyed, Error> {
        let out = self.session.reporter(frontend).about(&self.stack);
        send_plan(self.found.plan(), None, &out);
        let destroyed = async {
            let ended = self
                .found
                .destroyed(self.session, &self.provider, false, &out)
                .await?;
            if ended.completion == Completion::Complete {
                reaper::ended(&self.provider.0, &out).await;
            }
            Ok(ended)
        };
        let destroyed = destroyed.await;
        out.answer(destroyed)
    }
}

/// Deletes what ends stacks inside AWS from the session's account and region, if no stack there has an end any more. What
/// fails is a warning.
pub async fn end_reaper(session: &Session, frontend: &dyn Frontend) {
    let out = session.reporter(frontend);
    if let Ok(Some(connection)) = session.connected_if_running(&out).await {
        let provider = AwsProvider::for_name(connection, &session.target(connection, ""));
        reaper::ended(&provider.0, &out).await;
    }
}

/// How many executions of functions the session's account may have at once; nothing where that cannot be seen.
pub async fn concurrent_executions(session: &Session) -> Option<usize> {
    let silent = Silent;
    let connection = session.connected(&session.reporter(&silent)).await.ok()?;
    let provider = AwsProvider::for_name(connection, &session.target(connection, ""));
    provider.concurrent_executions().await.ok().flatten()
}

/// How many resources of a kind there are in the session's account and region, whoever's they are, by one listing.
///
/// # Errors
/// The kind cannot be listed.
pub async fn count_of_kind(session: &Session, kind: Kind) -> Result<usize, ProviderError> {
    let silent = Silent;
    let out = session.reporter(&silent);
    let Ok(connection) = session.connected(&out).await else {
        return Err(ProviderError::new("there is no connection"));
    };
    let provider = AwsProvider::for_name(connection, &session.target(connection, ""));
    provider.count(kind).await
}
