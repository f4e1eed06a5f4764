//! Documents of Systems Manager: commands and automations.

use super::arguments::{Arguments, ParameterValue};
use super::call::{self, arn_of};
use super::collect::Collector;

/// The document of a call. The ARN of one of Amazon's has no account, and no other document may have such a name
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html>).
fn document(collector: &mut Collector, arguments: &Arguments) -> Vec<String> {
    let name = call::name(collector, arguments, "DocumentName", "document");
    let name = name.unwrap_or_else(|| "*".to_owned());
    let lower = name.to_lowercase();
    let is_amazons = ["aws", "amazon", "amzn"]
        .iter()
        .any(|start| lower.starts_with(start));
    let own = "ssm:{region}:{account}:document/{}";
    let shared = "ssm:{region}::document/{}";
    let patterns = match &*name {
        "*" => vec![own, shared],
        _ if is_amazons => vec![shared],
        _ => vec![own],
    };
    patterns
        .into_iter()
        .map(|pattern| arn_of(collector.machine, &name, pattern))
        .collect()
}

/// `SendCommand` is allowed on its document and on each instance
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html>).
pub(super) fn command(collector: &mut Collector, arguments: &Arguments) -> Vec<String> {
    let mut resources = document(collector, arguments);
    let instances = arguments.list("InstanceIds").unwrap_or_else(|| {
        let why = match arguments.get("InstanceIds") {
            ParameterValue::Missing => "the instances are not named",
            _ => "the instances are only known at run time",
        };
        collector.warn(format!("{why}, so the role allows every instance"));
        vec!["*"]
    });
    let arn = |id: &&str| match id.strip_prefix("mi-") {
        Some(_) => collector
            .machine
            .arn("ssm", &format!("managed-instance/{id}")),
        None => collector.machine.arn("ec2", &format!("instance/{id}")),
    };
    resources.extend(instances.iter().map(arn));
    resources
}

/// An automation is allowed on its document and on the execution, whose id AWS generates.
pub(super) fn automation(collector: &mut Collector, arguments: &Arguments) -> Vec<String> {
    let mut resources = document(collector, arguments);
    resources.push(collector.machine.arn("ssm", "automation-execution/*"));
    resources
}
