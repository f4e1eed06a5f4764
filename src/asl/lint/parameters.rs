//! The parameters of the call of a Task.

use super::{Lint, head};
use crate::asl::QueryLanguage;
use crate::asl::text::suggestion;
use crate::source::{Node, Value};

/// The required parameters of optimized integrations.
#[rustfmt::skip]
const REQUIRED: &[(&str, &str, &str)] = &[
    ("apigateway", "invoke", "ApiEndpoint Method"),
    ("athena", "startQueryExecution", "QueryString"),
    ("batch", "submitJob", "JobDefinition JobName JobQueue"),
    ("codebuild", "startBuild", "ProjectName"),
    ("dynamodb", "deleteItem", "Key TableName"),
    ("dynamodb", "getItem", "Key TableName"),
    ("dynamodb", "putItem", "Item TableName"),
    ("dynamodb", "updateItem", "Key TableName"),
    ("ecs", "runTask", "TaskDefinition"),
    ("events", "putEvents", "Entries"),
    ("glue", "startJobRun", "JobName"),
    ("http", "invoke", "ApiEndpoint Method"),
    ("lambda", "invoke", "FunctionName"),
    ("sns", "publish", "Message"),
    ("sqs", "sendMessage", "MessageBody QueueUrl"),
    ("states", "startExecution", "StateMachineArn"),
];

/// Reports the parameters that are missing.
pub(super) fn required(
    lint: &mut Lint,
    node: &Node,
    service: &str,
    action: &str,
    language: QueryLanguage,
) {
    if !matches!(node.value, Value::Map(_)) {
        return;
    }
    let row = REQUIRED
        .iter()
        .find(|(s, a, _)| *s == service && *a == action);
    let Some((_, _, names)) = row else {
        return;
    };
    for name in names.split(' ') {
        let dynamic =
            language == QueryLanguage::JsonPath && node.get(&format!("{name}.$")).is_some();
        let keys = node.entries().iter().map(|entry| entry.key.as_str());
        let is_small = |key: &str| {
            key.starts_with(char::is_lowercase)
                && key.trim_end_matches(".$").eq_ignore_ascii_case(name)
        };
        // One with a lowercase letter is reported as such.
        if dynamic || node.get(name).is_some() || keys.clone().any(is_small) {
            continue;
        }
        let others = keys.filter(|key| {
            !names
                .split(' ')
                .any(|known| known == key.trim_end_matches(".$"))
        });
        let help = match suggestion(name, others) {
            Some(there) => format!("`{there}` is there: write `{name}`"),
            None => format!("add \"{name}\""),
        };
        lint.error(
            head(node),
            format!("`{service}:{action}` is given no `{name}`"),
            help,
        );
    }
}

/// Reports parameters of a call whose name is not as Step Functions has it
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>): names
/// begin with a capital, whatever the service's own are.
pub(super) fn capitals(lint: &mut Lint, node: &Node) {
    for entry in node.entries() {
        let Some(first) = entry.key.chars().next().filter(|c| c.is_lowercase()) else {
            continue;
        };
        let rest: String = entry.key.chars().skip(1).collect();
        lint.error(
            entry.key_span,
            format!(
                "the parameter `{}` begins with a lowercase letter",
                entry.key
            ),
            format!(
                "write `{}{rest}`: Step Functions takes every name with an uppercase letter first",
                first.to_uppercase()
            ),
        );
    }
}
