//! Where a kind is tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use treino::aws::{Aws, AwsProvider, ConnectOptions, connect};
use treino::stack::{Artifact, Secrets, Target};

use crate::support::emulator::secret_at;
use crate::support::proxy::Proxy;
use crate::support::{Clients, MOTO_ACCOUNT, REGION, World, moto};

/// An account of the local AWS or of moto.
pub struct Place {
    pub account: String,
    pub clients: Clients,
    config: SdkConfig,
    /// Checks what treino sends.
    _checked: Proxy,
}

impl Place {
    /// An account of its own on the local AWS.
    pub async fn local(kind: &str) -> Self {
        let world = World::new(&format!("conformance of {kind}"));
        Self::at(
            &world.endpoint,
            &world.account,
            Proxy::unnoticed(&world.endpoint),
        )
        .await
    }

    /// moto, whose one account all kinds share: each has names of its own.
    pub async fn moto() -> Self {
        // moto serves one connection at a time, so none is kept.
        let endpoint = &moto().endpoint;
        Self::at(endpoint, MOTO_ACCOUNT, Proxy::before(endpoint)).await
    }

    async fn at(endpoint: &str, account: &str, checked: Proxy) -> Self {
        let target = ConnectOptions {
            region: Some(REGION.into()),
            endpoint: Some(checked.endpoint.clone()),
            local_account: Some(account.into()),
            local_secret: secret_at(endpoint),
            ..ConnectOptions::default()
        };
        let config = connect(&target, &|_| ()).await.unwrap().config;
        // What is not implemented is answered by 500 or 501, and asking again does not help.
        let config = config.into_builder().retry_config(RetryConfig::disabled());
        Self {
            account: account.to_owned(),
            clients: Clients::new(endpoint, account, REGION).await,
            config: config.build(),
            _checked: checked,
        }
    }

    /// The provider for a stack.
    pub fn cloud(&self, stack: &str) -> AwsProvider {
        self.cloud_with(stack, Vec::new(), Secrets::default())
    }

    /// The same, with function packages and secrets.
    pub fn cloud_with(
        &self,
        stack: &str,
        artifacts: Vec<Vec<u8>>,
        secrets: Secrets,
    ) -> AwsProvider {
        let artifacts = artifacts.into_iter();
        let artifacts = artifacts
            .map(|zip| {
                let hash = STANDARD.encode(Sha256::digest(&zip));
                let (zip, buckets) = (Arc::from(zip), BTreeMap::new());
                (hash, Artifact { zip, buckets })
            })
            .collect();
        let target = self.target(stack);
        AwsProvider(Aws::new(&self.config, true, target, artifacts, secrets))
    }

    pub fn target(&self, stack: &str) -> Target {
        Target {
            partition: "aws".into(),
            region: REGION.into(),
            account: self.account.clone(),
            stack: stack.into(),
            owner: None,
        }
    }
}
