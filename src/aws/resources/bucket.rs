//! S3 buckets.

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    EventBridgeConfiguration, NotificationConfiguration, PublicAccessBlockConfiguration, Tag,
    Tagging, VersioningConfiguration,
};

use super::ownership::verify_created;
use super::principal::named;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, builder_result, contents,
    empty_bucket, has_code, json, partial, retry_unsettled,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Contents, Events, ProviderError};
use crate::stack::kinds::BucketSpec;
use crate::stack::policy::PolicyDocument;
use crate::stack::{Kind, Tags};

mod policy;

pub struct Buckets;

/// The answers that mean there is no such bucket.
const GONE: &[&str] = &["NoSuchBucket", "NotFound"];
/// The same of `HeadBucket`, whose answer has no body, and so no code.
const HEAD_GONE: &[&str] = &["NotFound", "NoSuchBucket", "HTTP 404"];
const EXISTS: &str = "BucketAlreadyOwnedByYou";

impl ResourceCalls for Buckets {
    const KIND: Kind = Kind::Bucket;
    const EXISTS: &'static [&'static str] = &[EXISTS];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::text("S3", "GetBucketTagging", "<TagSet"),
        RequiredField::text("S3", "ListBuckets", "<Buckets"),
        // Its body is the policy.
        RequiredField::text("S3", "GetBucketPolicy", "{"),
    ];
    const TAGS_ARE_REPLACED: bool = true;
    type Spec = BucketSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<BucketSpec>>, ProviderError> {
        // One request where there is none.
        let all = async {
            let tags = tags(aws, name).await?;
            Ok((settings(aws, name).await?, tags))
        };
        observed(name, all.await)
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<BucketSpec>>, ProviderError> {
        let all = async { tokio::try_join!(settings(aws, name), tags(aws, name)) };
        observed(name, all.await)
    }

    async fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &BucketSpec,
    ) -> Result<(), ProviderError> {
        let mut place =
            CreateBucketConfiguration::builder().set_tags(Some(sdk_tags!(Tag, cx.tags)?));
        // us-east-1 is the one region that may not be named.
        if aws.target.region != "us-east-1" {
            place = place
                .location_constraint(BucketLocationConstraint::from(aws.target.region.as_str()));
        }
        let place = place.build();
        let waits = (
            cx.events,
            cx.name,
            "the name of a bucket deleted just now is not free yet (it can take an hour)",
        );
        retry_while(
            waiter::NAME_RELEASE_TIMEOUT,
            waits,
            error_codes::is_bucket_operation_conflict,
            || async {
                let call = aws
                    .s3
                    .create_bucket()
                    .bucket(cx.name)
                    .create_bucket_configuration(place.clone());
                call.send().await.for_call("S3", "CreateBucket")
            },
        )
        .await
        .map_err(explained)?;
        // us-east-1 answers success as well for a bucket of the account that is there already.
        verify_created::<Self>(aws, cx).await?;
        let fresh = BucketSpec {
            versioning: false,
            // New buckets are blocked, but not those of every emulator: it is said in any case.
            block_public_access: !want.block_public_access,
            events: false,
            policy: None,
        };
        apply_settings(aws, cx, want, &fresh).await.map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &BucketSpec,
        live: &BucketSpec,
    ) -> Result<(), ProviderError> {
        apply_settings(aws, cx, want, live).await
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tagging = Tagging::builder()
            .set_tag_set(Some(sdk_tags!(Tag, tags)?))
            .build();
        let tagging = builder_result(tagging)?;
        let errors = (has_code(GONE), error_codes::is_bucket_operation_conflict);
        retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, || async {
            let call = aws.s3.put_bucket_tagging().bucket(cx.name);
            let answer = call.tagging(tagging.clone()).send().await;
            answer.for_call("S3", "PutBucketTagging").map(drop)
        })
        .await
    }

    async fn contents(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
        contents::of_bucket(aws, name).await
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        empty_bucket::bucket(aws, name, events).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut seen = Pages::of("S3", "ListBuckets");
        let mut pages = aws
            .s3
            .list_buckets()
            .bucket_region(&aws.target.region)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.for_call("S3", "ListBuckets")?;
            seen.next(page.continuation_token())?;
            names.extend(
                page.buckets()
                    .iter()
                    .filter_map(|bucket| bucket.name.clone()),
            );
        }
        Ok(names)
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        let head = aws.s3.head_bucket().bucket(name).send().await;
        match absent(head.for_call("S3", "HeadBucket"), HEAD_GONE) {
            // Without `s3:ListBucket`, and for a bucket of another account.
            Err(error) if error.is_denied() => Ok(Self::read_tags(aws, name).await?.is_some()),
            head => Ok(head?.is_some()),
        }
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        absent(tags(aws, name).await, GONE)
    }
}

/// The settings of a bucket.
async fn settings(aws: &Aws, name: &str) -> Result<BucketSpec, ProviderError> {
    let versioning = async {
        let answer = aws.s3.get_bucket_versioning().bucket(name).send().await;
        Ok(answer.for_call("S3", "GetBucketVersioning")?.status
            == Some(BucketVersioningStatus::Enabled))
    };
    let (versioning, block_public_access, events, policy) = tokio::try_join!(
        versioning,
        blocked(aws, name),
        sends_events(aws, name),
        bucket_policy(aws, name)
    )?;
    Ok(BucketSpec {
        versioning,
        block_public_access,
        events,
        policy,
    })
}

