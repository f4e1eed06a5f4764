//! Any call of the AWS SDK (`arn:aws:states:::aws-sdk:service:action`): its IAM action, and the
//! resource its parameters name.
//!
//! The names of actions follow the call's own except where
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/> says otherwise.

use super::StateMachineArn;
use super::arguments::{Arguments, ParameterValue};
use super::call::{self, arn_of};
use super::collect::Collector;
use super::reference::{self, ServiceReference};
use super::sdk_tables::{ACTIONS, RESOURCES, UNSCOPED};
use super::{bedrock, databases, dynamodb, jobs, objects, optimized, roles, s3, ssm};
use crate::asl::resource::IntegrationPattern;
use crate::asl::text::has_reference;

/// Collects the permissions of one call.
pub(super) fn collect(
    collector: &mut Collector,
    service: &str,
    action: &str,
    arguments: &Arguments,
) {
    let known = reference::service(service);
    if known.is_some_and(|known| known.is_unsigned(action)) {
        return;
    }
    let prefix = known.map_or(service, |known| known.prefix);
    let actions = actions(prefix, action);
    let names: Vec<&str> = actions.iter().map(String::as_str).collect();
    match prefix {
        "s3" if service == "s3" => s3::collect(collector, action, &actions, arguments),
        "dynamodb" if dynamodb::has_many_tables(action) => {
            dynamodb::collect(collector, action, &actions, arguments);
        }
        "lambda" if action.starts_with("invoke") => {
            optimized::lambda(collector, arguments, &actions[0]);
        }
        "apigateway" => api_gateway(collector, action),
        "batch" if action == "submitJob" => {
            return jobs::batch(collector, arguments, IntegrationPattern::Request);
        }
        "ecs" if action == "runTask" => {
            return jobs::ecs(collector, arguments, IntegrationPattern::Request);
        }
        "bedrock" if bedrock::collect(collector, action, &names, arguments) => {}
        _ => {
            let resources = resources(collector, known, (prefix, action), arguments);
            collector.allow(&names, resources);
            databases::credentials(collector, prefix, arguments);
        }
    }
    objects::collect(collector, prefix, action, arguments);
    roles::collect(
        collector,
        known,
        prefix,
        &calls(action, &actions),
        arguments,
    );
}

/// The calls of the API that an integration makes: `createCluster` is `runJobFlow` for EMR.
pub(super) fn calls_of(prefix: &str, action: &str) -> Vec<String> {
    calls(action, &actions(prefix, action))
}

