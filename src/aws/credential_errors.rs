//! What is wrong with the credentials of a user, in one sentence that names whose they are, and the way out.

use std::error::Error;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::metadata::ErrorMetadata;

use super::config_files::shown_name;
use super::credential_chain::{AssumedRole, CredentialChain, CredentialSource};
use super::keys::{self, KeyNames};
use super::profile::UserProfile;
use super::transport::error::NO_CREDENTIALS;
use crate::engine::{Leftover, ProviderError, sanitize};

/// Messages of the SDK that say nothing about the cause.
const GENERIC: &[&str] = &[
    "an error occurred while loading credentials",
    "the credential provider was not enabled",
    "the credentials provider was not properly configured",
    "unexpected credentials error",
    "an error occurred while loading an access token",
    "the access token provider was not enabled",
    "service error",
    "unhandled error",
    "dispatch failure",
    "io error",
    "other",
];

/// What the SDK says of a profile that is not whole. Its error reaches us as text alone.
const WRONG_FILE: &[&str] = &[
    "could not be built",
    "was not defined",
    "was not found",
    "will resolve an access token",
];

/// At what a chain of credentials failed.
pub(super) enum ChainFailure {
    /// Where the first keys come from.
    Source(CredentialsError),
    /// The first keys can be no keys.
    Keys(ProviderError),
    /// A role, by its place in the chain.
    Role { number: usize, error: ProviderError },
}

/// Whose the credentials are, for messages.
#[derive(Debug)]
pub(super) struct Whose {
    source: CredentialSource,
    pub(super) roles: Vec<AssumedRole>,
    /// The profile of the first keys, as the user wrote it.
    profile: String,
    /// The profile in use.
    pub(super) selected: String,
    is_named: bool,
    /// The file of profiles.
    pub(super) file: String,
    pub(super) region: String,
    pub(super) is_web_identity_of_environment: bool,
}

impl Whose {
    pub(super) fn new(profile: &UserProfile, chain: &CredentialChain, config: &SdkConfig) -> Self {
        Self {
            source: chain.source.clone(),
            roles: chain.roles.clone(),
            profile: shown_name(&chain.profile),
            selected: shown_name(profile.name()),
            is_named: profile.is_named(),
            file: profile.config_file(),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            is_web_identity_of_environment: profile.is_web_identity_of_environment(),
        }
    }

    /// The credentials are nowhere.
    pub(super) fn none_found(&self) -> ProviderError {
        let error = if self.source == CredentialSource::Environment {
            ProviderError::new(format!(
                "AWS_ACCESS_KEY_ID is not set, which `credential_source = Environment` of {} needs",
                self.shown()
            ))
            .help(format!(
                "set the keys of the environment, or correct the profile in {}",
                self.file
            ))
        } else {
            ProviderError::new(format!("no AWS credentials were found{}", self.within()))
                .help(NO_CREDENTIALS)
        };
        error.with_leftover(Leftover::Nothing)
    }

    /// Checks the first keys.
    pub(super) fn check(&self, first: &Credentials) -> Result<(), ProviderError> {
        keys::check(first, &self.key_names())?;
        match first.expiry() {
            Some(end) if end <= SystemTime::now() => {
                let end = humantime::format_rfc3339_seconds(end);
                let whose = self.whose_keys(0);
                Err(ProviderError::new(format!(
                    "the credentials {whose} have expired: they ended at {end}"
                ))
                .help(self.renew(0)))
            }
            _ => Ok(()),
        }
    }

    /// One sentence, and the way out.
    pub(super) fn explain(&self, failure: ChainFailure) -> ProviderError {
        match failure {
            ChainFailure::Keys(error) => error,
            ChainFailure::Role { number, error } => self.role_failed(number, &error),
            ChainFailure::Source(error) => self.source_failed(&error),
        }
    }

    fn source_failed(&self, error: &CredentialsError) -> ProviderError {
        // The chain's own message lists every place it looked in.
        if matches!(error, CredentialsError::CredentialsNotLoaded(_))
            && self.source == CredentialSource::None
        {
            return self.none_found();
        }
        let (name, shown) = (quoted(&self.profile), self.shown());
        let causes = causes(error);
        let says = |words: &[&str]| {
            let has = |word: &&str| causes.iter().any(|cause| cause.contains(word));
            words.iter().any(has)
        };
        let why = sanitize(&causes.join(": "));
        let why = why.trim_start_matches("ProfileFile provider could not be built: ");
        let usable =
            ProviderError::new(format!("no usable AWS credentials{}: {why}", self.within()));
        if says(WRONG_FILE) {
            return usable.help(format!(
                "correct the profile `{}` in {}",
                self.profile, self.file
            ));
        }
        if find::<ConnectorError>(error).is_some() {
            return usable
                .help("check the network, the region and HTTPS_PROXY, then run the same command");
        }
        let signed_out = |how: &str| {
            ProviderError::new(format!(
                "{shown} is not signed in: its session has expired, or none was begun"
            ))
            .help(format!("sign in: {how} --profile {name}"))
        };
        match &self.source {
            CredentialSource::Sso if says(&["SSO token", "sso/cache", "UnauthorizedException"]) => {
                signed_out("aws sso login")
            }
            CredentialSource::Sso if says(&["TooManyRequests"]) => usable.help(
                "IAM Identity Center takes no more requests for now: wait a minute, then run the same command",
            ),
            CredentialSource::Sso => usable.help(
                "check `sso_account_id` and `sso_role_name` of the profile: `aws configure sso` lists what is yours",
            ),
            CredentialSource::Login => signed_out("aws login"),
            CredentialSource::WebIdentity { arn, file } => self.web_identity_failed(arn, file, &causes),
            // What the program wrote may contain a secret.
            CredentialSource::Process => ProviderError::new(format!(
                "the `credential_process` of {shown} failed: {}",
                process_failure(why)
            ))
            .help(format!(
                "run it by itself and read what it says: aws configure get credential_process --profile {name} | sh"
            )),
            CredentialSource::Instance | CredentialSource::Container => {
                let (source, place) = match self.source {
                    CredentialSource::Instance => ("Ec2InstanceMetadata", "on an EC2 instance that has a role"),
                    _ => ("EcsContainer", "in a container that has a role"),
                };
                ProviderError::new(format!(
                    "`credential_source = {source}` of {shown} gives no credentials: {why}"
                ))
                .help(format!(
                    "it works only {place}; elsewhere name a `source_profile` in {}",
                    self.file
                ))
            }
            CredentialSource::None | CredentialSource::Keys | CredentialSource::Environment => {
                usable.help(NO_CREDENTIALS)
            }
        }
    }

