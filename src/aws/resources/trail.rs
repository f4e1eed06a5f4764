//! CloudTrail trails with their event selectors.

mod selectors;

use std::sync::PoisonError;

use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types::{Tag, Trail, TrailInfo};

use self::selectors::{select, selectors};
use super::bucket::Buckets;
use super::{
    CallContext, Observed, RequiredField, ResourceCalls, absent, builder_result, has_code, never,
    partial, retry_unsettled,
};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, retry_while};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, Leftover, ProviderError};
use crate::stack::kinds::{SelectorSpec, TrailSpec};
use crate::stack::{Kind, Tags};

pub struct Trails;

const GONE: &[&str] = &["TrailNotFoundException", "ResourceNotFoundException"];
/// How many trails AWS allows in a region.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const TRAILS: usize = 5;
const ROOM: &str = "delete one; or leave `trails:` out, and let the rule hear of objects without a trail by `via: s3`, \
     or by a trail that is there and records them already";

impl ResourceCalls for Trails {
    const KIND: Kind = Kind::Trail;
    const EXISTS: &'static [&'static str] = &["TrailAlreadyExistsException"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("CloudTrail", "GetTrail", "Trail"),
        RequiredField::json("CloudTrail", "ListTags", "ResourceTagList"),
        RequiredField::json("CloudTrail", "ListTrails", "Trails"),
    ];
    type Spec = TrailSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<TrailSpec>>, ProviderError> {
        // One request where there is none.
        let Some(trail) = found(aws, name).await? else {
            return Ok(None);
        };
        Ok(details(aws, name).await?.map(|of| observed(&trail, of)))
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<TrailSpec>>, ProviderError> {
        let (trail, details) = tokio::try_join!(found(aws, name), details(aws, name))?;
        Ok(trail.zip(details).map(|(trail, of)| observed(&trail, of)))
    }

    async fn create(aws: &Aws, cx: CallContext<'_>, want: &TrailSpec) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, cx.tags)?;
        let waits = (
            cx.events,
            cx.name,
            "CloudTrail does not see the log bucket's policy yet",
        );
        retry_while(
            waiter::PROPAGATION_TIMEOUT,
            waits,
            |error| {
                error_codes::is_bucket_policy_not_visible(error)
                    || error_codes::is_concurrent_modification(error)
            },
            || async {
                let call = aws
                    .cloudtrail
                    .create_trail()
                    .name(cx.name)
                    .s3_bucket_name(&want.bucket)
                    .is_multi_region_trail(want.multi_region)
                    .include_global_service_events(want.multi_region)
                    .set_tags_list(Some(tags.clone()));
                let made = call.send().await.for_call("CloudTrail", "CreateTrail");
                still_there(aws, &want.bucket, made).await
            },
        )
        .await
        .map_err(explained)?;
        select(aws, cx, want).await.map_err(partial)?;
        log(aws, cx, want.logging).await.map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &TrailSpec,
        live: &TrailSpec,
    ) -> Result<(), ProviderError> {
        if want.bucket != live.bucket || want.multi_region != live.multi_region {
            let waits = (
                cx.events,
                cx.name,
                "CloudTrail does not see the log bucket's policy yet",
            );
            retry_while(
                waiter::PROPAGATION_TIMEOUT,
                waits,
                |error| {
                    error_codes::is_bucket_policy_not_visible(error)
                        || error_codes::is_concurrent_modification(error)
                },
                || async {
                    let call = aws
                        .cloudtrail
                        .update_trail()
                        .name(cx.name)
                        .s3_bucket_name(&want.bucket);
                    let call = call
                        .is_multi_region_trail(want.multi_region)
                        .include_global_service_events(want.multi_region);
                    let changed = call.send().await.for_call("CloudTrail", "UpdateTrail");
                    still_there(aws, &want.bucket, changed).await
                },
            )
            .await?;
        }
        if want.selectors != live.selectors {
            select(aws, cx, want).await?;
        }
        if want.logging != live.logging {
            log(aws, cx, want.logging).await?;
        }
        Ok(())
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, tags)?;
        settled(cx, || async {
            let call = aws.cloudtrail.add_tags().resource_id(cx.arn);
            let answer = call.set_tags_list(Some(tags.clone())).send().await;
            answer.for_call("CloudTrail", "AddTags").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        // CloudTrail removes whole pairs; the value may be left out.
        let tags = keys.iter().map(|key| Tag::builder().key(key).build());
        let tags = builder_result(tags.collect::<Result<Vec<Tag>, _>>())?;
        settled(cx, || async {
            let call = aws.cloudtrail.remove_tags().resource_id(cx.arn);
            let answer = call.set_tags_list(Some(tags.clone())).send().await;
            answer.for_call("CloudTrail", "RemoveTags").map(drop)
        })
        .await
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        let busy = (events, name, "CloudTrail is busy with another change of it");
        let conflicts = error_codes::is_concurrent_modification;
        let stopped = retry_while(waiter::STATUS_TIMEOUT, busy, conflicts, || async {
            let answer = aws.cloudtrail.stop_logging().name(name).send().await;
            answer.for_call("CloudTrail", "StopLogging")
        });
        if absent(stopped.await, GONE)?.is_none() {
            return Ok(());
        }
        let deleted = retry_while(waiter::STATUS_TIMEOUT, busy, conflicts, || async {
            let answer = aws.cloudtrail.delete_trail().name(name).send().await;
            answer.for_call("CloudTrail", "DeleteTrail")
        });
        absent(deleted.await, GONE).map(drop)
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let here = made_here(aws).await?.into_iter();
        let names: Vec<String> = here.filter_map(|trail| trail.name).collect();
        let listed = aws.listed_trails.lock();
        *listed.unwrap_or_else(PoisonError::into_inner) = Some(names.clone());
        Ok(names)
    }

    /// A trail counts in its home region.
    async fn over_quota(aws: &Aws, more: usize) -> Result<Option<ProviderError>, ProviderError> {
        let region = &aws.target.region;
        let listed = aws.listed_trails.lock();
        let listed = listed.unwrap_or_else(PoisonError::into_inner).take();
        let names = match listed {
            Some(names) => names,
            None => Self::list(aws, None).await?,
        };
        if names.len() + more <= TRAILS {
            return Ok(None);
        }
        let (count, names) = (names.len(), names.join(", "));
        let full = format!(
            "{region} has {count} trails ({names}), and AWS allows {TRAILS} a region: {more} more cannot be made"
        );
        Ok(Some(
            ProviderError::new(full)
                .help(ROOM)
                .with_leftover(Leftover::Nothing),
        ))
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(found(aws, name).await?.is_some())
    }

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        let call = aws
            .cloudtrail
            .list_tags()
            .resource_id_list(aws.arn(Kind::Trail, name));
        let answer = absent(call.send().await.for_call("CloudTrail", "ListTags"), GONE)?;
        let lists = answer.map(|answer| answer.resource_tag_list.unwrap_or_default());
        let tags = |lists: Vec<aws_sdk_cloudtrail::types::ResourceTag>| {
            let tags = lists
                .into_iter()
                .flat_map(|list| list.tags_list.unwrap_or_default());
            tags.map(|tag| (tag.key, tag.value.unwrap_or_default()))
                .collect()
        };
        Ok(lists.map(tags))
    }
}

