//! How much room the account has.

use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::engine::ProviderError;

/// The roles of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolesLeft {
    /// How many there are.
    pub used: usize,
    /// How many the account may have.
    pub most: usize,
}

/// How many roles the account has, and may have, by `iam:GetAccountSummary`; nothing where the answer does not say it.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
///
/// # Errors
/// What IAM answers.
pub async fn roles_left(aws: &Aws) -> Result<Option<RolesLeft>, ProviderError> {
    let answer = aws.iam.get_account_summary().send().await;
    let answer = answer.for_call("IAM", "GetAccountSummary")?;
    let summary = answer.summary_map.unwrap_or_default();
    let number = |name: &str| {
        let found = summary.iter().find(|(key, _)| key.as_str() == name)?;
        usize::try_from(*found.1).ok()
    };
    let both = number("Roles").zip(number("RolesQuota"));
    Ok(both.map(|(used, most)| RolesLeft { used, most }))
}

/// The concurrent executions of an account's functions in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencyLeft {
    /// How many functions may run at once.
    pub most: i32,
    /// How many of them no function has reserved.
    pub unreserved: i32,
}

/// How many functions may run at once, by `lambda:GetAccountSettings`.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html>
///
/// # Errors
/// What Lambda answers.
pub async fn concurrency_left(aws: &Aws) -> Result<Option<ConcurrencyLeft>, ProviderError> {
    let answer = aws.lambda.get_account_settings().send().await;
    let answer = answer.for_call("Lambda", "GetAccountSettings")?;
    Ok(answer.account_limit.map(|limit| ConcurrencyLeft {
        most: limit.concurrent_executions,
        unreserved: limit
            .unreserved_concurrent_executions
            .unwrap_or(limit.concurrent_executions),
    }))
}
