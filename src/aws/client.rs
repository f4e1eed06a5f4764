//! The clients of one account and region.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;

use super::resources::REQUIRED;
use super::transport::response_validation::ResponseValidation;
use crate::stack::{Kind, Secrets, Target, arn};

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

/// Function packages by their hash.
pub type Artifacts = BTreeMap<String, Arc<[u8]>>;

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

    /// The ARN a name has at this target.
    #[must_use]
    pub fn arn(&self, kind: Kind, name: &str) -> String {
        arn(&self.target, kind, name)
    }
}
