//! The clients of one account and region.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};

use super::resources::REQUIRED;
use super::resources::function::ListingMappings;
use super::shared_lists::SharedLists;
use super::transport::error_codes;
use super::transport::response_validation::ResponseValidation;
use super::unread::UnreadTags;
use crate::engine::ProviderError;
use crate::stack::{Artifact, Kind, Secrets, Target, arn};

/// A service's client, which looks whether answers are whole.
macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($config)
                .interceptor(ResponseValidation(REQUIRED))
                .build(),
        )
    };
}

/// How often a call is made in which nothing is expected.
const HURRIED_ATTEMPTS: u32 = 2;

/// Function packages by their hash.
pub type Artifacts = BTreeMap<String, Artifact>;

/// The clients every call goes through, and whom they speak for.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Account, region, stack and owner.
    pub target: Target,
    /// Function packages by hash.
    pub(super) artifacts: Artifacts,
    /// The secret fields of resources, which their specs do not hold.
    pub(super) secrets: Secrets,
    /// For services without an SDK crate here ([`super::transport::signed_request`]).
    pub(super) config: SdkConfig,
    /// Whether object versions that are locked in governance mode are deleted.
    pub(super) bypass_governance: bool,
    /// At an endpoint that is not AWS's.
    path_style: bool,
    /// Whether a call is made only twice, and has a third of the usual time.
    pub(super) is_hurried: bool,
    hurried: Arc<OnceLock<Aws>>,
    /// The tags that are still to be read.
    pub(super) unread: UnreadTags,
    /// The trails of this region as they were listed last: a survey lists them, then their quota is looked at.
    pub(super) listed_trails: Arc<Mutex<Option<Vec<String>>>>,
    /// The lists that the plans of a class share.
    pub(super) lists: SharedLists,
    /// The list of event source mappings that is under way.
    pub(super) mappings: ListingMappings,
    pub(super) s3: aws_sdk_s3::Client,
    /// For what concerns directory buckets themselves, and not their objects: AWS gives no session
    /// for it, and yet at an endpoint of another's the SDK would ask for one.
    pub(super) s3_sessionless: aws_sdk_s3::Client,
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
    pub(super) lambda: aws_sdk_lambda::Client,
    pub(super) states: aws_sdk_sfn::Client,
    pub(super) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(super) events: aws_sdk_eventbridge::Client,
    pub(super) glacier: aws_sdk_glacier::Client,
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
}

impl Aws {
    /// Clients from one configuration, for a stack with these packages and secrets. `path_style` for
    /// endpoints that serve all buckets under one host, as emulators do.
    #[must_use]
    pub fn new(
        config: &SdkConfig,
        path_style: bool,
        target: Target,
        artifacts: Artifacts,
        secrets: Secrets,
    ) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(path_style)
            .interceptor(ResponseValidation(REQUIRED));
        let sessionless = s3.clone().disable_s3_express_session_auth(true);
        Self {
            target,
            artifacts,
            secrets,
            config: config.clone(),
            bypass_governance: false,
            path_style,
            is_hurried: false,
            hurried: Arc::default(),
            unread: UnreadTags::default(),
            listed_trails: Arc::default(),
            lists: SharedLists::default(),
            mappings: ListingMappings::default(),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            s3_sessionless: aws_sdk_s3::Client::from_conf(sessionless.build()),
            dynamodb: client!(aws_sdk_dynamodb, config),
            iam: client!(aws_sdk_iam, config),
            logs: client!(aws_sdk_cloudwatchlogs, config),
            lambda: client!(aws_sdk_lambda, config),
            states: client!(aws_sdk_sfn, config),
            cloudtrail: client!(aws_sdk_cloudtrail, config),
            events: client!(aws_sdk_eventbridge, config),
            glacier: client!(aws_sdk_glacier, config),
            sqs: client!(aws_sdk_sqs, config),
            sns: client!(aws_sdk_sns, config),
        }
    }

    /// Whether an error says that the service does not exist here, so that nothing of it does.
    #[must_use]
    pub fn does_not_offer(&self, error: &ProviderError) -> bool {
        let is_not_aws = self.path_style;
        error_codes::is_without_endpoint(error)
            || is_not_aws && error_codes::is_not_implemented(error)
    }

    /// The same for lists in which nothing is expected: a service that does not answer is soon given up.
    #[must_use]
    pub fn hurried(&self) -> Self {
        let make = || {
            let timeouts = self.config.timeout_config().cloned();
            let timeouts = timeouts.unwrap_or_else(TimeoutConfig::disabled);
            let mut shorter = timeouts.to_builder();
            shorter.set_read_timeout(timeouts.read_timeout().map(|read| read / 3));
            let retries = self.config.retry_config().cloned();
            let retries = retries.unwrap_or_else(RetryConfig::standard);
            let attempts = retries.max_attempts().min(HURRIED_ATTEMPTS);
            let config = self.config.to_builder();
            let config = config
                .timeout_config(shorter.build())
                .retry_config(retries.with_max_attempts(attempts))
                .build();
            let (target, artifacts) = (self.target.clone(), self.artifacts.clone());
            let secrets = self.secrets.clone();
            Self {
                is_hurried: true,
                unread: self.unread.clone(),
                listed_trails: Arc::clone(&self.listed_trails),
                lists: self.lists.clone(),
                ..Self::new(&config, self.path_style, target, artifacts, secrets)
            }
        };
        self.hurried.get_or_init(make).clone()
    }

    /// The same in another region.
    #[must_use]
    pub(super) fn in_region(&self, region: &str) -> Self {
        let config = self.config.to_builder();
        let config = config.region(Region::new(region.to_owned())).build();
        let target = Target {
            region: region.to_owned(),
            ..self.target.clone()
        };
        let secrets = self.secrets.clone();
        Self::new(
            &config,
            self.path_style,
            target,
            self.artifacts.clone(),
            secrets,
        )
    }

    /// The ARN a name has at this target.
    #[must_use]
    pub fn arn(&self, kind: Kind, name: &str) -> String {
        arn(&self.target, kind, name)
    }
}
