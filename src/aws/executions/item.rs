//! The DynamoDB item that an execution wrote.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use crate::aws::Aws;
use crate::aws::resources::absent;
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;
use crate::source::counted;

/// The name of a table's partition key, if the table has no sort key.
///
/// # Errors
/// What DynamoDB answers.
pub async fn partition_key(aws: &Aws, table: &str) -> Result<Option<String>, ProviderError> {
    let seen = aws
        .dynamodb
        .describe_table()
        .table_name(table)
        .send()
        .await
        .for_call("DynamoDB", "DescribeTable")?;
    let Some(seen) = seen.table else {
        return Ok(None);
    };
    Ok(match seen.key_schema() {
        [key] => Some(key.attribute_name.clone()),
        _ => None,
    })
}

/// The item whose partition key, of this name, is the string `value`; none if there is none, or if the key is no
/// string.
///
/// # Errors
/// What DynamoDB answers.
pub async fn item(
    aws: &Aws,
    table: &str,
    (key, value): (&str, &str),
) -> Result<Option<StoredItem>, ProviderError> {
    let call = aws
        .dynamodb
        .get_item()
        .table_name(table)
        .consistent_read(true);
    let call = call.key(key, AttributeValue::S(value.to_owned()));
    // DynamoDB rejects a key of another type: then the table has no such item.
    let answer = absent(
        call.send().await.for_call("DynamoDB", "GetItem"),
        &["ValidationException"],
    )?;
    let fields = answer.and_then(|answer| answer.item);
    Ok(fields.map(StoredItem::of))
}

/// The most pages of a table that are read, 1 MB each.
const MOST_PAGES: usize = 50;

/// The items of a table, read consistently; of a large table those of its first 50 MB.
///
/// # Errors
/// What DynamoDB answers.
pub async fn items(aws: &Aws, table: &str) -> Result<Vec<StoredItem>, ProviderError> {
    let mut found = Vec::new();
    let mut from = None;
    for _ in 0..MOST_PAGES {
        let call = aws.dynamodb.scan().table_name(table).consistent_read(true);
        let call = call.set_exclusive_start_key(from);
        let page = call.send().await.for_call("DynamoDB", "Scan")?;
        found.extend(
            page.items
                .unwrap_or_default()
                .into_iter()
                .map(StoredItem::of),
        );
        from = page.last_evaluated_key.filter(|key| !key.is_empty());
        if from.is_none() {
            break;
        }
    }
    Ok(found)
}

/// An item as DynamoDB keeps it: equal to another only if each byte is.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredItem(BTreeMap<String, AttributeValue>);

impl StoredItem {
    fn of(fields: HashMap<String, AttributeValue>) -> Self {
        let fields = fields.into_iter();
        Self(fields.map(|(name, value)| (name, sorted(value))).collect())
    }

    /// The item as plain JSON; of binary values only the number of bytes.
    #[must_use]
    pub fn plain(&self) -> Value {
        let fields = self.0.iter();
        let fields = fields.map(|(name, value)| (name.clone(), plain(value.clone())));
        Value::Object(fields.collect::<Map<_, _>>())
    }
}

/// The members of a set have no order: DynamoDB may answer with another each time.
fn sorted(value: AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::Ss(mut items) => {
            items.sort();
            AttributeValue::Ss(items)
        }
        AttributeValue::Ns(mut items) => {
            items.sort();
            AttributeValue::Ns(items)
        }
        AttributeValue::Bs(mut items) => {
            items.sort_by(|a, b| a.as_ref().cmp(b.as_ref()));
            AttributeValue::Bs(items)
        }
        AttributeValue::L(items) => AttributeValue::L(items.into_iter().map(sorted).collect()),
        AttributeValue::M(fields) => {
            let fields = fields.into_iter();
            AttributeValue::M(fields.map(|(name, value)| (name, sorted(value))).collect())
        }
        other => other,
    }
}

/// A DynamoDB value as plain JSON.
fn plain(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(number) => serde_json::from_str(&number).unwrap_or(Value::String(number)),
        AttributeValue::Bool(value) => Value::Bool(value),
        AttributeValue::L(items) => Value::Array(items.into_iter().map(plain).collect()),
        AttributeValue::M(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name, plain(value)))
                    .collect(),
            )
        }
        AttributeValue::Ss(items) | AttributeValue::Ns(items) => json!(items),
        AttributeValue::B(bytes) => binary(&bytes),
        AttributeValue::Bs(items) => Value::Array(items.iter().map(binary).collect()),
        _ => Value::Null,
    }
}

fn binary(bytes: &Blob) -> Value {
    Value::String(format!("<{}>", counted(bytes.as_ref().len(), "byte")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(value: AttributeValue) -> StoredItem {
        StoredItem::of(HashMap::from([("field".to_owned(), value)]))
    }

    #[test]
    fn sets_have_no_order_and_bytes_count() {
        let set = |members: &[&str]| {
            AttributeValue::Ss(members.iter().map(|&member| member.to_owned()).collect())
        };
        assert_eq!(stored(set(&["a", "b"])), stored(set(&["b", "a"])));
        let list = |members: &[&str]| {
            let members = members
                .iter()
                .map(|&member| AttributeValue::S(member.to_owned()));
            AttributeValue::L(members.collect())
        };
        assert_ne!(stored(list(&["a", "b"])), stored(list(&["b", "a"])));
        let bytes = |text: &str| AttributeValue::B(Blob::new(text));
        assert_ne!(stored(bytes("a")), stored(bytes("b")));
        assert_eq!(stored(bytes("a")).plain(), stored(bytes("b")).plain());
        assert_eq!(stored(bytes("a")).plain(), json!({ "field": "<1 byte>" }));
    }
}
