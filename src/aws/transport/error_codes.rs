//! Predicates over errors. Several need the message, as AWS uses one code for different errors.

use super::error::HTML_PAGE;
use crate::engine::ProviderError;

/// Lambda cannot assume a new role yet.
#[must_use]
pub fn is_role_not_assumable_by_lambda(error: &ProviderError) -> bool {
    error.is("InvalidParameterValueException")
        && error.message.contains("cannot be assumed by Lambda")
}

/// Step Functions cannot assume a new role yet.
#[must_use]
pub fn is_role_not_assumable_by_step_functions(error: &ProviderError) -> bool {
    error.is("AccessDeniedException")
        && error
            .message
            .contains("authorized to assume the provided role")
}

/// Step Functions cannot deliver logs to a new log group, or with a new role, yet.
#[must_use]
pub fn is_log_destination_not_accessible(error: &ProviderError) -> bool {
    error.is("AccessDeniedException") && error.message.contains("access the Log Destination")
}

/// EventBridge cannot assume a new role yet.
#[must_use]
pub fn is_role_not_assumable_by_eventbridge(error: &ProviderError) -> bool {
    error.is("ValidationException") && error.message.contains("cannot be assumed by principal")
}

/// A policy names a principal that does not exist (yet).
#[must_use]
pub fn is_invalid_principal(error: &ProviderError) -> bool {
    let codes = [
        "MalformedPolicyDocument",
        "MalformedPolicy",
        // Glacier's.
        "InvalidParameterValueException",
    ];
    codes.contains(&error.code.as_str())
        && error.message.to_lowercase().contains("invalid principal")
}

/// A role still has policies or instance profiles: their removal is eventually consistent.
#[must_use]
pub fn is_delete_conflict(error: &ProviderError) -> bool {
    error.is("DeleteConflict") || is_concurrent_modification(error)
}

/// The local clock differs too much from AWS's.
#[must_use]
pub fn is_clock_skewed(error: &ProviderError) -> bool {
    let signature = error.is("SignatureDoesNotMatch") || error.is("InvalidSignatureException");
    let early_or_late = ["Signature expired", "Signature not yet current"];
    error.is("RequestTimeTooSkewed")
        || signature
            && early_or_late
                .iter()
                .any(|text| error.message.contains(text))
}

/// The denied action, if AWS names it.
#[must_use]
pub fn denied_action(error: &ProviderError) -> Option<&str> {
    error.denied_action()
}

/// Another create or update of the function is in progress.
#[must_use]
pub fn is_function_update_in_progress(error: &ProviderError) -> bool {
    error.is("ResourceConflictException") && !function_already_exists(error)
}

/// Another operation on the event source mapping is in progress.
#[must_use]
pub fn is_event_source_mapping_in_use(error: &ProviderError) -> bool {
    error.is("ResourceInUseException") || error.is("ResourceConflictException")
}

/// A function of that name already exists.
#[must_use]
pub fn function_already_exists(error: &ProviderError) -> bool {
    error.is("ResourceConflictException") && error.message.contains("already exist")
}

/// The reserved concurrency would leave the account less than its minimum of unreserved concurrency.
#[must_use]
pub fn is_reserved_concurrency_too_high(error: &ProviderError) -> bool {
    error.is("InvalidParameterValueException") && error.message.contains("below its minimum value")
}

/// A state machine of that name is being deleted.
#[must_use]
pub fn is_state_machine_deleting(error: &ProviderError) -> bool {
    error.is("StateMachineDeleting")
}

/// A conflicting operation on the bucket or its name is in progress.
#[must_use]
pub fn is_bucket_operation_conflict(error: &ProviderError) -> bool {
    error.is("OperationAborted") || error.is("ConditionalRequestConflict")
}

/// A new bucket is not visible everywhere yet.
#[must_use]
pub fn is_bucket_not_visible(error: &ProviderError) -> bool {
    error.is("NoSuchBucket") || is_bucket_operation_conflict(error)
}

/// CloudTrail does not see the bucket's policy yet.
#[must_use]
pub fn is_bucket_policy_not_visible(error: &ProviderError) -> bool {
    error.is("InsufficientS3BucketPolicyException") || error.is("S3BucketDoesNotExistException")
}