    /// Whose keys a role of the chain is assumed with.
    pub(super) fn whose_keys(&self, number: usize) -> String {
        if let Some(role) = number
            .checked_sub(1)
            .and_then(|before| self.roles.get(before))
        {
            return format!("of the profile `{}`", role.profile);
        }
        match self.source {
            CredentialSource::Environment => "of the environment".to_owned(),
            CredentialSource::Instance => "of the EC2 instance".to_owned(),
            CredentialSource::Container => "of the container".to_owned(),
            _ => format!("of the profile `{}`", self.profile),
        }
    }

    /// How to have new keys in place of those that have expired.
    pub(super) fn renew(&self, number: usize) -> String {
        let name = quoted(&self.profile);
        match self.source {
            _ if number > 0 => "run the same command again".to_owned(),
            CredentialSource::Sso => format!("sign in again: aws sso login --profile {name}"),
            CredentialSource::Login => format!("sign in again: aws login --profile {name}"),
            CredentialSource::Process => format!(
                "`credential_process` must print new ones; run it by itself: aws configure get credential_process \
                 --profile {name} | sh"
            ),
            CredentialSource::Keys => "put new ones in the profile".to_owned(),
            _ => "get new ones".to_owned(),
        }
    }

    fn key_names(&self) -> KeyNames {
        let of = format!("of {}", self.shown());
        match self.source {
            CredentialSource::Environment => [
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
            ]
            .map(str::to_owned),
            CredentialSource::Keys => [
                "aws_access_key_id",
                "aws_secret_access_key",
                "aws_session_token",
            ]
            .map(|key| format!("`{key}` {of}")),
            CredentialSource::Process => ["AccessKeyId", "SecretAccessKey", "SessionToken"]
                .map(|key| format!("{key} that `credential_process` {of} prints")),
            _ => ["access key", "secret access key", "session token"].map(|key| {
                format!(
                    "the {key} that was given for the credentials{}",
                    self.within()
                )
            }),
        }
    }

    /// The profile of the first keys, and what it is for.
    pub(super) fn shown(&self) -> String {
        let profile = &self.profile;
        match self.roles.iter().find(|role| role.profile != *profile) {
            None => format!("the profile `{profile}`"),
            Some(_) => format!(
                "the profile `{profile}` (the source of `{}`)",
                self.selected
            ),
        }
    }

    fn within(&self) -> String {
        if self.is_named || !self.roles.is_empty() {
            format!(" in {}", self.shown())
        } else {
            String::new()
        }
    }
}

/// A name for a shell.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./@:+%".contains(c);
    if name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

/// How a program ended, without what it wrote.
fn process_failure(why: &str) -> String {
    let why = why.split(". Stderr:").next().unwrap_or_default();
    match why.rsplit_once("exited with code ") {
        Some((_, status)) => format!("it ended with {status}"),
        None => match why.rsplit_once("could not parse response: ") {
            Some((_, why)) => {
                format!("it must print JSON with Version, AccessKeyId and SecretAccessKey ({why})")
            }
            None => why.to_owned(),
        },
    }
}

/// The first error of a type in a chain.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(<dyn Error>::downcast_ref)
}

/// The messages of an error and its causes, without those that say nothing and those said already.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    if let Some(answered) = find::<ErrorMetadata>(error) {
        let said = [answered.code(), answered.message()];
        return said.into_iter().flatten().map(str::to_owned).collect();
    }
    let mut said: Vec<String> = Vec::new();
    for cause in std::iter::successors(Some(error), |&error| error.source()) {
        let text = cause.to_string();
        let inner = cause.source().map(ToString::to_string);
        let inner = inner.map(|inner| format!(": {inner}")).unwrap_or_default();
        let text = text.strip_suffix(&inner).unwrap_or(&text);
        let is_said = said.iter().any(|earlier| earlier.contains(text));
        if !text.is_empty() && !GENERIC.contains(&text) && !is_said {
            said.push(text.to_owned());
        }
    }
    said
}
