//! What is wrong where a role cannot be assumed: each answer of STS has its own way out.

use super::credential_errors::{Whose, quoted};
use super::regions;
use crate::engine::{ProviderError, sanitize};

impl Whose {
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
    pub(super) fn web_identity_failed(
        &self,
        arn: &str,
        file: &str,
        causes: &[String],
    ) -> ProviderError {
        let (of, setting) = if self.is_web_identity_of_environment {
            ("AWS_ROLE_ARN".to_owned(), "AWS_WEB_IDENTITY_TOKEN_FILE")
        } else {
            (self.shown(), "`web_identity_token_file`")
        };
        // With the message after it where the SDK has a type for the error.
        let code = causes.first().and_then(|first| first.split(':').next());
        let is_answered = code.is_some_and(|code| !code.contains(' '));
        let help = match code.unwrap_or_default() {
            "ExpiredTokenException" | "ExpiredToken" => {
                format!(
                    "the token in {file} has expired: let your identity provider write a new one"
                )
            }
            "InvalidIdentityToken" | "InvalidIdentityTokenException" => format!(
                "the token in {file} must be of an identity provider that the role's account has in IAM"
            ),
            "IDPRejectedClaim" | "IDPRejectedClaimException" => {
                format!("the identity provider refused the token in {file}: let it write a new one")
            }
            "AccessDenied" | "AccessDeniedException" => format!(
                "the role's trust policy must name the identity provider, and its conditions fit the token in {file}"
            ),
            _ if is_answered => format!("check {of}, and the token in {file}"),
            _ => format!("check {setting}, which names {file}"),
        };
        let why = sanitize(&causes.join(": "));
        ProviderError::new(format!(
            "the role {arn} of {of} cannot be assumed with its web identity ({file}): {why}"
        ))
        .help(help)
    }

    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
    pub(super) fn role_failed(&self, number: usize, error: &ProviderError) -> ProviderError {
        let role = &self.roles[number];
        let (profile, name) = (&role.profile, quoted(&self.selected));
        let whose = self.whose_keys(number);
        let mut without = "";
        let help = match error.code.as_str() {
            _ if error.is_expired() => format!(
                "the credentials {whose} have expired: {}",
                self.renew(number)
            ),
            "SignatureDoesNotMatch"
                if error
                    .help
                    .as_deref()
                    .is_none_or(|help| !help.contains("clock")) =>
            {
                format!(
                    "the secret access key {whose} does not belong to its access key: correct it"
                )
            }
            "RegionDisabledException" => format!(
                "STS is not active in {0} in that account: choose another region, such as `--region us-east-1`, or let it \
                 be activated in the account settings of IAM",
                self.region
            ),
            "ValidationError" if error.message.contains("DurationSeconds") => format!(
                "correct `duration_seconds` of the profile `{profile}` in {}: from 900 to the role's maximum session \
                 duration, and at most 3600 for a role that another role assumes",
                self.file
            ),
            "ValidationError" => format!(
                "correct `role_arn`, `role_session_name` or `external_id` of the profile `{profile}` in {}",
                self.file
            ),
            _ if error.is_unknown_caller() => {
                let help = format!("AWS does not know the credentials {whose}: correct them");
                regions::with_help(error.clone().help(&help), &self.region)
                    .help
                    .unwrap_or(help)
            }
            _ if error.is_denied() && role.mfa => {
                without = " without a code of its MFA device, which treino does not ask for";
                format!(
                    "let the AWS CLI ask for it: eval \"$(aws configure export-credentials --profile {name} --format env)\", \
                     then run treino without `--profile`"
                )
            }
            _ if error.is_denied() => format!(
                "the role's trust policy must name the user or role {whose}, which must be allowed sts:AssumeRole"
            ),
            _ => error.help.clone().unwrap_or_else(|| {
                format!("see whether the AWS CLI can: aws sts get-caller-identity --profile {name}")
            }),
        };
        let said = [error.code.as_str(), error.message.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
        let arn = sanitize(&role.arn);
        let what = format!(
            "the role {arn} of the profile `{profile}` cannot be assumed{without}: {}",
            said.join(": ")
        );
        ProviderError::new(what).help(help)
    }
}
