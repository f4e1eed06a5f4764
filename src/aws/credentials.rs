//! Credentials of every sort the AWS CLI takes, and what is wrong with them in one sentence.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::metadata::ErrorMetadata;

use super::profile::{CredentialSource, UserProfile};
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
    "missing credential source",
    "invalid credential source",
    "infinite loop",
    "provider is not supported",
];

/// The provider of a profile that `--profile` names. As with the AWS CLI, keys of the environment do not
/// replace it: the default chain of the SDK would prefer them.
pub(super) fn of_profile(profile: &str, config: &SdkConfig) -> SharedCredentialsProvider {
    let mut provider = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(client) = config.http_client() {
        provider = provider.with_http_client(client);
    }
    if let Some(retry) = config.retry_config() {
        provider = provider.with_retry_config(retry.clone());
    }
    if let Some(timeout) = config.timeout_config() {
        provider = provider.with_timeout_config(timeout.clone());
    }
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(&provider)
        .profile_name(profile)
        .build();
    SharedCredentialsProvider::new(profile)
}

/// The credentials of a configuration, and the configuration that goes on with them.
///
/// # Errors
/// None are found, or they cannot be loaded: an expired SSO session, a role that may not be assumed, a
/// credential process that fails.
pub(super) async fn load(
    config: SdkConfig,
    profile: &UserProfile,
) -> Result<(Credentials, SdkConfig), ProviderError> {
    let found = match config.credentials_provider() {
        Some(provider) => provider
            .provide_credentials()
            .await
            .map(|first| (first, provider)),
        None => Err(CredentialsError::not_loaded_no_source()),
    };
    let (first, provider) =
        found.map_err(|error| unusable(&error, profile).with_leftover(Leftover::Nothing))?;
    let found = SharedCredentialsProvider::new(LoadedCredentials {
        first: first.clone(),
        provider,
    });
    let config = config.into_builder().credentials_provider(found).build();
    Ok((first, config))
}

fn unusable(error: &CredentialsError, profile: &UserProfile) -> ProviderError {
    let name = sanitize(profile.name());
    let within = if profile.is_named() {
        format!(" in the profile `{name}`")
    } else {
        String::new()
    };
    let source = profile.source();
    // The chain's own message lists every place it looked in.
    if matches!(error, CredentialsError::CredentialsNotLoaded(_))
        && source == CredentialSource::None
    {
        return ProviderError::new(format!("no AWS credentials were found{within}"))
            .help(NO_CREDENTIALS);
    }
    let causes = causes(error);
    let says = |words: &[&str]| {
        let has = |word: &&str| causes.iter().any(|cause| cause.contains(word));
        words.iter().any(has)
    };
    let why = sanitize(&causes.join(": "));
    let usable = ProviderError::new(format!("no usable AWS credentials{within}: {why}"));
    if says(WRONG_FILE) {
        return usable.help(format!("correct the profile `{name}` in ~/.aws/config"));
    }
    if find::<ConnectorError>(error).is_some() {
        return usable
            .help("check the network, the region and HTTPS_PROXY, then run the same command");
    }
    let signed_out = |how: &str| {
        ProviderError::new(format!(
            "the profile `{name}` is not signed in: its session has expired, or none was begun"
        ))
        .help(format!("sign in: {how} --profile {name}"))
    };
    let assumed = |arn: &str, with: &str| {
        ProviderError::new(format!(
            "the role {arn} of the profile `{name}` cannot be assumed{with}: {why}"
        ))
    };
    match source {
        CredentialSource::Sso if says(&["SSO token", "sso/cache", "UnauthorizedException"]) => {
            signed_out("aws sso login")
        }
        CredentialSource::Sso => usable.help(
            "check `sso_account_id` and `sso_role_name` of the profile: `aws configure sso` lists what is yours",
        ),
        CredentialSource::Login => signed_out("aws login"),
        CredentialSource::Role { arn, mfa: true } => assumed(
            &arn,
            " without a code of its MFA device, which treino does not ask for",
        )
        .help(format!(
            "let the AWS CLI ask for it: eval \"$(aws configure export-credentials --profile {name} --format env)\", \
             then run treino without `--profile`"
        )),
        CredentialSource::Role { arn, .. } => assumed(&arn, "").help(
            "its trust policy must name the user or role of `source_profile`, which must be allowed sts:AssumeRole",
        ),
        CredentialSource::WebIdentity { arn } => assumed(&arn, " with its web identity").help(
            "check `web_identity_token_file`, and that the role's trust policy names the identity provider",
        ),
        // What the program wrote may hold what it keeps secret.
        CredentialSource::Process => ProviderError::new(format!(
            "the `credential_process` of the profile `{name}` failed: {}",
            why.split(". Stderr:").next().unwrap_or_default()
        ))
        .help("run the command by itself: it prints JSON with Version, AccessKeyId and SecretAccessKey"),
        CredentialSource::None | CredentialSource::Keys => usable.help(NO_CREDENTIALS),
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

/// The keys that were found first, so that no role is assumed twice and no program is run twice, and then
/// what the provider gives.
#[derive(Debug)]
struct LoadedCredentials {
    first: Credentials,
    provider: SharedCredentialsProvider,
}

impl ProvideCredentials for LoadedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let soon = SystemTime::now() + Duration::from_mins(5);
        if self.first.expiry().is_none_or(|end| end > soon) {
            return future::ProvideCredentials::ready(Ok(self.first.clone()));
        }
        self.provider.provide_credentials()
    }
}
