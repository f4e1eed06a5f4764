//! S3 directory buckets (S3 Express One Zone).
//!
//! Calls for the bucket go to the region's endpoint, calls for its tags to S3 Control, and calls for its
//! objects to its zone, in a session that the SDK creates.

use aws_config::retry::RetryConfig;
use aws_sdk_s3::types::{
    BucketInfo, BucketType, CreateBucketConfiguration, DataRedundancy, LocationInfo, LocationType,
    Tag,
};

mod control_tags;

use super::ownership::verify_created;
use super::principal::named;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, contents, empty_bucket, has_code,
    json, partial, retry_unsettled, where_served, with_principal_help,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Contents, Events, ProviderError};
use crate::stack::kinds::{DirectoryBucketSpec, zone_in_name};
use crate::stack::policy::PolicyDocument;
use crate::stack::{Kind, Tags};

pub struct DirectoryBuckets;

/// The answers that mean there is no such bucket.
const GONE: &[&str] = &["NoSuchBucket", "NoSuchResource", "NotFound"];

impl ResourceCalls for DirectoryBuckets {
    const KIND: Kind = Kind::DirectoryBucket;
    const EXISTS: &'static [&'static str] = &["BucketAlreadyOwnedByYou", "BucketAlreadyExists"];
    const REQUIRED: &'static [RequiredField] = &[
        // Its root, as the SDK takes any: what does not know directory buckets lists the other kind.
        RequiredField::text("S3", "ListDirectoryBuckets", "<ListAllMy"),
    ];
    type Spec = DirectoryBucketSpec;

    async fn read(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<DirectoryBucketSpec>>, ProviderError> {
        let arn = arn_of(aws, name);
        let (policy, tags) = tokio::join!(bucket_policy(aws, name), control_tags::read(aws, &arn));
        let policy = match policy {
            // Names are unique in a zone: this one is in another account.
            Err(error) if is_access_refused(&error) => {
                return Err(error
                    .help(format!(
                        "the directory bucket {name} is in another account or may not be read: choose another name for it"
                    ))
                    .elsewhere());
            }
            other => absent(other, GONE)?,
        };
        let Some(policy) = policy else {
            return Ok(None);
        };
        Ok(absent(tags, GONE)?.map(|tags| Observed {
            spec: DirectoryBucketSpec { policy },
            tags,
            created: None,
            unready: None,
        }))
    }

    async fn create(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &DirectoryBucketSpec,
    ) -> Result<(), ProviderError> {
        let place = LocationInfo::builder()
            .r#type(LocationType::AvailabilityZone)
            .name(zone_in_name(cx.name).unwrap_or_default())
            .build();
        let kind = BucketInfo::builder()
            .r#type(BucketType::Directory)
            .data_redundancy(DataRedundancy::SingleAvailabilityZone)
            .build();
        let configuration = CreateBucketConfiguration::builder()
            .location(place)
            .bucket(kind)
            .set_tags(Some(sdk_tags!(Tag, cx.tags)?))
            .build();
        let waits = (
            cx.events,
            cx.name,
            "the name of a bucket deleted just now is not free yet",
        );
        retry_while(
            waiter::NAME_RELEASE_TIMEOUT,
            waits,
            error_codes::is_bucket_operation_conflict,
            || async {
                let call = aws
                    .s3_sessionless
                    .create_bucket()
                    .bucket(cx.name)
                    .create_bucket_configuration(configuration.clone());
                call.send().await.for_call("S3", "CreateBucket")
            },
        )
        .await?;
        // The mark is checked as for other buckets: AWS documents no difference in us-east-1.
        verify_created::<Self>(aws, cx).await?;
        apply_settings(aws, cx, want, &DirectoryBucketSpec { policy: None })
            .await
            .map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &DirectoryBucketSpec,
        live: &DirectoryBucketSpec,
    ) -> Result<(), ProviderError> {
        apply_settings(aws, cx, want, live).await
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        settled(cx, || control_tags::set(aws, cx.arn, tags)).await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || control_tags::remove(aws, cx.arn, keys)).await
    }

    async fn contents(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
        contents::of_directory_bucket(aws, name).await
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        empty_bucket::directory_bucket(aws, name, events).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let call = || aws.s3_sessionless.list_directory_buckets();
        let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
        let once = call().customize().config_override(once).send();
        let first = where_served(
            aws,
            async { once.await.for_call("S3", "ListDirectoryBuckets") },
            async || call().send().await.for_call("S3", "ListDirectoryBuckets"),
        );
        let mut pages = Pages::of("S3", "ListDirectoryBuckets");
        let mut next = first.await?;
        while let Some(page) = next {
            let found = page.buckets().iter().filter_map(|seen| seen.name.clone());
            // An endpoint without directory buckets may list general purpose buckets.
            names.extend(found.filter(|name| zone_in_name(name).is_some()));
            next = match pages.next(page.continuation_token())? {
                Some(token) => {
                    let call = call().continuation_token(token);
                    Some(call.send().await.for_call("S3", "ListDirectoryBuckets")?)
                }
                None => None,
            };
        }
        Ok(names)
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(absent(bucket_policy(aws, name).await, GONE)?.is_some())
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        absent(control_tags::read(aws, &arn_of(aws, name)).await, GONE)
    }
}

