//! Amazon Glacier's vaults.
//!
//! A vault is made untagged and tagged afterwards. What a killed run leaves in between is known by
//! its name (`stack::kinds::mark_in_name`): its tags are then read as those the name stands for.

use std::collections::HashMap;

use aws_config::retry::RetryConfig;
use aws_sdk_glacier::types::VaultAccessPolicy;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::ownership::check_ownership;
use super::principal::named;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, erased::change, json, partial,
    time, where_served, with_principal_help, without_aws,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, ProviderError};
use crate::source::counted;
use crate::stack::kinds::{VaultSpec, mark_in_name};
use crate::stack::policy::PolicyDocument;
use crate::stack::{Kind, TAG_STACK, Tags};

pub struct Vaults;

const GONE: &[&str] = &["ResourceNotFoundException"];

/// The account whose credentials sign the call.
const OWN: &str = "-";

impl ResourceCalls for Vaults {
    const KIND: Kind = Kind::Vault;
    // CreateVault succeeds where the vault is there already.
    const EXISTS: &'static [&'static str] = &[];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("Glacier", "DescribeVault", "VaultName"),
        RequiredField::json("Glacier", "ListTagsForVault", "Tags"),
        RequiredField::json("Glacier", "ListVaults", "VaultList"),
    ];
    type Spec = VaultSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<VaultSpec>>, ProviderError> {
        let vault = retry_throttled(name, || async {
            let call = aws.glacier.describe_vault().account_id(OWN);
            let answer = call.vault_name(name).send().await;
            answer.for_call("Glacier", "DescribeVault")
        });
        let Some(vault) = absent(vault.await, GONE)? else {
            return Ok(None);
        };
        let (policy, tags) = tokio::join!(access_policy(aws, name), tags(aws, name));
        let Some(tags) = absent(tags, GONE)? else {
            return Ok(None);
        };
        Ok(Some(Observed {
            spec: VaultSpec { policy: policy? },
            tags,
            created: vault.creation_date.as_deref().and_then(seconds),
            unready: None,
        }))
    }

    async fn create(aws: &Aws, cx: CallContext<'_>, want: &VaultSpec) -> Result<(), ProviderError> {
        retry_throttled(cx.name, || async {
            let call = aws.glacier.create_vault().account_id(OWN);
            let answer = call.vault_name(cx.name).send().await;
            answer.for_call("Glacier", "CreateVault")
        })
        .await?;
        // Whether it was there before is not said: so it is looked at, and completed from there.
        let waits = (cx.events, cx.name, "the new vault is not seen yet");
        let seen = waiter::wait_for(waiter::READ_AFTER_CREATE_TIMEOUT, waits, || {
            Self::read(aws, cx.name)
        })
        .await
        .map_err(partial)?;
        if seen.tags.contains_key(TAG_STACK) {
            check_ownership(aws, Kind::Vault, cx, &seen.tags)?;
        }
        change::<Self>(aws, cx, want, &seen.spec, &without_aws(seen.tags))
            .await
            .map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &VaultSpec,
        live: &VaultSpec,
    ) -> Result<(), ProviderError> {
        if want.policy == live.policy {
            return Ok(());
        }
        let Some(policy) = &want.policy else {
            return retry_throttled(cx.name, || async {
                let call = aws.glacier.delete_vault_access_policy().account_id(OWN);
                let answer = call.vault_name(cx.name).send().await;
                answer
                    .for_call("Glacier", "DeleteVaultAccessPolicy")
                    .map(drop)
            })
            .await;
        };
        let policy = VaultAccessPolicy::builder()
            .policy(policy.to_string())
            .build();
        let passing = |error: &ProviderError| {
            error_codes::is_throttled(error) || error_codes::is_invalid_principal(error)
        };
        let waits = (
            cx.events,
            cx.name,
            "Glacier does not know whom the policy names yet",
        );
        retry_while(waiter::ROLE_PROPAGATION_TIMEOUT, waits, passing, || async {
            let call = aws.glacier.set_vault_access_policy().account_id(OWN);
            let call = call.vault_name(cx.name).policy(policy.clone());
            let answer = call.send().await;
            answer.for_call("Glacier", "SetVaultAccessPolicy").map(drop)
        })
        .await
        .map_err(with_principal_help)
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags: HashMap<String, String> = tags.clone().into_iter().collect();
        retry_throttled(cx.name, || async {
            let call = aws.glacier.add_tags_to_vault().account_id(OWN);
            let tags = Some(tags.clone());
            let answer = call.vault_name(cx.name).set_tags(tags).send().await;
            answer.for_call("Glacier", "AddTagsToVault").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        retry_throttled(cx.name, || async {
            let call = aws.glacier.remove_tags_from_vault().account_id(OWN);
            let keys = Some(keys.to_vec());
            let answer = call.vault_name(cx.name).set_tag_keys(keys).send().await;
            answer.for_call("Glacier", "RemoveTagsFromVault").map(drop)
        })
        .await
    }

    async fn delete(aws: &Aws, name: &str, _: &Events) -> Result<(), ProviderError> {
        let deleted = retry_throttled(name, || async {
            let call = aws.glacier.delete_vault().account_id(OWN);
            let answer = call.vault_name(name).send().await;
            answer.for_call("Glacier", "DeleteVault").map(drop)
        });
        match absent(deleted.await, GONE) {
            Ok(_) => Ok(()),
            Err(error) if error_codes::is_vault_not_empty(&error) => {
                Err(explained(aws, name, error).await)
            }
            Err(error) => Err(error),
        }
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let seen = retry_throttled(name, || async {
            let call = aws.glacier.describe_vault().account_id(OWN);
            let answer = call.vault_name(name).send().await;
            answer.for_call("Glacier", "DescribeVault")
        });
        Ok(absent(seen.await, GONE)?.is_some())
    }

    async fn list(aws: &Aws, stack: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let call = || aws.glacier.list_vaults().account_id(OWN);
        let once = aws_sdk_glacier::config::Builder::new().retry_config(RetryConfig::disabled());
        let once = call().customize().config_override(once).send();
        let first = where_served(
            aws,
            async { once.await.for_call("Glacier", "ListVaults") },
            async || call().send().await.for_call("Glacier", "ListVaults"),
        );
        let mut next = match first.await {
            // An account that may not use Glacier has no vaults.
            Err(error) if error.is("NoLongerSupportedException") => None,
            first => first?,
        };
        let mut pages = Pages::of("Glacier", "ListVaults");
        while let Some(page) = next {
            names.extend(
                page.vault_list()
                    .iter()
                    .filter_map(|vault| vault.vault_name.clone()),
            );
            next = match pages.next(page.marker())? {
                Some(marker) => {
                    let call = call().marker(marker);
                    Some(call.send().await.for_call("Glacier", "ListVaults")?)
                }
                None => None,
            };
        }
        // treino's vaults are known by their names; no other's tags need to be read.
        names.retain(|name| {
            mark_in_name(&aws.target, name).is_some_and(|mark| {
                stack.is_none() || mark.get(TAG_STACK).map(String::as_str) == stack
            })
        });
        Ok(names)
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let tags = absent(tags(aws, name).await, GONE)?;
        Ok(tags.map(|mut tags| {
            if !tags.contains_key(TAG_STACK) {
                tags.extend(mark_in_name(&aws.target, name).unwrap_or_default());
            }
            tags
        }))
    }
}

/// Glacier's times are texts with fractions of a second.
fn seconds(at: &str) -> Option<String> {
    time(DateTime::from_str(at, Format::DateTime).ok().as_ref())
}

/// Retries a throttled call: Glacier allows few calls a second.
async fn retry_throttled<T, F, Fut>(name: &str, call: F) -> Result<T, ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let events = Events::none();
    let waits = (&events, name, "Glacier takes no more calls for the moment");
    retry_while(
        waiter::THROTTLING_TIMEOUT,
        waits,
        error_codes::is_throttled,
        call,
    )
    .await
}

