//! From an SDK's error to our own, once: service, operation, code, message, request id.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{ended, error_codes};
use crate::engine::{Leftover, ProviderError, sanitize};

/// Turns the result of a call into ours.
pub trait Called<T> {
    /// Names the call in the error, if there is one.
    ///
    /// # Errors
    /// The call's own.
    fn of(self, service: &'static str, operation: &'static str) -> Result<T, ProviderError>;
}

impl<T, E> Called<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn of(self, service: &'static str, operation: &'static str) -> Result<T, ProviderError> {
        self.map_err(|error| converted(&error, service, operation))
    }
}

fn converted<E>(error: &SdkError<E, HttpResponse>, service: &str, operation: &str) -> ProviderError
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
                    (code.to_owned(), message, after(status))
                }
                None => unread(answer.raw(), meta.message()),
            }
        }
        SdkError::ResponseError(answer) => {
            let (code, message, leftover) = unread(answer.raw(), None);
            (code, format!("{message}: {}", chain(error)), leftover)
        }
        SdkError::ConstructionFailure(_) => (String::new(), chain(error), Leftover::Nothing),
        SdkError::TimeoutError(_) => (String::new(), LATE.to_owned(), Leftover::Unknown),
        SdkError::DispatchFailure(_) if ended::is_cause(error) => {
            (ended::CODE.to_owned(), chain(error), Leftover::Unknown)
        }
        // It was never sent.
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (String::new(), chain(error), Leftover::Nothing)
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            let why = chain(error);
            let why = if why.contains("answer") {
                why
            } else {
                format!("{LATE}: {why}")
            };
            (String::new(), why, Leftover::Unknown)
        }
        _ => (String::new(), chain(error), Leftover::Unknown),
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
    error.help = help(&error);
    error
}

/// What AWS may have done where it answered with this status.
fn after(status: u16) -> Leftover {
    match status {
        300..500 => Leftover::Nothing,
        // What could not be read may be the answer to what was done.
        _ => Leftover::Unknown,
    }
}

/// What is said of an answer without an error code: AWS gives none where it gives no body, and all
/// else is another's.
fn unread(answer: &HttpResponse, message: Option<&str>) -> (String, String, Leftover) {
    let status = answer.status().as_u16();
    let code = format!("HTTP {status}");
    let body = answer.body().bytes().unwrap_or_default();
    let elsewhere = answer.headers().get("location");
    let text = match (message, elsewhere) {
        (Some(message), _) => message.to_owned(),
        (None, Some(place)) if (300..400).contains(&status) => {
            format!("it sends to {place}, where treino does not go with your credentials")
        }
        (None, _) if is_page(body) => PAGE.to_owned(),
        // HEAD and S3's refusals of it have none.
        (None, _) if body.is_empty() && status >= 300 => String::new(),
        (None, _) => NOT_AWS.to_owned(),
    };
    (code, text, after(status))
}

/// Whether a body is a web page.
pub fn is_page(body: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(body.get(..512).unwrap_or(body)).to_lowercase();
    let begin = begin.trim_start();
    begin.starts_with("<html") || begin.starts_with("<!doctype html")
}

/// The innermost cause says what happened; the outer ones only that something did.
fn chain(error: &dyn Error) -> String {
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

/// What to do about errors that can come from any call.
fn help(error: &ProviderError) -> Option<String> {
    let says = |word: &str| error.message.contains(word);
    let text = match error.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "your credentials have expired: sign in again (`aws sso login`, or new keys), then run the same command"
        }
        _ if error_codes::clock_skewed(error) => {
            "this machine's clock is wrong: set it, then run the same command"
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "AuthFailure" => {
            "AWS does not know these credentials: check the profile (`--profile`) and its keys"
        }
        "OptInRequired" | "SubscriptionRequiredException" => {
            "this account is not signed up for the service or region"
        }
        ended::CODE => {
            "`treino local up` starts it again, and so does `treino deploy`; what it had written down comes back"
        }
        "NoLongerSupportedException" => {
            "AWS takes no new customers for Glacier's vaults: take `vaults:` out of the stack file, and keep archives \
             in a bucket"
        }
        // The name of the policy that AWS attaches to the user of such a key.
        _ if error.is_denied() && says("AWSCompromisedKeyQuarantine") => {
            "AWS has locked this access key, as it was seen in public: delete it, make a new one, and do what AWS's \
             mail about it says"
        }
        "AccessDenied" | "AccessDeniedException"
            if says("iam:CreateRole") || error.operation == "CreateRole" =>
        {
            "this account may not create roles: name an existing one with `role:`, or for the whole stack with \
             `defaults: { role: \"arn:aws:iam::${account}:role/LabRole\" }`"
        }
        "" if says(LATE) || says("the answer did not end") => {
            "run the same command again; behind a slow line, give AWS more time: TREINO_TIMEOUT=120 (seconds)"
        }
        "" if says("Too many open files") => {
            "raise the limit of open files and connections: ulimit -n 1024"
        }
        _ if says(PAGE) || says(NOT_AWS) || says("it sends to ") || says("the answer (HTTP") => {
            "something answers in AWS's place: a proxy, the sign-in page of a network, or what `--endpoint-url` names"
        }
        "" if says("credentials") || says("no providers in chain") => NO_CREDENTIALS,
        "" if says("refused") => {
            "nothing answers at this endpoint: check `--endpoint-url`, or use `--local`"
        }
        "" if says("dns") || says("lookup") || says("resolve") => {
            "the endpoint's name is unknown: check the region (`--region`) and the network"
        }
        _ => return denied(error),
    };
    Some(text.to_owned())
}

/// What to do where the caller may not do something.
fn denied(error: &ProviderError) -> Option<String> {
    let action = error_codes::denied_action(error)?;
    Some(if error.message.contains("explicit deny") {
        format!("a policy forbids these credentials `{action}`: ask whoever manages the account")
    } else {
        format!(
            "allow these credentials `{action}`; docs/deployer-policy.json is all that treino needs"
        )
    })
}

/// Nothing came.
const LATE: &str = "no answer";
/// Something came that no service of AWS answers.
const NOT_AWS: &str = "the answer is not one AWS gives";
/// Somebody else's page.
pub const PAGE: &str = "a web page came in place of an answer";

/// What to do without credentials.
pub const NO_CREDENTIALS: &str = "set AWS_PROFILE or `--profile`, sign in with `aws configure` or \
     `aws sso login`, or try it without an account by `--local`";
