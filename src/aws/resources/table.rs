//! DynamoDB tables.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, ContinuousBackupsStatus, KeySchemaElement, KeyType,
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, ScalarAttributeType,
    TableDescription, TableStatus, Tag, TimeToLiveSpecification, TimeToLiveStatus,
};

use super::{At, AwsKind, Observed, TagChanges, absent, partial, time};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, DeletionStatus, retry_while, wait_deleted, wait_for};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Events, ProviderError};
use crate::stack::kinds::TableSpec;
use crate::stack::{Kind, Tags};

mod backups;

pub struct Tables;

const GONE: &[&str] = &["ResourceNotFoundException"];
const BUSY: &str = "DynamoDB is busy with this or other tables";

impl AwsKind for Tables {
    const KIND: Kind = Kind::Table;
    const EXISTS: &'static [&'static str] =
        &["ResourceInUseException", "TableAlreadyExistsException"];
    type Spec = TableSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<TableSpec>>, ProviderError> {
        let arn = aws.arn(Kind::Table, name);
        // Joined to the end: whether the table is there is for DescribeTable to say, as the tags of a
        // missing one are refused (see `tags`).
        let (table, time_to_live, point_in_time_recovery, tags) = tokio::join!(
            describe_if_any(aws, name),
            ttl(aws, name),
            recovery(aws, name),
            read_tags(aws, &arn)
        );
        let Some(table) = table? else {
            return Ok(None);
        };
        if table.table_status == Some(TableStatus::Deleting) {
            return Ok(None);
        }
        // All was asked at one moment: of a table made in it, some of it too early.
        let time_to_live = seen_now(time_to_live, ttl(aws, name)).await?;
        let tags = seen_now(tags, read_tags(aws, &arn)).await?;
        let recovery = recovery(aws, name);
        let point_in_time_recovery = seen_now(point_in_time_recovery, recovery).await?;
        let (Some(time_to_live), Some(point_in_time_recovery), Some(tags)) =
            (time_to_live, point_in_time_recovery, tags)
        else {
            return Ok(None);
        };
        let key = |wanted: &KeyType| {
            let element = table
                .key_schema()
                .iter()
                .find(|element| element.key_type == *wanted)?;
            let attributes = table.attribute_definitions();
            let typed = attributes
                .iter()
                .find(|a| a.attribute_name == element.attribute_name)?;
            Some(format!(
                "{}:{}",
                element.attribute_name,
                typed.attribute_type.as_str()
            ))
        };
        let billing = table
            .billing_mode_summary()
            .and_then(|summary| summary.billing_mode.clone());
        Ok(Some(Observed {
            spec: TableSpec {
                partition_key: key(&KeyType::Hash).unwrap_or_default(),
                sort_key: key(&KeyType::Range),
                // AWS leaves the summary out of tables that were never on demand.
                billing: billing
                    .unwrap_or(BillingMode::Provisioned)
                    .as_str()
                    .to_owned(),
                time_to_live,
                point_in_time_recovery,
            },
            tags,
            created: time(table.creation_date_time()),
            unready: (table.table_status == Some(TableStatus::Creating))
                .then(|| TableStatus::Creating.as_str().to_owned()),
        }))
    }

    async fn create(aws: &Aws, at: At<'_>, want: &TableSpec) -> Result<(), ProviderError> {
        let (partition, sort) = (key(&want.partition_key), want.sort_key.as_deref().map(key));
        let mut call = aws
            .dynamodb
            .create_table()
            .table_name(at.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_tags(Some(sdk_tags(at.tags)?))
            .key_schema(element(partition.0, KeyType::Hash)?)
            .attribute_definitions(attribute(partition)?);
        if let Some(sort) = sort {
            call = call
                .key_schema(element(sort.0, KeyType::Range)?)
                .attribute_definitions(attribute(sort)?);
        }
        let waits = (at.events, at.name, BUSY);
        retry_while(
            waiter::STATUS_TIMEOUT,
            waits,
            error_codes::is_table_in_use,
            || async {
                match call
                    .clone()
                    .send()
                    .await
                    .for_call("DynamoDB", "CreateTable")
                {
                    // In use by a table that stands is for the caller; one on its way out passes.
                    Err(error)
                        if error.is("ResourceInUseException")
                            && Self::read(aws, at.name).await?.is_some() =>
                    {
                        Err(ProviderError {
                            code: "TableAlreadyExistsException".into(),
                            ..error
                        })
                    }
                    other => other,
                }
            },
        )
        .await?;
        let fresh = TableSpec {
            time_to_live: None,
            point_in_time_recovery: false,
            ..want.clone()
        };
        active(aws, at).await.map_err(partial)?;
        settle(aws, at, want, &fresh).await.map_err(partial)
    }

    async fn update(
        aws: &Aws,
        at: At<'_>,
        want: &TableSpec,
        live: &TableSpec,
    ) -> Result<(), ProviderError> {
        active(aws, at).await?;
        settle(aws, at, want, live).await
    }

    async fn retag(aws: &Aws, at: At<'_>, changes: &TagChanges) -> Result<(), ProviderError> {
        // The mark first: whoever deploys may be allowed the rest on what carries it alone.
        if !changes.set.is_empty() {
            let call = aws.dynamodb.tag_resource().resource_arn(at.arn);
            call.set_tags(Some(sdk_tags(&changes.set)?))
                .send()
                .await
                .for_call("DynamoDB", "TagResource")?;
        }
        if !changes.remove.is_empty() {
            let call = aws.dynamodb.untag_resource().resource_arn(at.arn);
            call.set_tag_keys(Some(changes.remove.clone()))
                .send()
                .await
                .for_call("DynamoDB", "UntagResource")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
        delete(aws, name, events).await?;
        let say = (events, name, "the table is being deleted");
        let look = || async {
            let table = describe_if_any(aws, name).await?;
            Ok(match table.map(|table| table.table_status) {
                None => DeletionStatus::Deleted,
                Some(Some(TableStatus::Deleting)) => DeletionStatus::Deleting,
                Some(_) => DeletionStatus::Exists,
            })
        };
        wait_deleted(waiter::STATUS_TIMEOUT, say, look, || {
            delete(aws, name, events)
        })
        .await
    }

    async fn stands(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(describe_if_any(aws, name).await?.is_some())
    }

    async fn kept(aws: &Aws, name: &str) -> Result<Vec<String>, ProviderError> {
        backups::of(aws, name).await
    }

    async fn names(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
        let mut names = Vec::new();
        let mut seen = Pages::of("DynamoDB", "ListTables");
        let mut pages = aws.dynamodb.list_tables().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.for_call("DynamoDB", "ListTables")?;
            seen.next(page.last_evaluated_table_name())?;
            names.extend(page.table_names.unwrap_or_default());
        }
        Ok(names)
    }

    async fn tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
        match absent(read_tags(aws, &aws.arn(Kind::Table, name)).await, GONE) {
            // DynamoDB does not tell here whether a table may not be read or is not there.
            Err(error) if error.is("AccessDeniedException") => {
                match describe_if_any(aws, name).await? {
                    None => Ok(None),
                    Some(_) => Err(error),
                }
            }
            other => other,
        }
    }
}

