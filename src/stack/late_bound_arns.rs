//! ARNs that AWS makes: they end in an id nobody knows before the resource exists.
//!
//! Until then such an ARN ends in [`NOT_YET`]; wherever it stands in a spec, it is replaced as soon
//! as the resource is live. All other ARNs follow from names ([`super::arn`]).

use std::collections::BTreeMap;

use serde_json::Value;

use super::Resource;

/// What stands for the id in an ARN that AWS has not made yet.
pub const NOT_YET: &str = "(id made by AWS)";

/// ARNs as they were written before, and as AWS made them.
pub type LateBoundArns = BTreeMap<String, String>;

/// The text with every ARN that is made by now.
#[must_use]
pub fn settled(text: &str, made: &LateBoundArns) -> String {
    let replaced = |text: String, (before, now): (&String, &String)| text.replace(before, now);
    made.iter().fold(text.to_owned(), replaced)
}

fn settled_value(value: &Value, made: &LateBoundArns) -> Value {
    match value {
        Value::String(text) => Value::String(settled(text, made)),
        Value::Array(items) => items.iter().map(|item| settled_value(item, made)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), settled_value(value, made)))
            .collect(),
        other => other.clone(),
    }
}

impl Resource {
    /// The same, with every ARN that is made by now.
    #[must_use]
    pub fn settled(&self, made: &LateBoundArns) -> Self {
        if made.is_empty() {
            return self.clone();
        }
        Self {
            arn: settled(&self.arn, made),
            spec: settled_value(&self.spec, made),
            ..self.clone()
        }
    }
}
