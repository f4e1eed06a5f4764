//! IAM roles.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::stack::expand::Expansion;
use crate::stack::policy::{self, Allow, PolicyDocument};
use crate::stack::usage::{Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Grant, Kind, NameRule, ReaperCall, Resource, ResourceType, TagRule,
    Target, Teardown,
};

/// The name of the inline policy treino writes.
pub const POLICY_NAME: &str = "treino";

/// A role that resources may share by `role: ${key.arn}`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name in IAM; by default stack, key and region.
    #[serde(default)]
    pub name: Option<String>,
    /// Who may assume it: services such as `lambda.amazonaws.com`, roles (`${key.arn}`) and accounts.
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
    pub trust: PolicyDocument,
    /// Inline policies by name, in normal form.
    pub policies: BTreeMap<String, PolicyDocument>,
    /// ARNs of attached managed policies.
    pub managed_policies: BTreeSet<String>,
}

/// What is known of roles without a call.
pub struct RoleType;

static FACTS: Facts = Facts {
    noun: "role",
    services: &["iam"],
    replace_on: &["path"],
    deleted_after: &[Kind::Function, Kind::StateMachine, Kind::Rule],
    is_dated: true,
    recognised_by: &["trust"],
    policies: &["trust", "policies.*"],
    tags: TagRule::IAM,
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-._+=,@",
        lower_case: false,
        page: "IAM/latest/APIReference/API_CreateRole.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for RoleType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.roles
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    /// Only a resolved reference tells a service from a role.
    fn complete(&self, out: &mut Expansion<'_>) {
        for key in out.file.roles.keys() {
            let address = Address::new(Kind::Role, key);
            let spec = out.resource(&address).map(|role| role.spec.clone());
            if let Some(mut spec) = spec {
                let named = &spec["trust"]["Statement"][0]["Principal"]["Service"];
                let named = named.as_array().into_iter().flatten();
                let named = named.filter_map(Value::as_str).map(str::to_owned);
                spec["trust"] = policy::trust_of(&named.collect::<Vec<_>>());
                out.set_spec(&address, &spec);
            }
        }
    }

    fn keeps_role_ids(&self, _: &Value) -> &'static [&'static str] {
        &["trust"]
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        let (partition, account) = (&target.partition, &target.account);
        format!(
            "arn:{partition}:iam::{account}:role{}{name}",
            target.role_path()
        )
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let role = json!({ "RoleName": of.name });
        let look = json!({ "PathPrefix": of.target.role_path(), "MaxItems": 100 });
        Teardown::new(
            ReaperCall::new("iam:listRoleTags", role.clone()),
            vec![
                ReaperCall::new("iam:listRolePolicies", role.clone()),
                ReaperCall::new("iam:listAttachedRolePolicies", role.clone()),
                ReaperCall::new("iam:deleteRole", role),
            ],
            ReaperCall::new("iam:listRoles", look),
        )
    }

    /// IAM costs nothing.
    fn usage(&self, _: &Resource, _: &Activity, _: &Assumed) -> Vec<Metered> {
        Vec::new()
    }

    /// All regions share one space of names.
    fn name_scope<'t>(&self, target: &'t Target) -> Vec<&'t str> {
        vec![&target.region]
    }

    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
    fn compared_name(&self, name: &str) -> String {
        name.to_lowercase()
    }

    fn not_adoptable(&self, target: &Target, name: &str, live: &Value) -> Option<String> {
        let path = live.get("path")?.as_str()?;
        let (partition, account) = (&target.partition, &target.account);
        Some(format!(
            "AWS cannot move a role to another path; use it as it is by `role: arn:{partition}:iam::{account}:role{path}{name}`"
        ))
    }
}

impl Role {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Role, key);
        let grants: Vec<Grant> = Grant::from_allow(&self.allow).collect();
        let services: Vec<&str> = self.assumed_by.iter().map(String::as_str).collect();
        let mut spec = generated(out, policy::trust(&services, None), &grants);
        self.check(key, out);
        spec.managed_policies = self.managed_policies.iter().cloned().collect();
        out.granted(&address, grants);
        out.add(Kind::Role, address, self.name.as_deref(), &spec);
    }
}

