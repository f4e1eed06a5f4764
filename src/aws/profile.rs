//! The profile of the user's AWS configuration files: whether it exists, and where its credentials come from.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::borrow::Cow;

use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::engine::{Leftover, ProviderError, sanitize};
use crate::stack::did_you_mean;

/// Where the credentials of a profile come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CredentialSource {
    /// Nothing is set in the profile.
    None,
    /// An access key in the file.
    Keys,
    /// IAM Identity Center: `aws sso login`.
    Sso,
    /// `aws login`.
    Login,
    /// A program prints them.
    Process,
    /// A role is assumed, perhaps with the code of an MFA device.
    Role { arn: String, mfa: bool },
    /// A role is assumed with the token of another identity provider.
    WebIdentity { arn: String },
}

/// The profile in use.
#[derive(Debug, Clone)]
pub(super) struct UserProfile {
    sections: ProfileSet,
    is_named: bool,
}

impl UserProfile {
    /// Reads the configuration files. Without a name, `AWS_PROFILE` or `default`.
    ///
    /// # Errors
    /// A file cannot be read, or a profile was named that is in none of them.
    pub(super) async fn load(named: Option<&str>) -> Result<Self, ProviderError> {
        let env = Env::real();
        let from_env = env.get("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        let name = named.map(str::to_owned).or(from_env);
        let is_named = name.is_some();
        let name = name.unwrap_or_else(|| "default".to_owned());
        let files = EnvConfigFiles::default();
        let sections =
            aws_config::profile::load(&Fs::real(), &env, &files, Some(Cow::Owned(name.clone())))
                .await
                .map_err(|error| {
                    let why = std::error::Error::source(&error)
                        .map_or_else(|| error.to_string(), ToString::to_string);
                    ProviderError::new(format!(
                "the AWS configuration files cannot be read: {}",
                sanitize(&why)
            ))
            .help("correct ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE names")
            .with_leftover(Leftover::Nothing)
                })?;
        let profile = Self { sections, is_named };
        if is_named && profile.section().is_none() {
            return Err(profile.unknown());
        }
        Ok(profile)
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.sections.selected_profile()
    }

    /// Whether the user named it, by `--profile` or `AWS_PROFILE`.
    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    /// The file of certificates to trust that the profile names.
    pub(super) fn ca_bundle(&self) -> Option<&str> {
        self.section()?.get("ca_bundle")
    }

    /// Where its credentials come from; of a chain of roles, the last one.
    pub(super) fn source(&self) -> CredentialSource {
        self.section().map_or(CredentialSource::None, source)
    }

    /// Whether its credentials are asked for at another service first.
    pub(super) fn asks_first(&self) -> bool {
        !matches!(
            self.source(),
            CredentialSource::None | CredentialSource::Keys | CredentialSource::Process
        )
    }

    fn section(&self) -> Option<&Profile> {
        self.sections.get_profile(self.name())
    }

    fn unknown(&self) -> ProviderError {
        let name = sanitize(self.name());
        let mut known: Vec<&str> = self.sections.profiles().collect();
        known.sort_unstable();
        let help = if known.is_empty() {
            "there is none: `aws configure` or `aws configure sso` makes one, or try treino without an account by \
             `--local`"
                .to_owned()
        } else {
            sanitize(&did_you_mean(&name, &known))
        };
        ProviderError::new(format!(
            "the AWS configuration files have no profile `{name}`"
        ))
        .help(help)
        .with_leftover(Leftover::Nothing)
    }
}

/// In the order in which the SDK decides.
fn source(profile: &Profile) -> CredentialSource {
    let has = |key: &str| profile.get(key).is_some();
    if let Some(arn) = profile.get("role_arn").map(sanitize) {
        return if has("web_identity_token_file") {
            CredentialSource::WebIdentity { arn }
        } else {
            let mfa = has("mfa_serial");
            CredentialSource::Role { arn, mfa }
        };
    }
    if has("sso_session") || has("sso_start_url") {
        CredentialSource::Sso
    } else if has("login_session") {
        CredentialSource::Login
    } else if has("credential_process") {
        CredentialSource::Process
    } else if has("aws_access_key_id") {
        CredentialSource::Keys
    } else {
        CredentialSource::None
    }
}
