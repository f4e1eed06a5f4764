//! Checks the account's quotas before a plan is applied.

use std::collections::BTreeMap;

use super::{Provider, ProviderError};
use crate::plan::{Action, Plan};
use crate::stack::Kind;

/// Checks that the account has room for every resource the plan creates.
///
/// # Errors
/// The exceeded quota, or a call that failed.
pub async fn check_quotas(provider: &dyn Provider, plan: &Plan) -> Result<(), ProviderError> {
    let mut more: BTreeMap<Kind, usize> = BTreeMap::new();
    for step in plan.steps.iter().filter(|s| s.action == Action::Create) {
        *more.entry(step.kind).or_default() += 1;
    }
    for (kind, more) in more {
        if let Some(error) = provider.over_quota(kind, more).await? {
            return Err(error);
        }
    }
    Ok(())
}
