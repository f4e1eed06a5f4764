//! Optimized integrations (`arn:aws:states:::service:action`).
//!
//! Statements follow the template of each service, listed at
//! <https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html>,
//! with the resource narrowed to what the definition names.

use super::arguments::{Arguments, ParameterValue};
use super::call::{self, arn, arn_of};
use super::collect::Collector;
use super::{athena, jobs, sdk};
use crate::asl::resource::IntegrationPattern;

/// Collects the permissions of one call.
pub(super) fn collect(
    collector: &mut Collector,
    (service, action, pattern): (&str, &str, IntegrationPattern),
    arguments: &Arguments,
) {
    match (service, action) {
        ("lambda", _) => lambda(collector, arguments, "lambda:InvokeFunction"),
        ("states", _) => jobs::start_execution(collector, arguments, pattern),
        ("batch", _) => jobs::batch(collector, arguments, pattern),
        ("ecs", _) => jobs::ecs(collector, arguments, pattern),
        ("glue", _) => jobs::glue(collector, arguments, pattern),
        ("codebuild", "startBuild") => jobs::codebuild(collector, arguments, pattern),
        ("eks", "call" | "runJob") => collector.warn(
            "the cluster itself decides who may do this: give the machine's role an access entry in it",
        ),
        ("http", _) => http(collector, arguments),
        ("apigateway", _) => api_gateway(collector, arguments),
        ("athena", _) if athena::collect(collector, action, pattern, arguments) => {}
        ("dynamodb" | "sns" | "sqs" | "events", _) => {
            sdk::collect(collector, service, action, arguments);
        }
        _ => {
            sdk::collect(collector, service, action, arguments);
            if pattern == IntegrationPattern::Sync {
                collector.warn(format!(
                    "what `{service}:{action}.sync` needs to follow the job is not known: add it with `allow`"
                ));
            }
        }
    }
}

/// The function it names, in any form of the name
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html>).
pub(super) fn lambda(collector: &mut Collector, arguments: &Arguments, action: &str) {
    let Some(name) = call::name(collector, arguments, "FunctionName", "function") else {
        return collector.warn("it does not say which function");
    };
    // A function is given as `name`, `name:qualifier`, `account:function:name` or an ARN.
    let full = match name.split_once(":function:") {
        _ if name.starts_with("arn:") => name,
        Some((account, name)) => {
            let pattern = format!("lambda:{{region}}:{account}:function:{{}}");
            arn_of(collector.machine, name, &pattern)
        }
        None => arn_of(
            collector.machine,
            &name,
            "lambda:{region}:{account}:function:{}",
        ),
    };
    match call::optional_text(arguments, "Qualifier") {
        Some(qualifier) if !full.ends_with('*') => {
            function(collector, &format!("{full}:{qualifier}"), action);
        }
        _ => function(collector, &full, action),
    }
}

/// The permission to call a function by its ARN: of a version or alias if it names one, else of the
/// function alone (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html>).
pub(super) fn function(collector: &mut Collector, arn: &str, action: &str) {
    collector.allow(&[action], [arn.to_owned()]);
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html>: the call itself,
/// limited to method and endpoint; the connection's credentials; the secret they are kept in.
fn http(collector: &mut Collector, arguments: &Arguments) {
    let mut condition = serde_json::Map::new();
    let method = match arguments.get("Method") {
        ParameterValue::Text(method) => Some(method),
        ParameterValue::Missing => None,
        _ => {
            collector.computed("Method", "every method");
            None
        }
    };
    if let Some(method) = method {
        let value = serde_json::json!({ "states:HTTPMethod": method });
        condition.insert("StringEquals".to_owned(), value);
    }
    let endpoint = call::name(collector, arguments, "ApiEndpoint", "endpoint");
    // An endpoint that is computed as a whole gives no condition.
    if let Some(endpoint) = endpoint.filter(|endpoint| endpoint != "*") {
        // A computed part is a `*`, which only StringLike supports.
        let operator = if endpoint.contains('*') {
            "StringLike"
        } else {
            "StringEquals"
        };
        let value = condition
            .entry(operator)
            .or_insert_with(|| serde_json::json!({}));
        if let Some(keys) = value.as_object_mut() {
            keys.insert("states:HTTPEndpoint".to_owned(), endpoint.into());
        }
    }
    let machine = format!("stateMachine:{}", collector.machine.name);
    let machine = collector.machine.arn("states", &machine);
    let condition = (!condition.is_empty()).then(|| condition.into());
    collector.allow_if(&["states:InvokeHTTPEndpoint"], [machine], condition);
    connection(collector, arguments);
}

fn connection(collector: &mut Collector, arguments: &Arguments) {
    let authentication = arguments.object("Authentication");
    let private = arguments.object("InvocationConfig");
    let holder = match authentication {
        Arguments::Nothing => private,
        other => other,
    };
    let pattern = "events:{region}:{account}:connection/{}";
    let Some(arn) = arn(collector, &holder, "ConnectionArn", "connection", pattern) else {
        return collector.warn("it names no connection, and an HTTP task needs one");
    };
    // EventBridge gives a new connection an id, which is in its ARN and in the name of its secret,
    // `events!connection/NAME/ID`. The role allows any id, so that it need not change when the
    // connection is created again.
    let (arn, name) = match arn.split_once(":connection/") {
        Some((head, path)) => {
            let name = path.split('/').next().unwrap_or(path);
            let every = if name == "*" {
                "*"
            } else {
                &format!("{name}/*")
            };
            (format!("{head}:connection/{every}"), every.to_owned())
        }
        None => (arn.clone(), "*".to_owned()),
    };
    let secret = format!("secret:events!connection/{name}");
    let secret = collector.machine.arn("secretsmanager", &secret);
    collector.allow(&["events:RetrieveConnectionCredentials"], [arn]);
    collector.allow(
        &[
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
        ],
        [secret],
    );
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html>
fn api_gateway(collector: &mut Collector, arguments: &Arguments) {
    let endpoint = call::name(collector, arguments, "ApiEndpoint", "API").unwrap_or("*".to_owned());
    // Its own host name has the id of the API, a custom domain name has not.
    let api = match endpoint.split_once(".execute-api.") {
        Some((api, _)) => api,
        None if endpoint.contains('*') => endpoint.split('.').next().unwrap_or("*"),
        None => {
            collector.warn(format!(
                "`{endpoint}` does not have the id of the API, so the role allows every API"
            ));
            "*"
        }
    };
    let part = |name: &str| call::optional_text(arguments, name).unwrap_or_else(|| "*".to_owned());
    let path = part("Path");
    // A part that is computed may be empty, or begin with a slash.
    let path = if path.starts_with('*') {
        "*"
    } else {
        path.trim_start_matches('/')
    };
    if path.starts_with("@connections") {
        return connections(collector, api, &part("Stage"), &part("Method"));
    }
    let resource = format!("{api}/{}/{}/{path}", part("Stage"), part("Method"));
    let resource = collector.machine.arn("execute-api", &resource);
    collector.allow(&["execute-api:Invoke"], [resource]);
}

/// The connections of a WebSocket API; a single one cannot be named
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html>).
fn connections(collector: &mut Collector, api: &str, stage: &str, method: &str) {
    let resource = format!("{api}/{stage}/{method}/@connections/*");
    let resource = collector.machine.arn("execute-api", &resource);
    collector.allow(&["execute-api:ManageConnections"], [resource]);
}
