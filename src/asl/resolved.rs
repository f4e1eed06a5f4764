//! What can be checked of a definition only once its references have values.

use super::model::{State, StateType};
use super::resource::{self, TaskResource};
use super::text::has_reference;
use super::{Definition, QueryLanguage};
use crate::source::{Diagnostic, Diagnostics, Node};

/// Parameters that take an ARN: service of the call, parameter, service of the ARN, and whether a name
/// will do as well.
#[rustfmt::skip]
const ARNS: &[(&str, &str, &str, bool)] = &[
    ("dynamodb", "TableName", "dynamodb", true),
    ("eventbridge", "EventBusName", "events", true),
    ("events", "EventBusName", "events", true),
    ("http", "ConnectionArn", "events", false),
    ("kms", "KeyId", "kms", true),
    ("lambda", "FunctionName", "lambda", true),
    ("secretsmanager", "SecretId", "secretsmanager", true),
    ("sfn", "ExecutionArn", "states", false),
    ("sfn", "StateMachineArn", "states", false),
    ("sns", "TargetArn", "sns", false),
    ("sns", "TopicArn", "sns", false),
    ("states", "StateMachineArn", "states", false),
];

/// Checks what the Task states of a definition call and name. `value` replaces the references of a text;
/// it has no answer for a text that refers to what is not known yet.
#[must_use]
pub fn check_resolved(
    definition: &Definition,
    value: &dyn Fn(&str) -> Option<String>,
) -> Diagnostics {
    let mut found = Vec::new();
    let model = definition.model();
    let states = model.all_states().into_iter();
    for state in states.filter(|state| state.state_type == Some(StateType::Task)) {
        let Some(node) = state.json.get("Resource") else {
            continue;
        };
        let Some(text) = node.as_str().and_then(value) else {
            continue;
        };
        match resource::parse(&text) {
            // A text without references was checked when the file was read.
            Err(error) if node.as_str().is_some_and(has_reference) => {
                let diagnostic = if error.certain {
                    Diagnostic::error(error.message)
                } else {
                    Diagnostic::warning(error.message)
                };
                found.push((node, diagnostic.help(error.help)));
            }
            Ok(target) => named(state, &target, value, &mut found),
            Err(_) => {}
        }
    }
    let source = &definition.source;
    let placed = found.into_iter();
    Diagnostics(
        placed
            .map(|(node, found)| found.at(source, node.span))
            .collect(),
    )
}

/// Step Functions takes any text as a parameter, and the call fails when it runs: a warning.
fn named<'n>(
    state: &State<'n>,
    target: &TaskResource,
    value: &dyn Fn(&str) -> Option<String>,
    found: &mut Vec<(&'n Node, Diagnostic)>,
) {
    let (TaskResource::Optimized { service, .. } | TaskResource::Sdk { service, .. }) = target
    else {
        return;
    };
    let field = match state.language {
        QueryLanguage::JsonPath => "Parameters",
        QueryLanguage::Jsonata => "Arguments",
    };
    let Some(parameters) = state.json.get(field) else {
        return;
    };
    let literal = |node: &Node| {
        let text = node.as_str().filter(|text| !text.starts_with("{%"))?;
        value(text)
    };
    for (of, parameter, wanted, takes_name) in ARNS {
        for node in parameters_of(parameters, parameter).filter(|_| of == service) {
            let Some(text) = literal(node) else { continue };
            let arn = text.strip_prefix("arn:");
            let of = arn.and_then(|rest| rest.split(':').nth(1));
            let message = match of {
                Some(of) if of == *wanted => continue,
                None if *takes_name => continue,
                Some(of) => {
                    format!("`{parameter}` is the ARN of a resource of `{of}`, not of `{wanted}`")
                }
                None => format!("`{parameter}` is not an ARN: `{text}`"),
            };
            let help =
                "the call fails when it runs: write `${key.arn}` of the resource that is meant";
            found.push((node, Diagnostic::warning(message).help(help)));
        }
    }
    let fifo = match *service {
        "sqs" => parameters.get("QueueUrl"),
        "sns" => parameters.get("TopicArn"),
        _ => None,
    };
    let is_fifo =
        |node: &&Node| literal(node).is_some_and(|text| text.rsplit('.').next() == Some("fifo"));
    let has_group = [
        "MessageGroupId",
        "MessageGroupId.$",
        "Entries",
        "PublishBatchRequestEntries",
    ];
    if let Some(node) = fifo.filter(is_fifo)
        && has_group.iter().all(|name| parameters.get(name).is_none())
    {
        let message = "a FIFO queue or topic refuses a message without `MessageGroupId`";
        let help = "the call fails when it runs: add \"MessageGroupId\"";
        found.push((node, Diagnostic::warning(message).help(help)));
    }
}

/// The parameters of a name: among all of the call, those of its authorization, and those of its entries.
fn parameters_of<'n>(parameters: &'n Node, name: &'static str) -> impl Iterator<Item = &'n Node> {
    let inner = ["Authentication", "InvocationConfig"]
        .into_iter()
        .filter_map(|holder| parameters.get(holder));
    let entries = parameters.get("Entries").map(Node::items);
    let holders = std::iter::once(parameters)
        .chain(inner)
        .chain(entries.unwrap_or_default());
    holders.filter_map(move |holder| holder.get(name))
}