async fn delete(aws: &Aws, name: &str, events: &Events) -> Result<(), ProviderError> {
    let waits = (events, name, BUSY);
    let deleted = retry_while(
        waiter::STATUS_TIMEOUT,
        waits,
        error_codes::is_table_in_use,
        || async {
            let call = aws.dynamodb.delete_table().table_name(name);
            match call.send().await.for_call("DynamoDB", "DeleteTable") {
                // A table already on its way out refuses a second deletion in the same words.
                Err(error) if error.is("ResourceInUseException") && deleting(aws, name).await? => {
                    Ok(None)
                }
                other => other.map(Some),
            }
        },
    )
    .await;
    match absent(deleted, GONE) {
        Err(error) if error_codes::is_deletion_protected(&error) => Err(error.help(format!(
            "somebody protects it from deletion: `aws dynamodb update-table --table-name {name} \
             --no-deletion-protection-enabled`, then destroy again"
        ))),
        other => other.map(drop),
    }
}

/// The attribute and type of `attribute:type`.
fn key(text: &str) -> (&str, &str) {
    text.rsplit_once(':').unwrap_or((text, "S"))
}

fn element(name: &str, key_type: KeyType) -> Result<KeySchemaElement, ProviderError> {
    let element = KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(key_type)
        .build();
    element.map_err(|error| ProviderError::new(error.to_string()))
}

fn attribute((name, kind): (&str, &str)) -> Result<AttributeDefinition, ProviderError> {
    let attribute = AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::from(kind));
    attribute
        .build()
        .map_err(|error| ProviderError::new(error.to_string()))
}

fn sdk_tags(tags: &Tags) -> Result<Vec<Tag>, ProviderError> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags: Result<Vec<Tag>, _> = tags.iter().map(tag).collect();
    tags.map_err(|error| ProviderError::new(error.to_string()))
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<TableDescription>, ProviderError> {
    let answer = aws.dynamodb.describe_table().table_name(name).send().await;
    Ok(answer.for_call("DynamoDB", "DescribeTable")?.table)
}

async fn describe_if_any(aws: &Aws, name: &str) -> Result<Option<TableDescription>, ProviderError> {
    Ok(absent(describe(aws, name).await, GONE)?.flatten())
}

async fn deleting(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
    let table = describe_if_any(aws, name).await?;
    Ok(table.is_none_or(|table| table.table_status == Some(TableStatus::Deleting)))
}

