//! The principals of resource policies.
//!
//! AWS keeps a principal by its id and shows it by its ARN. For a moment after the role was made, and
//! once it is gone, it shows the id.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::ProviderError;
use crate::stack::policy::{self, PolicyDocument};

/// What the ids of roles begin with.
const ROLE: &str = "AROA";

/// A policy in normal form. The ids of existing roles are replaced by their ARNs.
pub async fn named(aws: &Aws, policy: &Value) -> Result<PolicyDocument, ProviderError> {
    let policy = policy::normal(policy);
    if !ids(&policy) {
        return Ok(PolicyDocument(policy));
    }
    let roles = match arns(aws).await {
        // A caller who may not list roles gets the policy with the ids, as AWS returns it.
        Err(error) if error.is_denied() => return Ok(PolicyDocument(policy)),
        roles => roles?,
    };
    Ok(PolicyDocument(policy::normal(&replaced(policy, &roles))))
}

fn ids(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(ROLE),
        Value::Array(items) => items.iter().any(ids),
        Value::Object(fields) => fields.values().any(ids),
        _ => false,
    }
}

fn replaced(value: Value, roles: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(roles.get(&text).cloned().unwrap_or(text)),
        Value::Array(items) => items.into_iter().map(|v| replaced(v, roles)).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields.map(|(key, v)| (key, replaced(v, roles))).collect()
        }
        other => other,
    }
}

/// Every role's ARN by its id.
async fn arns(aws: &Aws) -> Result<BTreeMap<String, String>, ProviderError> {
    let mut roles = BTreeMap::new();
    let mut pages = aws.iam.list_roles().into_paginator().send();
    let mut ends = Pages::of("IAM", "ListRoles");
    while let Some(page) = pages.next().await {
        let page = page.for_call("IAM", "ListRoles")?;
        ends.next(page.marker())?;
        roles.extend(page.roles.into_iter().map(|role| (role.role_id, role.arn)));
    }
    Ok(roles)
}
