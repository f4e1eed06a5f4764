//! Finding out whom and what treino speaks to.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;

use super::regions;
use super::transport::error::{ForCall, NO_CREDENTIALS};
use super::transport::http::HttpSettings;
use super::transport::liveness::{LivenessCheck, with_liveness_check};
use super::transport::rate_limiter::{RateLimiter, rate_limited};
use crate::data::partitions;
use crate::engine::{Leftover, ProviderError};

/// How AWS is reached, as the user said.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// The region; else the profile's or `AWS_REGION`, and of the local AWS `us-east-1`.
    pub region: Option<String>,
    /// The profile of the AWS configuration files.
    pub profile: Option<String>,
    /// An AWS-compatible endpoint.
    pub endpoint: Option<String>,
    /// The account on the local AWS: no real credentials are then read, let alone sent.
    pub local_account: Option<String>,
    /// Its secret access key there.
    pub local_secret: String,
    /// Whether it still runs, where that can be told.
    pub local_ended: Option<LivenessCheck>,
    /// How HTTP requests are made.
    pub http: HttpSettings,
    /// The rate of calls to AWS, and how many are in flight; the rate of calls to the local AWS is not limited.
    pub rate_limiter: RateLimiter,
}

/// A checked connection: account and region are known.
#[derive(Debug, Clone)]
pub struct AwsConnection {
    /// The SDKs' configuration.
    pub config: SdkConfig,
    /// The 12-digit account id.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// The partition, as AWS says it of the caller.
    pub partition: String,
    /// Whether buckets are addressed by path.
    pub path_style: bool,
}

/// The region of the local AWS where none is named.
const LOCAL_REGION: &str = "us-east-1";

/// Finds credentials and region, and asks AWS who they are. `known` is told whatever must not be seen
/// of the credentials, before they are used.
///
/// # Errors
/// No credentials, no region, an endpoint that does not answer.
pub async fn connect(
    options: &ConnectOptions,
    known: &(dyn Fn(&str) + Sync),
) -> Result<AwsConnection, ProviderError> {
    let attempts = options.http.max_attempts();
    // `http_limits` takes the read timeout from here, and applies it itself.
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(attempts))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .read_timeout(
                    options
                        .http
                        .response_timeout(options.local_account.is_some()),
                )
                .build(),
        );
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &options.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    let in_flight = options.rate_limiter.in_flight();
    let endpoint = options.endpoint.as_deref();
    let client = options.http.client(endpoint, in_flight)?;
    // The local AWS refuses nobody for coming too often.
    loader = loader.http_client(match options.local_account {
        Some(_) => match options.local_ended.clone() {
            Some(ended) => with_liveness_check(client, ended),
            None => client,
        },
        None => rate_limited(client, options.rate_limiter.clone()),
    });
    if let Some(account) = &options.local_account {
        known(&options.local_secret);
        let region = options.region.clone();
        let region = region.unwrap_or_else(|| LOCAL_REGION.into());
        let config = loader
            .region(Region::new(region.clone()))
            .credentials_provider(Credentials::new(
                account,
                &options.local_secret,
                None,
                None,
                "treino local",
            ))
            .load()
            .await;
        return Ok(AwsConnection {
            config,
            account: account.clone(),
            partition: partitions::of_region(&region).to_owned(),
            region,
            path_style: true,
        });
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let Some(region) = config.region().map(ToString::to_string) else {
        return Err(ProviderError::new("no AWS region is set")
            .help("name one with `--region eu-west-1`, AWS_REGION, or in the profile")
            .with_leftover(Leftover::Nothing));
    };
    check_region(&region)?;
    let provider = config.credentials_provider();
    let found = match provider {
        Some(provider) => provider
            .provide_credentials()
            .await
            .map_err(|error| no_credentials(&error, options.profile.as_deref())),
        None => Err(ProviderError::new("no AWS credentials were found")),
    };
    match found {
        Ok(keys) => {
            let token = keys.session_token();
            let keys = [keys.access_key_id(), keys.secret_access_key()];
            keys.into_iter().chain(token).for_each(known);
        }
        Err(error) => return Err(error.help(NO_CREDENTIALS).with_leftover(Leftover::Nothing)),
    }
    let (account, partition) = identity(&config, options, &region, attempts).await?;
    Ok(AwsConnection {
        config,
        account,
        partition,
        region,
        path_style: options.endpoint.is_some(),
    })
}

/// Asks AWS whose the credentials are: account and partition.
async fn identity(
    config: &SdkConfig,
    options: &ConnectOptions,
    region: &str,
    attempts: u32,
) -> Result<(String, String), ProviderError> {
    // A first call that is not answered is soon given up: the endpoint is wrong, or the network.
    let sts = aws_sdk_sts::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(attempts.min(2)))
        .build();
    let identity = aws_sdk_sts::Client::from_conf(sts)
        .get_caller_identity()
        .send()
        .await
        .for_call("STS", "GetCallerIdentity")
        .map_err(|error| regions::with_help(error, region))
        .map_err(|error| unanswered(error, options).with_leftover(Leftover::Nothing))?;
    let account = identity.account().unwrap_or_default().to_owned();
    if account.len() != 12 {
        return Err(ProviderError::new(
            "AWS did not say which account these credentials belong to",
        ));
    }
    let partition = regions::partition(identity.arn(), region);
    Ok((account, partition.to_owned()))
}

/// Names the endpoint, where one was given and nothing answers there.
fn unanswered(error: ProviderError, options: &ConnectOptions) -> ProviderError {
    match &options.endpoint {
        Some(endpoint) if error.code.is_empty() => {
            let help = if error.message.contains("certificate") {
                "name the file of the certificate to trust: AWS_CA_BUNDLE=FILE"
            } else {
                "check `--endpoint-url`, or use `--local`"
            };
            let why = &error.message;
            let what = if why.contains("refused") || why.contains("no answer") {
                "nothing answers"
            } else {
                "no AWS answers"
            };
            ProviderError::new(format!("{what} at {endpoint}: {why}")).help(help)
        }
        _ => error,
    }
}

/// Without keys, the chain's own message lists every place it looked in; one sentence does.
fn no_credentials(error: &dyn std::error::Error, profile: Option<&str>) -> ProviderError {
    let why = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let within = profile
        .map(|name| format!(" in the profile `{name}`"))
        .unwrap_or_default();
    let message = if why.starts_with("no credentials found in chain") {
        format!("no AWS credentials were found{within}")
    } else {
        format!("no usable AWS credentials{within}: {why}")
    };
    ProviderError::new(message)
}

/// Whether a text has the form of a region's code; a wrong one is otherwise seen only as a name that
/// cannot be resolved.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    parts.len() >= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(plain))
        && parts
            .last()
            .is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()))
}

fn check_region(region: &str) -> Result<(), ProviderError> {
    if is_region(region) {
        return Ok(());
    }
    Err(ProviderError::new(format!("`{region}` is no AWS region"))
        .help("regions look like us-east-1, eu-west-1 or sa-east-1")
        .with_leftover(Leftover::Nothing))
}