/// Waits until the table can be used. `DescribeTable` may know nothing of one made a moment ago; one it
/// knew and no longer knows was deleted by something else.
async fn active(aws: &Aws, at: At<'_>) -> Result<(), ProviderError> {
    let is_active = |table: TableDescription| table.table_status == Some(TableStatus::Active);
    let unseen = (at.events, at.name, "the table is not seen yet");
    let first = wait_for(waiter::READ_AFTER_CREATE_TIMEOUT, unseen, || {
        describe_if_any(aws, at.name)
    })
    .await?;
    if is_active(first) {
        return Ok(());
    }
    let waits = (at.events, at.name, "the table is not active yet");
    wait_for(waiter::STATUS_TIMEOUT, waits, || async {
        match describe_if_any(aws, at.name).await? {
            Some(table) => Ok(is_active(table).then_some(())),
            None => Err(super::gone(Kind::Table, at)),
        }
    })
    .await
}

/// What was seen, or else what is seen now; nothing if there is no table any longer.
async fn seen_now<T>(
    seen: Result<T, ProviderError>,
    again: impl Future<Output = Result<T, ProviderError>>,
) -> Result<Option<T>, ProviderError> {
    match seen {
        Ok(seen) => Ok(Some(seen)),
        Err(_) => absent(again.await, GONE),
    }
}

async fn ttl(aws: &Aws, name: &str) -> Result<Option<String>, ProviderError> {
    let answer = aws
        .dynamodb
        .describe_time_to_live()
        .table_name(name)
        .send()
        .await
        .for_call("DynamoDB", "DescribeTimeToLive")?;
    let on = |status: &TimeToLiveStatus| {
        matches!(
            status,
            TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling
        )
    };
    let ttl = answer
        .time_to_live_description
        .filter(|ttl| ttl.time_to_live_status.as_ref().is_some_and(on));
    Ok(ttl.and_then(|ttl| ttl.attribute_name))
}

async fn recovery(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
    let call = aws.dynamodb.describe_continuous_backups().table_name(name);
    // A table too young to have backups is "not found" here.
    let answer = absent(
        call.send()
            .await
            .for_call("DynamoDB", "DescribeContinuousBackups"),
        &["TableNotFoundException"],
    )?;
    let backups = answer.and_then(|answer| answer.continuous_backups_description);
    Ok(backups.is_some_and(|backups| {
        backups.continuous_backups_status == ContinuousBackupsStatus::Enabled
            && backups
                .point_in_time_recovery_description
                .is_some_and(|pitr| {
                    pitr.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled)
                })
    }))
}

async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    let mut tags = Tags::new();
    let mut pages = Pages::of("DynamoDB", "ListTagsOfResource");
    let mut next = None;
    loop {
        let call = aws
            .dynamodb
            .list_tags_of_resource()
            .resource_arn(arn)
            .set_next_token(next);
        let page = call
            .send()
            .await
            .for_call("DynamoDB", "ListTagsOfResource")?;
        next = pages.next(page.next_token())?;
        tags.extend(
            page.tags
                .unwrap_or_default()
                .into_iter()
                .map(|tag| (tag.key, tag.value)),
        );
        if next.is_none() {
            return Ok(tags);
        }
    }
}

async fn settle(
    aws: &Aws,
    at: At<'_>,
    want: &TableSpec,
    live: &TableSpec,
) -> Result<(), ProviderError> {
    let waits = (at.events, at.name, BUSY);
    if want.billing != live.billing {
        let call = aws
            .dynamodb
            .update_table()
            .table_name(at.name)
            .billing_mode(BillingMode::PayPerRequest);
        call.send().await.for_call("DynamoDB", "UpdateTable")?;
        active(aws, at).await?;
    }
    if want.time_to_live != live.time_to_live {
        let changes = [
            (live.time_to_live.as_ref(), false),
            (want.time_to_live.as_ref(), true),
        ];
        for (attribute, on) in changes {
            let Some(attribute) = attribute else { continue };
            let ttl = TimeToLiveSpecification::builder()
                .attribute_name(attribute)
                .enabled(on)
                .build();
            let ttl = ttl.map_err(|error| ProviderError::new(error.to_string()))?;
            let call = aws
                .dynamodb
                .update_time_to_live()
                .table_name(at.name)
                .time_to_live_specification(ttl);
            retry_while(waiter::STATUS_TIMEOUT, waits, error_codes::is_table_in_use, || async {
                let answer = call.clone().send().await;
                answer.for_call("DynamoDB", "UpdateTimeToLive")
            })
            .await
            .map_err(|error| {
                error.help("DynamoDB allows one change of a table's time to live an hour: deploy again later")
            })?;
        }
    }
    if want.point_in_time_recovery != live.point_in_time_recovery {
        let pitr = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(want.point_in_time_recovery);
        let pitr = pitr
            .build()
            .map_err(|error| ProviderError::new(error.to_string()))?;
        let call = aws.dynamodb.update_continuous_backups().table_name(at.name);
        let call = call.point_in_time_recovery_specification(pitr);
        retry_while(
            waiter::STATUS_TIMEOUT,
            waits,
            error_codes::is_table_in_use,
            || async {
                let answer = call.clone().send().await;
                answer.for_call("DynamoDB", "UpdateContinuousBackups")
            },
        )
        .await?;
    }
    Ok(())
}
