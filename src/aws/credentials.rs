//! Credentials of every sort the AWS CLI takes.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};
use aws_types::os_shim_internal::Env;

use super::credential_chain::{AssumedRole, CredentialChain, CredentialSource};
use super::credential_errors::{ChainFailure, Whose};
use super::keys;
use super::profile::UserProfile;
use super::transport::error::ForCall;
use crate::engine::{Leftover, ProviderError};

/// The session name of a role for which the profile has none; AWS shows it in the caller's ARN.
const SESSION_NAME: &str = "treino";

/// The credentials of the user, and the provider that renews them. `config` has no endpoint of `--endpoint-url`: as
/// with the AWS CLI, that is not where roles are assumed.
///
/// # Errors
/// None are found, or they cannot be loaded: an expired SSO session, a role that may not be assumed, a
/// credential process that fails.
pub(super) async fn load(
    config: &SdkConfig,
    profile: &UserProfile,
    chain: CredentialChain,
) -> Result<(Credentials, SharedCredentialsProvider), ProviderError> {
    let whose = Whose::new(profile, &chain, config);
    let base = match first_keys(config, profile, &chain) {
        Ok(Some(base)) => base,
        Ok(None) => return Err(whose.none_found()),
        Err(error) => return Err(error.with_leftover(Leftover::Nothing)),
    };
    let provider = ChainProvider {
        base,
        roles: chain.roles.clone(),
        config: config.clone(),
        whose,
    };
    let first = provider.keys().await.map_err(|failure| {
        provider
            .whose
            .explain(failure)
            .with_leftover(Leftover::Nothing)
    })?;
    let found = SharedCredentialsProvider::new(LoadedCredentials {
        first: first.clone(),
        provider,
    });
    Ok((first, found))
}

/// What gives the first keys of a chain.
fn first_keys(
    config: &SdkConfig,
    profile: &UserProfile,
    chain: &CredentialChain,
) -> Result<Option<SharedCredentialsProvider>, ProviderError> {
    Ok(Some(match &chain.source {
        CredentialSource::None if profile.is_by_option() => return Ok(None),
        CredentialSource::None => return Ok(config.credentials_provider()),
        CredentialSource::Environment => match keys::of_environment(&Env::real())? {
            Some(keys) => SharedCredentialsProvider::new(keys),
            None => return Ok(None),
        },
        CredentialSource::Keys => {
            let get = |key| profile.get_of(&chain.profile, key).map(str::to_owned);
            let token = get("aws_session_token").filter(|token| !token.is_empty());
            SharedCredentialsProvider::new(Credentials::new(
                get("aws_access_key_id").unwrap_or_default(),
                get("aws_secret_access_key").unwrap_or_default(),
                token,
                None,
                "profile",
            ))
        }
        CredentialSource::Instance => SharedCredentialsProvider::new(
            ImdsCredentialsProvider::builder()
                .configure(&of_sdk(config))
                .build(),
        ),
        CredentialSource::Container => SharedCredentialsProvider::new(
            EcsCredentialsProvider::builder()
                .configure(&of_sdk(config))
                .build(),
        ),
        CredentialSource::WebIdentity { .. } if profile.is_web_identity_of_environment() => {
            SharedCredentialsProvider::new(
                WebIdentityTokenCredentialsProvider::builder()
                    .configure(&of_sdk(config))
                    .build(),
            )
        }
        _ => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder()
                .configure(&of_sdk(config))
                .profile_files(profile.files_for_sdk())
                .profile_name(&chain.profile)
                .build(),
        ),
    }))
}

/// The configuration for the SDK's providers.
fn of_sdk(config: &SdkConfig) -> ProviderConfig {
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
    provider
}

/// The first keys, and the roles that are assumed with them, one after the other. The SDK's own chain tells neither
/// which of them failed nor sends `duration_seconds`.
#[derive(Debug)]
struct ChainProvider {
    base: SharedCredentialsProvider,
    roles: Vec<AssumedRole>,
    config: SdkConfig,
    whose: Whose,
}

impl ChainProvider {
    async fn keys(&self) -> Result<Credentials, ChainFailure> {
        let mut keys = self
            .base
            .provide_credentials()
            .await
            .map_err(ChainFailure::Source)?;
        self.whose.check(&keys).map_err(ChainFailure::Keys)?;
        for (number, role) in self.roles.iter().enumerate() {
            keys = self
                .assume(keys, role)
                .await
                .map_err(|error| ChainFailure::Role { number, error })?;
        }
        Ok(keys)
    }

    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
    async fn assume(
        &self,
        keys: Credentials,
        role: &AssumedRole,
    ) -> Result<Credentials, ProviderError> {
        let config = self
            .config
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        let answer = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration)
            .send()
            .await
            .for_call("STS", "AssumeRole")?;
        let keys = answer
            .credentials()
            .ok_or_else(|| ProviderError::new("AWS's answer contains no credentials"))?;
        Ok(Credentials::new(
            keys.access_key_id(),
            keys.secret_access_key(),
            Some(keys.session_token().to_owned()),
            SystemTime::try_from(*keys.expiration()).ok(),
            "AssumeRole",
        ))
    }
}

/// The keys that were found first, so that no role is assumed twice and no program is run twice, and then
/// what the provider gives.
#[derive(Debug)]
struct LoadedCredentials {
    first: Credentials,
    provider: ChainProvider,
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
        future::ProvideCredentials::new(async {
            self.provider.keys().await.map_err(|failure| {
                let error = self.provider.whose.explain(failure);
                CredentialsError::provider_error(error.to_string())
            })
        })
    }
}
