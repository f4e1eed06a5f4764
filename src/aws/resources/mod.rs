//! One file per kind: the calls to AWS that read, make, change, delete and list it.
//!
//! [`AwsKind`] is the typed side each file implements; [`Erased`] is what the provider sees. A new
//! kind is one new file here, its line in [`of`], and its pure half in `stack/kinds`
//! (`docs/adding-a-kind.md`).

/// A service's tags from ours: each SDK has a type of its own for the same pair.
macro_rules! sdk_tags {
    ($Tag:ty, $tags:expr) => {
        $crate::aws::resources::built(
            $tags
                .iter()
                .map(|(key, value)| <$Tag>::builder().key(key).value(value).build())
                .collect::<Result<Vec<$Tag>, _>>(),
        )
    };
}

mod bucket;
mod connection;
mod directory_bucket;
mod empty_bucket;
mod function;
mod log_group;
mod ownership;
mod principal;
mod role;
mod rule;
mod state_machine;
mod table;
mod trail;
mod vault;

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Aws, transport::error_codes};
use crate::engine::{Events, Leftover, ProviderError, Scope, Task};
use crate::plan::{ActualResource, Owned};
use crate::stack::{Kind, TAG_STACK, Tags};

/// How many marks of listed resources are read at once.
const MARKS_AT_ONCE: usize = 8;

/// What a step works on.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The name in AWS.
    pub name: &'a str,
    /// The ARN it has or will have.
    pub arn: &'a str,
    /// The tags it is to carry.
    pub tags: &'a Tags,
    /// Where waiting is said.
    pub events: &'a Events,
}

/// Live state as a kind reads it.
#[derive(Debug, Clone)]
pub struct Observed<S> {
    /// The state, in the form of the spec.
    pub spec: S,
    /// All tags.
    pub tags: Tags,
    /// When it was created.
    pub created: Option<String>,
    /// What AWS calls its state, where it cannot be used (yet).
    pub unready: Option<String>,
}

/// Which of a resource's tags change.
#[derive(Debug, Clone, Default)]
pub struct TagChanges {
    /// Tags that are set.
    pub set: Tags,
    /// Keys that are removed.
    pub remove: Vec<String>,
}

impl TagChanges {
    fn between(live: &Tags, want: &Tags) -> Self {
        let set = want
            .iter()
            .filter(|(key, value)| live.get(*key) != Some(value));
        let remove = live.keys().filter(|key| !want.contains_key(*key));
        Self {
            set: set.map(|(k, v)| (k.clone(), v.clone())).collect(),
            remove: remove.cloned().collect(),
        }
    }
}

