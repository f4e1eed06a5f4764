//! ARNs that AWS generates: they end in an id that is unknown before the resource exists.
//!
//! Until then such an ARN ends in [`ARN_PLACEHOLDER`]. It is replaced in every spec as soon as the resource
//! exists. All other ARNs are computed from names ([`super::arn`]).

use std::collections::BTreeMap;

use serde_json::Value;

use super::Resource;

/// Stands for the id in an ARN that AWS has not generated yet.
pub const ARN_PLACEHOLDER: &str = "(id made by AWS)";

/// Generated ARNs, by their placeholder ARN.
pub type LateBoundArns = BTreeMap<String, String>;

/// Replaces placeholder ARNs in a text.
#[must_use]
pub fn substitute_arns(text: &str, arns: &LateBoundArns) -> String {
    let replaced = |text: String, (before, now): (&String, &String)| text.replace(before, now);
    arns.iter().fold(text.to_owned(), replaced)
}

fn substitute_in_value(value: &Value, arns: &LateBoundArns) -> Value {
    match value {
        Value::String(text) => Value::String(substitute_arns(text, arns)),
        Value::Array(items) => items
            .iter()
            .map(|item| substitute_in_value(item, arns))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), substitute_in_value(value, arns)))
            .collect(),
        other => other.clone(),
    }
}

impl Resource {
    /// Replaces placeholder ARNs in the resource's ARN and spec.
    #[must_use]
    pub fn with_late_bound_arns(&self, arns: &LateBoundArns) -> Self {
        if arns.is_empty() {
            return self.clone();
        }
        Self {
            arn: substitute_arns(&self.arn, arns),
            spec: substitute_in_value(&self.spec, arns),
            ..self.clone()
        }
    }
}
