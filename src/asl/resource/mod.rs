//! What the `Resource` of a Task state names.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html>,
//! <https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html> and
//! <https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html>.

mod sdk;
mod table;

use super::placeholder::placeholder;
use super::text::{blanked, has_reference, one_of, starts_with_reference, suggestion};
use table::OPTIMIZED;

/// What a Task state calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::asl) enum TaskResource<'a> {
    /// An optimized integration: `lambda:invoke`.
    Optimized {
        service: &'a str,
        action: &'a str,
        pattern: IntegrationPattern,
    },
    /// An AWS SDK integration: `aws-sdk:s3:getObject`.
    Sdk { service: &'a str, action: &'a str },
    /// A Lambda function by its ARN.
    Function,
    /// An activity: its workers poll for tasks, so that the role needs no permission.
    Activity,
    /// A `${reference}` whose value is not known yet.
    Unknown,
}

/// The service integration pattern: what Step Functions waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::asl) enum IntegrationPattern {
    /// The response.
    Request,
    /// The end of the job; `.sync:2` differs from `.sync` in the format of the result only.
    Sync,
    /// The task token, which another program returns.
    Token,
}

/// What is wrong with a `Resource`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::asl) struct ResourceError {
    /// Whether AWS certainly rejects it; else it may take it, or it is newer than the tables here.
    pub certain: bool,
    pub message: String,
    pub help: String,
}

impl ResourceError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            certain: true,
            message: message.into(),
            help: help.into(),
        }
    }

    fn doubtful(self) -> Self {
        Self {
            certain: false,
            ..self
        }
    }
}

/// Reads the `Resource` of a Task state.
///
/// # Errors
/// What is wrong with it, and how to correct it.
pub(in crate::asl) fn parse(text: &str) -> Result<TaskResource<'_>, ResourceError> {
    if starts_with_reference(text) {
        return Ok(TaskResource::Unknown);
    }
    let Some(rest) = text.strip_prefix("arn:") else {
        return Err(not_an_arn(text));
    };
    let filled = blanked(rest);
    let parts: Vec<&str> = rest.splitn(5, ':').collect();
    let [partition, service, region, account, what] = parts[..] else {
        return Err(ResourceError::new(
            format!("`{text}` is not a complete ARN"),
            "an ARN is arn:partition:service:region:account:resource; an integration is arn:aws:states:::service:action",
        ));
    };
    if filled.split(':').count() != rest.split(':').count() {
        // A reference has a colon (`${env:NAME}`), so that the parts of the ARN are not known.
        return Ok(TaskResource::Unknown);
    }
    if !partition.starts_with("aws") && !has_reference(partition) {
        return Err(ResourceError::new(
            format!("there is no AWS partition `{partition}`"),
            "write arn:aws:..., arn:aws-cn:... or arn:aws-us-gov:...",
        ));
    }
    match service {
        "lambda" if let Some(found) = placeholder(text) => {
            Err(ResourceError::new(found.message(), found.help()))
        }
        "lambda" => function(region, account, what),
        "states" if what.starts_with("activity:") => Ok(TaskResource::Activity),
        "states" if !what.starts_with("stateMachine:") => integration(what),
        "states" => Err(ResourceError::new(
            "a state machine cannot be a Task's resource by its ARN",
            "write arn:aws:states:::states:startExecution and give its ARN as `StateMachineArn`",
        )),
        _ => Err(ResourceError::new(
            format!("a Task cannot call `{service}` by such an ARN"),
            format!(
                "write arn:aws:states:::aws-sdk:{}:action, with the resource among its parameters",
                sdk::name_of(service)
            ),
        )),
    }
}

/// The doubt about an integration whose ARN names a region or an account: deployed definitions have such
/// ARNs, and no AWS page does.
pub(in crate::asl) fn names_a_place(text: &str) -> Option<ResourceError> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "states", region, account, what] = parts[..] else {
        return None;
    };
    let is_integration = matches!(
        parse(text),
        Ok(TaskResource::Optimized { .. } | TaskResource::Sdk { .. })
    );
    (is_integration && !(region.is_empty() && account.is_empty())).then(|| {
        ResourceError::new(
            "the ARN of an integration has neither region nor account",
            format!("write arn:{partition}:states:::{what}"),
        )
        .doubtful()
    })
}

