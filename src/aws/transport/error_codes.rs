//! Refusals that AWS tells apart by the message alone, each by one predicate.

use super::error::PAGE;
use crate::engine::ProviderError;

/// Lambda does not yet know a new role.
#[must_use]
pub fn role_unknown_to_lambda(error: &ProviderError) -> bool {
    error.is("InvalidParameterValueException")
        && error.message.contains("cannot be assumed by Lambda")
}

/// Step Functions does not yet know a new role.
#[must_use]
pub fn role_unknown_to_states(error: &ProviderError) -> bool {
    error.is("AccessDeniedException")
        && error
            .message
            .contains("authorized to assume the provided role")
}

/// Step Functions may not yet write to a new log group with a new role.
#[must_use]
pub fn log_destination_unknown(error: &ProviderError) -> bool {
    error.is("AccessDeniedException") && error.message.contains("access the Log Destination")
}

/// EventBridge does not yet know a new role.
#[must_use]
pub fn role_unknown_to_events(error: &ProviderError) -> bool {
    error.is("ValidationException") && error.message.contains("cannot be assumed by principal")
}

/// A policy names a principal IAM does not yet know.
#[must_use]
pub fn principal_unknown(error: &ProviderError) -> bool {
    let codes = [
        "MalformedPolicyDocument",
        "MalformedPolicy",
        // Glacier's.
        "InvalidParameterValueException",
    ];
    codes.contains(&error.code.as_str())
        && error.message.to_lowercase().contains("invalid principal")
}

/// What was taken from a role is not yet seen everywhere to be gone.
#[must_use]
pub fn role_in_use(error: &ProviderError) -> bool {
    error.is("DeleteConflict") || concurrent_change(error)
}

/// The machine's clock is too far from AWS's.
#[must_use]
pub fn clock_skewed(error: &ProviderError) -> bool {
    let signature = error.is("SignatureDoesNotMatch") || error.is("InvalidSignatureException");
    let early_or_late = ["Signature expired", "Signature not yet current"];
    error.is("RequestTimeTooSkewed")
        || signature
            && early_or_late
                .iter()
                .any(|text| error.message.contains(text))
}

/// The action the caller is not allowed, where AWS names it.
#[must_use]
pub fn denied_action(error: &ProviderError) -> Option<&str> {
    let (_, rest) = error.message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?;
    (error.is_denied() && action.contains(':')).then_some(action)
}

/// A function is being created or changed.
#[must_use]
pub fn function_busy(error: &ProviderError) -> bool {
    error.is("ResourceConflictException") && !function_exists(error)
}

/// An event source mapping is being made, changed or deleted.
#[must_use]
pub fn mapping_busy(error: &ProviderError) -> bool {
    error.is("ResourceInUseException") || error.is("ResourceConflictException")
}

/// A function of that name is there already.
#[must_use]
pub fn function_exists(error: &ProviderError) -> bool {
    error.is("ResourceConflictException") && error.message.contains("already exist")
}

/// A function would keep more executions for itself than the account can spare.
#[must_use]
pub fn too_much_concurrency(error: &ProviderError) -> bool {
    error.is("InvalidParameterValueException") && error.message.contains("below its minimum value")
}

/// A machine of that name is being deleted.
#[must_use]
pub fn machine_deleting(error: &ProviderError) -> bool {
    error.is("StateMachineDeleting")
}

/// A bucket, or its name, is in the middle of something else.
#[must_use]
pub fn bucket_busy(error: &ProviderError) -> bool {
    error.is("OperationAborted") || error.is("ConditionalRequestConflict")
}

/// A fresh bucket is not yet seen everywhere.
#[must_use]
pub fn bucket_unseen(error: &ProviderError) -> bool {
    error.is("NoSuchBucket") || bucket_busy(error)
}

/// A trail does not yet see its bucket's policy.
#[must_use]
pub fn bucket_policy_unseen(error: &ProviderError) -> bool {
    error.is("InsufficientS3BucketPolicyException") || error.is("S3BucketDoesNotExistException")
}

/// A table is being made, changed or deleted, too many are at once, or its backups are not there yet.
#[must_use]
pub fn table_busy(error: &ProviderError) -> bool {
    error.is("ResourceInUseException")
        || error.is("ContinuousBackupsUnavailableException")
        || (error.is("LimitExceededException")
            && error.message.to_lowercase().contains("simultaneous"))
}

