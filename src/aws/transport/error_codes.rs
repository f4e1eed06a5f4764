//! Predicates over errors. Several need the message, as AWS uses one code for different errors.

use super::error::HTML_PAGE;
use crate::engine::ProviderError;

/// Lambda cannot assume a new role yet.
#[must_use]
pub fn is_role_not_assumable_by_lambda(error: &ProviderError) -> bool {
    error.is("InvalidParameterValueException")
        && error.message.contains("cannot be assumed by Lambda")
}

/// KMS does not know a new role yet, which Lambda wants to let read the environment variables. AWS adds the error of
/// KMS; a denial among them is one of the caller, and stays.
///
/// <https://github.com/hashicorp/terraform-provider-aws/issues/4633>
#[must_use]
pub fn is_role_unknown_to_kms(error: &ProviderError) -> bool {
    error.is("InvalidParameterValueException")
        && error.message.contains("KMS key is invalid for CreateGrant")
        && !error.message.contains("AccessDenied")
}

/// Step Functions cannot assume a new role yet.
#[must_use]
pub fn is_role_not_assumable_by_step_functions(error: &ProviderError) -> bool {
    error.is("AccessDeniedException")
        && error
            .message
            .contains("authorized to assume the provided role")
}

/// Step Functions cannot deliver logs to a new log group, or with a new role, yet. Other resources that it checks
/// with the role are named in the same words.
#[must_use]
pub fn is_log_destination_not_accessible(error: &ProviderError) -> bool {
    let texts = [
        "access the Log Destination",
        "IAM Role is not authorized to access",
    ];
    error.is("AccessDeniedException") && texts.iter().any(|text| error.message.contains(text))
}

/// The role of a state machine may not make the EventBridge rule that its `.sync` tasks need: it never may, or its
/// policy is new.
///
/// <https://github.com/hashicorp/terraform-provider-aws/issues/14008>
#[must_use]
pub fn is_managed_rule_refused(error: &ProviderError) -> bool {
    error.is("AccessDeniedException") && error.message.contains("managed-rule")
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

/// A new role is not visible everywhere yet. For a missing managed policy, IAM has the same code.
#[must_use]
pub fn is_role_not_visible(error: &ProviderError) -> bool {
    let code = error.is("NoSuchEntity") || error.is("NoSuchEntityException");
    code && !error.message.contains("olicy")
}

/// The tags of a new resource are not visible yet to the conditions of the caller's policies. A caller who may
/// never make the call gets the same error.
#[must_use]
pub fn is_denied_before_tags_are_visible(error: &ProviderError) -> bool {
    error.is_denied() && error.message.contains("no identity-based policy allows")
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

/// S3 blocks public policies: by the bucket's own setting, which may have been changed a moment ago, or by the
/// account's.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
#[must_use]
pub fn is_public_policy_blocked(error: &ProviderError) -> bool {
    error.is_denied() && error.message.contains("BlockPublicPolicy")
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

/// A table's time to live was changed less than an hour ago.
#[must_use]
pub fn is_time_to_live_changed_recently(error: &ProviderError) -> bool {
    error.is("ValidationException") && error.message.contains("modified multiple times")
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

/// SQS does not see a new dead-letter queue yet.
#[must_use]
pub fn is_dead_letter_queue_not_visible(error: &ProviderError) -> bool {
    error.message.contains("Dead letter target does not exist")
}

/// EventBridge still sees targets of a rule.
#[must_use]
pub fn is_rule_with_targets(error: &ProviderError) -> bool {
    error.is("ValidationException") && error.message.contains("since it has targets")
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

/// AWS has no endpoint for the service in the region. A DNS server that does not answer is a different error.
#[must_use]
pub fn is_without_endpoint(error: &ProviderError) -> bool {
    let texts = [
        "Name or service not known",
        // A name without an address, which some resolvers answer with for S3 Express.
        "No address associated with hostname",
        "nodename nor servname provided",
        "No such host is known",
        "no data of the requested type was found",
    ];
    error.code.is_empty() && texts.iter().any(|text| error.message.contains(text))
}

/// An endpoint that is not AWS's does not implement the service. Of AWS this would prove nothing: its own refusals
/// have a code, and it answers 400 for other reasons.
#[must_use]
pub fn is_not_implemented(error: &ProviderError) -> bool {
    let says = |texts: &[&str]| texts.iter().any(|text| error.message.contains(text));
    match error.code.as_str() {
        // An HTML page is not from such an endpoint.
        "HTTP 404" | "HTTP 405" | "HTTP 501" | "NotImplemented" => !says(&[HTML_PAGE]),
        "UnknownOperationException" => true,
        "InternalFailure" => says(&["not yet implemented", "not implemented", "not enabled"]),
        _ => false,
    }
}

/// Two changes of one resource were made at once, or it is not ready for a change yet.
#[must_use]
pub fn is_concurrent_modification(error: &ProviderError) -> bool {
    matches!(
        error.code.as_str(),
        "ConcurrentModificationException"
            | "ConcurrentModification"
            | "OperationAbortedException"
            | "ConflictException"
            // SNS's, for tags.
            | "ConcurrentAccess"
            | "ConcurrentAccessException"
            | "StaleTag"
            | "StaleTagException"
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
        assert!(is_without_endpoint(&error("", &unknown)));
        let without_address = format!("{lookup}No address associated with hostname");
        assert!(is_without_endpoint(&error("", &without_address)));
        assert!(is_not_implemented(&error("HTTP 404", "")));
        assert!(is_not_implemented(&error(
            "InternalFailure",
            "API for service 'glacier' not yet implemented"
        )));
        let for_now = format!("{lookup}Temporary failure in name resolution");
        for (code, message) in [
            ("", for_now.as_str()),
            ("", "no answer in time"),
            ("HTTP 400", ""),
            ("HTTP 403", ""),
            ("HTTP 404", HTML_PAGE),
            ("HTTP 503", ""),
            ("AccessDenied", "Name or service not known"),
            ("InternalFailure", ""),
        ] {
            let error = error(code, message);
            let is_absent = is_without_endpoint(&error) || is_not_implemented(&error);
            assert!(!is_absent, "{code} {message}");
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
