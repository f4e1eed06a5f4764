//! Why the roles treino makes allow what they allow.

use std::collections::BTreeMap;

use serde_json::Value;

use super::style::{bold, dim};
use crate::ops::ExplainedRole;
use crate::stack::{Address, Grant};

/// Every role of a stack: who assumes it, and each of its permissions with its reason.
#[must_use]
pub fn explain(roles: &[ExplainedRole], grants: &BTreeMap<Address, Vec<Grant>>) -> String {
    let mut lines = Vec::new();
    for role in roles {
        let services = role.assumed_by.join(", ");
        lines.push(format!(
            "{}  {}",
            bold(role.address.as_str()),
            dim(&format!("{}, assumed by {services}", role.name))
        ));
        let grants = grants.get(&role.address);
        let grants = grants.map(Vec::as_slice).unwrap_or_default();
        if grants.is_empty() {
            lines.push(format!("  {}", dim("allows nothing by itself")));
        }
        for grant in grants {
            lines.extend(one(grant));
        }
        for policy in &role.managed_policies {
            lines.push(format!(
                "  {policy}  {}",
                dim("from its `managed_policies`")
            ));
        }
        lines.push(String::new());
    }
    if lines.is_empty() {
        return "the stack makes no roles".to_owned();
    }
    lines.pop();
    lines.join("\n")
}

fn one(grant: &Grant) -> Vec<String> {
    let statement = &grant.statement;
    let mut lines = vec![format!(
        "  {}  {}",
        listed(&statement["Action"]),
        dim(&format!("for {}", grant.why))
    )];
    let resources = match &statement["Resource"] {
        Value::Array(resources) => resources.clone(),
        one => vec![one.clone()],
    };
    lines.extend(resources.iter().map(|resource| match resource.as_str() {
        Some("*") => format!("    on * {}", dim("(all)")),
        resource => format!("    on {}", resource.unwrap_or_default()),
    }));
    if let Some(condition) = statement.get("Condition") {
        lines.push(format!("    only if {condition}"));
    }
    lines
}

fn listed(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(", ")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