/// The calls of one kind.
pub trait AwsKind: Send + Sync + 'static {
    /// Which kind.
    const KIND: Kind;
    /// The codes by which AWS refuses to make what is there already. Where AWS answers success,
    /// `create` looks itself whose it is, before it writes more onto it.
    const EXISTS: &'static [&'static str];
    /// The kind's spec.
    type Spec: Serialize + DeserializeOwned + Send + Sync;

    /// The live state, or nothing if there is none of that name.
    fn read(
        aws: &Aws,
        name: &str,
    ) -> impl Future<Output = Result<Option<Observed<Self::Spec>>, ProviderError>> + Send;
    /// Makes it, tags and all.
    fn create(
        aws: &Aws,
        at: At<'_>,
        want: &Self::Spec,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Changes what differs, and waits until it can be used: it may differ in nothing else.
    fn update(
        aws: &Aws,
        at: At<'_>,
        want: &Self::Spec,
        live: &Self::Spec,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Sets and removes tags.
    fn retag(
        aws: &Aws,
        at: At<'_>,
        changes: &TagChanges,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Deletes it and what it holds; already gone is success.
    fn delete(
        aws: &Aws,
        name: &str,
        events: &Events,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// The names of all there are, those left out that cannot be treino's. `stack` narrows it
    /// where the service can.
    fn names(
        aws: &Aws,
        stack: Option<&str>,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;
    /// Those of deleted resources of which something is left under a name of its own, such as a
    /// secret.
    fn remains(
        _: &Aws,
        _: &[String],
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Whether it is there, by a call that asks for it alone.
    fn stands(aws: &Aws, name: &str) -> impl Future<Output = Result<bool, ProviderError>> + Send {
        async { Ok(Self::tags(aws, name).await?.is_some()) }
    }
    /// What outlives a deleted one and is left on purpose, in words.
    fn kept(_: &Aws, _: &str) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Why so many more do not fit beside those there are, where AWS limits them to a few.
    fn too_many(
        _: &Aws,
        _more: usize,
    ) -> impl Future<Output = Result<Option<ProviderError>, ProviderError>> + Send {
        async { Ok(None) }
    }
    /// The tags of one; nothing if it is gone.
    fn tags(
        aws: &Aws,
        name: &str,
    ) -> impl Future<Output = Result<Option<Tags>, ProviderError>> + Send;
}

/// A kind with its spec as plain data.
pub trait Erased: Send + Sync {
    /// See [`AwsKind::read`].
    fn read<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<ActualResource>>;
    /// See [`AwsKind::create`].
    fn create<'a>(&self, aws: &'a Aws, at: At<'a>, want: &'a Value) -> Task<'a, ()>;
    /// See [`AwsKind::update`].
    fn update<'a>(
        &self,
        aws: &'a Aws,
        at: At<'a>,
        want: &'a Value,
        live: &'a ActualResource,
    ) -> Task<'a, ()>;
    /// See [`AwsKind::delete`].
    fn delete<'a>(&self, aws: &'a Aws, name: &'a str, events: &'a Events) -> Task<'a, ()>;
    /// What carries treino's mark.
    fn owned<'a>(&self, aws: &'a Aws, scope: &'a Scope) -> Task<'a, Vec<Owned>>;
    /// See [`AwsKind::too_many`].
    fn too_many<'a>(&self, aws: &'a Aws, more: usize) -> Task<'a, Option<ProviderError>>;
    /// Which of the names are listed.
    fn listed<'a>(&self, aws: &'a Aws, names: &'a [String]) -> Task<'a, Vec<String>>;
    /// See [`AwsKind::stands`].
    fn stands<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, bool>;
    /// See [`AwsKind::kept`].
    fn kept<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Vec<String>>;
}

/// The calls of a kind.
#[must_use]
pub fn of(kind: Kind) -> &'static dyn Erased {
    match kind {
        Kind::Bucket => &Erase(bucket::Buckets),
        Kind::Table => &Erase(table::Tables),
        Kind::Role => &Erase(role::Roles),
        Kind::LogGroup => &Erase(log_group::LogGroups),
        Kind::Function => &Erase(function::Functions),
        Kind::StateMachine => &Erase(state_machine::StateMachines),
        Kind::Connection => &Erase(connection::Connections),
        Kind::Trail => &Erase(trail::Trails),
        Kind::Rule => &Erase(rule::Rules),
        Kind::DirectoryBucket => &Erase(directory_bucket::DirectoryBuckets),
        Kind::Vault => &Erase(vault::Vaults),
    }
}

