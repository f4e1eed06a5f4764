//! What is wrong with a stack in its region or partition, once every reference has its value.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::Expansion;
use crate::data::partitions;
use crate::source::{Diagnostic, Span};
use crate::stack::Kind;

/// The partition whose Step Functions calls no HTTPS endpoints.
///
/// <https://docs.amazonaws.cn/en_us/aws/latest/userguide/step-functions.html>
const WITHOUT_HTTP_TASKS: &str = "aws-cn";

/// A finding: its message and its way out.
type RegionFinding = (String, String);

impl Expansion<'_> {
    /// Reports ARNs of another partition, and calls of services that the region does not have.
    pub(super) fn check_region(&mut self) {
        let mut errors: Vec<(Span, RegionFinding)> = Vec::new();
        let mut warnings: Vec<(Span, RegionFinding)> = Vec::new();
        let mut lacking: BTreeMap<&str, Span> = BTreeMap::new();
        let target = self.target;
        for resource in self.resources.values() {
            let place = self.name_place(&resource.address);
            let mut strings = Vec::new();
            texts(&resource.spec, "", &mut strings);
            let strings = strings.iter();
            match resource.kind {
                Kind::Role => {
                    let foreign = strings.clone().filter(|(key, text)| {
                        matches!(*key, "Resource" | "NotResource" | "managed_policies")
                            && is_of_another(text, &target.partition)
                    });
                    errors.extend(
                        foreign.map(|(_, arn)| (place, other_partition(arn, &target.partition))),
                    );
                    let actions = strings.filter(|(key, _)| *key == "Action");
                    let services =
                        actions.filter_map(|(_, action)| Some(action.split_once(':')?.0));
                    let lacked =
                        services.filter(|service| partitions::lacks(&target.region, service));
                    lacked.for_each(|service| {
                        lacking.entry(service).or_insert(place);
                    });
                }
                Kind::StateMachine => {
                    let place =
                        self.span(&["state_machines", resource.address.key(), "definition"]);
                    for (_, arn) in strings.filter(|(key, _)| *key == "Resource") {
                        if is_of_another(arn, &target.partition) {
                            warnings.push((place, fails(arn, &target.partition)));
                        } else if arn.ends_with(":states:::http:invoke")
                            && target.partition == WITHOUT_HTTP_TASKS
                        {
                            warnings.push((place, no_http_tasks(&target.region)));
                        }
                    }
                }
                Kind::Vault if partitions::lacks(&target.region, "glacier") => {
                    lacking.insert("glacier", place);
                }
                _ => {}
            }
        }
        let services = lacking.into_iter();
        warnings.extend(services.map(|(service, place)| (place, lacks(service, &target.region))));
        warnings.dedup();
        // An ARN that IAM refuses is never called.
        let arn = |finding: &RegionFinding| finding.0.split('`').nth(1).map(str::to_owned);
        let refused: HashSet<String> = errors.iter().filter_map(|(_, one)| arn(one)).collect();
        warnings.retain(|(_, one)| arn(one).is_none_or(|arn| !refused.contains(&arn)));
        for (place, (message, help)) in errors {
            self.problem_in(place, message, &help);
        }
        for (place, (message, help)) in warnings {
            let warning = Diagnostic::warning(message).at(self.source, place);
            self.diagnostics.push(warning.help(help));
        }
    }
}

/// Every text of a JSON value, with the key it stands under.
fn texts<'v>(value: &'v Value, key: &'v str, found: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::String(text) => found.push((key, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, field)| texts(field, key, found)),
        _ => {}
    }
}

/// Whether an ARN names a partition, and not this one.
pub(super) fn is_of_another(arn: &str, partition: &str) -> bool {
    let named = arn
        .strip_prefix("arn:")
        .and_then(|rest| rest.split_once(':'));
    named.is_some_and(|(named, _)| named != partition && partitions::all().contains_key(named))
}

fn other_partition(arn: &str, partition: &str) -> RegionFinding {
    (
        format!(
            "IAM refuses `{arn}` in a role here: the account is in the partition `{partition}`"
        ),
        "write arn:${partition}:..., which fits every partition".to_owned(),
    )
}

