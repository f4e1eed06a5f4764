//! What AWS takes of the policy documents of each service.

use std::borrow::Cow;

use serde_json::Value;

use crate::stack::ARN_PLACEHOLDER;

/// What a service takes of the policy of one of its resources.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentRules {
    /// The service, as a person calls it.
    pub service: &'static str,
    /// What its actions begin with, where it refuses those of other services.
    pub prefix: Option<&'static str>,
    /// The longest document, in bytes without white space.
    pub bytes: usize,
    /// The most statements.
    pub statements: Option<usize>,
    /// The most actions of a statement.
    pub actions: Option<usize>,
    /// The most principals of a statement.
    pub principals: Option<usize>,
    /// The most conditions. What AWS counts as one is not documented: more are a warning.
    pub conditions: Option<usize>,
    /// The AWS page that says so, below <https://docs.aws.amazon.com/>.
    pub page: &'static str,
}

impl DocumentRules {
    /// Of a bucket policy.
    pub const S3: Self = Self {
        service: "S3",
        prefix: Some("s3"),
        bytes: 20 * 1024,
        statements: None,
        actions: None,
        principals: None,
        conditions: None,
        page: "AmazonS3/latest/userguide/bucket-policies.html",
    };

    /// Of the policy of a directory bucket.
    pub const S3_EXPRESS: Self = Self {
        prefix: Some("s3express"),
        page: "AmazonS3/latest/userguide/s3-express-security-iam-example-bucket-policies.html",
        ..Self::S3
    };

    /// Of a queue policy.
    pub const SQS: Self = Self {
        service: "SQS",
        prefix: Some("sqs"),
        bytes: 8192,
        statements: Some(20),
        actions: Some(7),
        principals: Some(50),
        conditions: Some(10),
        page: "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
    };

    /// Of a topic policy.
    pub const SNS: Self = Self {
        service: "SNS",
        prefix: Some("sns"),
        bytes: 30 * 1024,
        statements: Some(100),
        actions: None,
        principals: Some(200),
        conditions: None,
        page: "sns/latest/dg/sns-access-policy-language-api-permissions-reference.html",
    };

    /// Of the access policy of a vault.
    pub const GLACIER: Self = Self {
        service: "Glacier",
        prefix: None,
        bytes: 20 * 1024,
        page: "amazonglacier/latest/dev/vault-access-policy.html",
        ..Self::S3
    };
}

impl DocumentRules {
    /// What of a document in normal form is more than the service takes: how many of what, the most, and whether
    /// that is only a warning.
    #[must_use]
    pub fn exceeded(&self, document: &Value) -> Vec<(String, usize, bool)> {
        let statements = document["Statement"].as_array();
        let statements = statements.map(Vec::as_slice).unwrap_or_default();
        let most = |of: fn(&Value) -> usize| statements.iter().map(of).max().unwrap_or(0);
        let conditions = statements.iter().map(conditions).sum();
        let size = bytes(&document.to_string());
        let limits = [
            (size, Some(self.bytes), "bytes", false),
            (statements.len(), self.statements, "statements", false),
            (most(actions), self.actions, "actions in a statement", false),
            (
                most(principals),
                self.principals,
                "principals in a statement",
                false,
            ),
            (conditions, self.conditions, "conditions", true),
        ];
        let exceeded = limits
            .into_iter()
            .filter_map(|(count, most, what, is_warning)| {
                let most = most.filter(|most| count > *most)?;
                Some((format!("{count} {what}"), most, is_warning))
            });
        exceeded.collect()
    }
}

fn actions(statement: &Value) -> usize {
    count(&statement["Action"]) + count(&statement["NotAction"])
}

fn principals(statement: &Value) -> usize {
    let by_type = statement["Principal"].as_object().into_iter().flatten();
    by_type.map(|(_, who)| count(who)).sum()
}

fn conditions(statement: &Value) -> usize {
    let operators = statement["Condition"].as_object().into_iter().flatten();
    operators
        .map(|(_, keys)| keys.as_object().map_or(0, serde_json::Map::len))
        .sum()
}

fn count(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.len(),
        _ => 1,
    }
}

/// How many bytes a text has once AWS has generated the ids in it.
#[must_use]
pub fn bytes(text: &str) -> usize {
    with_ids(text).len()
}

/// How many characters IAM counts of a document: it leaves out white space.
#[must_use]
pub fn characters(document: &Value) -> usize {
    let text = document.to_string();
    let text = with_ids(&text);
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// The text with ids as AWS generates them: UUIDs.
fn with_ids(text: &str) -> Cow<'_, str> {
    const UUID: &str = "00000000-0000-0000-0000-000000000000";
    if text.contains(ARN_PLACEHOLDER) {
        Cow::Owned(text.replace(ARN_PLACEHOLDER, UUID))
    } else {
        Cow::Borrowed(text)
    }
}
