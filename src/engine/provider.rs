//! The interface between the engine and AWS.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Events, ProviderError};
use crate::plan::{ActualResource, Inventory, Owned};
use crate::stack::{Kind, Resource};

/// A pending call.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// Which names are listed, and what carries the mark: either may fail alone.
pub type ListedAndOwned<'a> = Pin<
    Box<
        dyn Future<
                Output = (
                    Result<Vec<String>, ProviderError>,
                    Result<Vec<Owned>, ProviderError>,
                ),
            > + Send
            + 'a,
    >,
>;

/// Which resources a listing looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The stack; `None` for every stack of treino.
    pub stack: Option<String>,
    /// Resources whose owner is already known, so that their tags need not be read.
    pub known: Vec<(Kind, String)>,
    /// Whether nothing is expected: a service that fails or does not answer is then given up soon.
    pub unlikely: bool,
    /// Whether what other stacks own is wanted, too, where the list shows it.
    pub others: bool,
    /// Whether only names are looked at that may be generated ones of the stack.
    pub generated: bool,
}

impl Scope {
    /// Everything of a stack; of every stack with `None`.
    #[must_use]
    pub fn of(stack: Option<&str>) -> Self {
        Self {
            stack: stack.map(String::from),
            known: Vec::new(),
            unlikely: false,
            others: false,
            generated: false,
        }
    }
}

/// Reads that are known to be ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PendingReads {
    /// Of how many resources.
    pub resources: usize,
    /// How long they take at the rates that AWS allows.
    pub time: Duration,
}

/// A resource that tells of a stack, wherever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The stack.
    pub stack: String,
    /// Its owner, as far as it is known.
    pub owner: Option<String>,
    /// The region's code.
    pub region: String,
    pub kind: Kind,
    pub name: String,
    /// Whether more than the name says so.
    pub certain: bool,
}

/// Data that a resource contains, and that is deleted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What is counted, one of it: `object`.
    pub what: &'static str,
    /// How many there are.
    pub count: u64,
    /// Their size in bytes, where it is known.
    pub bytes: Option<u64>,
    /// Whether there are more: counting has an end.
    pub more: bool,
    /// Whether AWS counts them approximately, or counted them some time ago.
    pub about: bool,
}

impl Contents {
    /// So many of something, counted exactly.
    #[must_use]
    pub fn exactly(what: &'static str, count: usize) -> Self {
        Self {
            what,
            count: u64::try_from(count).unwrap_or(u64::MAX),
            bytes: None,
            more: false,
            about: false,
        }
    }
}

/// Calls to AWS, or to a model of it, for every kind of resource.
pub trait Provider: Send + Sync {
    /// Reads a resource; `None` if no resource has that name.
    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>>;

    /// The same of one that was there a moment ago: fewer of the calls that it takes wait for each other.
    fn read_again<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>> {
        self.read(kind, name)
    }

    /// When a resource was made, as an RFC 3339 time; `None` if there is none, or if it does not know.
    fn created<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move { Ok(self.read(kind, name).await?.and_then(|live| live.created)) })
    }

    /// Creates a resource with its ownership tags. A resource that an earlier attempt of the same stack
    /// created is completed, not refused.
    fn create<'a>(&'a self, want: &'a Resource, events: &'a Events) -> Task<'a, ()>;

    /// Updates a resource in place.
    fn update<'a>(
        &'a self,
        want: &'a Resource,
        live: &'a ActualResource,
        events: &'a Events,
    ) -> Task<'a, ()>;

    /// Deletes a resource and its contents. A missing resource is a success.
    fn delete<'a>(&'a self, kind: Kind, name: &'a str, events: &'a Events) -> Task<'a, ()>;

    /// Lists resources with treino's ownership tags, by the service's own list calls, not by the tagging API.
    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>>;

    /// The inventory of the stack: kind and name of everything it has; `None` where it has none, or where it may not be
    /// read. `unlikely`: see [`Scope::unlikely`].
    fn inventory(&self, _unlikely: bool) -> Task<'_, Option<Inventory>> {
        Box::pin(async { Ok(None) })
    }

    /// The marks that are still to be read of what was listed.
    fn pending_reads(&self) -> PendingReads {
        PendingReads::default()
    }

    /// Resources of a stack in other regions, and of other stacks in any, as far as lists show them that are the same
    /// in every region. What cannot be listed is not seen.
    fn sightings<'a>(
        &'a self,
        _stack: &'a str,
    ) -> Pin<Box<dyn Future<Output = Vec<Sighting>> + Send + 'a>> {
        Box::pin(async { Vec::new() })
    }

    /// The quota error if the account has no room for so many more of a kind.
    fn over_quota(&self, _kind: Kind, _more: usize) -> Task<'_, Option<ProviderError>> {
        Box::pin(async { Ok(None) })
    }

    /// Which of these names the service still lists, to prove that the others are gone.
    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>>;

    /// Both of [`Self::listed`] and [`Self::owned`], where one list can serve both.
    fn listed_and_owned<'a>(
        &'a self,
        kind: Kind,
        names: &'a [String],
        scope: &'a Scope,
    ) -> ListedAndOwned<'a> {
        Box::pin(async move { tokio::join!(self.listed(kind, names), self.owned(kind, scope)) })
    }

    /// Whether a read by name still finds the resource: list calls may be stale.
    fn exists<'a>(&'a self, _kind: Kind, _name: &'a str) -> Task<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    /// The data that is deleted with a resource; nothing where there is none. Counting ends after one page of a
    /// list.
    fn contents<'a>(&'a self, _kind: Kind, _name: &'a str) -> Task<'a, Vec<Contents>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// What outlives a deleted resource and is not treino's to delete, such as backups; in words.
    fn surviving_data<'a>(&'a self, _kind: Kind, _name: &'a str) -> Task<'a, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
