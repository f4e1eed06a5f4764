//! What the engine asks of a cloud.

use std::future::Future;
use std::pin::Pin;

use super::{Events, ProviderError};
use crate::plan::{ActualResource, Owned};
use crate::stack::{Kind, Resource};

/// A call under way.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// Whose resources a listing is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The stack; every stack of treino's where none is named.
    pub stack: Option<String>,
    /// Names whose owner is known already, so that their marks need not be read.
    pub known: Vec<(Kind, String)>,
}

/// A cloud that holds resources of the kinds treino knows.
pub trait Provider: Send + Sync {
    /// The live state of a resource; nothing if there is none of that name.
    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>>;

    /// Makes a resource, its mark included. What exists already from an earlier attempt of the same
    /// stack is completed, not refused.
    fn create<'a>(&'a self, want: &'a Resource, events: &'a Events) -> Task<'a, ()>;

    /// Changes a resource in place.
    fn update<'a>(
        &'a self,
        want: &'a Resource,
        live: &'a ActualResource,
        events: &'a Events,
    ) -> Task<'a, ()>;

    /// Deletes a resource and what it holds. Already gone is success.
    fn delete<'a>(&'a self, kind: Kind, name: &'a str, events: &'a Events) -> Task<'a, ()>;

    /// What carries treino's mark, by listing and not by the tagging API.
    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>>;

    /// Why so many more of a kind do not fit beside those there are, where the cloud limits them.
    fn too_many(&self, _kind: Kind, _more: usize) -> Task<'_, Option<ProviderError>> {
        Box::pin(async { Ok(None) })
    }

    /// Which of these names the service lists, for the proof that they are gone.
    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>>;

    /// Whether the service knows a name when it is asked for it: its listing may be behind.
    fn stands<'a>(&'a self, _kind: Kind, _name: &'a str) -> Task<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    /// What of a deleted resource is left on purpose, in words: it is nobody's to delete unasked.
    fn kept<'a>(&'a self, _kind: Kind, _name: &'a str) -> Task<'a, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
