//! The target of a stack: account, region and owner.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Address;
use crate::data::partitions;

/// The tag that names the stack.
pub const TAG_STACK: &str = "treino:stack";
/// The tag that holds the address within the stack.
pub const TAG_ADDRESS: &str = "treino:address";
/// The tag that names the owner, where there is one.
pub const TAG_OWNER: &str = "treino:owner";
/// The tag with the time at which the stack expires, as an RFC 3339 time.
pub const TAG_EXPIRES: &str = "treino:expires";

/// The tag of the reaper's machine and role, which belong to no stack. Beside it the role has one for each region with a
/// machine: this, a colon and the region's code.
pub const TAG_REAPER: &str = "treino:reaper";

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// One stack in one account and region, for one owner: everything that names and ARNs depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, or one of `aws-iso` to `aws-iso-f`.
    pub partition: String,
    pub region: String,
    /// The 12-digit account id.
    pub account: String,
    pub stack: String,
    /// The owner of this copy of the stack, if several people share an account.
    pub owner: Option<String>,
}

impl Target {
    /// The partition a region belongs to, by the list of AWS's regions, or else by how its code begins.
    #[must_use]
    pub fn partition_of(region: &str) -> &'static str {
        partitions::of_region(region)
    }

    /// The host of the AWS console in the region; nothing in a partition whose console is not documented in public.
    #[must_use]
    pub fn console_host(&self) -> Option<String> {
        let suffix = partitions::console_suffix(&self.partition)?;
        Some(format!("{}.{suffix}", self.region))
    }

    /// The ownership tags of a resource of this stack.
    #[must_use]
    pub fn mark(&self, address: &Address) -> Tags {
        let mut tags = Tags::new();
        tags.insert(TAG_STACK.into(), self.stack.clone());
        tags.insert(TAG_ADDRESS.into(), address.to_string());
        if let Some(owner) = &self.owner {
            tags.insert(TAG_OWNER.into(), owner.clone());
        }
        tags
    }

    /// Whether tags contain the ownership tags of this stack and owner.
    #[must_use]
    pub fn owns(&self, tags: &Tags) -> bool {
        tags.get(TAG_STACK) == Some(&self.stack)
            && tags.get(TAG_OWNER) == self.owner.as_ref()
            && tags.contains_key(TAG_ADDRESS)
    }

    /// The ARN of a resource in this account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let (partition, region, account) = (&self.partition, &self.region, &self.account);
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The IAM path of the stack's roles in this region.
    #[must_use]
    pub fn role_path(&self) -> String {
        format!("/treino/{}/{}/", self.stack, self.region)
    }
}
