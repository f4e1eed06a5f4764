//! What each kind implements: its calls to AWS.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::Aws;
use crate::aws::transport::response_validation::RequiredField;
use crate::engine::{Contents, Events, ProviderError};
use crate::stack::{Kind, Tags};

/// The resource a call is about, and where its events go.
#[derive(Debug, Clone, Copy)]
pub struct CallContext<'a> {
    /// The name in AWS.
    pub name: &'a str,
    /// The ARN it has or will have.
    pub arn: &'a str,
    /// The tags it is to carry.
    pub tags: &'a Tags,
    /// Where waiting is reported.
    pub events: &'a Events,
    /// Whether this step creates it: AWS may not see it everywhere yet.
    pub is_new: bool,
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
    /// The error codes of a create call for a resource that exists. If AWS answers success instead,
    /// `create` checks the owner itself before it writes more.
    const EXISTS: &'static [&'static str];
    /// The fields that AWS never leaves out of a success of one of these calls.
    const REQUIRED: &'static [RequiredField];
    /// Whether setting tags replaces all there are. `tag` then gets all of them, and nothing is removed.
    const TAGS_ARE_REPLACED: bool = false;
    /// The help text if AWS answers "already exists", and the resource cannot be read.
    const UNSEEN_HELP: &'static str = "what has this name cannot be seen, or is on its way out: run the same command again, or choose another name";
    /// The kind's spec.
    type Spec: Serialize + DeserializeOwned + Send + Sync;

    /// The live state, or nothing if there is none of that name.
    fn read(
        aws: &Aws,
        name: &str,
    ) -> impl Future<Output = Result<Option<Observed<Self::Spec>>, ProviderError>> + Send;
    /// The same of one that was there a moment ago: what else it takes is asked for at once.
    fn read_again(
        aws: &Aws,
        name: &str,
    ) -> impl Future<Output = Result<Option<Observed<Self::Spec>>, ProviderError>> + Send {
        Self::read(aws, name)
    }
    /// When it was made, by as few calls as that takes; nothing if there is none, or if it does not know.
    fn created(
        aws: &Aws,
        name: &str,
    ) -> impl Future<Output = Result<Option<String>, ProviderError>> + Send {
        async { Ok(Self::read(aws, name).await?.and_then(|seen| seen.created)) }
    }
    /// Creates the resource with its tags.
    fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &Self::Spec,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// Updates the fields that differ, and waits until the resource can be used. It also waits if no field
    /// differs.
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
    /// Deletes the resource and its contents. A missing resource is a success.
    fn delete(
        aws: &Aws,
        name: &str,
        events: &Events,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
    /// The names of all resources of the kind, without those that cannot be treino's. `stack` filters
    /// them where the service can.
    fn list(
        aws: &Aws,
        stack: Option<&str>,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;
    /// Of these deleted resources, those that left something behind under another name, such as a
    /// secret.
    fn left_behind(
        _: &Aws,
        _: &[String],
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Whether the resource exists, by a call for it alone: lists may be stale.
    fn exists(aws: &Aws, name: &str) -> impl Future<Output = Result<bool, ProviderError>> + Send {
        async { Ok(Self::read_tags(aws, name).await?.is_some()) }
    }
    /// The data that is deleted with the resource.
    fn contents(
        _: &Aws,
        _: &str,
    ) -> impl Future<Output = Result<Vec<Contents>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// What outlives the deleted resource and is kept on purpose, such as backups; in words.
    fn surviving_data(
        _: &Aws,
        _: &str,
    ) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// The quota error if the account has no room for `more` resources of the kind.
    fn over_quota(
        _: &Aws,
        _more: usize,
    ) -> impl Future<Output = Result<Option<ProviderError>, ProviderError>> + Send {
        async { Ok(None) }
    }
}