async fn tags(aws: &Aws, name: &str) -> Result<Tags, ProviderError> {
    let answer = retry_throttled(name, || async {
        let call = aws.glacier.list_tags_for_vault().account_id(OWN);
        let answer = call.vault_name(name).send().await;
        answer.for_call("Glacier", "ListTagsForVault")
    });
    Ok(answer.await?.tags.unwrap_or_default().into_iter().collect())
}

/// The access policy. Glacier has one error code for a missing policy and a missing vault, so the vault is
/// described as well.
async fn access_policy(aws: &Aws, name: &str) -> Result<Option<PolicyDocument>, ProviderError> {
    let answer = retry_throttled(name, || async {
        let call = aws.glacier.get_vault_access_policy().account_id(OWN);
        let answer = call.vault_name(name).send().await;
        answer.for_call("Glacier", "GetVaultAccessPolicy")
    });
    let policy = absent(answer.await, GONE)?.and_then(|answer| answer.policy?.policy);
    match policy {
        Some(text) => Ok(Some(named(aws, &json(&text)).await?)),
        None => Ok(None),
    }
}

/// Why a vault could not be deleted, and what to do: archives have to be deleted first.
async fn explained(aws: &Aws, name: &str, error: ProviderError) -> ProviderError {
    let call = aws.glacier.describe_vault().account_id(OWN);
    let seen = call.vault_name(name).send().await;
    let holds = match seen.for_call("Glacier", "DescribeVault") {
        Ok(vault) if vault.number_of_archives > 0 => {
            format!(
                "it contains {}",
                counted(vault.number_of_archives, "archive")
            )
        }
        _ => "it was written to since its last inventory".to_owned(),
    };
    let inventory =
        "AWS deletes a vault only after an inventory, taken about once a day, has shown it empty";
    error.help(format!(
        "{holds}, and {inventory}: delete its archives (`aws glacier initiate-job` lists them, \
         `aws glacier delete-archive` deletes one), and destroy again a day later"
    ))
}
