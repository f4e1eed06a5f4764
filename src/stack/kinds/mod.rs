//! One file per kind: what can be written in the stack file, and the spec it comes to.
//!
//! Each file has three types. The one named after the kind (`Table`) is a value of its section in the
//! stack file, with real defaults. The one ending in `Spec` (`TableSpec`) is what treino wants of
//! the resource in AWS, and what live state is read back into; the two sides of every diff. The one
//! ending in `Type` (`TableType`) answers what is asked of the kind ([`ResourceType`]).
//!
//! A new kind has its line in `with_kinds` (`docs/adding-a-kind.md`).
//!
//! [`ResourceType`]: super::ResourceType

/// Hands every kind to a macro: its name, its `ResourceType`, its section of the stack file and what
/// the JSON schema says of that.
macro_rules! with_kinds {
    ($then:ident) => {
        $then! {
            Bucket, BucketType, buckets, "S3 buckets.";
            Table, TableType, tables, "DynamoDB tables.";
            Role, RoleType, roles, "IAM roles, beside those treino makes for functions, state machines and rules.";
            LogGroup, LogGroupType, log_groups, "CloudWatch Logs log groups, beside those of functions and state machines.";
            Function, FunctionType, functions, "Lambda functions.";
            StateMachine, StateMachineType, state_machines, "Step Functions state machines.";
            Connection, ConnectionType, connections, "EventBridge connections: how HTTP tasks of state machines authorise themselves.";
            Trail, TrailType, trails, "CloudTrail trails.";
            Rule, RuleType, rules, "EventBridge rules.";
            DirectoryBucket, DirectoryBucketType, directory_buckets, "S3 directory buckets (S3 Express One Zone).";
            Vault, VaultType, vaults, "Amazon Glacier vaults.";
            Queue, QueueType, queues, "SQS queues.";
            Topic, TopicType, topics, "SNS topics and their subscriptions.";
        }
    };
}
pub(in crate::stack) use with_kinds;

mod architecture;
mod bucket;
mod connection;
mod directory_bucket;
mod function;
mod log_group;
mod queue;
mod role;
mod rule;
mod state_machine;
mod table;
mod topic;
mod trail;
mod vault;

pub use architecture::Architecture;
pub use bucket::{Bucket, BucketSpec, BucketType};
pub use connection::{
    AuthorizationSpec, Connection, ConnectionSpec, ConnectionType, OauthMethod, ParameterSpec,
    ParametersSpec,
};
pub use directory_bucket::{
    DirectoryBucket, DirectoryBucketSpec, DirectoryBucketType, directory_bucket_name, zone_in_name,
};
pub use function::{
    Function, FunctionSpec, FunctionType, PermissionSpec, SecretVariable, secret_variable,
    variable_kept_as,
};
pub use log_group::{
    DEFAULT_RETENTION, LogGroup, LogGroupSpec, LogGroupType, RETENTIONS, may_be_ours,
};
pub use queue::{DeadLetterSpec, Queue, QueueSpec, QueueType, is_fifo};
pub use role::{POLICY_NAME, Role, RoleSpec, RoleType};
pub use rule::{Rule, RuleSpec, RuleType, TargetSpec, Via};
pub use state_machine::{
    LogLevel, LoggingSpec, MachineType, StateMachine, StateMachineSpec, StateMachineType,
};
pub use table::{Table, TableSpec, TableType};
pub use topic::{FilterScope, Subscription, SubscriptionSpec, Topic, TopicSpec, TopicType};
pub(super) use trail::log_bucket_policy;
pub use trail::{Record, SelectorSpec, Trail, TrailSpec, TrailType};
pub use vault::{Vault, VaultSpec, VaultType, mark_in_name, vault_name};

/// The default of a switch that is on.
fn on() -> bool {
    true
}
