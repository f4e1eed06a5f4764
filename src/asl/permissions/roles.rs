//! Roles that a call passes to a service, for which the caller needs `iam:PassRole`
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>).

use serde_json::{Value as Json, json};

use super::arguments::{Arguments, Children, ParameterValue};
use super::call;
use super::collect::Collector;
use super::reference::ServiceReference;

/// IAM prefix of a service, and the principals that assume the roles passed to it, as AWS's managed policies name them
/// in `iam:PassedToService` (`AWSLambda_FullAccess`, `AmazonEMRFullAccessPolicy_v2` and so on).
#[rustfmt::skip]
const PRINCIPALS: &[(&str, &[&str])] = &[
    ("backup", &["backup"]),
    ("batch", &["batch", "ecs-tasks", "ec2", "spotfleet"]),
    ("bedrock", &["bedrock"]),
    ("cloudformation", &["cloudformation"]),
    ("codebuild", &["codebuild"]),
    ("codepipeline", &["codepipeline"]),
    ("databrew", &["databrew"]),
    ("datasync", &["datasync"]),
    ("ecs", &["ecs-tasks", "ecs"]),
    ("elasticmapreduce", &["elasticmapreduce", "ec2", "application-autoscaling"]),
    ("emr-serverless", &["emr-serverless"]),
    ("events", &["events"]),
    ("firehose", &["firehose"]),
    ("forecast", &["forecast"]),
    ("glue", &["glue"]),
    ("kendra", &["kendra"]),
    ("lambda", &["lambda"]),
    ("mediaconvert", &["mediaconvert"]),
    ("personalize", &["personalize"]),
    ("pipes", &["pipes"]),
    ("sagemaker", &["sagemaker"]),
    ("scheduler", &["scheduler"]),
    ("states", &["states"]),
    ("transfer", &["transfer"]),
];

/// Collects the roles that the parameters of a call pass.
pub(super) fn collect(
    collector: &mut Collector,
    service: Option<&ServiceReference<'static>>,
    prefix: &str,
    calls: &[String],
    arguments: &Arguments,
) {
    if prefix == "iam" && calls.iter().any(|call| call == "addRoleToInstanceProfile") {
        return into_profile(collector, arguments);
    }
    if matches!(prefix, "iam" | "sts") {
        return;
    }
    let paths: Vec<&str> = service.map_or_else(Vec::new, |service| {
        let paths = calls.iter().flat_map(|call| service.roles(call));
        paths.collect()
    });
    let condition = passed_to(collector, prefix);
    let mut roles = literal_roles(arguments);
    // Where all parameters are computed, one warning says so.
    if matches!(arguments, Arguments::Computed) {
        if let Some(path) = paths.first() {
            computed(collector, "its parameters", path, condition.as_ref());
        }
        return;
    }
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        let is_profile = path.contains("InstanceProfile") || path.ends_with("JobFlowRole");
        for found in values(*arguments, &steps, "") {
            match found {
                PassedRole::Named(name) if is_profile => profile(collector, &name),
                PassedRole::Named(name) if name.starts_with("arn:") => roles.push(name),
                PassedRole::Named(name) => roles.extend(of_name(collector, &name)),
                PassedRole::Computed(parameter) => {
                    computed(collector, &parameter, path, condition.as_ref());
                }
            }
        }
    }
    roles.sort();
    roles.dedup();
    if !roles.is_empty() {
        collector.allow_if(&["iam:PassRole"], roles, condition);
    }
}

/// The condition that limits `iam:PassRole` to a service; `None` if its principals are not known.
fn passed_to(collector: &Collector, prefix: &str) -> Option<Json> {
    let (_, principals) = PRINCIPALS.iter().find(|(known, _)| *known == prefix)?;
    Some(to_services(collector, principals))
}

fn to_services(collector: &Collector, principals: &[&str]) -> Json {
    let mut names: Vec<String> = Vec::new();
    for principal in principals {
        names.push(format!("{principal}.amazonaws.com"));
        // EC2 and Auto Scaling have principals of their own in China.
        if collector.machine.partition == "aws-cn" {
            names.push(format!("{principal}.amazonaws.com.cn"));
        }
    }
    let value = if names.len() == 1 {
        json!(names[0])
    } else {
        json!(names)
    };
    json!({ "StringEquals": { "iam:PassedToService": value } })
}