/// <https://github.com/aws/aws-cdk/issues/4597>: the machine is created, and its executions fail.
fn fails(arn: &str, partition: &str) -> RegionFinding {
    (
        format!(
            "executions will fail at `{arn}`: it is of another partition than the machine, `{partition}`"
        ),
        "write arn:${partition}:..., which fits every partition".to_owned(),
    )
}

fn no_http_tasks(region: &str) -> RegionFinding {
    (
        format!("Step Functions has no HTTP tasks in {region}"),
        "call the endpoint in a function".to_owned(),
    )
}

fn lacks(service: &str, region: &str) -> RegionFinding {
    let date = partitions::sources()
        .first()
        .map_or("", |source| source.date.as_str());
    (
        format!("{region} has no {service}, by AWS's list of {date}"),
        "choose a region that has it (`--region`), or see whether it has come since".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use crate::source::{Severity, Source};
    use crate::stack::{self, Target};

    const STACK: &str = r#"
stack: lab
functions:
  f:
    code: f.zip
    handler: app.handler
    runtime: python3.13
    allow:
      - { actions: [s3:GetObject], resources: ["arn:aws:s3:::photos/*"] }
      - { actions: [rekognition:DetectLabels, rekognition:DetectText], resources: ["*"] }
roles:
  reader:
    assumed_by: [lambda.amazonaws.com]
    managed_policies: ["arn:${partition}:iam::aws:policy/ReadOnlyAccess"]
vaults:
  old: {}
state_machines:
  m: { definition: m.asl.json }
"#;

    const MACHINE: &str = r#"{ "StartAt": "A", "States": {
        "A": { "Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Next": "B",
               "Parameters": { "TableName": "t", "Key": {} } },
        "B": { "Type": "Task", "Resource": "arn:${partition}:states:::http:invoke", "End": true, "Parameters": {
            "ApiEndpoint": "https://example.com", "Method": "GET", "Authentication": {
            "ConnectionArn": "arn:${partition}:events:${region}:${account}:connection/c/1" } } } } }"#;

    /// The errors and warnings in a region, of its partition.
    fn found(region: &str) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.asl.json"), MACHINE).unwrap();
        std::fs::create_dir(folder.path().join("f")).unwrap();
        std::fs::write(
            folder.path().join("f/app.py"),
            "def handler(event, context): pass\n",
        )
        .unwrap();
        let text = STACK.replace("f.zip", "f");
        let source = Source::new("stack.yaml", text);
        let (loaded, _) = stack::read(source, folder.path(), None).unwrap();
        let target = Target {
            partition: Target::partition_of(region).into(),
            region: region.into(),
            account: "123456789012".into(),
            stack: "lab".into(),
            owner: None,
        };
        let all = match loaded.expand(&target) {
            Ok((_, warnings)) => warnings,
            Err(all) => all,
        };
        let of = |severity| {
            let those = all.0.iter().filter(move |one| one.severity == severity);
            those.map(|one| one.message.clone()).collect()
        };
        (of(Severity::Error), of(Severity::Warning))
    }

    fn has(messages: &[String], words: &str) -> bool {
        messages.iter().filter(|one| one.contains(words)).count() == 1
    }

    #[test]
    fn what_a_region_lacks_is_said_once() {
        assert_eq!(found("us-east-1"), (Vec::new(), Vec::new()));
        let (errors, warnings) = found("ca-west-1");
        assert_eq!(errors, Vec::<String>::new());
        assert!(
            has(&warnings, "ca-west-1 has no rekognition"),
            "{warnings:?}"
        );
        assert!(has(&warnings, "ca-west-1 has no glacier"), "{warnings:?}");
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        // What is not known is not said.
        assert_eq!(found("sa-west-1"), (Vec::new(), Vec::new()));
    }

    #[test]
    fn another_partition_is_an_error_in_roles_and_a_warning_in_definitions() {
        for (region, partition) in [
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            let (errors, warnings) = found(region);
            let [error] = &errors[..] else {
                panic!("{errors:?}");
            };
            assert!(
                error.contains("`arn:aws:s3:::photos/*`") && error.contains(partition),
                "{error}"
            );
            assert!(
                has(&warnings, "arn:aws:states:::dynamodb:getItem"),
                "{warnings:?}"
            );
            let http = format!("no HTTP tasks in {region}");
            assert_eq!(has(&warnings, &http), partition == "aws-cn", "{warnings:?}");
        }
    }
}
