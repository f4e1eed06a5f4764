//! That an answer is one: an empty body reads like an empty list, and would prove that nothing is there.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

/// The lists by which treino finds what there is, and under which name AWS always gives them, empty ones
/// too. Of lists in XML the SDK looks at the root, with one exception.
const LISTS: &[(&str, &str)] = &[
    ("DescribeLogGroups", "logGroups"),
    ("ListConnections", "Connections"),
    ("ListEventSourceMappings", "EventSourceMappings"),
    ("ListExecutions", "executions"),
    ("ListFunctions", "Functions"),
    ("ListRules", "Rules"),
    ("ListSecrets", "SecretList"),
    ("ListStateMachines", "stateMachines"),
    ("ListTables", "TableNames"),
    ("ListTargetsByRule", "Targets"),
    ("ListTrails", "Trails"),
    ("ListVaults", "VaultList"),
];

/// The list in XML whose root the SDK does not look at: it reads any other page as an empty one.
const UNROOTED: (&str, &[u8]) = ("ListDirectoryBuckets", b"ListAllMyDirectoryBucketsResult");

/// What begins the name of a call that asks for something.
const ASKING: [&str; 3] = ["Describe", "Get", "List"];

/// Takes no answer for one that holds nothing of what was asked for.
#[derive(Debug)]
pub struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "Whole"
    }

    // Only now is the body read.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let Some(operation) = settings.load::<Metadata>().map(Metadata::name) else {
            return Ok(());
        };
        match answer.body().bytes() {
            Some(body) if answer.status().is_success() => {
                checked(operation, body).map_err(Into::into)
            }
            _ => Ok(()),
        }
    }
}

fn checked(operation: &str, body: &[u8]) -> Result<(), String> {
    if !ASKING.iter().any(|word| operation.starts_with(word)) {
        return Ok(());
    }
    if body.is_empty() {
        return Err(format!("{operation} was answered with nothing"));
    }
    if operation == UNROOTED.0 {
        let root = UNROOTED.1;
        let is_list = body.windows(root.len()).any(|text| text == root);
        return is_list
            .then_some(())
            .ok_or_else(|| format!("{operation} was answered with no list"));
    }
    let Some((_, list)) = LISTS.iter().find(|(known, _)| *known == operation) else {
        return Ok(());
    };
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    match answer.get(*list) {
        Some(Value::Array(_)) => Ok(()),
        _ => Err(format!("the answer to {operation} holds no `{list}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_told_from_no_list() {
        assert!(checked("ListTables", br#"{"TableNames": []}"#).is_ok());
        for body in [
            "",
            "{}",
            "null",
            "[]",
            r#"{"TableNames": null}"#,
            "<html></html>",
        ] {
            assert!(checked("ListTables", body.as_bytes()).is_err(), "{body}");
        }
        assert!(checked("ListTagsOfResource", b"").is_err());
        assert!(checked("ListTagsOfResource", b"{}").is_ok());
        assert!(checked("DeleteTable", b"").is_ok());
        let buckets =
            b"<ListAllMyDirectoryBucketsResult><Buckets/></ListAllMyDirectoryBucketsResult>";
        assert!(checked("ListDirectoryBuckets", buckets).is_ok());
        assert!(checked("ListDirectoryBuckets", b"<html></html>").is_err());
    }
}