/// The calls of the API that an integration makes: `addStep` is `addJobFlowSteps`.
fn calls(action: &str, actions: &[String]) -> Vec<String> {
    let mut calls = vec![action.to_owned()];
    for name in actions {
        let name = name.rsplit(':').next().unwrap_or(name);
        let call = name[..1].to_ascii_lowercase() + &name[1..];
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    calls
}

/// The IAM actions of a call.
fn actions(prefix: &str, action: &str) -> Vec<String> {
    let irregular = ACTIONS
        .iter()
        .find(|(service, call, _)| *service == prefix && *call == action);
    if let Some((_, _, actions)) = irregular {
        actions
            .split(' ')
            .map(|action| match action.split_once(':') {
                Some(_) => action.to_owned(),
                None => format!("{prefix}:{action}"),
            })
            .collect()
    } else {
        let mut letters = action.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let name: String = first.into_iter().chain(letters).collect();
        vec![format!("{prefix}:{name}")]
    }
}

/// The resources the parameters name; `*` with a warning where nothing is known.
fn resources(
    collector: &mut Collector,
    known: Option<&ServiceReference<'static>>,
    (prefix, action): (&str, &str),
    arguments: &Arguments,
) -> Vec<String> {
    // A statement that names a resource would not allow such a call.
    if known.is_some_and(|known| known.is_unlimited(action)) {
        return vec!["*".to_owned()];
    }
    match (prefix, action) {
        ("events", "putEvents") => return buses(collector, arguments),
        ("scheduler", _) if action.ends_with("Schedule") => return schedule(collector, arguments),
        ("ssm", "sendCommand") => return ssm::command(collector, arguments),
        ("ssm", "startAutomationExecution" | "startChangeRequestExecution") => {
            return ssm::automation(collector, arguments);
        }
        ("kms", _) if is_alias(arguments) => {
            collector.warn(
                "IAM compares keys by id and not by alias, so the role allows every key: name the key by its id",
            );
            return vec![collector.machine.arn("kms", "key/*")];
        }
        ("sqs", _) if arguments.get("QueueUrl") != ParameterValue::Missing => {
            let url = call::name(collector, arguments, "QueueUrl", "queue").unwrap_or_default();
            if !url.contains("://") && !url.contains('*') && !has_reference(&url) {
                collector.warn(format!(
                    "`QueueUrl` is not a URL: `{url}`; the role allows every queue. Write `${{QUEUE.url}}`"
                ));
            }
            return vec![call::queue(collector.machine, &url)];
        }
        _ => {}
    }
    for (service, parameter, pattern) in RESOURCES {
        if *service != prefix || !is_for(prefix, parameter, action) {
            continue;
        }
        let arns = |name: &str, machine: &StateMachineArn| -> Vec<String> {
            let patterns = pattern.split(' ');
            patterns
                .map(|pattern| arn_of(machine, name, pattern))
                .collect()
        };
        if let Some(names) = arguments.list(parameter).filter(|names| !names.is_empty()) {
            return names
                .iter()
                .flat_map(|name| arns(plain_name(prefix, name), collector.machine))
                .collect();
        }
        let what = format!("resource of `{prefix}`");
        if let Some(name) = call::name(collector, arguments, parameter, &what) {
            return arns(plain_name(prefix, &name), collector.machine);
        }
    }
    if let Some(found) = known.and_then(|known| known.resources(collector, action, arguments)) {
        return found;
    }
    let own = format!(":{prefix}:");
    let named = arguments.texts().into_iter().find(|(key, text)| {
        let key = key.to_ascii_lowercase();
        key.ends_with("arn") && text.starts_with("arn:") && text.contains(&own)
    });
    if let Some((_, arn)) = named {
        return vec![arn.to_owned()];
    }
    if !unscoped(prefix, action) {
        collector.warn(format!(
            "what `{prefix}:{action}` acts on is not known, so the role allows it on everything"
        ));
    }
    vec!["*".to_owned()]
}

/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html>
fn schedule(collector: &mut Collector, arguments: &Arguments) -> Vec<String> {
    let group = call::optional_text(arguments, "GroupName").unwrap_or_else(|| "default".to_owned());
    let name =
        call::name(collector, arguments, "Name", "schedule").unwrap_or_else(|| "*".to_owned());
    vec![
        collector
            .machine
            .arn("scheduler", &format!("schedule/{group}/{name}")),
    ]
}

/// Whether a key is named by its alias. The `Resource` of a statement cannot be an alias.
fn is_alias(arguments: &Arguments) -> bool {
    let alias = |id: &str| id.starts_with("alias/") || id.contains(":alias/");
    match arguments.get("KeyId") {
        ParameterValue::Text(id) => alias(id),
        ParameterValue::Pattern(id) => alias(&id),
        _ => false,
    }
}

/// Whether a parameter of [`RESOURCES`] is the resource of a call, and not another one of that name.
fn is_for(prefix: &str, parameter: &str, action: &str) -> bool {
    match (prefix, parameter) {
        // A document of Systems Manager has a name too.
        ("ssm", "Name" | "Names") => action.contains("Parameter"),
        // The resource is the log stream, or the session, in it.
        ("logs", _) => !matches!(
            action,
            "createLogStream" | "deleteLogStream" | "getLogEvents" | "putLogEvents"
        ),
        ("elasticmapreduce", _) => !action.contains("Session"),
        _ => true,
    }
}

/// Whether IAM cannot limit a call to a resource.
fn unscoped(prefix: &str, action: &str) -> bool {
    let call = format!("{prefix}:{action}");
    UNSCOPED.iter().any(|known| match known.strip_suffix('*') {
        Some(head) => call.starts_with(head),
        None => *known == prefix || *known == call,
    })
}

/// The name as the ARN has it. The name of a Systems Manager parameter may begin with a slash, which its
/// ARN does not repeat.
fn plain_name<'a>(prefix: &str, name: &'a str) -> &'a str {
    match prefix {
        "ssm" => name.trim_start_matches('/'),
        _ => name,
    }
}

/// The event buses of `PutEvents`: an entry without a bus is sent to the default one
/// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>).
fn buses(collector: &mut Collector, arguments: &Arguments) -> Vec<String> {
    let pattern = "events:{region}:{account}:event-bus/{}";
    let Some(entries) = arguments.items("Entries") else {
        collector.computed("Entries", "every event bus");
        return vec![arn_of(collector.machine, "*", pattern)];
    };
    entries
        .iter()
        .map(|entry| {
            let name = call::name(collector, entry, "EventBusName", "event bus");
            arn_of(
                collector.machine,
                name.as_deref().unwrap_or("default"),
                pattern,
            )
        })
        .collect()
}

/// API Gateway's own API is allowed by HTTP method and path
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/security_iam_service-with-iam.html>).
fn api_gateway(collector: &mut Collector, action: &str) {
    let method = match action {
        _ if action.starts_with("get") => "apigateway:GET",
        _ if action.starts_with("update") => "apigateway:PATCH",
        _ if action.starts_with("delete") => "apigateway:DELETE",
        _ if action.starts_with("put") => "apigateway:PUT",
        _ => "apigateway:POST",
    };
    collector.warn(format!(
        "the role allows {method} on all of API Gateway in this region: the path of `{action}` is not known"
    ));
    let resource = format!(
        "arn:{}:apigateway:{}::/*",
        collector.machine.partition, collector.machine.region
    );
    collector.allow(&[method], [resource]);
}
