//! Object versions that S3 refuses to delete: what keeps each, and the way out.
//!
//! Object Lock keeps a version by a legal hold, or until a date: in compliance mode for everybody, in governance
//! mode for all but those who are allowed to bypass it and say so
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>).

use aws_sdk_s3::types::{ObjectLockLegalHoldStatus, ObjectLockRetentionMode};
use futures_util::future::join_all;

use super::time;
use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::engine::{Leftover, ProviderError, sanitize};

/// Of so many refused versions it is asked what keeps them.
const EXPLAINED: usize = 10;

/// A version that S3 refused to delete.
#[derive(Debug, Clone)]
pub struct RefusedVersion {
    pub key: String,
    pub version: Option<String>,
    pub code: String,
    pub message: String,
}

/// What keeps a version; the later, the less can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Keeper {
    /// It may not be read, or is no lock.
    Unknown,
    /// Governance mode, until this time.
    Governance(String),
    LegalHold,
    /// Compliance mode, until this time.
    Compliance(String),
}

/// The error for these versions: of the one that is kept the most.
pub async fn explained(aws: &Aws, bucket: &str, refused: &[RefusedVersion]) -> ProviderError {
    let kept = refused
        .iter()
        .take(EXPLAINED)
        .map(|version| async move { (keeper(aws, bucket, version).await, version) });
    let mut kept = join_all(kept).await;
    kept.sort_by(|(a, _), (b, _)| a.cmp(b));
    let Some((keeper, worst)) = kept.pop() else {
        return ProviderError::new("S3 refused to delete an object");
    };
    let key = sanitize(&worst.key);
    let more = match refused.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let help = match keeper {
        Keeper::Unknown => {
            "an Object Lock, a legal hold or a policy of the bucket keeps it: take that away, or wait until the lock \
             ends, then destroy again"
                .to_owned()
        }
        Keeper::Governance(until) if aws.bypass_governance => format!(
            "Object Lock keeps it in governance mode until {until}: allow these credentials \
             `s3:BypassGovernanceRetention`, or destroy again after that"
        ),
        Keeper::Governance(until) => format!(
            "Object Lock keeps it in governance mode until {until}: `treino destroy --bypass-governance` deletes it all \
             the same, where `s3:BypassGovernanceRetention` is allowed"
        ),
        Keeper::LegalHold => format!(
            "a legal hold keeps it: take that away (`aws s3api put-object-legal-hold --bucket {bucket} --key '{key}'{} \
             --legal-hold Status=OFF`), then destroy again",
            worst.version.as_ref().map_or_else(String::new, |id| format!(" --version-id {}", sanitize(id)))
        ),
        Keeper::Compliance(until) => format!(
            "Object Lock keeps it in compliance mode until {until}: nobody can delete it before; destroy again after \
             that"
        ),
    };
    ProviderError {
        service: "S3".into(),
        operation: "DeleteObjects".into(),
        code: sanitize(&worst.code),
        message: format!("{key}{more}: {}", sanitize(&worst.message)),
        leftover: Leftover::Partial,
        help: Some(help),
        ..ProviderError::default()
    }
}

async fn keeper(aws: &Aws, bucket: &str, refused: &RefusedVersion) -> Keeper {
    let hold = aws.s3.get_object_legal_hold().bucket(bucket);
    let hold = hold
        .key(&refused.key)
        .set_version_id(refused.version.clone());
    let retention = aws.s3.get_object_retention().bucket(bucket);
    let retention = retention
        .key(&refused.key)
        .set_version_id(refused.version.clone());
    let (hold, retention) = tokio::join!(hold.send(), retention.send());
    let hold = hold.for_call("S3", "GetObjectLegalHold").ok();
    let hold = hold.and_then(|answer| answer.legal_hold?.status);
    let retention = retention.for_call("S3", "GetObjectRetention").ok();
    let retention = retention.and_then(|answer| answer.retention);
    let until = retention
        .as_ref()
        .and_then(|of| time(of.retain_until_date()));
    let until = until.unwrap_or_else(|| "a time that is not known".to_owned());
    match retention.and_then(|of| of.mode) {
        Some(ObjectLockRetentionMode::Compliance) => Keeper::Compliance(until),
        _ if hold == Some(ObjectLockLegalHoldStatus::On) => Keeper::LegalHold,
        Some(ObjectLockRetentionMode::Governance) => Keeper::Governance(until),
        _ => Keeper::Unknown,
    }
}
