//! The profile of the user's AWS configuration files: which one is in use, and whether it exists.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::borrow::Cow;

use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::config_files::{ConfigFiles, plain_name, shown_name};
use super::credential_chain::{CredentialChain, CredentialSource};
use super::keys;
use crate::engine::{Leftover, ProviderError, sanitize};
use crate::stack::did_you_mean;

/// The variables that name a profile, in the order of the AWS CLI (its second version).
const VARIABLES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// Who names the profile in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedBy {
    Option,
    Variable(&'static str),
    Nobody,
}

/// The profile in use.
#[derive(Debug, Clone)]
pub(super) struct UserProfile {
    files: ConfigFiles,
    sections: ProfileSet,
    named_by: NamedBy,
    env: Env,
}

impl UserProfile {
    /// Reads the configuration files. Without a name, the profile of `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` or `default`.
    ///
    /// # Errors
    /// A file cannot be read, or a profile was named that is in none of them.
    pub(super) async fn load(named: Option<&str>) -> Result<Self, ProviderError> {
        let env = Env::real();
        let by_variable = || {
            VARIABLES.into_iter().find_map(|variable| {
                let name = env.get(variable).ok().filter(|name| !name.is_empty())?;
                Some((name, NamedBy::Variable(variable)))
            })
        };
        let (name, named_by) = named
            .map(|name| (name.to_owned(), NamedBy::Option))
            .or_else(by_variable)
            .unwrap_or_else(|| ("default".to_owned(), NamedBy::Nobody));
        let files = ConfigFiles::read()?;
        let name = plain_name(&name);
        let parsed = async |files: EnvConfigFiles| {
            let name = Some(Cow::Owned(name.clone()));
            aws_config::profile::load(&Fs::real(), &env, &files, name).await
        };
        let sections = match parsed(files.for_sdk()).await {
            Ok(sections) => sections,
            Err(error) => {
                let is_in_config = parsed(files.config_for_sdk()).await.is_err();
                return Err(files.unparsable(&error, is_in_config));
            }
        };
        let profile = Self {
            files,
            sections,
            named_by,
            env,
        };
        if named_by != NamedBy::Nobody && profile.section().is_none() {
            return Err(profile.unknown());
        }
        Ok(profile)
    }

    /// Its name, in the SDK's characters.
    pub(super) fn name(&self) -> &str {
        self.sections.selected_profile()
    }

    /// Whether the user named it, by `--profile` or a variable.
    pub(super) fn is_named(&self) -> bool {
        self.named_by != NamedBy::Nobody
    }

    /// Whether `--profile` named it. As with the AWS CLI, credentials of the environment do not replace it then.
    pub(super) fn is_by_option(&self) -> bool {
        self.named_by == NamedBy::Option
    }

    /// The file of certificates to trust that the profile names.
    pub(super) fn ca_bundle(&self) -> Option<&str> {
        self.get("ca_bundle")
    }

    /// What sets another endpoint for STS than AWS's, as a message names it.
    pub(super) fn endpoint_setting(&self) -> Option<String> {
        let is_set = |name: &&str| self.env.get(name).is_ok_and(|url| !url.is_empty());
        let variable = ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"]
            .into_iter()
            .find(is_set);
        let of_profile = || {
            self.get("endpoint_url")?;
            let (name, file) = (shown_name(self.name()), self.config_file());
            Some(format!("`endpoint_url` (the profile `{name}` in {file})"))
        };
        variable.map(str::to_owned).or_else(of_profile)
    }

    /// A value of the profile.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.section()?.get(key)
    }

    /// A value of any profile, by its name in the SDK's characters.
    pub(super) fn get_of(&self, profile: &str, key: &str) -> Option<&str> {
        self.sections.get_profile(profile)?.get(key)
    }

    /// The configuration files for the SDK.
    pub(super) fn files_for_sdk(&self) -> EnvConfigFiles {
        self.files.for_sdk()
    }

    /// The file of profiles, as a message names it.
    pub(super) fn config_file(&self) -> String {
        self.files.config()
    }

    /// Where the credentials come from, in the order of the AWS CLI: keys of the environment, a role that the profile
    /// assumes, a web identity of the environment, the profile's other credentials.
    ///
    /// # Errors
    /// Half a key is set, or the profiles do not lead to keys.
    pub(super) fn chain(&self) -> Result<CredentialChain, ProviderError> {
        let of = |source| CredentialChain::of(source, self.name());
        if !self.is_by_option() && keys::of_environment(&self.env)?.is_some() {
            return Ok(of(CredentialSource::Environment));
        }
        if let Some((arn, file)) = self.web_identity_of_environment() {
            return Ok(of(CredentialSource::WebIdentity { arn, file }));
        }
        CredentialChain::of_profile(&self.sections, &self.config_file())
    }

    /// Whether the web identity of the environment is taken.
    pub(super) fn is_web_identity_of_environment(&self) -> bool {
        self.web_identity_of_environment().is_some()
    }

    fn web_identity_of_environment(&self) -> Option<(String, String)> {
        let is_role =
            self.get("role_arn").is_some() && self.get("web_identity_token_file").is_none();
        if self.is_by_option() || is_role {
            return None;
        }
        let value = |name| self.env.get(name).ok().filter(|text| !text.is_empty());
        let (arn, file) = (
            value("AWS_ROLE_ARN")?,
            value("AWS_WEB_IDENTITY_TOKEN_FILE")?,
        );
        Some((sanitize(&arn), sanitize(&file)))
    }

    fn section(&self) -> Option<&Profile> {
        self.sections.get_profile(self.name())
    }

    fn unknown(&self) -> ProviderError {
        let name = shown_name(self.name());
        let mut known: Vec<String> = self.sections.profiles().map(shown_name).collect();
        known.sort_unstable();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let help = if known.is_empty() {
            format!(
                "there is none in {}: `aws configure` or `aws configure sso` makes one, or try treino without an \
                 account by `--local`",
                self.files.both()
            )
        } else {
            sanitize(&did_you_mean(&name, &known))
        };
        let by = match self.named_by {
            NamedBy::Variable(variable) => format!(" ({variable})"),
            _ => String::new(),
        };
        ProviderError::new(format!(
            "the AWS configuration files have no profile `{name}`{by}"
        ))
        .help(help)
        .with_leftover(Leftover::Nothing)
    }
}
