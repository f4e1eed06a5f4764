//! Task states: what they call, with what, and for how long
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html>).

use super::paths::{self, PathKind};
use super::template;
use super::values::{self, MAX_SECONDS, Range, text};
use super::{Lint, express, head, parameters};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::asl::model::{SpannedStr, State};
use crate::asl::resource::{self, IntegrationPattern, TaskResource};
use crate::source::{Node, Span, Value};

/// Checks a Task state.
pub(super) fn check(lint: &mut Lint, model: &State, language: QueryLanguage) {
    let (SpannedStr { text: name, span }, state) = (model.name, model.json);
    values::required(
        lint,
        state,
        Some(span),
        "Resource",
        &format!("the Task state `{name}`"),
        "name what it calls, for example \"arn:aws:states:::lambda:invoke\"",
    );
    times(lint, state, language);
    credentials(lint, state, language);
    if let Some((arn, span)) = text(lint, state, "Resource") {
        match resource::parse(arn) {
            Ok(target) => {
                if let Some(doubt) = resource::names_a_place(arn) {
                    lint.warning(span, doubt.message, doubt.help);
                }
                called(lint, state, &target, (arn, span), language);
            }
            Err(error) if error.certain => lint.error(span, error.message, error.help),
            Err(error) => lint.warning(span, error.message, error.help),
        }
    }
}

fn times(lint: &mut Lint, state: &Node, language: QueryLanguage) {
    let seconds = Range {
        least: 1.0,
        most: MAX_SECONDS,
    };
    for field in ["TimeoutSeconds", "HeartbeatSeconds"] {
        let path = format!("{field}Path");
        values::integer(lint, state, field, seconds, language);
        values::not_both(lint, state, field, &path);
        paths::path_field(lint, state, &path, PathKind::Reference, false);
        if let Some(node) = state
            .get(field)
            .filter(|_| language == QueryLanguage::Jsonata)
        {
            template::expression(lint, node, Visible::default());
        }
    }
    let number = |field: &str| match state.get(field).map(|node| &node.value) {
        Some(Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    if let (Some(beat), Some(timeout)) = (number("HeartbeatSeconds"), number("TimeoutSeconds"))
        && beat >= timeout
        && let Some(node) = state.get("HeartbeatSeconds")
    {
        lint.error(
            node.span,
            "`HeartbeatSeconds` is not less than `TimeoutSeconds`",
            "a heartbeat must be due before the whole state is",
        );
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html>
fn credentials(lint: &mut Lint, state: &Node, language: QueryLanguage) {
    let Some(node) = state.get("Credentials") else {
        return;
    };
    if !values::object(lint, node, "`Credentials`") {
        return;
    }
    let dynamic = match language {
        QueryLanguage::JsonPath => "RoleArn.$",
        QueryLanguage::Jsonata => "RoleArn",
    };
    super::fields::check_known(lint, node, "`Credentials`", &["RoleArn", dynamic]);
    if node.get("RoleArn").is_none() && node.get(dynamic).is_none() {
        lint.error(
            head(node),
            "`Credentials` has no `RoleArn`",
            "name the role to call with",
        );
    }
    template::template(lint, node, language, Visible::default());
}

fn called(
    lint: &mut Lint,
    state: &Node,
    target: &TaskResource,
    (arn, span): (&str, Span),
    language: QueryLanguage,
) {
    let field = match language {
        QueryLanguage::JsonPath => "Parameters",
        QueryLanguage::Jsonata => "Arguments",
    };
    let parameters = state.get(field);
    let token = arn.ends_with(".waitForTaskToken");
    // A `.sync` state has a token too, which AWS was seen to hand to the execution it starts; of a reference it
    // is not known whether it waits.
    let may_have_token = match target {
        TaskResource::Optimized { pattern, .. } => *pattern != IntegrationPattern::Request,
        TaskResource::Unknown => true,
        _ => token,
    };
    match (target, parameters) {
        (
            TaskResource::Optimized {
                service, action, ..
            },
            Some(node),
        ) => {
            parameters::required(lint, node, service, action, language);
            parameters::capitals(lint, node);
        }
        (TaskResource::Sdk { .. }, Some(node)) => parameters::capitals(lint, node),
        _ => {}
    }
    if lint.express
        && let Some(node) = state.get("Resource")
    {
        express::task(lint, node);
    }
    if token || *target == TaskResource::Activity {
        waits(lint, state, span);
    }
    lint.token_read = false;
    let visible = Visible::default();
    for name in ["Parameters", "Arguments"] {
        template::field(lint, state, name, language, visible);
    }
    match (token, lint.token_read, parameters) {
        (_, true, Some(_)) if may_have_token => {}
        (true, false, Some(node)) if !dynamic(node) => lint.warning(
            span,
            "this state waits for its token, and passes it to nobody",
            match language {
                QueryLanguage::JsonPath => "add \"Token.$\": \"$$.Task.Token\" to what it sends",
                QueryLanguage::Jsonata => {
                    "add \"{% $states.context.Task.Token %}\" to what it sends"
                }
            },
        ),
        (false, true, Some(node)) => lint.warning(
            node.span,
            "only a state that waits for it has a task token",
            "end the `Resource` in .waitForTaskToken",
        ),
        _ => {}
    }
}

/// Whether the whole of the parameters is computed, so that nothing is known of them.
fn dynamic(node: &Node) -> bool {
    node.as_str().is_some()
}

fn waits(lint: &mut Lint, state: &Node, span: Span) {
    let limits = [
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
    ];
    if !limits.iter().any(|field| state.get(field).is_some()) {
        lint.warning(
            span,
            "this state may wait for a year if nobody answers",
            "add \"TimeoutSeconds\" or \"HeartbeatSeconds\"",
        );
    }
}
