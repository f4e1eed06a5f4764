//! Converts SDK errors to [`ProviderError`]: service, operation, code, message, request id.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{error_codes, liveness};
use crate::engine::{LOCAL_AWS_ENDED, Leftover, ProviderError, sanitize};

/// Converts the result of an SDK call.
pub trait ForCall<T> {
    /// Converts the error, with the names of the service and the operation.
    ///
    /// # Errors
    /// The error of the call.
    fn for_call(self, service: &'static str, operation: &'static str) -> Result<T, ProviderError>;
}

impl<T, E> ForCall<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn for_call(self, service: &'static str, operation: &'static str) -> Result<T, ProviderError> {
        self.map_err(|error| provider_error(&error, service, operation))
    }
}

fn provider_error<E>(
    error: &SdkError<E, HttpResponse>,
    service: &str,
    operation: &str,
) -> ProviderError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (code, message, leftover) = match error {
        SdkError::ServiceError(answer) => {
            let meta = answer.err().meta();
            let status = answer.raw().status().as_u16();
            match meta.code() {
                Some(code) => {
                    let message = meta.message().unwrap_or_default().to_owned();
                    (code.to_owned(), message, leftover_after(status))
                }
                None => without_code(answer.raw(), meta.message()),
            }
        }
        SdkError::ResponseError(answer) => {
            let (code, message, leftover) = without_code(answer.raw(), None);
            (
                code,
                format!("{message}: {}", innermost_cause(error)),
                leftover,
            )
        }
        SdkError::ConstructionFailure(_) => {
            (String::new(), innermost_cause(error), Leftover::Nothing)
        }
        SdkError::TimeoutError(_) => (String::new(), NO_ANSWER.to_owned(), Leftover::Unknown),
        SdkError::DispatchFailure(_) if liveness::is_local_aws_ended(error) => (
            LOCAL_AWS_ENDED.to_owned(),
            innermost_cause(error),
            Leftover::Unknown,
        ),
        // The request was not sent.
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (String::new(), innermost_cause(error), Leftover::Nothing)
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            let why = innermost_cause(error);
            let why = if why.contains("answer") {
                why
            } else {
                format!("{NO_ANSWER}: {why}")
            };
            (String::new(), why, Leftover::Unknown)
        }
        _ => (String::new(), innermost_cause(error), Leftover::Unknown),
    };
    let request_id = error
        .raw_response()
        .and_then(|raw| {
            raw.headers()
                .get("x-amzn-requestid")
                .or_else(|| raw.headers().get("x-amz-request-id"))
        })
        .map(String::from);
    let mut error = ProviderError {
        service: service.to_owned(),
        operation: operation.to_owned(),
        code: sanitize(&code),
        message: sanitize(&message),
        request_id: request_id.as_deref().map(sanitize),
        leftover,
        elsewhere: false,
        help: None,
    };
    error.help = help_for(&error);
    error
}

/// What AWS may have done before it answered with this status.
fn leftover_after(status: u16) -> Leftover {
    match status {
        300..500 => Leftover::Nothing,
        // An unreadable answer may follow a completed operation.
        _ => Leftover::Unknown,
    }
}

/// Code, message and leftover for an answer without an error code. AWS omits the code only where it sends no
/// body; anything else is not an answer of AWS.
fn without_code(answer: &HttpResponse, message: Option<&str>) -> (String, String, Leftover) {
    let status = answer.status().as_u16();
    let code = format!("HTTP {status}");
    let body = answer.body().bytes().unwrap_or_default();
    let elsewhere = answer.headers().get("location");
    let text = match (message, elsewhere) {
        (Some(message), _) => message.to_owned(),
        (None, Some(place)) if (300..400).contains(&status) => {
            format!("it sends to {place}, where treino does not go with your credentials")
        }
        (None, _) if is_html(body) => HTML_PAGE.to_owned(),
        // A failed HEAD request of S3 has no body.
        (None, _) if body.is_empty() && status >= 300 => String::new(),
        (None, _) => NOT_AWS.to_owned(),
    };
    (code, text, leftover_after(status))
}

/// Whether a body is an HTML page.
pub fn is_html(body: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(body.get(..512).unwrap_or(body)).to_lowercase();
    let begin = begin.trim_start();
    begin.starts_with("<html") || begin.starts_with("<!doctype html")
}

