//! Since when stacks are deployed.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use crate::aws::AwsProvider;
use crate::engine::{Provider, ProviderError};
use crate::plan::Owned;
use crate::stack::Kind;

/// When resources were made. The roles are listed once, however many stacks are looked at.
pub(super) struct Ages<'a> {
    provider: &'a AwsProvider,
    roles: OnceCell<BTreeMap<String, String>>,
}

impl<'a> Ages<'a> {
    pub(super) fn new(provider: &'a AwsProvider) -> Self {
        Self {
            provider,
            roles: OnceCell::new(),
        }
    }

    /// When the first resource that knows its age was made, as an RFC 3339 time.
    ///
    /// # Errors
    /// What a service answers.
    pub(super) async fn oldest(
        &self,
        resources: &[Owned],
    ) -> Result<Option<String>, ProviderError> {
        let has_dated = resources.iter().any(|owned| is_dated(owned.kind));
        // Others know their age, too; AWS takes few calls that read them, and most have roles.
        let others = [Kind::LogGroup, Kind::StateMachine, Kind::Queue];
        let read = resources
            .iter()
            .filter(|owned| is_dated(owned.kind) || !has_dated && others.contains(&owned.kind));
        let times = try_join_all(read.map(|owned| self.made(owned))).await?;
        Ok(times.into_iter().flatten().min())
    }

    async fn made(&self, owned: &Owned) -> Result<Option<String>, ProviderError> {
        if owned.kind != Kind::Role {
            return self.provider.created(owned.kind, &owned.name).await;
        }
        let list = || self.provider.ages_of_roles();
        Ok(self
            .roles
            .get_or_try_init(list)
            .await?
            .get(&owned.name)
            .cloned())
    }
}

fn is_dated(kind: Kind) -> bool {
    matches!(kind, Kind::Role | Kind::Table | Kind::Vault)
}
