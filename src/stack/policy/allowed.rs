//! On which resources a policy allows an action.

use serde_json::Value;

use crate::stack::text_pattern::TextPattern;

/// The resources on which the statements of documents allow an action, as they are written. Conditions are not looked at.
#[must_use]
pub fn allowed_resources<'d>(
    documents: impl IntoIterator<Item = &'d Value>,
    action: &str,
) -> Vec<&'d str> {
    let action = TextPattern::exactly(&action.to_lowercase());
    let documents = documents.into_iter();
    let statements = documents.flat_map(|document| list(&document["Statement"]));
    let allowing = statements.filter(|statement| {
        let mut actions = list(&statement["Action"])
            .into_iter()
            .filter_map(Value::as_str);
        statement["Effect"] == "Allow"
            && actions.any(|one| TextPattern::of_iam(&one.to_lowercase()).covers(&action))
    });
    allowing
        .flat_map(|statement| list(&statement["Resource"]))
        .filter_map(Value::as_str)
        .collect()
}

/// One value or several, as policies have them.
pub(in crate::stack) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}
