//! IAM roles.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::stack::expand::Expansion;
use crate::stack::policy::{self, Allow};
use crate::stack::{Address, Kind};

/// The name of the inline policy treino writes.
pub const POLICY_NAME: &str = "treino";

/// A role that resources may share by `role: ${key.arn}`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name in IAM; by default stack, key and region.
    #[serde(default)]
    pub name: Option<String>,
    /// The services that may assume it, such as `lambda.amazonaws.com`.
    #[schemars(length(min = 1))]
    pub assumed_by: Vec<String>,
    /// What it allows.
    #[serde(default)]
    pub allow: Vec<Allow>,
    /// ARNs of managed policies to attach.
    #[serde(default)]
    pub managed_policies: Vec<String>,
}

/// What a role is in IAM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// `/treino/<stack>/<region>/`.
    pub path: String,
    /// Who may assume it, in normal form.
    pub trust: Value,
    /// Inline policies by name, in normal form.
    pub policies: BTreeMap<String, Value>,
    /// ARNs of attached managed policies.
    pub managed_policies: BTreeSet<String>,
}

impl Role {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let services: Vec<&str> = self.assumed_by.iter().map(String::as_str).collect();
        let mut spec = generated(
            out,
            policy::trust(&services, None),
            &statements(&self.allow),
        );
        spec.managed_policies = self.managed_policies.iter().cloned().collect();
        out.add(
            Kind::Role,
            Address::new(Kind::Role, key),
            self.name.as_deref(),
            &spec,
        );
    }
}

/// The statements of `allow:` entries.
pub(super) fn statements(allow: &[Allow]) -> Vec<Value> {
    allow.iter().map(Allow::statement).collect()
}

/// A role with one inline policy of these statements, or none where there are none.
pub(in crate::stack) fn generated(out: &Expansion, trust: Value, allow: &[Value]) -> RoleSpec {
    let mut policies = BTreeMap::new();
    if !allow.is_empty() {
        policies.insert(POLICY_NAME.to_owned(), policy::document(allow));
    }
    RoleSpec {
        path: out.site.role_path(),
        trust,
        policies,
        managed_policies: BTreeSet::new(),
    }
}