async fn found(aws: &Aws, name: &str) -> Result<Option<Trail>, ProviderError> {
    let seen = aws.cloudtrail.get_trail().name(name).send().await;
    let seen = absent(seen.for_call("CloudTrail", "GetTrail"), GONE)?;
    Ok(seen.and_then(|answer| answer.trail))
}

/// What a trail does, what it records, and its tags.
type TrailDetails = (GetTrailStatusOutput, Vec<SelectorSpec>, Tags);

/// The details of a trail; nothing if there is none.
async fn details(aws: &Aws, name: &str) -> Result<Option<TrailDetails>, ProviderError> {
    let status = async {
        let answer = aws.cloudtrail.get_trail_status().name(name).send().await;
        answer.for_call("CloudTrail", "GetTrailStatus")
    };
    let all =
        async { tokio::try_join!(status, selectors(aws, name), Trails::read_tags(aws, name)) };
    let all = absent(all.await, GONE)?;
    Ok(all.and_then(|(status, selectors, tags)| Some((status, selectors, tags?))))
}

fn observed(trail: &Trail, (status, selectors, tags): TrailDetails) -> Observed<TrailSpec> {
    Observed {
        spec: TrailSpec {
            bucket: trail.s3_bucket_name.clone().unwrap_or_default(),
            logging: status.is_logging.unwrap_or(false),
            multi_region: trail.is_multi_region_trail.unwrap_or(false),
            selectors,
        },
        tags,
        created: super::time(status.start_logging_time()),
        unready: None,
    }
}

/// The account's trails of this region. Those of other regions that cover this one are listed too, and so are an
/// organization's, which belong to the account that made them.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>
async fn made_here(aws: &Aws) -> Result<Vec<TrailInfo>, ProviderError> {
    let (region, account) = (&aws.target.region, &aws.target.account);
    let mut trails = all(aws).await?;
    trails.retain(|trail| {
        let arn = trail.trail_arn().unwrap_or_default();
        let by_this_account = arn.split(':').nth(4).is_none_or(|id| id == account);
        trail.home_region() == Some(region) && by_this_account
    });
    Ok(trails)
}

async fn all(aws: &Aws) -> Result<Vec<TrailInfo>, ProviderError> {
    let mut trails = Vec::new();
    let mut seen = Pages::of("CloudTrail", "ListTrails");
    let mut pages = aws.cloudtrail.list_trails().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.for_call("CloudTrail", "ListTrails")?;
        seen.next(page.next_token())?;
        trails.extend(page.trails.unwrap_or_default());
    }
    Ok(trails)
}

async fn log(aws: &Aws, cx: CallContext<'_>, on: bool) -> Result<(), ProviderError> {
    settled(cx, || async {
        if on {
            let answer = aws.cloudtrail.start_logging().name(cx.name).send().await;
            answer.for_call("CloudTrail", "StartLogging").map(drop)
        } else {
            let answer = aws.cloudtrail.stop_logging().name(cx.name).send().await;
            answer.for_call("CloudTrail", "StopLogging").map(drop)
        }
    })
    .await
}

/// Makes a change of a trail. CloudTrail loads a new one for a while, and refuses changes until then.
async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    // CloudTrail says of its conflicts to wait a few minutes.
    let errors = (has_code(GONE), never);
    retry_unsettled(cx, waiter::STATUS_TIMEOUT, errors, call).await
}

/// CloudTrail may not see a new bucket yet, and is asked again. If S3 does not know the bucket either,
/// something else deleted it, and it is an error.
async fn still_there<T>(
    aws: &Aws,
    bucket: &str,
    answer: Result<T, ProviderError>,
) -> Result<T, ProviderError> {
    match answer {
        Err(error)
            if error.is("S3BucketDoesNotExistException")
                && matches!(Buckets::read_tags(aws, bucket).await, Ok(None)) =>
        {
            let code = "NoSuchBucket".to_owned();
            let help = "something else deleted the bucket since the plan was made: run the same command again";
            Err(ProviderError { code, ..error }.help(help))
        }
        other => other,
    }
}

fn explained(error: ProviderError) -> ProviderError {
    if error.is("MaximumNumberOfTrailsExceededException") {
        return error.help(ROOM);
    }
    error
}