fn observed(
    name: &str,
    read: Result<(BucketSpec, Tags), ProviderError>,
) -> Result<Option<Observed<BucketSpec>>, ProviderError> {
    match read {
        Ok((spec, tags)) => Ok(Some(Observed {
            spec,
            tags,
            created: None,
            unready: None,
        })),
        Err(error) if GONE.contains(&error.code.as_str()) => Ok(None),
        // Bucket names are global: this one is in another account, or another region.
        Err(error) if is_access_refused(&error) => Err(error
            .help(format!(
                "the bucket {name} is in another account or region, or may not be read: choose another name for it"
            ))
            .elsewhere()),
        Err(error) => Err(error),
    }
}

/// Whether S3 refuses access because the bucket is in another account or region. For a bucket of the
/// caller's own account, the error message names the denied action.
fn is_access_refused(error: &ProviderError) -> bool {
    let denied = error.is_denied() && error_codes::denied_action(error).is_none();
    denied || matches!(error.code.as_str(), "PermanentRedirect" | "HTTP 301")
}

fn explained(error: ProviderError) -> ProviderError {
    if error.is("BucketAlreadyExists") {
        return error.help(
            "another account has a bucket of this name, and all accounts share one space: choose another name for it",
        );
    }
    error
}

async fn tags(aws: &Aws, name: &str) -> Result<Tags, ProviderError> {
    let answer = aws
        .s3
        .get_bucket_tagging()
        .bucket(name)
        .send()
        .await
        .for_call("S3", "GetBucketTagging");
    let answer = absent(answer, &["NoSuchTagSet"])?;
    let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

async fn blocked(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
    let answer = aws
        .s3
        .get_public_access_block()
        .bucket(name)
        .send()
        .await
        .for_call("S3", "GetPublicAccessBlock");
    let block = absent(answer, &["NoSuchPublicAccessBlockConfiguration"])?
        .and_then(|answer| answer.public_access_block_configuration);
    Ok(block.is_some_and(|block| {
        [
            block.block_public_acls,
            block.ignore_public_acls,
            block.block_public_policy,
            block.restrict_public_buckets,
        ]
        .iter()
        .all(|on| *on == Some(true))
    }))
}

async fn sends_events(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
    let seen = notifications(aws, name).await?;
    Ok(seen.event_bridge_configuration.is_some())
}

async fn notifications(
    aws: &Aws,
    name: &str,
) -> Result<GetBucketNotificationConfigurationOutput, ProviderError> {
    let call = aws.s3.get_bucket_notification_configuration().bucket(name);
    let answer = call.send().await;
    answer.for_call("S3", "GetBucketNotificationConfiguration")
}

async fn bucket_policy(aws: &Aws, name: &str) -> Result<Option<PolicyDocument>, ProviderError> {
    let answer = aws
        .s3
        .get_bucket_policy()
        .bucket(name)
        .send()
        .await
        .for_call("S3", "GetBucketPolicy");
    let text = absent(answer, &["NoSuchBucketPolicy"])?.and_then(|answer| answer.policy);
    match text {
        Some(text) => Ok(Some(named(aws, &json(&text)).await?)),
        None => Ok(None),
    }
}

/// Puts every sub-resource that differs; one after another, as S3 refuses two at once.
async fn apply_settings(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &BucketSpec,
    live: &BucketSpec,
) -> Result<(), ProviderError> {
    let waits = (
        cx.events,
        cx.name,
        "the fresh bucket is not seen everywhere yet",
    );
    macro_rules! put {
        ($operation:literal, $call:expr) => {
            retry_while(
                waiter::PROPAGATION_TIMEOUT,
                waits,
                error_codes::is_bucket_not_visible,
                || async { $call.send().await.for_call("S3", $operation).map(drop) },
            )
            .await?
        };
    }
    if want.block_public_access != live.block_public_access {
        if want.block_public_access {
            let all = PublicAccessBlockConfiguration::builder()
                .block_public_acls(true)
                .ignore_public_acls(true)
                .block_public_policy(true)
                .restrict_public_buckets(true)
                .build();
            put!(
                "PutPublicAccessBlock",
                aws.s3
                    .put_public_access_block()
                    .bucket(cx.name)
                    .public_access_block_configuration(all.clone())
            );
        } else {
            put!(
                "DeletePublicAccessBlock",
                aws.s3.delete_public_access_block().bucket(cx.name)
            );
        }
    }
    if want.policy != live.policy {
        match &want.policy {
            Some(policy) => policy::put(aws, cx, policy, want.block_public_access).await?,
            None => put!(
                "DeleteBucketPolicy",
                aws.s3.delete_bucket_policy().bucket(cx.name)
            ),
        }
    }
    if want.versioning != live.versioning {
        let status = if want.versioning {
            BucketVersioningStatus::Enabled
        } else {
            BucketVersioningStatus::Suspended
        };
        let versioning = VersioningConfiguration::builder().status(status).build();
        put!(
            "PutBucketVersioning",
            aws.s3
                .put_bucket_versioning()
                .bucket(cx.name)
                .versioning_configuration(versioning.clone())
        );
    }
    if want.events != live.events {
        let to_eventbridge = want
            .events
            .then(|| EventBridgeConfiguration::builder().build());
        // They are put as a whole: those to queues, topics and functions are somebody else's.
        let seen = notifications(aws, cx.name).await?;
        let configuration = NotificationConfiguration::builder()
            .set_topic_configurations(seen.topic_configurations)
            .set_queue_configurations(seen.queue_configurations)
            .set_lambda_function_configurations(seen.lambda_function_configurations)
            .set_event_bridge_configuration(to_eventbridge)
            .build();
        put!(
            "PutBucketNotificationConfiguration",
            aws.s3
                .put_bucket_notification_configuration()
                .bucket(cx.name)
                .notification_configuration(configuration.clone())
        );
    }
    Ok(())
}
