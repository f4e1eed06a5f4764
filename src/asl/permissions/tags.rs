//! Tags given at creation: AWS asks for the permission to tag as well, on what is created
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html>).

use std::collections::BTreeMap;

use serde_json::json;

use super::arguments::{Arguments, ParameterValue};
use super::collect::Collector;
use super::{reference, sdk};

/// Collects the permissions that the tags of a call need, after those of the call itself.
pub(super) fn collect(
    collector: &mut Collector,
    (service, action): (&str, &str),
    arguments: &Arguments,
) {
    let (Some(known), Arguments::Object(..)) = (reference::service(service), arguments) else {
        return;
    };
    let named = collector.named();
    for call in sdk::calls_of(known.prefix, action) {
        let mut needed: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        for (parameter, action, template) in known.tags(&call) {
            if are_given(arguments, parameter) {
                needed.entry(action).or_default().push(template);
            }
        }
        for (action, templates) in needed {
            let action = format!("{}:{action}", known.prefix);
            if templates == ["*"] {
                by_call(collector, known.prefix, &action, &call);
                continue;
            }
            let found = known.filled(collector, &templates, arguments);
            let resources = found.into_iter().flat_map(|arn| narrowed(arn, &named));
            collector.allow(&[&action], resources.collect::<Vec<_>>());
        }
    }
}

fn are_given(arguments: &Arguments, parameter: &str) -> bool {
    match arguments.get(parameter) {
        ParameterValue::Missing => false,
        ParameterValue::Other => match arguments.items(parameter) {
            Some(items) => !items.is_empty(),
            None => !arguments.object(parameter).keys().is_empty(),
        },
        _ => true,
    }
}

/// Tags on resources whose ARNs are not known before, limited to the call where the service has a condition for it
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html>).
fn by_call(collector: &mut Collector, prefix: &str, action: &str, call: &str) {
    let operation = call[..1].to_ascii_uppercase() + &call[1..];
    let machine = collector.machine;
    let (resources, has_condition) = match prefix {
        "ec2" => {
            // Snapshots and images have no account.
            let shared = format!("arn:{}:ec2:{}::*/*", machine.partition, machine.region);
            (vec![shared, machine.arn("ec2", "*/*")], true)
        }
        "ecs" => (vec![machine.arn("ecs", "*")], true),
        _ => (vec!["*".to_owned()], false),
    };
    let condition = has_condition.then(|| {
        let key = format!("{prefix}:CreateAction");
        json!({ "StringEquals": { key: operation } })
    });
    collector.allow_if(&[action], resources, condition);
}

/// The resources of the call in place of an ARN that is open at its end, if they are of its type.
fn narrowed(arn: String, named: &[String]) -> Vec<String> {
    let Some(start) = arn.strip_suffix('*') else {
        return vec![arn];
    };
    let of_type = named.iter().filter(|one| one.starts_with(start));
    let of_type: Vec<String> = of_type.cloned().collect();
    if of_type.is_empty() {
        vec![arn]
    } else {
        of_type
    }
}