/// Makes a change of the tags of a bucket that S3 Control may not see everywhere yet.
async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let errors = (has_code(GONE), error_codes::is_bucket_operation_conflict);
    retry_unsettled(cx, waiter::PROPAGATION_TIMEOUT, errors, call).await
}

/// Whether S3 refuses access because the bucket is in another account. For a bucket of the caller's own
/// account, the error message names the denied action.
fn is_access_refused(error: &ProviderError) -> bool {
    error.is_denied() && error_codes::denied_action(error).is_none()
}

fn arn_of(aws: &Aws, name: &str) -> String {
    aws.arn(Kind::DirectoryBucket, name)
}

async fn bucket_policy(aws: &Aws, name: &str) -> Result<Option<PolicyDocument>, ProviderError> {
    let call = aws.s3_sessionless.get_bucket_policy().bucket(name);
    let answer = call.send().await.for_call("S3", "GetBucketPolicy");
    let text = absent(answer, &["NoSuchBucketPolicy"])?.and_then(|answer| answer.policy);
    match text {
        Some(text) => Ok(Some(named(aws, &json(&text)).await?)),
        None => Ok(None),
    }
}

async fn apply_settings(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &DirectoryBucketSpec,
    live: &DirectoryBucketSpec,
) -> Result<(), ProviderError> {
    if want.policy == live.policy {
        return Ok(());
    }
    let waits = (
        cx.events,
        cx.name,
        "the fresh bucket is not seen everywhere yet",
    );
    let unknown = (
        cx.events,
        cx.name,
        "S3 does not know a principal of the policy yet",
    );
    let unseen = error_codes::is_bucket_not_visible;
    let put = || async {
        if let Some(policy) = &want.policy {
            let call = aws.s3_sessionless.put_bucket_policy().bucket(cx.name);
            let answer = call.policy(policy.to_string()).send().await;
            answer.for_call("S3", "PutBucketPolicy").map(drop)
        } else {
            let answer = aws
                .s3_sessionless
                .delete_bucket_policy()
                .bucket(cx.name)
                .send()
                .await;
            answer.for_call("S3", "DeleteBucketPolicy").map(drop)
        }
    };
    retry_while(
        waiter::ROLE_PROPAGATION_TIMEOUT,
        unknown,
        error_codes::is_invalid_principal,
        || retry_while(waiter::PROPAGATION_TIMEOUT, waits, unseen, put),
    )
    .await
    .map_err(with_principal_help)
}