/// Somebody protects a table from deletion.
#[must_use]
pub fn table_protected(error: &ProviderError) -> bool {
    error.is("ValidationException")
        && error
            .message
            .to_lowercase()
            .contains("protected against deletion")
}

/// The name of a queue is not free, as another was deleted less than a minute ago.
#[must_use]
pub fn queue_deleted_recently(error: &ProviderError) -> bool {
    error.is("AWS.SimpleQueueService.QueueDeletedRecently") || error.is("QueueDeletedRecently")
}

/// SQS takes a queue's policy for none, as it does where the policy names a role that IAM does not
/// know yet.
#[must_use]
pub fn queue_policy_refused(error: &ProviderError) -> bool {
    error.is("InvalidAttributeValue") && error.message.contains("Policy")
}

/// A topic of this name is there, with other tags or attributes.
#[must_use]
pub fn topic_exists(error: &ProviderError) -> bool {
    error.is("InvalidParameter") && error.message.contains("already exists with different")
}

/// A topic's policy names a role that IAM does not know yet.
#[must_use]
pub fn topic_principal_unknown(error: &ProviderError) -> bool {
    error.is("InvalidParameter") && error.message.contains("PrincipalNotFound")
}

/// A service takes no more calls for the moment.
#[must_use]
pub fn throttled(error: &ProviderError) -> bool {
    matches!(
        error.code.as_str(),
        "ThrottlingException" | "Throttling" | "TooManyRequestsException"
    )
}

/// A vault holds archives, or was written to since its last inventory.
#[must_use]
pub fn vault_in_use(error: &ProviderError) -> bool {
    let message = error.message.to_lowercase();
    error.is("InvalidParameterValueException")
        && (message.contains("not empty") || message.contains("recently written"))
}

/// A service is not there at all: AWS has no endpoint of it in the region, or what else answers at
/// an endpoint does not know it. A name server that does not answer is something else.
#[must_use]
pub fn not_offered(error: &ProviderError) -> bool {
    let says = |texts: &[&str]| texts.iter().any(|text| error.message.contains(text));
    match error.code.as_str() {
        "" => says(&[
            "Name or service not known",
            "nodename nor servname provided",
            "No such host is known",
        ]),
        // AWS itself never refuses without a code, and a web page is not even an endpoint's.
        "HTTP 400" | "HTTP 404" | "HTTP 405" | "HTTP 501" | "NotImplemented" => !says(&[PAGE]),
        "InternalFailure" => says(&["not yet implemented", "not implemented", "not enabled"]),
        _ => false,
    }
}

/// Two changes of one resource met.
#[must_use]
pub fn concurrent_change(error: &ProviderError) -> bool {
    matches!(
        error.code.as_str(),
        "ConcurrentModificationException"
            | "ConcurrentModification"
            | "OperationAbortedException"
            | "ConflictException"
    )
}

/// Too many calls, no answer, or an answer that says to come back: a reader may simply ask again.
#[must_use]
pub fn asked_too_often_or_unanswered(error: &ProviderError) -> bool {
    matches!(
        error.code.as_str(),
        "" | "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "InternalServerError"
    ) || error.code.starts_with("HTTP 5")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> ProviderError {
        ProviderError {
            code: code.into(),
            ..ProviderError::ours(message)
        }
    }

    #[test]
    fn a_service_that_is_not_there_is_told_from_one_that_does_not_answer() {
        let lookup = "failed to lookup address information: ";
        let unknown = format!("{lookup}Name or service not known");
        assert!(not_offered(&error("", &unknown)));
        assert!(not_offered(&error("HTTP 400", "")));
        assert!(not_offered(&error(
            "InternalFailure",
            "API for service 'glacier' not yet implemented"
        )));
        let for_now = format!("{lookup}Temporary failure in name resolution");
        for (code, message) in [
            ("", for_now.as_str()),
            ("", "no answer in time"),
            ("HTTP 403", ""),
            ("HTTP 404", PAGE),
            ("HTTP 503", ""),
            ("AccessDenied", "Name or service not known"),
            ("InternalFailure", ""),
        ] {
            assert!(!not_offered(&error(code, message)), "{code} {message}");
        }
    }

    #[test]
    fn a_vault_in_use_is_told_from_a_wrong_parameter() {
        let code = "InvalidParameterValueException";
        let in_use = "Vault not empty or recently written to: arn:aws:glacier:...";
        assert!(vault_in_use(&error(code, in_use)));
        assert!(!vault_in_use(&error(code, "Invalid vault name")));
    }
}
