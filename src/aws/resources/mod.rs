//! One file per kind: the calls to AWS that read, create, update, delete and list it.
//!
//! [`ResourceCalls`] is what each file implements; [`ErasedCalls`] is what the provider sees. A new kind
//! is one new file here, its line in `kinds!`, and its pure half in `stack/kinds`
//! (`docs/adding-a-kind.md`).

/// A service's tags from ours: each SDK has a type of its own for the same pair.
macro_rules! sdk_tags {
    ($Tag:ty, $tags:expr) => {
        $crate::aws::resources::builder_result(
            $tags
                .iter()
                .map(|(key, value)| <$Tag>::builder().key(key).value(value).build())
                .collect::<Result<Vec<$Tag>, _>>(),
        )
    };
}

mod bucket;
mod calls;
mod connection;
mod contents;
mod directory_bucket;
mod empty_bucket;
mod erased;
pub(in crate::aws) mod function;
mod helpers;
mod listing;
pub(super) mod log_group;
mod object_lock;
mod ownership;
mod principal;
mod queue;
pub(super) mod role;
mod rule;
mod settling;
pub(super) mod state_machine;
mod table;
mod tagging;
mod topic;
mod trail;
mod vault;

use std::marker::PhantomData;

pub use calls::{CallContext, Observed, ResourceCalls};
use erased::Erase;
pub use erased::ErasedCalls;
pub(super) use helpers::{absent, json, time, where_served};
use helpers::{
    builder_result, deleted_since_plan, is_there, partial, with_principal_help, without_aws,
};
pub(super) use queue::url as queue_url;
use settling::{has_code, never, retry_unsettled};

use super::Aws;
use super::transport::response_validation::RequiredField;
use crate::engine::ProviderError;
use crate::stack::{Kind, Tags};

/// The tags of a role.
pub(super) async fn role_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
    <role::Roles as ResourceCalls>::read_tags(aws, name).await
}

/// The tags of a log group.
pub(super) async fn log_group_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
    <log_group::LogGroups as ResourceCalls>::read_tags(aws, name).await
}

/// The names of all functions.
pub(super) async fn function_names(aws: &Aws) -> Result<Vec<String>, ProviderError> {
    <function::Functions as ResourceCalls>::list(aws, None).await
}

/// The tags of a bucket in the region of the clients.
pub(super) async fn bucket_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
    <bucket::Buckets as ResourceCalls>::read_tags(aws, name).await
}

/// The calls of every kind.
macro_rules! kinds {
    ($($kind:ident => $calls:ty;)*) => {
        /// The calls of a kind.
        #[must_use]
        pub fn of(kind: Kind) -> &'static dyn ErasedCalls {
            match kind {
                $(Kind::$kind => &Erase::<$calls>(PhantomData),)*
            }
        }

        /// The fields that AWS never leaves out, of every kind's calls.
        pub const REQUIRED: &[&[RequiredField]] = &[$(<$calls as ResourceCalls>::REQUIRED),*];
    };
}

kinds! {
    Bucket => bucket::Buckets;
    Table => table::Tables;
    Role => role::Roles;
    LogGroup => log_group::LogGroups;
    Function => function::Functions;
    StateMachine => state_machine::StateMachines;
    Connection => connection::Connections;
    Trail => trail::Trails;
    Rule => rule::Rules;
    DirectoryBucket => directory_bucket::DirectoryBuckets;
    Vault => vault::Vaults;
    Queue => queue::Queues;
    Topic => topic::Topics;
}
