//! What each kind implements: its calls to AWS.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::Aws;
use crate::aws::transport::response_validation::RequiredField;
use crate::engine::{Events, ProviderError};
use crate::stack::{Kind, Tags};

/// What a call is about, and where waiting is reported.
#[derive(Debug, Clone, Copy)]
pub struct CallContext<'a> {
    /// The name in AWS.
    pub name: &'a str,
    /// The ARN it has or will have.
    pub arn: &'a str,
    /// The tags it is to carry.
    pub tags: &'a Tags,
    /// Where waiting is said.
    pub events: &'a Events,
}

/// A resource as a kind reads it.
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

/// The calls of one kind.
pub trait ResourceCalls: Send + Sync + 'static {
    /// Which kind.
    const KIND: Kind;
    /// The codes by which AWS refuses to make what is there already. Where AWS answers success,
    /// `create` looks itself whose it is, before it writes more onto it.
    const EXISTS: &'static [&'static str];
    /// The fields that AWS never leaves out of a success of one of these calls.
    const REQUIRED: &'static [RequiredField];
    /// Whether setting tags replaces all there are. `tag` then gets all of them, and nothing is removed.
    const TAGS_ARE_REPLACED: bool = false;
    /// What to do where AWS refuses to make what is there already, and does not show it.
    const UNSEEN_HELP: &'static str = "what has this name cannot be seen, or is on its way out: run the same command again, or choose another name";
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
        cx: CallContext<'_>,
        want: &Self::Spec,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Changes what differs, and waits until it can be used: it may differ in nothing else.
    fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &Self::Spec,
        live: &Self::Spec,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Sets these tags.
    fn tag(
        aws: &Aws,
        cx: CallContext<'_>,
        tags: &Tags,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Removes the tags of these keys.
    fn untag(
        _: &Aws,
        _: CallContext<'_>,
        _keys: &[String],
    ) -> impl Future<Output = Result<(), ProviderError>> + Send {
        async { Ok(()) }
    }
    /// The tags of one; nothing if it is gone.
    fn read_tags(
        aws: &Aws,
        name: &str,
    ) -> impl Future<Output = Result<Option<Tags>, ProviderError>> + Send;
    /// Deletes it and what it holds; already gone is success.
    fn delete(
        aws: &Aws,
        name: &str,
        events: &Events,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// The names of all there are, those left out that cannot be treino's. `stack` narrows it
    /// where the service can.
    fn list(
        aws: &Aws,
        stack: Option<&str>,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;
    /// Those of deleted resources of which something is left under a name of its own, such as a
    /// secret.
    fn left_behind(
        _: &Aws,
        _: &[String],
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Whether it is there, by a call that asks for it alone.
    fn exists(aws: &Aws, name: &str) -> impl Future<Output = Result<bool, ProviderError>> + Send {
        async { Ok(Self::read_tags(aws, name).await?.is_some()) }
    }
    /// What outlives a deleted one and is left on purpose, in words.
    fn surviving_data(
        _: &Aws,
        _: &str,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Why so many more do not fit beside those there are, where AWS limits them to a few.
    fn over_quota(
        _: &Aws,
        _more: usize,
    ) -> impl Future<Output = Result<Option<ProviderError>, ProviderError>> + Send {
        async { Ok(None) }
    }
}