fn not_an_arn(text: &str) -> ResourceError {
    if text.is_empty() {
        let help = "name what the state calls, for example arn:aws:states:::lambda:invoke";
        return ResourceError::new("`Resource` is an empty text", help);
    }
    let word = text.rsplit(':').next().unwrap_or(text);
    let guess = OPTIMIZED.iter().find(|(service, actions, _)| {
        text == *service
            || actions
                .split(' ')
                .any(|action| text.ends_with(&format!("{service}:{action}")))
    });
    let help = match guess {
        Some((service, actions, _)) => {
            let action = suggestion(word, actions.split(' ')).or(actions.split(' ').next());
            format!("did you mean `arn:aws:states:::{service}:{}`?", action.unwrap_or("..."))
        }
        None => "write an integration (arn:aws:states:::service:action), the ARN of a Lambda function, or a ${reference}".to_owned(),
    };
    ResourceError::new(format!("`{text}` is not an ARN"), help)
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/API_reference.html>: function and qualifier.
fn function<'a>(
    region: &str,
    account: &str,
    what: &str,
) -> Result<TaskResource<'a>, ResourceError> {
    let help = "write arn:aws:lambda:region:account:function:name";
    let Some(name) = what.strip_prefix("function:") else {
        return Err(ResourceError::new(
            format!("`{what}` names no Lambda function"),
            help,
        ));
    };
    if region.is_empty() || account.is_empty() {
        return Err(ResourceError::new(
            "the ARN of a Lambda function has its region and account",
            help,
        ));
    }
    if name.is_empty() || name.split(':').count() > 2 {
        return Err(ResourceError::new(
            format!("`{what}` names no Lambda function"),
            help,
        ));
    }
    Ok(TaskResource::Function)
}

fn integration(what: &str) -> Result<TaskResource<'_>, ResourceError> {
    if has_reference(what) {
        return Ok(TaskResource::Unknown);
    }
    match what.strip_prefix("aws-sdk:") {
        Some(call) => sdk::parse(call),
        None => optimized(what),
    }
}

fn split_pattern(call: &str) -> (&str, &str) {
    call.split_once('.').unwrap_or((call, ""))
}

fn optimized(what: &str) -> Result<TaskResource<'_>, ResourceError> {
    let (call, pattern) = split_pattern(what);
    let Some((service, action)) = call.split_once(':') else {
        return Err(ResourceError::new(
            format!("`{what}` names no action"),
            "an integration is arn:aws:states:::service:action",
        ));
    };
    let of_service: Vec<_> = OPTIMIZED
        .iter()
        .filter(|(name, _, _)| *name == service)
        .collect();
    if of_service.is_empty() {
        return Err(unknown_service(service, action));
    }
    let actions = || {
        of_service
            .iter()
            .flat_map(|(_, actions, _)| actions.split(' '))
    };
    let row = of_service
        .iter()
        .find(|(_, actions, _)| actions.split(' ').any(|known| known == action));
    let Some((_, _, patterns)) = row else {
        let help = match suggestion(action, actions()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => match sdk::instead_of(service, action) {
                Some(arn) => format!("it has {}; any other call is {arn}", one_of(actions())),
                None => format!("it has {}", one_of(actions())),
            },
        };
        let message = format!("the integration `{service}` has no action `{action}`");
        return Err(ResourceError::new(message, help));
    };
    let pattern = match pattern {
        "" => IntegrationPattern::Request,
        other if !patterns.split(' ').any(|known| known == other) => {
            return Err(unknown_pattern(call, other, patterns));
        }
        "waitForTaskToken" => IntegrationPattern::Token,
        _ => IntegrationPattern::Sync,
    };
    Ok(TaskResource::Optimized {
        service,
        action,
        pattern,
    })
}

fn unknown_service(service: &str, action: &str) -> ResourceError {
    let known = OPTIMIZED.iter().map(|(name, _, _)| *name);
    let help = match suggestion(service, known) {
        Some(meant) if meant.len() > 2 => format!("did you mean `{meant}`?"),
        _ => match sdk::instead_of(service, action) {
            Some(arn) => format!("write {arn} to call the AWS SDK"),
            None => "any call of the AWS SDK is arn:aws:states:::aws-sdk:service:action".to_owned(),
        },
    };
    ResourceError::new(format!("there is no integration `{service}`"), help)
}

fn unknown_pattern(call: &str, pattern: &str, patterns: &str) -> ResourceError {
    let known = patterns.split(' ').filter(|known| !known.is_empty());
    let help = match (suggestion(pattern, known.clone()), patterns) {
        (Some(meant), _) => format!("did you mean `.{meant}`?"),
        (None, "") => "it answers at once: remove it".to_owned(),
        (None, _) => format!(
            "remove it, or write .{}",
            known.collect::<Vec<_>>().join(" or .")
        ),
    };
    ResourceError::new(format!("`{call}` cannot wait with `.{pattern}`"), help)
}
