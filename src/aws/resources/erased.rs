//! A kind's calls without its types, and what is done around the calls of every kind.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    CallContext, Observed, ResourceCalls, deleted_since_plan, listing, ownership, partial, tagging,
    without_aws,
};
use crate::aws::Aws;
use crate::engine::{Contents, Events, Leftover, ListedAndOwned, ProviderError, Scope, Task};
use crate::plan::{ActualResource, Owned};
use crate::stack::Tags;

/// A kind with its spec as plain data.
pub trait ErasedCalls: Send + Sync {
    /// See [`ResourceCalls::read`].
    fn read<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<ActualResource>>;
    /// See [`ResourceCalls::read_again`].
    fn read_again<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<ActualResource>>;
    /// See [`ResourceCalls::created`].
    fn created<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<String>>;
    /// See [`ResourceCalls::create`].
    fn create<'a>(&self, aws: &'a Aws, cx: CallContext<'a>, want: &'a Value) -> Task<'a, ()>;
    /// See [`ResourceCalls::update`].
    fn update<'a>(
        &self,
        aws: &'a Aws,
        cx: CallContext<'a>,
        want: &'a Value,
        live: &'a ActualResource,
    ) -> Task<'a, ()>;
    /// Gives a resource of the stack these tags; one that is not the stack's any more stays as it is.
    fn retag<'a>(&self, aws: &'a Aws, cx: CallContext<'a>) -> Task<'a, ()>;
    /// See [`ResourceCalls::delete`].
    fn delete<'a>(&self, aws: &'a Aws, name: &'a str, events: &'a Events) -> Task<'a, ()>;
    /// The resources with treino's mark.
    fn owned<'a>(&self, aws: &'a Aws, scope: &'a Scope) -> Task<'a, Vec<Owned>>;
    /// How many there are, whoever's they are.
    fn count<'a>(&self, aws: &'a Aws) -> Task<'a, usize>;
    /// See [`ResourceCalls::over_quota`].
    fn over_quota<'a>(&self, aws: &'a Aws, more: usize) -> Task<'a, Option<ProviderError>>;
    /// Which of the names are listed.
    fn listed<'a>(&self, aws: &'a Aws, names: &'a [String]) -> Task<'a, Vec<String>>;
    /// Which of the names are listed, and the resources with treino's mark, by one list.
    fn listed_and_owned<'a>(
        &self,
        aws: &'a Aws,
        names: &'a [String],
        scope: &'a Scope,
    ) -> ListedAndOwned<'a>;
    /// See [`ResourceCalls::exists`].
    fn exists<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, bool>;
    /// See [`ResourceCalls::contents`].
    fn contents<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Vec<Contents>>;
    /// See [`ResourceCalls::surviving_data`].
    fn surviving_data<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Vec<String>>;
}

/// The [`ErasedCalls`] of a kind.
pub struct Erase<K>(pub PhantomData<K>);

impl<K: ResourceCalls> ErasedCalls for Erase<K> {
    fn read<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<ActualResource>> {
        Box::pin(async move { actual::<K>(name, K::read(aws, name).await?) })
    }

    fn read_again<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<ActualResource>> {
        Box::pin(async move { actual::<K>(name, K::read_again(aws, name).await?) })
    }

    fn created<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<String>> {
        Box::pin(K::created(aws, name))
    }

