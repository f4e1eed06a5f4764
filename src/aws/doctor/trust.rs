//! Which services may assume an existing role.

use serde_json::Value;

use crate::aws::Aws;
use crate::aws::resources::{absent, json};
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;

/// The trust policy of a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust(Value);

impl Trust {
    /// Whether a service (`lambda.amazonaws.com`) may assume the role. A condition is taken as met: which values a service
    /// sends is not known before it assumes the role.
    #[must_use]
    pub fn allows(&self, service: &str) -> bool {
        let applies = |effect: &str| {
            let statements = listed(&self.0["Statement"]);
            statements.into_iter().any(|statement| {
                // A condition of a denial is usually about other callers.
                let counts = effect == "Allow" || statement["Condition"].is_null();
                statement["Effect"] == effect
                    && counts
                    && has(&statement["Action"], |action| {
                        ["sts:AssumeRole", "sts:Assume*", "sts:*", "*"].contains(&action)
                    })
                    && names(&statement["Principal"], service)
            })
        };
        applies("Allow") && !applies("Deny")
    }

    /// The services that it names.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let mut all: Vec<String> = listed(&self.0["Statement"])
            .into_iter()
            .flat_map(|statement| listed(&statement["Principal"]["Service"]))
            .filter_map(|service| service.as_str().map(String::from))
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

/// One value, or those of a list.
fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

fn has(value: &Value, is: impl Fn(&str) -> bool) -> bool {
    listed(value).into_iter().filter_map(Value::as_str).any(is)
}

/// Whether principals include a service. AWS also takes names with a region: `states.us-east-1.amazonaws.com`.
fn names(principal: &Value, service: &str) -> bool {
    let (begin, end) = service.split_once('.').unwrap_or((service, ""));
    principal == "*"
        || has(&principal["Service"], |named| {
            named == service
                || named == "*"
                || named
                    .strip_prefix(begin)
                    .and_then(|rest| rest.strip_suffix(end))
                    .is_some_and(|region| region.starts_with('.') && region.ends_with('.'))
        })
}

/// The trust policy of a role, by its name; nothing where there is no such role.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
///
/// # Errors
/// What IAM answers.
pub async fn trust_of_role(aws: &Aws, name: &str) -> Result<Option<Trust>, ProviderError> {
    let answer = aws.iam.get_role().role_name(name).send().await;
    let answer = absent(
        answer.for_call("IAM", "GetRole"),
        &["NoSuchEntity", "NoSuchEntityException"],
    )?;
    let role = answer.and_then(|answer| answer.role);
    Ok(role.map(|role| {
        let document = role.assume_role_policy_document.unwrap_or_default();
        let document = percent_encoding::percent_decode_str(&document).decode_utf8_lossy();
        Trust(json(&document))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_may_assume_a_role_follows_from_its_trust_policy() {
        let allow = |principal: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
        let lambda = "lambda.amazonaws.com";
        for (statements, expected) in [
            (json!([allow(json!({ "Service": lambda }))]), true),
            // One statement, and not a list.
            (
                allow(json!({ "Service": [lambda, "ec2.amazonaws.com"] })),
                true,
            ),
            (
                json!([allow(json!({ "Service": "states.amazonaws.com" }))]),
                false,
            ),
            (
                json!([allow(
                    json!({ "Service": "lambda.us-east-1.amazonaws.com" })
                )]),
                true,
            ),
            (
                json!([allow(json!({ "AWS": "arn:aws:iam::111122223333:root" }))]),
                false,
            ),
            (json!([allow(json!("*"))]), true),
            (
                json!([{ "Effect": "Allow", "Principal": { "Service": lambda }, "Action": "sts:TagSession" }]),
                false,
            ),
            (
                json!([allow(json!({ "Service": lambda })),
                    { "Effect": "Deny", "Principal": { "Service": lambda }, "Action": "sts:*" }]),
                false,
            ),
            (Value::Null, false),
        ] {
            let trust = Trust(json!({ "Version": "2012-10-17", "Statement": statements }));
            assert_eq!(trust.allows(lambda), expected, "{statements}");
        }
        let trust = Trust(
            json!({ "Statement": [allow(json!({ "Service": ["b", "a"] })), allow(json!({ "Service": "a" }))] }),
        );
        assert_eq!(trust.services(), ["a", "b"]);
    }
}
