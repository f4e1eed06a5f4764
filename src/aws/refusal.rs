//! Refusals that AWS tells apart by the message alone, each by one predicate.

use crate::engine::Fault;

/// Lambda does not yet know a new role.
#[must_use]
pub fn role_unknown_to_lambda(fault: &Fault) -> bool {
    fault.is("InvalidParameterValueException")
        && fault.message.contains("cannot be assumed by Lambda")
}

/// Step Functions does not yet know a new role.
#[must_use]
pub fn role_unknown_to_states(fault: &Fault) -> bool {
    fault.is("AccessDeniedException")
        && fault
            .message
            .contains("authorized to assume the provided role")
}

/// Step Functions may not yet write to a new log group with a new role.
#[must_use]
pub fn log_destination_unknown(fault: &Fault) -> bool {
    fault.is("AccessDeniedException") && fault.message.contains("access the Log Destination")
}

/// EventBridge does not yet know a new role.
#[must_use]
pub fn role_unknown_to_events(fault: &Fault) -> bool {
    fault.is("ValidationException") && fault.message.contains("cannot be assumed by principal")
}

/// A policy names a principal IAM does not yet know.
#[must_use]
pub fn principal_unknown(fault: &Fault) -> bool {
    (fault.is("MalformedPolicyDocument") || fault.is("MalformedPolicy"))
        && fault.message.to_lowercase().contains("invalid principal")
}

/// A function is being created or changed.
#[must_use]
pub fn function_busy(fault: &Fault) -> bool {
    fault.is("ResourceConflictException") && !function_exists(fault)
}

/// A function of that name is there already.
#[must_use]
pub fn function_exists(fault: &Fault) -> bool {
    fault.is("ResourceConflictException") && fault.message.contains("already exist")
}

/// A machine of that name is being deleted.
#[must_use]
pub fn machine_deleting(fault: &Fault) -> bool {
    fault.is("StateMachineDeleting")
}

/// A bucket, or its name, is in the middle of something else.
#[must_use]
pub fn bucket_busy(fault: &Fault) -> bool {
    fault.is("OperationAborted") || fault.is("ConditionalRequestConflict")
}

/// A fresh bucket is not yet seen everywhere.
#[must_use]
pub fn bucket_unseen(fault: &Fault) -> bool {
    fault.is("NoSuchBucket") || bucket_busy(fault)
}

/// A trail does not yet see its bucket's policy.
#[must_use]
pub fn bucket_policy_unseen(fault: &Fault) -> bool {
    fault.is("InsufficientS3BucketPolicyException") || fault.is("S3BucketDoesNotExistException")
}

/// A table is being made, changed or deleted, or too many are at once.
#[must_use]
pub fn table_busy(fault: &Fault) -> bool {
    fault.is("ResourceInUseException")
        || (fault.is("LimitExceededException")
            && fault.message.to_lowercase().contains("simultaneous"))
}

/// Two changes of one resource met.
#[must_use]
pub fn concurrent_change(fault: &Fault) -> bool {
    matches!(
        fault.code.as_str(),
        "ConcurrentModificationException"
            | "ConcurrentModification"
            | "OperationAbortedException"
            | "ConflictException"
    )
}

/// Too many calls, no answer, or an answer that says to come back: a reader may simply ask again.
#[must_use]
pub fn asked_too_often_or_unanswered(fault: &Fault) -> bool {
    matches!(
        fault.code.as_str(),
        "" | "ThrottlingException"
            | "Throttling"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "InternalServerError"
    ) || fault.code.starts_with("HTTP 5")
}