impl Role {
    fn check(&self, key: &str, out: &mut Expansion) {
        check_allow(out, &["roles", key, "allow"], &self.allow);
        for (index, service) in self.assumed_by.iter().enumerate() {
            let is_known = service.contains(['.', '$']) || policy::is_principal(service);
            if !is_known {
                out.problem_at(
                    &["roles", key, "assumed_by", &index.to_string()],
                    format!("`{service}` is not a service that can assume a role"),
                    &format!("write its whole name, such as {service}.amazonaws.com"),
                );
            }
        }
        for (index, written) in self.managed_policies.iter().enumerate() {
            let item = index.to_string();
            let at = ["roles", key, "managed_policies", &item];
            let policy = out.resolved(written, &at);
            if let Some(policy) = policy.filter(|policy| !policy::is_policy_arn(policy)) {
                let help = if policy.contains(':') {
                    "write arn:aws:iam::aws:policy/NAME, or arn:aws:iam::ACCOUNT:policy/NAME"
                        .to_owned()
                } else {
                    format!("AWS's own policies are written arn:aws:iam::aws:policy/{policy}")
                };
                out.problem_at(
                    &at,
                    format!("`{policy}` is not a managed policy's ARN"),
                    &help,
                );
            }
        }
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") || text.starts_with("${")
}

/// What IAM would refuse of `allow:` entries, which it says without naming the entry.
pub(super) fn check_allow(out: &mut Expansion, place: &[&str; 3], allow: &[Allow]) {
    let [section, key, field] = *place;
    for (index, one) in allow.iter().enumerate() {
        let index = index.to_string();
        for (item, action) in one.actions.iter().enumerate() {
            let is_action = action == "*"
                || action.contains("${")
                || action.split_once(':').is_some_and(|(service, name)| {
                    let plain = |c: char| c.is_ascii_alphanumeric() || "*?-".contains(c);
                    let whole = |text: &str| !text.is_empty() && text.chars().all(plain);
                    whole(service) && whole(name)
                });
            if !is_action {
                out.problem_at(
                    &[section, key, field, &index, "actions", &item.to_string()],
                    format!("`{action}` is not an IAM action"),
                    "write `service:Action`, such as s3:GetObject",
                );
            }
        }
        for (item, resource) in one.resources.iter().enumerate() {
            let is_name = resource.ends_with(".name}") && resource.starts_with("${");
            if (resource != "*" && !is_arn(resource)) || is_name {
                let help = if is_name {
                    format!("write `{}`", resource.replace(".name}", ".arn}"))
                } else {
                    "write `${key.arn}` (in quotes), an ARN, or \"*\"".to_owned()
                };
                out.problem_at(
                    &[section, key, field, &index, "resources", &item.to_string()],
                    format!("`{resource}` is not an ARN"),
                    &help,
                );
            }
        }
    }
}

/// Adds the generated role of a resource, and returns the reference to its ARN.
pub(super) fn add_generated_role(
    out: &mut Expansion,
    of: &Address,
    trust: Value,
    grants: Vec<Grant>,
) -> String {
    let spec = generated(out, trust, &grants);
    let role = of.part("role");
    out.granted(&role, grants);
    out.add(Kind::Role, role, None, &spec);
    format!("${{{}.role.arn}}", of.key())
}

/// A role with one inline policy of these grants, or none where there are none.
pub(super) fn generated(out: &Expansion, trust: Value, grants: &[Grant]) -> RoleSpec {
    let mut policies = BTreeMap::new();
    if !grants.is_empty() {
        let statements: Vec<Value> = grants.iter().map(|one| one.statement.clone()).collect();
        let document = policy::document(&policy::merged(&statements));
        policies.insert(POLICY_NAME.to_owned(), PolicyDocument(document));
    }
    RoleSpec {
        path: out.target.role_path(),
        trust: PolicyDocument(trust),
        policies,
        managed_policies: BTreeSet::new(),
    }
}
