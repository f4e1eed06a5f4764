//! Whose credentials are used.

use std::time::SystemTime;

/// Whose credentials are used, as far as AWS and the credentials themselves say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The ARN that STS answers; nothing on the local AWS, which is not asked.
    pub arn: Option<String>,
    /// Whether they end: they have a session token.
    pub is_temporary: bool,
    /// When they end, where whoever issued them says it.
    pub expires: Option<SystemTime>,
}

/// Whether an ARN is that of an account's root user.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub(super) fn is_root(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts[..], ["arn", _, "iam", "", _, "root"])
}

#[cfg(test)]
mod tests {
    use super::is_root;

    #[test]
    fn the_root_user_is_the_account_itself() {
        for root in [
            "arn:aws:iam::111122223333:root",
            "arn:aws-cn:iam::111122223333:root",
        ] {
            assert!(is_root(root), "{root}");
        }
        for other in [
            "arn:aws:iam::111122223333:user/root",
            "arn:aws:sts::111122223333:assumed-role/lab/root",
            "arn:aws:sts::111122223333:root",
            "",
        ] {
            assert!(!is_root(other), "{other}");
        }
    }
}
