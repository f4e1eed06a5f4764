//! Finding out whom and what treino speaks to.

use std::net::IpAddr;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;

use super::caller::{Caller, is_root};
use super::credentials;
use super::profile::UserProfile;
use super::regions;
use super::shared_lists::SharedLists;
use super::transport::error::ForCall;
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
    /// The profile of the AWS configuration files, even if the environment has keys; else `AWS_PROFILE`, after
    /// the keys of the environment.
    pub profile: Option<String>,
    /// The ARN of a role that is assumed with the user's credentials.
    pub role_arn: Option<String>,
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
    /// Whether the credentials are those of the account's root user.
    pub is_root: bool,
    /// Whether it is AWS itself, and not the local AWS or another endpoint, whoever named it: the options, the
    /// environment or the profile.
    pub is_aws: bool,
    /// Whose credentials are used.
    pub caller: Caller,
    /// The lists that plans share while a class is planned.
    pub lists: SharedLists,
}

impl AwsConnection {
    /// The same account in another region of its partition.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder();
        Self {
            config: config.region(Region::new(region.to_owned())).build(),
            region: region.to_owned(),
            lists: SharedLists::default(),
            ..self.clone()
        }
    }

    /// The regions of its partition, by code, and the one in use.
    #[must_use]
    pub fn all_regions(&self) -> Vec<String> {
        let partition = partitions::all().get(&self.partition);
        let known = partition.map(|partition| partition.regions.keys());
        let mut all: Vec<String> = known.into_iter().flatten().cloned().collect();
        if !all.contains(&self.region) {
            all.push(self.region.clone());
        }
        all
    }

    /// Whether the region in use is known to lack a service, by the name of its host (`glacier`).
    #[must_use]
    pub fn lacks(&self, service: &str) -> bool {
        partitions::lacks(&self.region, service)
    }

    /// The name of the region in use, where it is known: `Europe (Ireland)`.
    #[must_use]
    pub fn region_name(&self) -> Option<&'static str> {
        let facts = partitions::region(&self.region)?;
        Some(facts.name.as_str()).filter(|name| !name.is_empty())
    }

    /// Whether an account has to enable the region in use first.
    #[must_use]
    pub fn is_opt_in(&self) -> bool {
        partitions::region(&self.region).is_some_and(|facts| facts.opt_in)
    }
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
    match &options.local_account {
        Some(account) => connect_local(options, account, known).await,
        None => connect_aws(options, known).await,
    }
}

/// What both have in common. `http_limits` takes the read timeout from here, and applies it itself. The SDK would take a request
/// that waits for its turn (`rate_limiter`) for an upload that has stalled.
fn loader(options: &ConnectOptions) -> ConfigLoader {
    let is_local = options.local_account.is_some();
    aws_config::defaults(BehaviorVersion::latest())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(options.http.max_attempts()))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .read_timeout(options.http.response_timeout(is_local))
                .build(),
        )
}

fn with_endpoint(loader: ConfigLoader, endpoint: Option<&str>) -> ConfigLoader {
    match endpoint {
        Some(endpoint) => loader.endpoint_url(endpoint),
        None => loader,
    }
}

/// The local AWS refuses nobody for coming too often, and no proxy leads to it.
async fn connect_local(
    options: &ConnectOptions,
    account: &str,
    known: &(dyn Fn(&str) + Sync),
) -> Result<AwsConnection, ProviderError> {
    known(&options.local_secret);
    let region = options.region.clone();
    let region = region.unwrap_or_else(|| LOCAL_REGION.into());
    let is_plain = options.endpoint.as_deref().is_some_and(is_plain_http);
    let http = options.http.on_this_machine();
    let client = http.client(is_plain, options.rate_limiter.in_flight())?;
    let client = match options.local_ended.clone() {
        Some(ended) => with_liveness_check(client, ended),
        None => client,
    };
    let keys = Credentials::new(account, &options.local_secret, None, None, "treino local");
    let config = with_endpoint(loader(options), options.endpoint.as_deref())
        .http_client(client)
        .region(Region::new(region.clone()))
        .credentials_provider(keys)
        .load()
        .await;
    Ok(AwsConnection {
        config,
        account: account.to_owned(),
        partition: partitions::of_region(&region).to_owned(),
        region,
        path_style: true,
        is_root: false,
        is_aws: false,
        caller: Caller::default(),
        lists: SharedLists::default(),
    })
}

