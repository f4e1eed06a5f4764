//! IAM roles with their policies.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{Role, Tag};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::principal::named;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, json, never, partial,
    retry_unsettled, time, with_principal_help,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, ProviderError};
use crate::stack::kinds::{POLICY_NAME, RoleSpec};
use crate::stack::policy::PolicyDocument;
use crate::stack::{Kind, Tags};

mod attached;

use attached::{attached, decoded, inline, inline_names, profiles};

pub struct Roles;

const GONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];

impl ResourceCalls for Roles {
    const KIND: Kind = Kind::Role;
    const EXISTS: &'static [&'static str] =
        &["EntityAlreadyExists", "EntityAlreadyExistsException"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::text("IAM", "GetRole", "<RoleName"),
        RequiredField::text("IAM", "ListAttachedRolePolicies", "<AttachedPolicies"),
        RequiredField::text("IAM", "ListRolePolicies", "<PolicyNames"),
        RequiredField::text("IAM", "ListRoleTags", "<Tags"),
        RequiredField::text("IAM", "ListRoles", "<Roles"),
    ];
    const UNSEEN_HELP: &'static str = "IAM ignores letter case, so a role whose name differs only in it has this name: \
         give it another key or `name:`";
    type Spec = RoleSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<RoleSpec>>, ProviderError> {
        // One request where there is none, and no deeper than without: a policy is read by its listed name.
        let all = async {
            let names = inline_names(aws, name).await?;
            let policies = try_join_all(names.into_iter().map(|policy| inline(aws, name, policy)));
            tokio::try_join!(found(aws, name), policies, attached(aws, name))
        };
        observed(aws, all.await).await
    }

    /// A role has treino's policy in most cases, and seldom others.
    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<RoleSpec>>, ProviderError> {
        let usual = async {
            let policy = inline(aws, name, POLICY_NAME.to_owned()).await;
            absent(policy, GONE)
        };
        let all = async {
            let (role, names, usual, managed) = tokio::try_join!(
                found(aws, name),
                inline_names(aws, name),
                usual,
                attached(aws, name)
            )?;
            let others = names.iter().filter(|name| *name != POLICY_NAME);
            let others = others.map(|policy| inline(aws, name, policy.clone()));
            let mut policies = try_join_all(others).await?;
            policies.extend(usual);
            Ok((role, policies, managed))
        };
        observed(aws, all.await).await
    }

    async fn create(aws: &Aws, cx: CallContext<'_>, want: &RoleSpec) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, cx.tags)?;
        let waits = (
            cx.events,
            cx.name,
            "IAM does not know the trusted principal yet",
        );
        retry_while(
            waiter::ROLE_PROPAGATION_TIMEOUT,
            waits,
            |error| {
                error_codes::is_invalid_principal(error)
                    || error_codes::is_concurrent_modification(error)
            },
            || async {
                let call = aws
                    .iam
                    .create_role()
                    .role_name(cx.name)
                    .path(&want.path)
                    .assume_role_policy_document(want.trust.to_string())
                    .set_tags(Some(tags.clone()));
                call.send().await.for_call("IAM", "CreateRole")
            },
        )
        .await
        .map_err(with_principal_help)?;
        let fresh = RoleSpec {
            policies: BTreeMap::new(),
            managed_policies: BTreeSet::new(),
            ..want.clone()
        };
        apply_settings(aws, cx, want, &fresh).await.map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &RoleSpec,
        live: &RoleSpec,
    ) -> Result<(), ProviderError> {
        apply_settings(aws, cx, want, live).await
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, tags)?;
        settled(cx, || async {
            let call = aws.iam.tag_role().role_name(cx.name);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.for_call("IAM", "TagRole").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.iam.untag_role().role_name(cx.name);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("IAM", "UntagRole").map(drop)
        })
        .await
    }

    /// IAM deletes a role only without policies and instance profiles, whoever attached them.
    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        // Most have treino's policy alone. What else there is, IAM says by refusing.
        let call = aws.iam.delete_role_policy().role_name(name);
        let answer = call.policy_name(POLICY_NAME).send().await;
        if answer.for_call("IAM", "DeleteRolePolicy").is_ok()
            && delete_role(aws, name).await.is_ok()
        {
            return Ok(());
        }
        let waits = (
            events,
            name,
            "IAM still sees something that hangs on the role",
        );
        retry_while(
            waiter::PROPAGATION_TIMEOUT,
            waits,
            error_codes::is_delete_conflict,
            || async {
                if absent(detach_all(aws, name).await, GONE)?.is_none() {
                    return Ok(());
                }
                // Its policies are deleted already.
                delete_role(aws, name).await.map_err(partial)
            },
        )
        .await
    }

    async fn list(aws: &Aws, stack: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let prefix = stack.map_or_else(
            || "/treino/".to_owned(),
            |stack| format!("/treino/{stack}/{}/", aws.target.region),
        );
        let here = format!("/{}/", aws.target.region);
        let mut names = Vec::new();
        let mut pages = aws
            .iam
            .list_roles()
            .path_prefix(prefix)
            .into_paginator()
            .send();
        let mut seen = Pages::of("IAM", "ListRoles");
        while let Some(page) = pages.next().await {
            let page = page.for_call("IAM", "ListRoles")?;
            seen.next_if(page.is_truncated, page.marker())?;
            // Roles are the same in every region; their path says for which one they were made.
            let roles = page
                .roles()
                .iter()
                .filter(|role| role.path.ends_with(&here));
            names.extend(roles.map(|role| role.role_name.clone()));
        }
        Ok(names)
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(absent(found(aws, name).await, GONE)?.is_some())
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let mut tags = Tags::new();
        let mut pages = Pages::of("IAM", "ListRoleTags");
        let mut marker = None;
        loop {
            let call = aws.iam.list_role_tags().role_name(name).set_marker(marker);
            let Some(page) = absent(call.send().await.for_call("IAM", "ListRoleTags"), GONE)?
            else {
                return Ok(None);
            };
            marker = pages.next_if(page.is_truncated, page.marker())?;
            tags.extend(page.tags.into_iter().map(|tag| (tag.key, tag.value)));
            if marker.is_none() {
                return Ok(Some(tags));
            }
        }
    }
}

