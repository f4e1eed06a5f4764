//! Answers that are whole: a success without what was asked for says nothing.
//!
//! The SDK takes an empty body for an empty answer, and a list that is missing for one without entries.
//! Something in between that answers `{}`, or nothing, would so empty an account.

use std::collections::BTreeMap;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::de::IgnoredAny;

use super::error::{HTML_PAGE, is_html};

/// `(service, operation, the member of the JSON object that AWS never leaves out)`
const JSON: &[(&str, &str, &str)] = &[
    ("CloudTrail", "GetTrail", "Trail"),
    ("CloudTrail", "ListTags", "ResourceTagList"),
    ("CloudTrail", "ListTrails", "Trails"),
    ("CloudWatch Logs", "DescribeLogGroups", "logGroups"),
    ("CloudWatch Logs", "FilterLogEvents", "events"),
    ("CloudWatch Logs", "ListTagsForResource", "tags"),
    ("DynamoDB", "DescribeTable", "Table"),
    ("DynamoDB", "ListTables", "TableNames"),
    ("DynamoDB", "ListTagsOfResource", "Tags"),
    ("EventBridge", "DescribeConnection", "ConnectionArn"),
    ("EventBridge", "DescribeRule", "Name"),
    ("EventBridge", "ListConnections", "Connections"),
    ("EventBridge", "ListRules", "Rules"),
    ("EventBridge", "ListTagsForResource", "Tags"),
    ("EventBridge", "ListTargetsByRule", "Targets"),
    ("Glacier", "DescribeVault", "VaultName"),
    ("Glacier", "ListTagsForVault", "Tags"),
    ("Glacier", "ListVaults", "VaultList"),
    ("Lambda", "GetFunction", "Configuration"),
    ("Lambda", "ListEventSourceMappings", "EventSourceMappings"),
    ("Lambda", "ListFunctions", "Functions"),
    ("Lambda", "ListTags", "Tags"),
    ("SFN", "DescribeExecution", "executionArn"),
    ("SFN", "DescribeStateMachine", "definition"),
    ("SFN", "GetExecutionHistory", "events"),
    ("SFN", "ListExecutions", "executions"),
    ("SFN", "ListStateMachines", "stateMachines"),
    ("SFN", "ListTagsForResource", "tags"),
    ("Secrets Manager", "ListSecrets", "SecretList"),
];

/// `(service, operation, the element of the XML that AWS never leaves out)`
const XML: &[(&str, &str, &str)] = &[
    ("IAM", "GetRole", "<RoleName"),
    ("IAM", "ListAttachedRolePolicies", "<AttachedPolicies"),
    ("IAM", "ListRolePolicies", "<PolicyNames"),
    ("IAM", "ListRoleTags", "<Tags"),
    ("IAM", "ListRoles", "<Roles"),
    ("S3", "GetBucketTagging", "<TagSet"),
    ("S3", "ListBuckets", "<Buckets"),
    // Its root, as the SDK takes any: what does not know directory buckets lists the other kind.
    ("S3", "ListDirectoryBuckets", "<ListAllMy"),
    // Its body is the policy.
    ("S3", "GetBucketPolicy", "{"),
];

/// Looks at every answer of success.
#[derive(Debug)]
pub struct ResponseValidation;

#[dyn_dispatch_hint]
impl Intercept for ResponseValidation {
    fn name(&self) -> &'static str {
        "Whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(call), Ok(_)) = (settings.load::<Metadata>(), context.output_or_error()) else {
            return Ok(());
        };
        let body = context.response().body().bytes().unwrap_or_default();
        // Where a call's answer says nothing, the SDK does not even look at it.
        if is_html(body) {
            return Err(HTML_PAGE.into());
        }
        match missing(call.service(), call.name(), body) {
            Some(member) => Err(format!("it lacks `{member}`").into()),
            None => Ok(()),
        }
    }
}

fn missing(service: &str, operation: &str, body: &[u8]) -> Option<&'static str> {
    let member = |table: &[(&str, &str, &'static str)]| {
        let fits = |row: &&(&str, &str, &'static str)| row.0 == service && row.1 == operation;
        table.iter().find(fits).map(|(.., member)| *member)
    };
    if let Some(member) = member(JSON) {
        let fields: Option<BTreeMap<String, Option<IgnoredAny>>> =
            serde_json::from_slice(body).ok();
        let there = fields.is_some_and(|fields| fields.get(member).is_some_and(Option::is_some));
        return (!there).then_some(member);
    }
    let member = member(XML)?;
    let there = body
        .windows(member.len())
        .any(|text| text == member.as_bytes());
    (!there).then(|| member.trim_start_matches('<'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_told_from_none() {
        let tables = |body: &str| missing("DynamoDB", "ListTables", body.as_bytes());
        assert_eq!(tables(r#"{"TableNames": []}"#), None);
        for nothing in ["", "{}", "null", "[]", r#"{"TableNames": null}"#] {
            assert_eq!(tables(nothing), Some("TableNames"), "{nothing}");
        }
        let roles = |body: &str| missing("IAM", "ListRoles", body.as_bytes());
        assert_eq!(roles("<ListRolesResult><Roles/></ListRolesResult>"), None);
        assert_eq!(roles("<ListRolesResult/>"), Some("Roles"));
        let directories = |body: &[u8]| missing("S3", "ListDirectoryBuckets", body);
        let empty =
            b"<ListAllMyDirectoryBucketsResult><Buckets/></ListAllMyDirectoryBucketsResult>";
        assert_eq!(directories(empty), None);
        assert!(directories(b"<html></html>").is_some());
        assert_eq!(missing("Lambda", "DeleteFunction", b""), None);
    }
}
