//! What a role has: inline policies, managed policies, instance profiles.

use std::collections::BTreeSet;

use crate::aws::Aws;
use crate::aws::resources::json;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::ProviderError;
use crate::stack::policy::{self, PolicyDocument};

/// IAM answers with documents percent-encoded as RFC 3986 says.
pub fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

pub async fn inline_names(aws: &Aws, name: &str) -> Result<Vec<String>, ProviderError> {
    let mut names = Vec::new();
    let mut pages = aws
        .iam
        .list_role_policies()
        .role_name(name)
        .into_paginator()
        .send();
    let mut seen = Pages::of("IAM", "ListRolePolicies");
    while let Some(page) = pages.next().await {
        let page = page.for_call("IAM", "ListRolePolicies")?;
        seen.next_if(page.is_truncated, page.marker())?;
        names.extend(page.policy_names);
    }
    Ok(names)
}

pub async fn inline(
    aws: &Aws,
    name: &str,
    policy: String,
) -> Result<(String, PolicyDocument), ProviderError> {
    let call = aws
        .iam
        .get_role_policy()
        .role_name(name)
        .policy_name(&policy);
    let answer = call.send().await.for_call("IAM", "GetRolePolicy")?;
    Ok((
        policy,
        PolicyDocument(policy::normal(&json(&decoded(&answer.policy_document)))),
    ))
}

pub async fn attached(aws: &Aws, name: &str) -> Result<BTreeSet<String>, ProviderError> {
    let mut arns = BTreeSet::new();
    let mut pages = aws
        .iam
        .list_attached_role_policies()
        .role_name(name)
        .into_paginator()
        .send();
    let mut seen = Pages::of("IAM", "ListAttachedRolePolicies");
    while let Some(page) = pages.next().await {
        let page = page.for_call("IAM", "ListAttachedRolePolicies")?;
        seen.next_if(page.is_truncated, page.marker())?;
        arns.extend(
            page.attached_policies()
                .iter()
                .filter_map(|policy| policy.policy_arn.clone()),
        );
    }
    Ok(arns)
}

pub async fn profiles(aws: &Aws, name: &str) -> Result<Vec<String>, ProviderError> {
    let mut names = Vec::new();
    let mut pages = aws
        .iam
        .list_instance_profiles_for_role()
        .role_name(name)
        .into_paginator()
        .send();
    let mut seen = Pages::of("IAM", "ListInstanceProfilesForRole");
    while let Some(page) = pages.next().await {
        let page = page.for_call("IAM", "ListInstanceProfilesForRole")?;
        seen.next_if(page.is_truncated, page.marker())?;
        names.extend(
            page.instance_profiles()
                .iter()
                .map(|profile| profile.instance_profile_name.clone()),
        );
    }
    Ok(names)
}
