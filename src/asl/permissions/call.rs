//! From what is known of a parameter to the ARNs it can mean.

use super::StateMachineArn;
use super::arguments::{Arguments, ParameterValue};
use super::collect::Collector;

/// A text parameter, `*` in place of what is computed, with the warning that goes with it.
///
/// `what` is what the role allows any of, as in "any table". `None` if the parameter is missing.
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

/// The same without a warning: for what only narrows further, such as an object's key.
pub(super) fn quiet(arguments: &Arguments, parameter: &str) -> Option<String> {
    match arguments.get(parameter) {
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

/// The ARN a parameter means; a missing parameter means `default`, or nothing.
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

/// The queue a URL stands for: `https://sqs.region.amazonaws.com/account/name`
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
        .and_then(|rest| rest.split_once('.'))
        .map_or(machine.region.as_str(), |(region, _)| region);
    format!("arn:{}:sqs:{region}:{account}:{name}", machine.partition)
}