    fn create<'a>(&self, aws: &'a Aws, cx: CallContext<'a>, want: &'a Value) -> Task<'a, ()> {
        Box::pin(async move {
            let want: K::Spec = typed(want)?;
            match K::create(aws, cx, &want).await {
                // Of a later call, the same code says something else: the resource is made.
                Err(error)
                    if K::EXISTS.contains(&error.code.as_str())
                        && error.leftover != Leftover::Partial =>
                {
                    finish_creation::<K>(aws, cx, &want, error).await
                }
                other => other,
            }
        })
    }

    fn update<'a>(
        &self,
        aws: &'a Aws,
        cx: CallContext<'a>,
        want: &'a Value,
        live: &'a ActualResource,
    ) -> Task<'a, ()> {
        Box::pin(async move {
            let want: K::Spec = typed(want)?;
            let Some(seen) = K::read_again(aws, cx.name).await? else {
                return Err(deleted_since_plan(K::KIND, cx));
            };
            // The tags have changed since the plan was made, so the owner is checked again. Unchanged
            // tags may be foreign: then the plan adopts the resource.
            if without_aws(seen.tags.clone()) != live.tags {
                ownership::check_ownership(aws, K::KIND, cx, &seen.tags)?;
            }
            let live: K::Spec = if live.outdated.is_empty() {
                seen.spec
            } else {
                typed(&without(&untyped(&seen.spec)?, &live.outdated))?
            };
            change::<K>(aws, cx, &want, &live, &without_aws(seen.tags)).await
        })
    }

    fn retag<'a>(&self, aws: &'a Aws, cx: CallContext<'a>) -> Task<'a, ()> {
        Box::pin(async move {
            let seen = K::read_tags(aws, cx.name).await?;
            match seen.filter(|tags| aws.target.owns(tags)) {
                Some(seen) => tagging::change::<K>(aws, cx, &without_aws(seen)).await,
                None => Ok(()),
            }
        })
    }

    fn delete<'a>(&self, aws: &'a Aws, name: &'a str, events: &'a Events) -> Task<'a, ()> {
        Box::pin(K::delete(aws, name, events))
    }

    fn owned<'a>(&self, aws: &'a Aws, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        Box::pin(listing::owned::<K>(aws, scope))
    }

    fn count<'a>(&self, aws: &'a Aws) -> Task<'a, usize> {
        Box::pin(async move { Ok(K::list(aws, None).await?.len()) })
    }

    fn over_quota<'a>(&self, aws: &'a Aws, more: usize) -> Task<'a, Option<ProviderError>> {
        Box::pin(K::over_quota(aws, more))
    }

    fn listed<'a>(&self, aws: &'a Aws, names: &'a [String]) -> Task<'a, Vec<String>> {
        Box::pin(async move {
            let (all, remains) = tokio::try_join!(K::list(aws, None), K::left_behind(aws, names))?;
            let all: BTreeSet<String> = all.into_iter().chain(remains).collect();
            Ok(names
                .iter()
                .filter(|name| all.contains(*name))
                .cloned()
                .collect())
        })
    }

    fn listed_and_owned<'a>(
        &self,
        aws: &'a Aws,
        names: &'a [String],
        scope: &'a Scope,
    ) -> ListedAndOwned<'a> {
        Box::pin(async move {
            let list = K::list(aws, scope.stack.as_deref());
            let (all, remains) = tokio::join!(list, K::left_behind(aws, names));
            let all = match all {
                Ok(all) => all,
                Err(error) => return (Err(error.clone()), Err(error)),
            };
            let listed: BTreeSet<&String> = all.iter().collect();
            let is_listed = |name: &&String| listed.contains(name);
            let listed: Vec<String> = names.iter().filter(is_listed).cloned().collect();
            let owned = listing::owned_of::<K>(aws, scope, all).await;
            let listed = remains.map(|remains| {
                let is_left = |name: &&String| listed.contains(name) || remains.contains(name);
                names.iter().filter(is_left).cloned().collect()
            });
            (listed, owned)
        })
    }

    fn exists<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, bool> {
        Box::pin(K::exists(aws, name))
    }

    fn contents<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Vec<Contents>> {
        Box::pin(K::contents(aws, name))
    }

    fn surviving_data<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Vec<String>> {
        Box::pin(K::surviving_data(aws, name))
    }
}

fn actual<K: ResourceCalls>(
    name: &str,
    seen: Option<Observed<K::Spec>>,
) -> Result<Option<ActualResource>, ProviderError> {
    let Some(seen) = seen else {
        return Ok(None);
    };
    Ok(Some(ActualResource {
        kind: K::KIND,
        name: name.to_owned(),
        spec: untyped(&seen.spec)?,
        tags: without_aws(seen.tags),
        created: seen.created,
        unready: seen.unready,
        outdated: Vec::new(),
    }))
}

fn untyped<S: Serialize>(spec: &S) -> Result<Value, ProviderError> {
    serde_json::to_value(spec).map_err(|error| ProviderError::new(error.to_string()))
}

/// A spec with these fields unset, so that they are written.
fn without(spec: &Value, fields: &[String]) -> Value {
    let mut spec = spec.clone();
    for field in fields {
        spec[field.as_str()] = match &spec[field.as_str()] {
            Value::String(_) => Value::String(String::new()),
            _ => Value::Null,
        };
    }
    spec
}

fn typed<S: DeserializeOwned>(spec: &Value) -> Result<S, ProviderError> {
    serde_json::from_value(spec.clone()).map_err(|error| {
        ProviderError::new(format!("the spec does not fit its kind: {error}"))
            .with_leftover(Leftover::Nothing)
    })
}

/// Completes a resource that exists already: an earlier attempt, or a call whose response was lost,
/// created it.
async fn finish_creation<K: ResourceCalls>(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &K::Spec,
    refused: ProviderError,
) -> Result<(), ProviderError> {
    let Some(seen) = K::read(aws, cx.name).await? else {
        return Err(refused.help(K::UNSEEN_HELP));
    };
    ownership::check_ownership(aws, K::KIND, cx, &seen.tags)
        .map_err(|taken| refused.help(taken.message))?;
    let tags = without_aws(seen.tags);
    let changed = change::<K>(aws, cx, want, &seen.spec, &tags).await;
    changed.map_err(partial)
}

pub async fn change<K: ResourceCalls>(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &K::Spec,
    live: &K::Spec,
    tags: &Tags,
) -> Result<(), ProviderError> {
    tagging::change::<K>(aws, cx, tags).await?;
    K::update(aws, cx, want, live).await
}
