//! AWS as the engine's provider.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

use super::resources::{self, CallContext};
use super::sightings::{ages_of_roles, owners_by_roles, sightings};
use super::transport::error::ForCall;
use super::{Artifacts, Aws, AwsConnection, inventory};
use crate::engine::{
    Contents, Events, ListedAndOwned, PendingReads, Provider, ProviderError, Scope, Sighting, Task,
};
use crate::plan::{ActualResource, Inventory, Owned};
use crate::stack::{DesiredState, Kind, Resource, Secrets, Tags, Target};

/// AWS, kind by kind.
#[derive(Debug, Clone)]
pub struct AwsProvider(pub Aws);

impl AwsProvider {
    /// The provider of a stack whose file is known: with its function packages, and with its secrets,
    /// which what stands is compared with.
    #[must_use]
    pub fn for_stack(connection: &AwsConnection, desired: &DesiredState) -> Self {
        let mut aws = Aws::new(
            &connection.config,
            connection.path_style,
            desired.target.clone(),
            desired.artifacts.clone(),
            desired.secrets.clone(),
        );
        aws.lists = connection.lists.clone();
        Self(aws)
    }

    /// The same, deleting object versions that are locked in governance mode too, if so wanted.
    #[must_use]
    pub fn bypassing_governance(mut self, bypass: bool) -> Self {
        self.0.bypass_governance = bypass;
        self
    }

    /// The provider of a stack that is known by its name alone: it reads, lists and deletes.
    #[must_use]
    pub fn for_name(connection: &AwsConnection, target: &Target) -> Self {
        Self(Aws::new(
            &connection.config,
            connection.path_style,
            target.clone(),
            Artifacts::new(),
            Secrets::default(),
        ))
    }
}

impl AwsProvider {
    /// How many resources of a kind there are, whoever's they are.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn count(&self, kind: Kind) -> Result<usize, ProviderError> {
        resources::of(kind).count(&self.0).await
    }

    /// How many executions of functions the account may have at once in the region.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html>
    ///
    /// # Errors
    /// What the service answers.
    pub async fn concurrent_executions(&self) -> Result<Option<usize>, ProviderError> {
        let answer = self.0.lambda.get_account_settings().send().await;
        let answer = answer.for_call("Lambda", "GetAccountSettings")?;
        let limit = answer.account_limit();
        Ok(limit.and_then(|limit| usize::try_from(limit.concurrent_executions()).ok()))
    }

    /// The owners of the copies of the stack in this region that have a role beside these.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn owners_by_roles(
        &self,
        known: &BTreeSet<String>,
    ) -> Result<BTreeSet<Option<String>>, ProviderError> {
        owners_by_roles(&self.0, known).await
    }

    /// When the roles of the target's stack were made, or those of all stacks where it has none, by name.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn ages_of_roles(&self) -> Result<BTreeMap<String, String>, ProviderError> {
        ages_of_roles(&self.0).await
    }

    /// Gives a resource of the stack these tags, in place of those it has. One that is deleted, or not the stack's any
    /// more, stays as it is.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn retag(
        &self,
        owned: &Owned,
        tags: &Tags,
        events: &Events,
    ) -> Result<(), ProviderError> {
        let arn = self.0.arn(owned.kind, &owned.name);
        let cx = CallContext {
            name: &owned.name,
            arn: &arn,
            tags,
            events,
            is_new: false,
        };
        resources::of(owned.kind).retag(&self.0, cx).await
    }
}

impl Provider for AwsProvider {
    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>> {
        resources::of(kind).read(&self.0, name)
    }

    fn read_again<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>> {
        resources::of(kind).read_again(&self.0, name)
    }

    fn created<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<String>> {
        resources::of(kind).created(&self.0, name)
    }

    fn create<'a>(&'a self, want: &'a Resource, events: &'a Events) -> Task<'a, ()> {
        let cx = CallContext {
            name: &want.name,
            arn: &want.arn,
            tags: &want.tags,
            events,
            is_new: true,
        };
        resources::of(want.kind).create(&self.0, cx, &want.spec)
    }

    fn update<'a>(
        &'a self,
        want: &'a Resource,
        live: &'a ActualResource,
        events: &'a Events,
    ) -> Task<'a, ()> {
        let cx = CallContext {
            name: &want.name,
            arn: &want.arn,
            tags: &want.tags,
            events,
            is_new: false,
        };
        resources::of(want.kind).update(&self.0, cx, &want.spec, live)
    }

    fn delete<'a>(&'a self, kind: Kind, name: &'a str, events: &'a Events) -> Task<'a, ()> {
        resources::of(kind).delete(&self.0, name, events)
    }

    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        if !scope.unlikely {
            return resources::of(kind).owned(&self.0, scope);
        }
        Box::pin(async move {
            let hurried = self.0.hurried();
            resources::of(kind).owned(&hurried, scope).await
        })
    }

    fn inventory(&self, unlikely: bool) -> Task<'_, Option<Inventory>> {
        Box::pin(async move {
            if unlikely {
                return inventory::read(&self.0.hurried()).await;
            }
            inventory::read(&self.0).await
        })
    }

    fn pending_reads(&self) -> PendingReads {
        self.0.pending_reads()
    }

    fn sightings<'a>(
        &'a self,
        stack: &'a str,
    ) -> Pin<Box<dyn Future<Output = Vec<Sighting>> + Send + 'a>> {
        Box::pin(sightings(&self.0, stack))
    }

    fn over_quota(&self, kind: Kind, more: usize) -> Task<'_, Option<ProviderError>> {
        resources::of(kind).over_quota(&self.0, more)
    }

    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>> {
        resources::of(kind).listed(&self.0, names)
    }

    fn listed_and_owned<'a>(
        &'a self,
        kind: Kind,
        names: &'a [String],
        scope: &'a Scope,
    ) -> ListedAndOwned<'a> {
        resources::of(kind).listed_and_owned(&self.0, names, scope)
    }

    fn exists<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, bool> {
        resources::of(kind).exists(&self.0, name)
    }

    fn contents<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Vec<Contents>> {
        Box::pin(async move {
            // What cannot be counted is not worth a long wait.
            let hurried = self.0.hurried();
            resources::of(kind).contents(&hurried, name).await
        })
    }

    fn surviving_data<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Vec<String>> {
        resources::of(kind).surviving_data(&self.0, name)
    }
}
