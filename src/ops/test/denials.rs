//! What is denied to whom, as error messages of AWS say it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use regex::Regex;

use super::diagnose::cause;
use super::live::KnownNames;
use crate::ops::{CauseKind, CheckCause};
use crate::stack::text_pattern::TextPattern;

/// How a cause begins that knows only the call.
pub(super) const DENIED_CALL: &str = "AWS denied ";

/// What such messages look like.
pub(super) struct DenialPatterns {
    whole: Regex,
    bare: Regex,
}

/// Something that is denied.
pub(super) struct Denial {
    /// The role, where it is named.
    role: Option<String>,
    /// The action, or the operation where no action is named.
    action: String,
    resource: Option<String>,
    /// The kind of policy that denies it explicitly.
    denying: Option<String>,
}

impl DenialPatterns {
    pub(super) fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            whole: Regex::new(
                r#"(arn:\S+) is not authorized to perform: ([\w-]+:[\w*]+)(?: on resource: "?(arn:[^\s"',;)]+|\*))?(?:.*?with an explicit deny in an? ([\w-]+(?: [\w-]+)?))?"#,
            )?,
            bare: Regex::new(
                r"\((?:AccessDenied|AccessDeniedException|403)\) when calling the (\w+) operation",
            )?,
        })
    }

    pub(super) fn read(&self, text: &str) -> Option<Denial> {
        let Some(found) = self.whole.captures(text) else {
            return Some(Denial {
                role: None,
                action: self.bare.captures(text)?[1].to_owned(),
                resource: None,
                denying: None,
            });
        };
        let part = |index: usize| found.get(index).map(|part| part.as_str().to_owned());
        let resource = part(3).map(|arn| arn.trim_end_matches('.').to_owned());
        Some(Denial {
            // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
            role: Some(found[1].split('/').nth(1).unwrap_or(&found[1]).to_owned()),
            action: found[2].to_owned(),
            resource: resource.filter(|arn| arn != "*"),
            denying: part(4),
        })
    }
}

impl Denial {
    /// The role, where it is named.
    pub(super) fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// The ARN of what it is denied on.
    pub(super) fn arn(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The prefix of the action.
    pub(super) fn service(&self) -> Option<&str> {
        self.action.split(':').next()
    }

    /// What it says of the cause, and the way out.
    pub(super) fn cause(&self, known: &impl KnownNames) -> CheckCause {
        let Self { role, action, .. } = self;
        let Some(role) = role else {
            let needed = NEEDED.iter().find(|(call, _)| call == action);
            let needs = needed.map_or_else(String::new, |(_, it)| format!(", which needs `{it}`"));
            let message = format!("{DENIED_CALL}{action} to a function's role{needs}");
            return cause(CauseKind::MissingPermission, message, UNNAMED);
        };
        let key = known.key_of_role(role);
        let whose = key
            .as_ref()
            .map_or_else(String::new, |key| format!(" of `{key}`"));
        let on = |arn: &String| format!(" on {arn}");
        let on = self.resource.as_ref().map_or_else(String::new, on);
        if let Some(policy) = &self.denying {
            let policy = policy.trim_end_matches(" policy");
            let message = format!(
                "the role {role}{whose} is denied {action}{on} by a Deny in the {policy} policy"
            );
            let help = match policy {
                "resource-based" => "remove the Deny from the policy of the resource",
                "identity-based" => "remove the Deny from the policies of the role",
                _ => "only who manages the account or organization can change that policy",
            };
            return cause(CauseKind::MissingPermission, message, help);
        }
        let lacks = format!("the role {role}{whose} lacks the permission {action}{on}");
        if key.is_none() {
            let help = "it is no role that the stack file makes: give the role that permission";
            return cause(CauseKind::MissingPermission, lacks, help);
        }
        let allowed = known.allowed(role, action);
        if allowed.is_empty() {
            return cause(CauseKind::MissingPermission, lacks, ADD);
        }
        let covers = |arn: &str| {
            let mut patterns = allowed.iter().map(|one| TextPattern::of_iam(one));
            patterns.any(|pattern| pattern.covers(&TextPattern::exactly(arn)))
        };
        // The stack file allows it: then the role is another, or has not come into effect yet.
        if self.arn().is_some_and(covers) {
            let help = "the stack file allows it: `treino deploy` makes the role as it says";
            return cause(CauseKind::MissingPermission, lacks, help);
        }
        let message = format!(
            "{lacks}: the stack file allows it on {}",
            allowed.join(", ")
        );
        let help = if action.starts_with("s3:") {
            "correct `resources` in `allow`: the objects of a bucket are \"${KEY.arn}/*\", the bucket is \"${KEY.arn}\""
        } else {
            "correct `resources` in `allow` in the stack file, and deploy"
        };
        cause(CauseKind::MissingPermission, message, help)
    }
}

/// Calls that need an action of another name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).
const NEEDED: &[(&str, &str)] = &[
    ("HeadObject", "s3:GetObject"),
    ("HeadBucket", "s3:ListBucket"),
    ("ListObjects", "s3:ListBucket"),
    ("ListObjectsV2", "s3:ListBucket"),
];

const UNNAMED: &str = "if `allow` in the stack file has the action, `treino deploy` makes the role as the file says; else add \
     it there, and deploy";
const ADD: &str = "add the action to `allow` in the stack file, and deploy";
