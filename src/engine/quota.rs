//! Whether what a plan makes fits into the account.

use std::collections::BTreeMap;

use super::{Provider, ProviderError};
use crate::plan::{Action, Plan};
use crate::stack::Kind;

/// Looks, before anything is made, whether the account has room for all a plan makes.
///
/// # Errors
/// What there is too much of, or a look that failed.
pub async fn check_quotas(provider: &dyn Provider, plan: &Plan) -> Result<(), ProviderError> {
    let mut more: BTreeMap<Kind, usize> = BTreeMap::new();
    for step in plan.steps.iter().filter(|s| s.action == Action::Create) {
        *more.entry(step.kind).or_default() += 1;
    }
    for (kind, more) in more {
        if let Some(error) = provider.too_many(kind, more).await? {
            return Err(error);
        }
    }
    Ok(())
}
