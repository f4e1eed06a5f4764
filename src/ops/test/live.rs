//! What the deployed functions say of themselves, and which names are the stack's.

use serde_json::Value;

use super::bench::Bench;
use super::chain::of_kind;
use crate::aws::resources;
use crate::stack::{Kind, Resource, policy};

/// A deployed function, as far as it says what it calls.
#[derive(Debug, Clone, Default)]
pub(super) struct LiveFunction {
    pub(super) key: String,
    pub(super) handler: String,
    /// The variables that can be shown.
    pub(super) variables: Vec<(String, String)>,
}

/// What is known of the names in a stack.
pub(super) trait KnownNames {
    /// Whether an ARN is of a resource of the stack, or of a part of one.
    fn has_arn(&self, arn: &str) -> bool;
    /// Whether a resource of the stack has this name.
    fn has_name(&self, name: &str) -> bool;
    /// The tables, queues and buckets of the stack, each with its key.
    fn targets(&self, kind: Kind) -> Vec<(String, String)>;
    /// The key of what has this role.
    fn key_of_role(&self, role: &str) -> Option<String>;
    /// On what the stack file allows a role of the stack an action.
    fn allowed(&self, role: &str, action: &str) -> Vec<String>;
}

impl KnownNames for Bench<'_> {
    fn has_arn(&self, arn: &str) -> bool {
        let own = self.desired.resources.values();
        let mut own = own.filter(|one| !one.arn.is_empty());
        own.any(|one| {
            let rest = arn.strip_prefix(one.arn.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
        })
    }

    fn has_name(&self, name: &str) -> bool {
        self.desired.resources.values().any(|one| one.name == name)
    }

    fn targets(&self, kind: Kind) -> Vec<(String, String)> {
        let all = self
            .desired
            .resources
            .values()
            .filter(|one| one.kind == kind);
        all.map(|one| (one.address.key().to_owned(), one.name.clone()))
            .collect()
    }

    fn key_of_role(&self, role: &str) -> Option<String> {
        self.role(role).map(|one| one.address.key().to_owned())
    }

    fn allowed(&self, role: &str, action: &str) -> Vec<String> {
        let documents = self.role(role).into_iter();
        let documents = documents.filter_map(|role| role.spec["policies"].as_object());
        let documents = documents.flat_map(|policies| policies.values());
        let allowed = policy::allowed_resources(documents, action).into_iter();
        allowed.map(String::from).collect()
    }
}

impl Bench<'_> {
    /// A role of the stack file, by its name.
    fn role(&self, name: &str) -> Option<&Resource> {
        let mut roles = self.desired.resources.values();
        roles.find(|one| one.kind == Kind::Role && one.name == name)
    }
}

/// The functions that are deployed. What cannot be read is left out.
pub(super) async fn functions(bench: &Bench<'_>) -> Vec<LiveFunction> {
    let mut found = Vec::new();
    for owned in of_kind(bench.run.resources, Kind::Function) {
        let read = resources::of(Kind::Function)
            .read(bench.run.aws, &owned.name)
            .await;
        let Ok(Some(live)) = read else {
            continue;
        };
        let variables = live.spec["environment"].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        found.push(LiveFunction {
            key: owned.address.key().to_owned(),
            handler: text(&live.spec["handler"]),
            variables: variables
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
        });
    }
    found
}