async fn found(aws: &Aws, name: &str) -> Result<Option<Role>, ProviderError> {
    let answer = aws.iam.get_role().role_name(name).send().await;
    Ok(answer.for_call("IAM", "GetRole")?.role)
}

/// What was read of a role: itself, its own policies, and the managed ones.
type RoleParts = (
    Option<Role>,
    Vec<(String, PolicyDocument)>,
    BTreeSet<String>,
);

async fn observed(
    aws: &Aws,
    read: Result<RoleParts, ProviderError>,
) -> Result<Option<Observed<RoleSpec>>, ProviderError> {
    let Some((Some(role), policies, managed_policies)) = absent(read, GONE)? else {
        return Ok(None);
    };
    let trust = role.assume_role_policy_document();
    let trust = trust.map_or(Value::Null, |text| json(&decoded(text)));
    let trust = named(aws, &trust).await?;
    let tags = role.tags().iter();
    Ok(Some(Observed {
        spec: RoleSpec {
            path: role.path.clone(),
            trust,
            policies: policies.into_iter().collect(),
            managed_policies,
        },
        tags: tags
            .map(|tag| (tag.key.clone(), tag.value.clone()))
            .collect(),
        created: time(Some(&role.create_date)),
        unready: None,
    }))
}

async fn delete_role(aws: &Aws, name: &str) -> Result<(), ProviderError> {
    let deleted = aws.iam.delete_role().role_name(name).send().await;
    absent(deleted.for_call("IAM", "DeleteRole"), GONE).map(drop)
}

/// Removes the policies and instance profiles of a role.
async fn detach_all(aws: &Aws, name: &str) -> Result<(), ProviderError> {
    let (inline, attached, profiles) = tokio::try_join!(
        inline_names(aws, name),
        attached(aws, name),
        profiles(aws, name)
    )?;
    let inline = inline.into_iter().map(|policy| async move {
        let call = aws
            .iam
            .delete_role_policy()
            .role_name(name)
            .policy_name(policy);
        absent(call.send().await.for_call("IAM", "DeleteRolePolicy"), GONE).map(drop)
    });
    let attached = attached.into_iter().map(|arn| async move {
        let call = aws.iam.detach_role_policy().role_name(name).policy_arn(arn);
        absent(call.send().await.for_call("IAM", "DetachRolePolicy"), GONE).map(drop)
    });
    let profiles = profiles.into_iter().map(|profile| async move {
        let call = aws
            .iam
            .remove_role_from_instance_profile()
            .role_name(name)
            .instance_profile_name(profile);
        absent(
            call.send()
                .await
                .for_call("IAM", "RemoveRoleFromInstanceProfile"),
            GONE,
        )
        .map(drop)
    });
    tokio::try_join!(
        try_join_all(inline),
        try_join_all(attached),
        try_join_all(profiles)
    )
    .map(drop)
    .map_err(partial)
}

async fn apply_settings(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &RoleSpec,
    live: &RoleSpec,
) -> Result<(), ProviderError> {
    if want.trust != live.trust {
        let waits = (
            cx.events,
            cx.name,
            "IAM does not know the trusted principal yet",
        );
        let unknown = error_codes::is_invalid_principal;
        retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, unknown, || {
            settled(cx, || async {
                let call = aws.iam.update_assume_role_policy().role_name(cx.name);
                let call = call.policy_document(want.trust.to_string());
                let answer = call.send().await;
                answer.for_call("IAM", "UpdateAssumeRolePolicy").map(drop)
            })
        })
        .await
        .map_err(with_principal_help)?;
    }
    for (name, document) in want
        .policies
        .iter()
        .filter(|(name, document)| live.policies.get(*name) != Some(document))
    {
        settled(cx, || async {
            let call = aws.iam.put_role_policy().role_name(cx.name);
            let call = call.policy_name(name).policy_document(document.to_string());
            let answer = call.send().await;
            answer.for_call("IAM", "PutRolePolicy").map(drop)
        })
        .await?;
    }
    for name in live
        .policies
        .keys()
        .filter(|name| !want.policies.contains_key(*name))
    {
        settled(cx, || async {
            let call = aws.iam.delete_role_policy().role_name(cx.name);
            let answer = call.policy_name(name).send().await;
            absent(answer.for_call("IAM", "DeleteRolePolicy"), GONE).map(drop)
        })
        .await?;
    }
    for arn in want.managed_policies.difference(&live.managed_policies) {
        settled(cx, || async {
            let call = aws.iam.attach_role_policy().role_name(cx.name);
            let answer = call.policy_arn(arn).send().await;
            answer.for_call("IAM", "AttachRolePolicy").map(drop)
        })
        .await?;
    }
    for arn in live.managed_policies.difference(&want.managed_policies) {
        settled(cx, || async {
            let call = aws.iam.detach_role_policy().role_name(cx.name);
            let answer = call.policy_arn(arn).send().await;
            absent(answer.for_call("IAM", "DetachRolePolicy"), GONE).map(drop)
        })
        .await?;
    }
    Ok(())
}

/// Makes a change of a role that IAM may not see everywhere yet.
async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let errors = (error_codes::is_role_not_visible, never);
    retry_unsettled(cx, waiter::ROLE_PROPAGATION_TIMEOUT, errors, call).await
}
