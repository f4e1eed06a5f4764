//! Which IAM actions treino's calls need, by kind of resource. `docs/deployer-policy.json` allows all of them; a test
//! compares both with the calls that are made (`tests/it/least_privilege/needed.rs`).
//!
//! Sources: the [tables of actions](https://docs.aws.amazon.com/service-authorization/latest/reference/) of each service.

use serde_json::Value;

use crate::stack::Kind;

mod tables;

/// What needs an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeededFor {
    /// A first deploy, and the look at what is there.
    Deploy,
    /// A later deploy that changes something.
    Change,
    /// `run`, `logs`, and the history of executions.
    Run,
    /// A destroy.
    Destroy,
}

/// On which resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnResource {
    /// None: a list of the account.
    Account,
    /// The resource of the stack.
    Itself,
    /// An object of the bucket.
    Objects,
    /// An execution of the state machine.
    Executions,
    /// The secret that EventBridge makes for the connection.
    SecretOfConnection,
    /// The service-linked role of EventBridge's connections.
    LinkedRoleOfConnections,
}

/// An action, what needs it, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededAction {
    /// The IAM action: `s3:CreateBucket`.
    pub action: &'static str,
    pub on: OnResource,
    pub needed_for: NeededFor,
    /// The field of a resource's spec that has to be set for that (a JSON pointer); else a change may need it.
    pub only_with: Option<&'static str>,
}

impl NeededAction {
    const fn new(needed_for: NeededFor, action: &'static str) -> Self {
        Self {
            action,
            on: OnResource::Itself,
            needed_for,
            only_with: None,
        }
    }

    const fn on(mut self, on: OnResource) -> Self {
        self.on = on;
        self
    }

    const fn with(mut self, pointer: &'static str) -> Self {
        self.only_with = Some(pointer);
        self
    }

    /// What needs it for a resource of this spec.
    #[must_use]
    pub fn needed_by(&self, spec: &Value) -> NeededFor {
        let is_set = |pointer: &str| match spec.pointer(pointer) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Object(fields)) => !fields.is_empty(),
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        };
        if self.only_with.is_none_or(is_set) {
            self.needed_for
        } else {
            NeededFor::Change
        }
    }
}

/// The actions that a kind needs. `iam:PassRole` is not among them: it is needed for the role that a resource is given.
#[must_use]
pub fn needed_actions(kind: Kind) -> &'static [NeededAction] {
    match kind {
        Kind::Bucket => tables::BUCKET,
        Kind::Connection => tables::CONNECTION,
        Kind::DirectoryBucket => tables::DIRECTORY_BUCKET,
        Kind::Function => tables::FUNCTION,
        Kind::LogGroup => tables::LOG_GROUP,
        Kind::Queue => tables::QUEUE,
        Kind::Role => tables::ROLE,
        Kind::Rule => tables::RULE,
        Kind::StateMachine => tables::STATE_MACHINE,
        Kind::Table => tables::TABLE,
        Kind::Topic => tables::TOPIC,
        Kind::Trail => tables::TRAIL,
        Kind::Vault => tables::VAULT,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_for_a_setting_is_needed_where_it_is_set() {
        let versioning = NeededAction::new(NeededFor::Deploy, "s3:PutBucketVersioning");
        let versioning = versioning.with("/versioning");
        for (spec, expected) in [
            (json!({ "versioning": true }), NeededFor::Deploy),
            (json!({ "versioning": false }), NeededFor::Change),
            (json!({}), NeededFor::Change),
            (json!({ "versioning": [] }), NeededFor::Change),
            (json!({ "versioning": "x" }), NeededFor::Deploy),
        ] {
            assert_eq!(versioning.needed_by(&spec), expected, "{spec}");
        }
    }

    #[test]
    fn no_action_stands_twice() {
        for kind in Kind::ALL {
            let mut all: Vec<_> = needed_actions(kind)
                .iter()
                .map(|one| (one.action, one.needed_for, one.on))
                .collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count, "{kind}");
            assert!(count > 5, "{kind}");
        }
    }
}
