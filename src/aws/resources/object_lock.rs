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

/// What keeps a version. Nothing is known where neither is set: it may not be read, or is no lock.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Keeper {
    /// The mode, and the time until which it holds.
    retention: Option<(Mode, String)>,
    legal_hold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Governance,
    Compliance,
}

impl Keeper {
    /// The higher, the less can be done about it.
    fn rank(&self) -> (bool, bool, bool) {
        let mode = self.retention.as_ref().map(|(mode, _)| *mode);
        (
            mode == Some(Mode::Compliance),
            self.legal_hold,
            mode.is_some(),
        )
    }

    /// All that keeps it, each with the way out. `release` is the command that takes a legal hold away.
    fn help(&self, bypasses: bool, release: &str) -> String {
        let retention = self.retention.as_ref().map(|(mode, until)| match mode {
            Mode::Governance if bypasses => format!(
                "Object Lock keeps it in governance mode until {until}: allow these credentials \
                 `s3:BypassGovernanceRetention`, or destroy again after that"
            ),
            Mode::Governance => format!(
                "Object Lock keeps it in governance mode until {until}: `treino destroy --bypass-governance` deletes it \
                 all the same, where `s3:BypassGovernanceRetention` is allowed"
            ),
            Mode::Compliance => format!(
                "Object Lock keeps it in compliance mode until {until}: nobody can delete it before; destroy again \
                 after that"
            ),
        });
        let too = if retention.is_some() { ", too" } else { "" };
        let hold = self.legal_hold.then(|| {
            format!("a legal hold keeps it{too}: take that away ({release}), then destroy again")
        });
        let all: Vec<String> = retention.into_iter().chain(hold).collect();
        if all.is_empty() {
            return "an Object Lock, a legal hold or a policy of the bucket keeps it: take that away, or wait until the \
                    lock ends, then destroy again"
                .to_owned();
        }
        all.join("; ")
    }
}

/// The error for these versions: of the one that is kept the most.
pub async fn explained(aws: &Aws, bucket: &str, refused: &[RefusedVersion]) -> ProviderError {
    let kept = refused
        .iter()
        .take(EXPLAINED)
        .map(|version| async move { (keeper(aws, bucket, version).await, version) });
    let mut kept = join_all(kept).await;
    kept.sort_by_key(|(keeper, _)| keeper.rank());
    let Some((keeper, worst)) = kept.pop() else {
        return ProviderError::new("S3 refused to delete an object");
    };
    let key = sanitize(&worst.key);
    let more = match refused.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let version = worst.version.as_ref();
    let release = format!(
        "`aws s3api put-object-legal-hold --bucket {bucket} --key '{key}'{} --legal-hold Status=OFF`",
        version.map_or_else(String::new, |id| format!(" --version-id {}", sanitize(id)))
    );
    let help = keeper.help(aws.bypass_governance, &release);
    ProviderError {
        service: "S3".into(),
        operation: "DeleteObjects".into(),
        code: sanitize(&worst.code),
        message: format!("{key}{more}: {}", sanitize(&worst.message)),
        leftover: Leftover::Nothing,
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
    let mode = match retention.and_then(|of| of.mode) {
        Some(ObjectLockRetentionMode::Compliance) => Some(Mode::Compliance),
        Some(ObjectLockRetentionMode::Governance) => Some(Mode::Governance),
        _ => None,
    };
    Keeper {
        retention: mode.map(|mode| (mode, until)),
        legal_hold: hold == Some(ObjectLockLegalHoldStatus::On),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_keeps_a_version_is_named() {
        let said = |mode: Option<Mode>, legal_hold| {
            let keeper = Keeper {
                retention: mode.map(|mode| (mode, "2030".to_owned())),
                legal_hold,
            };
            keeper.help(false, "`release`")
        };
        for (mode, legal_hold, words) in [
            (
                None,
                false,
                &["an Object Lock, a legal hold or a policy"][..],
            ),
            (
                None,
                true,
                &["a legal hold keeps it: take that away (`release`)"],
            ),
            (
                Some(Mode::Governance),
                false,
                &["governance mode until 2030"],
            ),
            (
                Some(Mode::Compliance),
                true,
                &[
                    "compliance mode until 2030",
                    "a legal hold keeps it, too: take that away (`release`)",
                ],
            ),
            (
                Some(Mode::Governance),
                true,
                &["--bypass-governance", "a legal hold keeps it, too"],
            ),
        ] {
            let help = said(mode, legal_hold);
            assert!(words.iter().all(|word| help.contains(word)), "{help}");
            assert!(
                legal_hold || mode.is_none() || !help.contains("legal hold"),
                "{help}"
            );
        }
    }
}
