//! IAM policy documents in a normal form, so that both sides of a diff are comparable.

mod allowed;
mod documents;
mod equality;
mod merge;
mod rules;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use allowed::allowed_resources;
pub(super) use allowed::list;
pub(super) use documents::{Problem, check_condition, check_document};
pub use equality::{PolicyDocument, aligned, aligned_fields_of, is_same};
pub use merge::merged;
pub use rules::{DocumentRules, bytes, characters};

use crate::data::limits;

/// One permission: these actions on these resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// IAM actions, such as `s3:GetObject`.
    #[schemars(length(min = 1))]
    pub actions: Vec<String>,
    /// The ARNs they are allowed on; `*` where the action has no resource.
    #[schemars(length(min = 1))]
    pub resources: Vec<String>,
    /// An IAM condition block, if it is allowed only under one.
    #[serde(default)]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub when: Option<Value>,
}

impl Allow {
    /// The statement of a policy document.
    #[must_use]
    pub fn statement(&self) -> Value {
        statement(&self.actions, &self.resources, self.when.as_ref())
    }
}

/// A statement that allows `actions` on `resources`.
#[must_use]
pub fn statement(actions: &[String], resources: &[String], condition: Option<&Value>) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
    if let (Some(condition), Some(map)) = (condition, statement.as_object_mut()) {
        map.insert("Condition".into(), condition.clone());
    }
    statement
}

/// A statement that lets an AWS service do something to a resource, on behalf of what has one of the ARNs
/// `sources`; on behalf of anything where there is none. One statement holds them all: an SQS policy takes
/// 10 conditions.
#[must_use]
pub fn for_service((service, action): (&str, &str), resource: &str, sources: &[String]) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": action,
        "Resource": resource,
    });
    if let Some(map) = statement.as_object_mut().filter(|_| !sources.is_empty()) {
        let condition = json!({ "ArnEquals": { "aws:SourceArn": sources } });
        map.insert("Condition".into(), condition);
    }
    statement
}

/// A statement, with an id, that lets a role do something to a resource.
#[must_use]
pub fn for_role((sid, role): (&str, &str), actions: &Value, resource: &str) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": { "AWS": role },
        "Action": actions,
        "Resource": resource,
    })
}

/// A document of these statements, in normal form.
#[must_use]
pub fn document(statements: &[Value]) -> Value {
    normal(&json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// A document with further statements, in normal form; nothing where there is neither.
#[must_use]
pub fn extended(document: Option<&Value>, statements: &[Value]) -> Option<Value> {
    let Some(document) = document else {
        return (!statements.is_empty()).then(|| self::document(statements));
    };
    let mut document = normal(document);
    let Some(fields) = document.as_object_mut().filter(|_| !statements.is_empty()) else {
        return Some(document);
    };
    let written = fields.entry("Statement").or_insert_with(|| json!([]));
    if let Value::Array(written) = written {
        written.extend(statements.iter().map(normal_statement));
    }
    Some(document)
}

/// The trust policy that lets AWS services assume a role.
///
/// With `account`, only for requests of this account: AWS's protection against the confused deputy. Step
/// Functions and EventBridge send the account; Lambda does not.
#[must_use]
pub fn trust(services: &[&str], account: Option<&str>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": services },
        "Action": ["sts:AssumeRole"],
    });
    if let (Some(account), Some(map)) = (account, statement.as_object_mut()) {
        map.insert(
            "Condition".into(),
            json!({ "StringEquals": { "aws:SourceAccount": [account] } }),
        );
    }
    document(&[statement])
}

/// Whether a text names whom IAM knows, rather than a service: an account, or a user or role by its ARN.
#[must_use]
pub fn is_principal(text: &str) -> bool {
    is_account(text) || text.starts_with("arn:")
}

/// The trust policy of a role that these services, accounts, users and roles may assume.
#[must_use]
pub fn trust_of(assumed_by: &[String]) -> Value {
    let (principals, services): (Vec<&str>, Vec<&str>) = assumed_by
        .iter()
        .map(String::as_str)
        .partition(|who| is_principal(who));
    let mut statement = json!({ "Effect": "Allow", "Principal": {}, "Action": ["sts:AssumeRole"] });
    for (of_type, who) in [("Service", services), ("AWS", principals)] {
        if !who.is_empty() {
            statement["Principal"][of_type] = json!(who);
        }
    }
    document(&[statement])
}

/// Whether a text is the ARN of a role: `RoleArn` of Lambda's model.
#[must_use]
pub fn is_role_arn(text: &str) -> bool {
    let path = iam_resource(text)
        .and_then(|(account, path)| path.strip_prefix("role/").filter(|_| is_account(account)));
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_/".contains(c);
    path.is_some_and(|path| !path.is_empty() && path.chars().all(plain))
}

/// Whether a text is the ARN of a managed policy, of an account or of AWS.
#[must_use]
pub fn is_policy_arn(text: &str) -> bool {
    let of = iam_resource(text).filter(|(account, _)| *account == "aws" || is_account(account));
    let path = of.and_then(|(_, path)| path.strip_prefix("policy/"));
    let is_path = path.is_some_and(|path| !path.is_empty() && !path.ends_with('/'));
    is_path && text.len() <= limits::max("iam.arnType")
}

/// Account and path of an ARN of IAM.
fn iam_resource(text: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, path] = parts[..] else {
        return None;
    };
    partition.starts_with("aws").then_some((account, path))
}

/// A policy document in normal form: single values become lists, and lists whose order has no meaning are
/// sorted. Documents that are equal in these respects become equal.
#[must_use]
pub fn normal(document: &Value) -> Value {
    let Value::Object(fields) = document else {
        return document.clone();
    };
    let mut out = Map::new();
    for (key, value) in fields {
        let value = if key == "Statement" {
            Value::Array(as_list(value).iter().map(normal_statement).collect())
        } else {
            value.clone()
        };
        out.insert(key.clone(), value);
    }
    Value::Object(out)
}

fn normal_statement(statement: &Value) -> Value {
    let Value::Object(fields) = statement else {
        return statement.clone();
    };
    let mut out = Map::new();
    for (key, value) in fields {
        let value = match key.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => sorted(value),
            "Principal" | "NotPrincipal" => map_fields(value, sorted),
            "Condition" => map_fields(value, |operator| map_fields(operator, sorted)),
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    Value::Object(out)
}

fn map_fields(value: &Value, change: impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), change(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn as_list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

/// IAM compares condition values as text: `true` equals "true".
fn as_text(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other,
    }
}

/// Whether a text is the id of an account.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn sorted(value: &Value) -> Value {
    let mut items: Vec<Value> = as_list(value).into_iter().map(as_text).collect();
    items.sort_by_key(ToString::to_string);
    items.dedup();
    Value::Array(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_mean_the_same_are_equal() {
        let a = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["b", "a"],
            "Principal": {"Service": "x"}, "Condition": {"Bool": {"aws:SecureTransport": true}}}});
        let b = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["a", "b"],
            "Principal": {"Service": ["x"]},
            "Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}]});
        assert_eq!(normal(&a), normal(&b));
        assert_eq!(normal(&normal(&a)), normal(&a));
    }

    #[test]
    fn documents_that_differ_stay_different() {
        let doc = |effect: &str| {
            normal(&json!({"Statement": {"Effect": effect, "Action": "*", "Resource": "*"}}))
        };
        assert_ne!(doc("Allow"), doc("Deny"));
    }
}