struct Erase<K>(#[allow(dead_code, reason = "names the kind; holds nothing")] K);

impl<K: AwsKind> Erased for Erase<K> {
    fn read<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Option<ActualResource>> {
        Box::pin(async move {
            let Some(seen) = K::read(aws, name).await? else {
                return Ok(None);
            };
            Ok(Some(ActualResource {
                kind: K::KIND,
                name: name.to_owned(),
                spec: serde_json::to_value(&seen.spec)
                    .map_err(|error| ProviderError::new(error.to_string()))?,
                tags: without_aws(seen.tags),
                created: seen.created,
                unready: seen.unready,
            }))
        })
    }

    fn create<'a>(&self, aws: &'a Aws, at: At<'a>, want: &'a Value) -> Task<'a, ()> {
        Box::pin(async move {
            let want: K::Spec = typed(want)?;
            match K::create(aws, at, &want).await {
                Err(error) if K::EXISTS.contains(&error.code.as_str()) => {
                    finish_creation::<K>(aws, at, &want, error).await
                }
                other => other,
            }
        })
    }

    fn update<'a>(
        &self,
        aws: &'a Aws,
        at: At<'a>,
        want: &'a Value,
        live: &'a ActualResource,
    ) -> Task<'a, ()> {
        Box::pin(async move {
            let want: K::Spec = typed(want)?;
            let Some(seen) = K::read(aws, at.name).await? else {
                return Err(gone(K::KIND, at));
            };
            // Taken over on purpose, it still is whose it was when the plan was made.
            if without_aws(seen.tags.clone()) != live.tags {
                ownership::ours(aws, K::KIND, at, &seen.tags)?;
            }
            change::<K>(aws, at, &want, &seen.spec, &without_aws(seen.tags)).await
        })
    }

    fn delete<'a>(&self, aws: &'a Aws, name: &'a str, events: &'a Events) -> Task<'a, ()> {
        Box::pin(K::delete(aws, name, events))
    }

    fn owned<'a>(&self, aws: &'a Aws, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        Box::pin(async move {
            let known: BTreeSet<&str> = scope
                .known
                .iter()
                .filter(|(kind, _)| *kind == K::KIND)
                .map(|(_, name)| name.as_str())
                .collect();
            let mut names = K::names(aws, scope.stack.as_deref()).await?;
            names.retain(|name| !known.contains(name.as_str()));
            let mut read = marks::<K>(aws, names).await?;
            let doubtful = ownership::doubtful(&read, scope.stack.as_deref());
            if !doubtful.is_empty() {
                // Gone in between, or not seen everywhere yet: a second look tells.
                let mut names = K::names(aws, scope.stack.as_deref()).await?;
                names.retain(|name| doubtful.contains(name));
                let again = marks::<K>(aws, names).await?;
                let still = ownership::doubtful(&again, scope.stack.as_deref());
                if !still.is_empty() {
                    let (kind, names) = (K::KIND, still.join(", "));
                    let both = format!("{kind} {names} is listed, and said not to be there");
                    return Err(ProviderError::contradiction(both));
                }
                read.extend(again);
            }
            let found = ownership::marked(K::KIND, read, scope.stack.as_deref())?;
            let ours = |owned: &Owned| {
                scope.stack.is_none() || owned.tags.get(TAG_STACK) == scope.stack.as_ref()
            };
            Ok(found.into_iter().filter(ours).collect())
        })
    }

    fn too_many<'a>(&self, aws: &'a Aws, more: usize) -> Task<'a, Option<ProviderError>> {
        Box::pin(K::too_many(aws, more))
    }

    fn listed<'a>(&self, aws: &'a Aws, names: &'a [String]) -> Task<'a, Vec<String>> {
        Box::pin(async move {
            let (all, remains) = tokio::try_join!(K::names(aws, None), K::remains(aws, names))?;
            let all: BTreeSet<String> = all.into_iter().chain(remains).collect();
            Ok(names
                .iter()
                .filter(|name| all.contains(*name))
                .cloned()
                .collect())
        })
    }

    fn stands<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, bool> {
        Box::pin(K::stands(aws, name))
    }

    fn kept<'a>(&self, aws: &'a Aws, name: &'a str) -> Task<'a, Vec<String>> {
        Box::pin(K::kept(aws, name))
    }
}

/// The marks of these. That one may not be read hinders no other.
async fn marks<K: AwsKind>(
    aws: &Aws,
    names: Vec<String>,
) -> Result<Vec<ownership::Read>, ProviderError> {
    let read = stream::iter(names).map(|name| async move {
        match K::tags(aws, &name).await {
            Err(error) if !error.is_denied() => Err(error),
            tags => Ok((name, tags)),
        }
    });
    read.buffered(MARKS_AT_ONCE).try_collect().await
}

fn gone(kind: Kind, at: At<'_>) -> ProviderError {
    let gone = format!(
        "something else deleted the {kind} {} since the plan was made",
        at.name
    );
    ProviderError::new(gone)
        .help("run the same command again: it makes what is missing")
        .with_leftover(Leftover::Nothing)
}

