//! The stack file: its sections and what can be written in them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::kinds::{
    Bucket, Connection, DirectoryBucket, Function, LogGroup, Role, Rule, StateMachine, Table,
    Trail, Vault,
};
use super::params::Param;

/// A stack: a small serverless lab that treino deploys and destroys as one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackFile {
    /// The stack's name: small letters, digits and hyphens. It begins every generated name.
    pub stack: String,
    /// What the stack is for.
    #[serde(default)]
    pub description: String,
    /// How long it is meant to stand, such as `4h` or `2d`. `treino status` shows what is overdue.
    #[serde(default)]
    pub expires: Option<String>,
    /// Files and folders outside of the repository that functions' code and definitions may be read
    /// from, or be links to, relative to the stack file. Without a repository, what lies outside of
    /// the folder above the stack file's. Of what usually holds secrets, such as `.env`, each is named
    /// itself.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub include: Vec<String>,
    /// Tags for every resource.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Values given from outside with `--set NAME=VALUE`, and used as `${param.NAME}`.
    #[serde(default)]
    pub params: BTreeMap<String, Param>,
    /// What resources use that do not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// S3 buckets.
    #[serde(default)]
    pub buckets: BTreeMap<String, Bucket>,
    /// DynamoDB tables.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
    /// IAM roles, beside those treino makes for functions, state machines and rules.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// CloudWatch Logs log groups, beside those of functions and state machines.
    #[serde(default)]
    pub log_groups: BTreeMap<String, LogGroup>,
    /// Lambda functions.
    #[serde(default)]
    pub functions: BTreeMap<String, Function>,
    /// Step Functions state machines.
    #[serde(default)]
    pub state_machines: BTreeMap<String, StateMachine>,
    /// EventBridge connections: how HTTP tasks of state machines authorise themselves.
    #[serde(default)]
    pub connections: BTreeMap<String, Connection>,
    /// CloudTrail trails.
    #[serde(default)]
    pub trails: BTreeMap<String, Trail>,
    /// EventBridge rules.
    #[serde(default)]
    pub rules: BTreeMap<String, Rule>,
    /// S3 directory buckets (S3 Express One Zone).
    #[serde(default)]
    pub directory_buckets: BTreeMap<String, DirectoryBucket>,
    /// Amazon Glacier vaults.
    #[serde(default)]
    pub vaults: BTreeMap<String, Vault>,
    /// Values to print after a deploy.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
}

/// What resources use that do not say otherwise.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The ARN of an existing role for every function, state machine and rule, where the account
    /// may not create roles.
    #[serde(default)]
    pub role: Option<String>,
    /// Days that logs are kept.
    #[serde(default)]
    pub log_retention_days: Option<u32>,
}

/// The JSON Schema of the stack file.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(StackFile).to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("title".into(), "treino stack file".into());
    }
    schema
}