async fn connect_aws(
    options: &ConnectOptions,
    known: &(dyn Fn(&str) + Sync),
) -> Result<AwsConnection, ProviderError> {
    let profile = UserProfile::load(options.profile.as_deref()).await?;
    let mut chain = profile.chain()?;
    if let Some(arn) = &options.role_arn {
        chain.assume(arn);
    }
    let endpoint = options.endpoint.as_deref();
    let mut http = options.http.with_profile(profile.ca_bundle());
    if endpoint.is_some_and(is_on_this_machine) {
        http = http.on_this_machine();
    }
    let is_plain = endpoint.is_some_and(is_plain_http) && !chain.asks_first();
    let client = http.client(is_plain, options.rate_limiter.in_flight())?;
    let client = rate_limited(client, options.rate_limiter.clone());
    let of_user = |endpoint: Option<&str>| {
        let mut loader = with_endpoint(loader(options), endpoint)
            .http_client(client.clone())
            .profile_files(profile.files_for_sdk())
            .profile_name(profile.name());
        if let Some(region) = &options.region {
            loader = loader.region(Region::new(region.clone()));
        }
        loader
    };
    // The endpoint that is named is not where roles are assumed.
    let first = of_user(None).load().await;
    let Some(region) = first.region().map(ToString::to_string) else {
        return Err(ProviderError::new("no AWS region is set")
            .help(
                "name one with `--region eu-west-1`, AWS_REGION, or in the profile; `--local` does without an AWS account",
            )
            .with_leftover(Leftover::Nothing));
    };
    check_region(&region)?;
    let (keys, provider) = credentials::load(&first, &profile, chain).await?;
    let config = match endpoint {
        None => first.into_builder().credentials_provider(provider).build(),
        endpoint => {
            let loader = of_user(endpoint).region(Region::new(region.clone()));
            loader.credentials_provider(provider).load().await
        }
    };
    let token = keys.session_token();
    [keys.access_key_id(), keys.secret_access_key()]
        .into_iter()
        .chain(token)
        .for_each(known);
    let (account, partition, arn) = identity(&config, options, &profile, &region).await?;
    Ok(AwsConnection {
        is_aws: config.endpoint_url().is_none() && !has_endpoint_variable(),
        is_root: arn.as_deref().is_some_and(is_root),
        caller: Caller {
            arn,
            is_temporary: token.is_some(),
            expires: keys.expiry(),
        },
        lists: SharedLists::default(),
        config,
        account,
        partition,
        region,
        path_style: options.endpoint.is_some(),
    })
}

/// Asks AWS whose the credentials are: account, partition and ARN.
async fn identity(
    config: &SdkConfig,
    options: &ConnectOptions,
    profile: &UserProfile,
    region: &str,
) -> Result<(String, String, Option<String>), ProviderError> {
    // A first call that is not answered is soon given up: the endpoint is wrong, or the network.
    let sts = aws_sdk_sts::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(options.http.max_attempts().min(2)))
        .build();
    let identity = aws_sdk_sts::Client::from_conf(sts)
        .get_caller_identity()
        .send()
        .await
        .for_call("STS", "GetCallerIdentity")
        .map_err(|error| regions::with_help(error, region))
        .map_err(|error| unanswered(error, options, profile).with_leftover(Leftover::Nothing))?;
    let account = identity.account().unwrap_or_default().to_owned();
    if account.len() != 12 {
        return Err(ProviderError::new(
            "AWS did not say which account these credentials belong to",
        ));
    }
    let partition = regions::partition(identity.arn(), region);
    Ok((
        account,
        partition.to_owned(),
        identity.arn().map(String::from),
    ))
}

/// Whether the environment names the endpoint of a service: `AWS_ENDPOINT_URL_S3`.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
fn has_endpoint_variable() -> bool {
    std::env::vars_os().any(|(name, value)| {
        !value.is_empty() && name.to_string_lossy().starts_with("AWS_ENDPOINT_URL")
    })
}

/// Names what leads to where nothing answers: the endpoint that was given or set, or the proxy.
fn unanswered(
    error: ProviderError,
    options: &ConnectOptions,
    profile: &UserProfile,
) -> ProviderError {
    if !error.code.is_empty() {
        return error;
    }
    let why = &error.message;
    let is_certificate = why.contains("certificate");
    let what = if why.contains("refused") || why.contains("no answer") {
        "nothing answers"
    } else {
        "no AWS answers"
    };
    if let Some(endpoint) = &options.endpoint {
        let help = if is_certificate {
            "name the file of the certificate to trust: AWS_CA_BUNDLE=FILE"
        } else {
            "check `--endpoint-url`, or use `--local`"
        };
        return ProviderError::new(format!("{what} at {endpoint}: {why}")).help(help);
    }
    if is_certificate {
        return error.help(
            "where the network has a certificate authority of its own (that of a proxy), name the file of its \
             certificate: AWS_CA_BUNDLE=FILE",
        );
    }
    if let Some(setting) = profile.endpoint_setting() {
        let help = format!("check {setting}, or remove it to use AWS");
        return ProviderError::new(format!("{what} at the endpoint of {setting}: {why}"))
            .help(help);
    }
    if let Some(variable) = options.http.proxy_variable() {
        let help = format!(
            "check {variable}: http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT (no SOCKS proxy); or unset it"
        );
        return ProviderError::new(format!("{what} through the proxy of {variable}: {why}"))
            .help(help);
    }
    if why.contains("refused") {
        return error.help("check the network and the region, then run the same command");
    }
    error
}

/// Whether an endpoint is asked without TLS.
fn is_plain_http(endpoint: &str) -> bool {
    endpoint.starts_with("http://")
}

/// Whether an endpoint is on this machine, where no proxy leads.
fn is_on_this_machine(endpoint: &str) -> bool {
    let rest = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
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
    Err(
        ProviderError::new(format!("`{region}` is not an AWS region"))
            .help("regions look like us-east-1, eu-west-1 or sa-east-1")
            .with_leftover(Leftover::Nothing),
    )
}