fn typed<S: DeserializeOwned>(spec: &Value) -> Result<S, ProviderError> {
    serde_json::from_value(spec.clone()).map_err(|error| {
        ProviderError::new(format!("the spec does not fit its kind: {error}"))
            .with_leftover(Leftover::Nothing)
    })
}

/// An earlier attempt, or a call whose answer was lost, made it already: look, and complete it.
async fn finish_creation<K: AwsKind>(
    aws: &Aws,
    at: At<'_>,
    want: &K::Spec,
    refused: ProviderError,
) -> Result<(), ProviderError> {
    let Some(seen) = K::read(aws, at.name).await? else {
        return Err(refused.help(unseen(K::KIND)));
    };
    ownership::ours(aws, K::KIND, at, &seen.tags).map_err(|taken| refused.help(taken.message))?;
    change::<K>(aws, at, want, &seen.spec, &without_aws(seen.tags)).await
}

/// What to do where AWS refuses to make what is there already, and does not show it.
fn unseen(kind: Kind) -> &'static str {
    if kind == Kind::Role {
        "IAM does not tell capital letters from small ones, so a role whose name differs only in them has this name: \
         give it another key or `name:`"
    } else {
        "what has this name cannot be seen, or is on its way out: run the same command again, or choose another name"
    }
}

/// A refusal of our own, in the place of AWS's that makes or changes alike.
fn is_there(code: &str, message: &str) -> ProviderError {
    let error = ProviderError {
        code: code.to_owned(),
        ..ProviderError::new(message)
    };
    error.with_leftover(Leftover::Nothing)
}

async fn change<K: AwsKind>(
    aws: &Aws,
    at: At<'_>,
    want: &K::Spec,
    live: &K::Spec,
    tags: &Tags,
) -> Result<(), ProviderError> {
    let changes = TagChanges::between(tags, at.tags);
    if !changes.set.is_empty() || !changes.remove.is_empty() {
        K::retag(aws, at, &changes).await?;
    }
    K::update(aws, at, want, live).await
}

/// Tags AWS sets itself can be neither set nor removed.
fn without_aws(tags: Tags) -> Tags {
    tags.into_iter()
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect()
}

/// An SDK's builder fails only where a required field was left out.
fn built<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, ProviderError> {
    result.map_err(|error| ProviderError::new(error.to_string()))
}

/// Nothing, where AWS says that there is none.
pub(super) fn absent<T>(
    result: Result<T, ProviderError>,
    codes: &[&str],
) -> Result<Option<T>, ProviderError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if codes.contains(&error.code.as_str()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first page of a listing, or nothing where the service is not offered. It is asked once
/// without trying again, as a name that does not exist will not exist in a moment.
pub(super) async fn where_served<T>(
    once: impl Future<Output = Result<T, ProviderError>>,
    again: impl AsyncFnOnce() -> Result<T, ProviderError>,
) -> Result<Option<T>, ProviderError> {
    match once.await {
        Ok(page) => Ok(Some(page)),
        Err(error) if error_codes::is_service_not_offered(&error) => Ok(None),
        Err(_) => again().await.map(Some),
    }
}

/// The last second of the year 9999: RFC 3339 has no later.
const LAST: u64 = 253_402_300_799;

/// An AWS time as RFC 3339; nothing where it is none.
fn time(time: Option<&aws_smithy_types::DateTime>) -> Option<String> {
    let seconds = u64::try_from(time?.secs()).ok()?;
    if seconds > LAST {
        return None;
    }
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    Some(humantime::format_rfc3339_seconds(at).to_string())
}

/// What was made before a later call failed is left behind.
fn partial(error: ProviderError) -> ProviderError {
    error.with_leftover(Leftover::Partial)
}

/// A pattern, policy or definition as AWS holds it: JSON text.
pub(super) fn json(text: &str) -> Value {
    // Text that is no JSON is shown as it is, so that the diff names it.
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
