//! The ARNs that a parameter can mean.

use super::StateMachineArn;
use super::arguments::{Arguments, ParameterValue};
use super::collect::Collector;

/// A text parameter with `*` for each computed part. Warns if a part is computed.
///
/// `what` names the resource in the warning: "table". `None` if the parameter is missing.
pub(super) fn name(
    collector: &mut Collector,
    arguments: &Arguments,
    parameter: &str,
    what: &str,
) -> Option<String> {
    match arguments.get(parameter) {
        ParameterValue::Missing => None,
        ParameterValue::Text(text) => Some(text.to_owned()),
        ParameterValue::Pattern(pattern) => {
            collector.computed(parameter, &format!("every {what} like `{pattern}`"));
            Some(pattern)
        }
        ParameterValue::Computed | ParameterValue::Other => {
            collector.computed(parameter, &format!("every {what}"));
            Some("*".to_owned())
        }
    }
}

/// The same without a warning: for a parameter that only narrows the resource, such as the key of an
/// object.
pub(super) fn optional_text(arguments: &Arguments, parameter: &str) -> Option<String> {
    match arguments.text(parameter) {
        ParameterValue::Missing => None,
        ParameterValue::Text(text) => Some(text.to_owned()),
        ParameterValue::Pattern(pattern) => Some(pattern),
        ParameterValue::Computed | ParameterValue::Other => Some("*".to_owned()),
    }
}

/// The ARN a name or an ARN means; the pattern is what follows `arn:partition:`, with
/// `{region}`, `{account}`, and `{}` for the name.
pub(super) fn arn_of(machine: &StateMachineArn, name: &str, pattern: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let rest = pattern
        .replace("{region}", &machine.region)
        .replace("{account}", &machine.account)
        .replace("{}", name);
    format!("arn:{}:{rest}", machine.partition)
}

/// The ARN of the resource that a parameter names; `None` if the parameter is missing.
pub(super) fn arn(
    collector: &mut Collector,
    arguments: &Arguments,
    parameter: &str,
    what: &str,
    pattern: &str,
) -> Option<String> {
    let name = name(collector, arguments, parameter, what)?;
    Some(arn_of(collector.machine, &name, pattern))
}

/// The ARN of the queue with this URL: `https://sqs.region.amazonaws.com/account/name`
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html>).
pub(super) fn queue(machine: &StateMachineArn, url: &str) -> String {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut parts = path.split('/');
    let host = parts.next().unwrap_or("");
    let (account, name) = match (parts.next(), parts.next()) {
        (Some(account), Some(name)) => (account, name),
        _ => (machine.account.as_str(), "*"),
    };
    let region = host
        .strip_prefix("sqs.")
        .and_then(|rest| rest.split('.').next())
        .unwrap_or(&machine.region);
    format!("arn:{}:sqs:{region}:{account}:{name}", machine.partition)
}
