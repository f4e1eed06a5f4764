//! From an SDK's error to our own, once: service, operation, code, message, request id.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::refusal;
use crate::engine::{Fault, Residue};

/// Turns the result of a call into ours.
pub trait Called<T> {
    /// Names the call in the error, if there is one.
    ///
    /// # Errors
    /// The call's own.
    fn of(self, service: &'static str, operation: &'static str) -> Result<T, Fault>;
}

impl<T, E> Called<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn of(self, service: &'static str, operation: &'static str) -> Result<T, Fault> {
        self.map_err(|error| fault(&error, service, operation))
    }
}

fn fault<E>(error: &SdkError<E, HttpResponse>, service: &str, operation: &str) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (code, message, residue) = match error {
        SdkError::ServiceError(answer) => {
            let meta = answer.err().meta();
            let status = answer.raw().status().as_u16();
            let code = meta
                .code()
                .map_or_else(|| format!("HTTP {status}"), String::from);
            let message = meta.message().unwrap_or_default().to_owned();
            let residue = if status >= 500 {
                Residue::Unknown
            } else {
                Residue::Nothing
            };
            (code, message, residue)
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            (
                format!("HTTP {status}"),
                "the answer is not one AWS gives".to_owned(),
                Residue::Unknown,
            )
        }
        SdkError::ConstructionFailure(_) => (String::new(), chain(error), Residue::Nothing),
        SdkError::TimeoutError(_) => (
            String::new(),
            "no answer in time".to_owned(),
            Residue::Unknown,
        ),
        _ => (String::new(), chain(error), Residue::Unknown),
    };
    let request_id = error
        .raw_response()
        .and_then(|raw| {
            raw.headers()
                .get("x-amzn-requestid")
                .or_else(|| raw.headers().get("x-amz-request-id"))
        })
        .map(String::from);
    let mut fault = Fault {
        service: service.to_owned(),
        operation: operation.to_owned(),
        code,
        message,
        request_id,
        residue,
        elsewhere: false,
        help: None,
    };
    fault.help = help(&fault);
    fault
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
fn help(fault: &Fault) -> Option<String> {
    let says = |word: &str| fault.message.contains(word);
    let text = match fault.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "your credentials have expired: sign in again (`aws sso login`, or new keys), then run the same command"
        }
        _ if refusal::clock_skewed(fault) => {
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
        "NoLongerSupportedException" => {
            "AWS takes no new customers for Glacier's vaults: take `vaults:` out of the stack file, and keep archives \
             in a bucket"
        }
        // The name of the policy that AWS attaches to the user of such a key.
        _ if fault.is_denied() && says("AWSCompromisedKeyQuarantine") => {
            "AWS has locked this access key, as it was seen in public: delete it, make a new one, and do what AWS's \
             mail about it says"
        }
        "AccessDenied" | "AccessDeniedException"
            if says("iam:CreateRole") || fault.operation == "CreateRole" =>
        {
            "this account may not create roles: name an existing one with `role:`, or for the whole stack with \
             `defaults: { role: \"arn:aws:iam::${account}:role/LabRole\" }`"
        }
        "" if says("credentials") || says("no providers in chain") => NO_CREDENTIALS,
        "" if says("refused") => {
            "nothing answers at this endpoint: check `--endpoint-url`, or use `--local`"
        }
        "" if says("dns") || says("lookup") || says("resolve") => {
            "the endpoint's name is unknown: check the region (`--region`) and the network"
        }
        _ => return denied(fault),
    };
    Some(text.to_owned())
}

/// What to do where the caller may not do something.
fn denied(fault: &Fault) -> Option<String> {
    let action = refusal::denied_action(fault)?;
    Some(if fault.message.contains("explicit deny") {
        format!("a policy forbids these credentials `{action}`: ask whoever manages the account")
    } else {
        format!(
            "allow these credentials `{action}`; docs/deployer-policy.json is all that treino needs"
        )
    })
}

/// What to do without credentials.
pub const NO_CREDENTIALS: &str = "set AWS_PROFILE or `--profile`, sign in with `aws configure` or \
     `aws sso login`, or try it without an account by `--local`";