/// The innermost error is the informative one.
fn innermost_cause(error: &dyn Error) -> String {
    let mut innermost = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !text.is_empty() {
            innermost = text;
        }
        next = cause.source();
    }
    innermost
}

/// How to fix errors that any call can return.
fn help_for(error: &ProviderError) -> Option<String> {
    let says = |word: &str| error.message.contains(word);
    let text = match error.code.as_str() {
        _ if error.is_expired() => {
            "your credentials have expired: sign in again (`aws sso login`, or new keys), then run the same command"
        }
        _ if error_codes::is_clock_skewed(error) => {
            "this machine's clock is wrong: set it, then run the same command"
        }
        _ if error.is_unknown_caller() => {
            "AWS does not know these credentials: check the profile (`--profile`) and its keys"
        }
        "OptInRequired" | "SubscriptionRequiredException" => {
            "this account is not signed up for the service or region"
        }
        LOCAL_AWS_ENDED if says("was taken down") => {
            "its data is deleted: deploy again, which starts a new one: `treino deploy`"
        }
        LOCAL_AWS_ENDED if says("another one runs") => {
            "`treino status` shows what is deployed on that one"
        }
        LOCAL_AWS_ENDED => "`treino local up` starts it again; what it had written down comes back",
        "NoLongerSupportedException" => {
            "AWS takes no new customers for Glacier's vaults: take `vaults:` out of the stack file, and keep archives \
             in a bucket"
        }
        // The policy that AWS attaches to the user of a leaked key.
        _ if error.is_denied() && says("AWSCompromisedKeyQuarantine") => {
            "AWS has locked this access key, as it was seen in public: delete it, make a new one, and do what AWS's \
             mail about it says"
        }
        "AccessDenied" | "AccessDeniedException"
            if says("iam:CreateRole") || error.operation == "CreateRole" =>
        {
            "this account may not create roles: name an existing one with `role:`, or for the whole stack with \
             `defaults: { role: \"arn:${partition}:iam::${account}:role/LabRole\" }`"
        }
        "" if says(NO_ANSWER) || says("the answer did not end") => {
            "run the same command again; behind a slow line, give AWS more time: TREINO_TIMEOUT=120 (seconds)"
        }
        "" if says("Too many open files") => {
            "raise the limit of open files and connections: ulimit -n 1024"
        }
        _ if says(HTML_PAGE)
            || says(NOT_AWS)
            || says("it sends to ")
            || says("the answer (HTTP") =>
        {
            "something answers in AWS's place: a proxy, the sign-in page of a network, or what `--endpoint-url` names"
        }
        "" if says("credentials") || says("no providers in chain") => NO_CREDENTIALS,
        "" if says("refused") => {
            "nothing answers at this endpoint: check `--endpoint-url`, or use `--local`"
        }
        "" if says("dns") || says("lookup") || says("resolve") => {
            "the endpoint's name is unknown: check the region (`--region`) and the network"
        }
        _ => return help_for_denied(error),
    };
    Some(text.to_owned())
}

/// How to fix a denied call.
fn help_for_denied(error: &ProviderError) -> Option<String> {
    if error_codes::is_public_policy_blocked(error) {
        return Some(
            "S3 blocks public policies: turn BlockPublicPolicy off for the bucket (and for the account, where that \
             blocks them too), or name in `Principal` who may use the bucket"
                .to_owned(),
        );
    }
    let action = error_codes::denied_action(error)?;
    Some(if error.message.contains("explicit deny") {
        format!("a policy forbids these credentials `{action}`: ask whoever manages the account")
    } else {
        format!(
            "allow these credentials `{action}`; docs/deployer-policy.json is all that treino needs"
        )
    })
}

/// No answer.
const NO_ANSWER: &str = "no answer";
/// An answer that no AWS service sends.
const NOT_AWS: &str = "the answer is not one AWS gives";
/// An HTML page, for example of a proxy.
pub const HTML_PAGE: &str = "a web page came in place of an answer";

/// How to fix missing credentials.
pub const NO_CREDENTIALS: &str = "set AWS_PROFILE or `--profile`, sign in with `aws configure` or \
     `aws sso login`, or try it without an account by `--local`";
