//! One file per kind: what can be written in the stack file, and the spec it comes to.
//!
//! Each file has two types. The one named after the kind (`Table`) is a value of its section in the
//! stack file, with real defaults. The one ending in `Spec` (`TableSpec`) is what treino wants of
//! the resource in AWS, and what live state is read back into; the two sides of every diff.

mod bucket;
mod connection;
mod directory_bucket;
mod function;
mod log_group;
mod role;
mod rule;
mod state_machine;
mod table;
mod trail;
mod vault;

pub use bucket::{Bucket, BucketSpec};
pub use connection::{
    AuthorizationSpec, Connection, ConnectionSpec, OauthMethod, ParameterSpec, ParametersSpec,
};
pub use directory_bucket::{
    DirectoryBucket, DirectoryBucketSpec, directory_bucket_name, zone_in_name,
};
pub(in crate::stack) use directory_bucket::{LONGEST_SUFFIX, region_of_zones};
pub use function::{
    Architecture, Function, FunctionSpec, SecretVariable, secret_variable, variable_kept_as,
};
pub use log_group::{DEFAULT_RETENTION, LogGroup, LogGroupSpec, RETENTIONS, is_made_by_lambda};
pub(in crate::stack) use role::generated as generated_role;
pub use role::{POLICY_NAME, Role, RoleSpec};
pub use rule::{Rule, RuleSpec, TargetSpec, Via};
pub use state_machine::{LogLevel, LoggingSpec, MachineType, StateMachine, StateMachineSpec};
pub use table::{Table, TableSpec};
pub use trail::{Record, SelectorSpec, Trail, TrailSpec};
pub use vault::{Vault, VaultSpec, mark_in_name, vault_name};

/// The default of a switch that is on.
fn on() -> bool {
    true
}
