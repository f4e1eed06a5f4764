//! Integrations of the AWS SDK: `aws-sdk:service:action`
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>).
//!
//! AWS refuses a definition with a service or an action that it does not have. The data here is older than AWS, so what
//! it does not have is only doubtful.

use super::super::text::suggestion;
use super::table::{SDK_ALIASES, SDK_INSTEAD};
use super::{ResourceError, TaskResource, split_pattern};
use crate::data::integrations::{self, SdkService};

/// Reads what follows `aws-sdk:`.
pub(super) fn parse(call: &str) -> Result<TaskResource<'_>, ResourceError> {
    let (call, pattern) = split_pattern(call);
    let Some((service, action)) = call
        .split_once(':')
        .filter(|(s, a)| !s.is_empty() && !a.is_empty())
    else {
        return Err(ResourceError::new(
            format!("`aws-sdk:{call}` names no action"),
            "write arn:aws:states:::aws-sdk:service:action",
        ));
    };
    if !matches!(pattern, "" | "waitForTaskToken") {
        return Err(ResourceError::new(
            format!("calls of the AWS SDK cannot wait with `.{pattern}`"),
            "remove it, or write .waitForTaskToken",
        ));
    }
    let plain = service.to_lowercase().replace('-', "");
    if plain != service {
        let meant = other_name(&plain).unwrap_or(&plain);
        return Err(ResourceError::new(
            format!("the service `{service}` is written otherwise"),
            format!("write `{meant}`: lower case, without hyphens"),
        ));
    }
    if let Some(first) = action.chars().next().filter(|letter| letter.is_uppercase()) {
        let rest: String = action.chars().skip(1).collect();
        return Err(ResourceError::new(
            format!("the action `{action}` begins with an uppercase letter"),
            format!("write `{}{rest}`", first.to_lowercase()),
        ));
    }
    match integrations::service(service) {
        None => Err(unknown_service(service).doubtful()),
        Some(known) if known.refuses(action) => Err(refused(service, action).doubtful()),
        Some(known) if !has(known, action) => {
            Err(unknown_action(service, known, action).doubtful())
        }
        Some(_) => Ok(TaskResource::Sdk { service, action }),
    }
}

/// The integration of the AWS SDK for a call that no optimized integration has; `None` if there is none either.
pub(super) fn instead_of(service: &str, action: &str) -> Option<String> {
    let call = format!("{}:{action}", name_of(service));
    parse(&call)
        .is_ok()
        .then(|| format!("arn:aws:states:::aws-sdk:{call}"))
}

/// The name that the AWS SDK integration has for a service of any other name.
pub(super) fn name_of(service: &str) -> String {
    let plain = service.replace('-', "");
    other_name(&plain).map_or(plain, ToOwned::to_owned)
}

fn other_name(service: &str) -> Option<&'static str> {
    let alias = SDK_ALIASES.iter().find(|(alias, _)| *alias == service);
    alias
        .map(|(_, name)| *name)
        .or_else(|| integrations::alias(service))
}

fn has(service: SdkService, action: &str) -> bool {
    service.calls().next().is_none() || service.calls().any(|call| call == action)
}

/// A name that was in no data of that day.
fn unknown(what: &str, meant: Option<&str>) -> ResourceError {
    let newer =
        "correct it, or add its permission with `allow` if AWS has added it since".to_owned();
    ResourceError::new(
        format!(
            "the AWS SDK integration has no {what} (as of {})",
            integrations::date()
        ),
        meant.map_or(newer, |meant| format!("did you mean `{meant}`?")),
    )
}

fn unknown_service(service: &str) -> ResourceError {
    let near = || suggestion(service, integrations::services()).filter(|_| service.len() > 3);
    unknown(
        &format!("service `{service}`"),
        other_name(service).or_else(near),
    )
}

fn unknown_action(service: &str, known: SdkService, action: &str) -> ResourceError {
    let supported = || known.calls().filter(|call| !known.refuses(call));
    // `invokeFunction` is the IAM action of `invoke`.
    let is_start = |call: &&str| {
        let rest = action.strip_prefix(call);
        rest.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_uppercase()))
    };
    let meant = suggestion(action, supported())
        .or_else(|| supported().filter(is_start).max_by_key(|call| call.len()));
    unknown(&format!("action `{action}` of `{service}`"), meant)
}

fn refused(service: &str, action: &str) -> ResourceError {
    let is_for = |call: &str| call == "*" || call == action;
    let mut rows = SDK_INSTEAD.iter();
    let row = rows.find(|(of, call, _)| *of == service && is_for(call));
    ResourceError::new(
        format!("Step Functions does not support the action `{action}` of `{service}`"),
        row.map_or("call it from a Lambda function", |(_, _, instead)| instead),
    )
}
