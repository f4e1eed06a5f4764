//! The roles that resources have, and whom they trust.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::data::limits;
use crate::stack::expand::Expansion;
use crate::stack::{Address, Kind, policy, reference};

impl Expansion<'_> {
    /// A role is an ARN of a role once its references are resolved.
    pub(super) fn check_roles(&mut self) {
        let mut wrong: Vec<(Address, String)> = Vec::new();
        let mut long: Vec<(Address, usize)> = Vec::new();
        let longest = limits::max("stepfunctions.Arn");
        for resource in self.resources.values() {
            let targets = resource.spec["targets"].as_array().into_iter().flatten();
            let roles = targets
                .map(|target| &target["role"])
                .chain([&resource.spec["role"]]);
            for role in roles.filter_map(Value::as_str) {
                let is_role = policy::is_role_arn(role);
                let length = role.chars().count();
                if resource.kind == Kind::StateMachine && is_role && length > longest {
                    long.push((resource.address.clone(), length));
                }
                // A reference that stayed is a diagnostic already.
                if !is_role && reference::find(role).is_empty() {
                    wrong.push((resource.address.clone(), role.to_owned()));
                }
            }
        }
        for (address, length) in long {
            let message = format!("the ARN of the role has {length} characters");
            let help = format!("Step Functions takes up to {longest}");
            self.problem_at(&["state_machines", address.key(), "role"], message, &help);
        }
        for (address, role) in wrong {
            let entry = self.written.get(address.key()).map(|(_, entry)| *entry);
            let default = self.node(&["defaults", "role"]);
            let place = entry.and_then(|entry| entry.value.get("role")).or(default);
            let place = place.map(|node| node.span).unwrap_or_default();
            let help = match self.written.get(role.as_str()) {
                Some((Kind::Role, _)) => format!("write `${{{role}.arn}}`"),
                _ if !role.contains([':', '/']) => format!(
                    "write `${{key.arn}}` of a role of this stack, or \"arn:aws:iam::${{account}}:role/{role}\""
                ),
                _ => {
                    "write `${key.arn}` of a role of this stack, or \"arn:aws:iam::${account}:role/NAME\""
                        .to_owned()
                }
            };
            self.problem_in(place, format!("`{role}` is not a role's ARN"), &help);
        }
    }

    /// The roles of the stack that each role's trust policy names: IAM takes a policy that names a role only when
    /// the role exists.
    pub(super) fn trusted_roles(&self) -> BTreeMap<Address, BTreeSet<Address>> {
        let roles = || self.resources.values().filter(|one| one.kind == Kind::Role);
        let by_arn: BTreeMap<&str, &Address> = roles()
            .map(|role| (role.arn.as_str(), &role.address))
            .collect();
        let trusted = roles().map(|role| {
            let statements = role.spec["trust"]["Statement"].as_array();
            let statements = statements.into_iter().flatten();
            let named = statements.filter_map(|one| one["Principal"]["AWS"].as_array());
            let named = named.flatten().filter_map(Value::as_str);
            let named = named.filter_map(|arn| by_arn.get(arn).map(|of| (*of).clone()));
            (role.address.clone(), named.collect())
        });
        trusted.collect()
    }

    /// Roles that trust each other cannot be created one after the other.
    pub(super) fn check_trust(&mut self) {
        let trusted = self.trusted_roles();
        let mut told: BTreeSet<&Address> = BTreeSet::new();
        let mut found = Vec::new();
        for role in trusted.keys() {
            let mut reached: BTreeSet<&Address> = BTreeSet::new();
            let mut next: Vec<&Address> = trusted[role].iter().collect();
            while let Some(one) = next.pop() {
                if reached.insert(one) {
                    next.extend(&trusted[one]);
                }
            }
            if reached.contains(role) && told.is_disjoint(&reached) {
                found.push((role.clone(), reached.len()));
            }
            told.extend(reached.contains(role).then_some(role));
        }
        for (role, count) in found {
            let key = role.key();
            let message = if count == 1 {
                format!(
                    "the role `{key}` may be assumed by itself, and IAM takes only roles that exist"
                )
            } else {
                format!(
                    "the role `{key}` may be assumed by one that it may assume itself, and IAM takes only roles that exist"
                )
            };
            let help = "name the account (its 12 digits, in quotes) in one of them, and allow sts:AssumeRole in the `allow` of the other";
            self.problem_at(&["roles", key, "assumed_by"], message, help);
        }
    }
}