/// A table is being created, updated or deleted; too many table operations run at once; or its backups are
/// not enabled yet.
#[must_use]
pub fn is_table_in_use(error: &ProviderError) -> bool {
    error.is("ResourceInUseException")
        || error.is("ContinuousBackupsUnavailableException")
        || (error.is("LimitExceededException")
            && error.message.to_lowercase().contains("simultaneous"))
}

/// Deletion protection is enabled for a table.
#[must_use]
pub fn is_deletion_protected(error: &ProviderError) -> bool {
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

/// The service throttles calls.
#[must_use]
pub fn is_throttled(error: &ProviderError) -> bool {
    matches!(
        error.code.as_str(),
        "ThrottlingException" | "Throttling" | "TooManyRequestsException"
    )
}

/// A vault has archives, or was written to since its last inventory.
#[must_use]
pub fn is_vault_not_empty(error: &ProviderError) -> bool {
    let message = error.message.to_lowercase();
    error.is("InvalidParameterValueException")
        && (message.contains("not empty") || message.contains("recently written"))
}

/// The service is not available: AWS has no endpoint for it in the region, or a custom endpoint does not
/// implement it. A DNS server that does not answer is a different error.
#[must_use]
pub fn is_service_not_offered(error: &ProviderError) -> bool {
    let says = |texts: &[&str]| texts.iter().any(|text| error.message.contains(text));
    match error.code.as_str() {
        "" => says(&[
            "Name or service not known",
            // A name without an address, which some resolvers answer with for S3 Express.
            "No address associated with hostname",
            "nodename nor servname provided",
            "No such host is known",
            "no data of the requested type was found",
        ]),
        // AWS's own errors always have a code, and an HTML page is not from an endpoint at all.
        "HTTP 400" | "HTTP 404" | "HTTP 405" | "HTTP 501" | "NotImplemented" => !says(&[HTML_PAGE]),
        "InternalFailure" => says(&["not yet implemented", "not implemented", "not enabled"]),
        _ => false,
    }
}

/// Two changes of one resource were made at once.
#[must_use]
pub fn is_concurrent_modification(error: &ProviderError) -> bool {
    matches!(
        error.code.as_str(),
        "ConcurrentModificationException"
            | "ConcurrentModification"
            | "OperationAbortedException"
            | "ConflictException"
    )
}

/// Throttling, no answer, or a server error: a read can be repeated.
#[must_use]
pub fn is_transient(error: &ProviderError) -> bool {
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
            ..ProviderError::new(message)
        }
    }

    #[test]
    fn an_unavailable_service_differs_from_one_that_does_not_answer() {
        let lookup = "failed to lookup address information: ";
        let unknown = format!("{lookup}Name or service not known");
        assert!(is_service_not_offered(&error("", &unknown)));
        let without_address = format!("{lookup}No address associated with hostname");
        assert!(is_service_not_offered(&error("", &without_address)));
        assert!(is_service_not_offered(&error("HTTP 400", "")));
        assert!(is_service_not_offered(&error(
            "InternalFailure",
            "API for service 'glacier' not yet implemented"
        )));
        let for_now = format!("{lookup}Temporary failure in name resolution");
        for (code, message) in [
            ("", for_now.as_str()),
            ("", "no answer in time"),
            ("HTTP 403", ""),
            ("HTTP 404", HTML_PAGE),
            ("HTTP 503", ""),
            ("AccessDenied", "Name or service not known"),
            ("InternalFailure", ""),
        ] {
            assert!(
                !is_service_not_offered(&error(code, message)),
                "{code} {message}"
            );
        }
    }

    #[test]
    fn a_vault_that_is_not_empty_differs_from_a_wrong_parameter() {
        let code = "InvalidParameterValueException";
        let in_use = "Vault not empty or recently written to: arn:aws:glacier:...";
        assert!(is_vault_not_empty(&error(code, in_use)));
        assert!(!is_vault_not_empty(&error(code, "Invalid vault name")));
    }
}