/// Every literal ARN of a role, whatever its parameter.
fn literal_roles(arguments: &Arguments) -> Vec<String> {
    let texts = arguments.texts().into_iter().map(|(_, text)| text);
    texts
        .filter(|text| {
            text.starts_with("arn:") && text.contains(":iam::") && text.contains(":role/")
        })
        .map(str::to_owned)
        .collect()
}

/// A role that is named without its ARN may have a path.
fn of_name(collector: &Collector, name: &str) -> [String; 2] {
    let machine = collector.machine;
    let start = format!("arn:{}:iam::{}:role", machine.partition, machine.account);
    [format!("{start}/{name}"), format!("{start}/*/{name}")]
}

fn every_role(collector: &Collector) -> String {
    format!(
        "arn:{}:iam::{}:role/*",
        collector.machine.partition, collector.machine.account
    )
}

/// The role of an instance profile is what is passed, and only IAM knows it
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html>).
fn profile(collector: &mut Collector, name: &str) {
    collector.warn(format!(
        "the role of the instance profile `{name}` is not known, so the role may pass any to EC2"
    ));
    let condition = to_services(collector, &["ec2"]);
    let every = every_role(collector);
    collector.allow_if(&["iam:PassRole"], [every], Some(condition));
}

/// Whoever puts a role into an instance profile passes it to EC2
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>).
fn into_profile(collector: &mut Collector, arguments: &Arguments) {
    if let Some(name) = call::name(collector, arguments, "RoleName", "role") {
        let roles = of_name(collector, &name);
        let condition = to_services(collector, &["ec2"]);
        collector.allow_if(&["iam:PassRole"], roles, Some(condition));
    }
}

/// A role that is computed at run time. Any role may be passed, but only to the service; if nothing limits it to the
/// service, none, as whoever may pass every role to every service may do everything.
fn computed(collector: &mut Collector, parameter: &str, path: &str, condition: Option<&Json>) {
    let named = if parameter == path {
        format!("the role in `{parameter}`")
    } else {
        format!("the role in `{path}`, a part of `{parameter}`,")
    };
    if path.contains("InstanceProfile") {
        let condition = to_services(collector, &["ec2"]);
        return allow_every(
            collector,
            &format!("{named} of an instance profile"),
            &condition,
        );
    }
    match condition {
        Some(condition) => allow_every(collector, &named, condition),
        None => collector.warn(format!(
            "{named} is only known at run time, so the role may pass none: add `iam:PassRole` on it with `allow`"
        )),
    }
}

fn allow_every(collector: &mut Collector, named: &str, condition: &Json) {
    collector.warn(format!(
        "{named} is only known at run time, so the role may pass any to the service (`iam:PassRole`)"
    ));
    let every = every_role(collector);
    collector.allow_if(&["iam:PassRole"], [every], Some(condition.clone()));
}

/// What is known of a parameter that names a role.
enum PassedRole {
    /// Its name or ARN, `*` for a part that is computed.
    Named(String),
    /// The parameter that is computed: the role itself, or an object around it.
    Computed(String),
}

/// The values at a path, through objects and lists.
fn values(arguments: Arguments, path: &[&str], above: &str) -> Vec<PassedRole> {
    let Some((name, rest)) = path.split_first() else {
        return Vec::new();
    };
    let here = if above.is_empty() {
        (*name).to_owned()
    } else {
        format!("{above}.{name}")
    };
    if rest.is_empty() {
        return match arguments.get(name) {
            ParameterValue::Text("") | ParameterValue::Missing => Vec::new(),
            ParameterValue::Text(text) => vec![PassedRole::Named(text.to_owned())],
            ParameterValue::Pattern(pattern) => vec![PassedRole::Named(pattern)],
            ParameterValue::Computed => vec![PassedRole::Computed(here)],
            ParameterValue::Other => match arguments.list(name) {
                Some(names) => names
                    .into_iter()
                    .map(|name| PassedRole::Named(name.to_owned()))
                    .collect(),
                None => vec![PassedRole::Computed(here)],
            },
        };
    }
    match arguments.children(name) {
        Children::Objects(objects) => {
            let found = objects
                .into_iter()
                .flat_map(|object| values(object, rest, &here));
            found.collect()
        }
        Children::Computed => vec![PassedRole::Computed(here)],
        Children::None => Vec::new(),
    }
}
