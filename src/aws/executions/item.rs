//! The DynamoDB item that an execution wrote.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

use crate::aws::Aws;
use crate::aws::resources::absent;
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;

/// The item whose partition key is `value`, if the table has no sort key and the key is a string.
///
/// # Errors
/// What DynamoDB answers.
pub async fn item(aws: &Aws, table: &str, value: &str) -> Result<Option<Value>, ProviderError> {
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
    let [key] = seen.key_schema() else {
        return Ok(None);
    };
    let call = aws
        .dynamodb
        .get_item()
        .table_name(table)
        .consistent_read(true);
    let call = call.key(&key.attribute_name, AttributeValue::S(value.to_owned()));
    // DynamoDB rejects a key of another type: then the table has no such item.
    let answer = absent(
        call.send().await.for_call("DynamoDB", "GetItem"),
        &["ValidationException"],
    )?;
    let item = answer.and_then(|answer| answer.item);
    Ok(item.map(|item| {
        let mut fields: Vec<_> = item.into_iter().collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect::<Map<_, _>>(),
        )
    }))
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
        AttributeValue::B(bytes) => Value::String(format!("<{} bytes>", bytes.as_ref().len())),
        _ => Value::Null,
    }
}
