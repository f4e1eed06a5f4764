//! DynamoDB tables.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TableDescription, TableStatus, Tag,
};

use super::{CallContext, Observed, RequiredField, ResourceCalls, absent, contents, partial, time};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::waiter::{self, DeletionStatus, retry_while, wait_deleted, wait_for};
use crate::aws::{Aws, transport::error_codes};
use crate::engine::{Contents, Events, ProviderError};
use crate::stack::kinds::TableSpec;
use crate::stack::{Kind, Tags};

mod backups;
mod settings;

use settings::{apply_settings, recovery, settled, ttl};

pub struct Tables;

const GONE: &[&str] = &["ResourceNotFoundException"];
const BUSY: &str = "DynamoDB is busy with this or other tables";

impl ResourceCalls for Tables {
    const KIND: Kind = Kind::Table;
    const EXISTS: &'static [&'static str] =
        &["ResourceInUseException", "TableAlreadyExistsException"];
    const REQUIRED: &'static [RequiredField] = &[
        RequiredField::json("DynamoDB", "DescribeTable", "Table"),
        RequiredField::json("DynamoDB", "ListTables", "TableNames"),
        RequiredField::json("DynamoDB", "Scan", "Count"),
        RequiredField::json("DynamoDB", "ListTagsOfResource", "Tags"),
    ];
    type Spec = TableSpec;

    async fn read(aws: &Aws, name: &str) -> Result<Option<Observed<TableSpec>>, ProviderError> {
        let arn = aws.arn(Kind::Table, name);
        // Whether the table is there is for DescribeTable to say, as the tags of a missing one are refused (see `tags`).
        let Some(table) = describe_if_any(aws, name).await? else {
            return Ok(None);
        };
        let details = tokio::join!(ttl(aws, name), recovery(aws, name), read_tags(aws, &arn));
        observed(aws, name, &table, details).await
    }

    async fn read_again(
        aws: &Aws,
        name: &str,
    ) -> Result<Option<Observed<TableSpec>>, ProviderError> {
        let arn = aws.arn(Kind::Table, name);
        let (table, time_to_live, recovery, tags) = tokio::join!(
            describe_if_any(aws, name),
            ttl(aws, name),
            recovery(aws, name),
            read_tags(aws, &arn)
        );
        let Some(table) = table? else {
            return Ok(None);
        };
        observed(aws, name, &table, (time_to_live, recovery, tags)).await
    }
    async fn create(aws: &Aws, cx: CallContext<'_>, want: &TableSpec) -> Result<(), ProviderError> {
        let (partition, sort) = (key(&want.partition_key), want.sort_key.as_deref().map(key));
        let mut call = aws
            .dynamodb
            .create_table()
            .table_name(cx.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_tags(Some(sdk_tags!(Tag, cx.tags)?))
            .key_schema(element(partition.0, KeyType::Hash)?)
            .attribute_definitions(attribute(partition)?);
        if let Some(sort) = sort {
            call = call
                .key_schema(element(sort.0, KeyType::Range)?)
                .attribute_definitions(attribute(sort)?);
        }
        let waits = (cx.events, cx.name, BUSY);
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
                    // A name taken by an existing table is an error; one being deleted is waited for.
                    Err(error)
                        if error.is("ResourceInUseException")
                            && Self::read(aws, cx.name).await?.is_some() =>
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
        active(aws, cx).await.map_err(partial)?;
        apply_settings(aws, cx, want, &fresh).await.map_err(partial)
    }

    async fn update(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &TableSpec,
        live: &TableSpec,
    ) -> Result<(), ProviderError> {
        active(aws, cx).await?;
        apply_settings(aws, cx, want, live).await
    }

    async fn tag(aws: &Aws, cx: CallContext<'_>, tags: &Tags) -> Result<(), ProviderError> {
        let tags = sdk_tags!(Tag, tags)?;
        settled(cx, || async {
            let call = aws.dynamodb.tag_resource().resource_arn(cx.arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.for_call("DynamoDB", "TagResource").map(drop)
        })
        .await
    }

    async fn untag(aws: &Aws, cx: CallContext<'_>, keys: &[String]) -> Result<(), ProviderError> {
        settled(cx, || async {
            let call = aws.dynamodb.untag_resource().resource_arn(cx.arn);
            let answer = call.set_tag_keys(Some(keys.to_vec())).send().await;
            answer.for_call("DynamoDB", "UntagResource").map(drop)
        })
        .await
    }

    async fn contents(aws: &Aws, name: &str) -> Result<Vec<Contents>, ProviderError> {
        contents::of_table(aws, name).await
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

    async fn created(aws: &Aws, name: &str) -> Result<Option<String>, ProviderError> {
        let table = describe_if_any(aws, name).await?;
        Ok(table.and_then(|table| time(table.creation_date_time())))
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
        Ok(describe_if_any(aws, name).await?.is_some())
    }

    async fn surviving_data(aws: &Aws, name: &str) -> Result<Vec<String>, ProviderError> {
        backups::of(aws, name).await
    }

    async fn list(aws: &Aws, _: Option<&str>) -> Result<Vec<String>, ProviderError> {
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

    async fn read_tags(aws: &Aws, name: &str) -> Result<Option<Tags>, ProviderError> {
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

/// What is read of a table beside its description: expiry of items, recovery, tags.
type TableDetails = (
    Result<Option<String>, ProviderError>,
    Result<bool, ProviderError>,
    Result<Tags, ProviderError>,
);

async fn observed(
    aws: &Aws,
    name: &str,
    table: &TableDescription,
    (time_to_live, point_in_time_recovery, tags): TableDetails,
) -> Result<Option<Observed<TableSpec>>, ProviderError> {
    if table.table_status == Some(TableStatus::Deleting) {
        return Ok(None);
    }
    let arn = aws.arn(Kind::Table, name);
    // A table made a moment ago is not seen by every call.
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
async fn active(aws: &Aws, cx: CallContext<'_>) -> Result<(), ProviderError> {
    let is_active = |table: TableDescription| table.table_status == Some(TableStatus::Active);
    let unseen = (cx.events, cx.name, "the table is not seen yet");
    let first = wait_for(waiter::READ_AFTER_CREATE_TIMEOUT, unseen, || {
        describe_if_any(aws, cx.name)
    })
    .await?;
    if is_active(first) {
        return Ok(());
    }
    let waits = (cx.events, cx.name, "the table is not active yet");
    wait_for(waiter::STATUS_TIMEOUT, waits, || async {
        match describe_if_any(aws, cx.name).await? {
            Some(table) => Ok(is_active(table).then_some(())),
            None => Err(super::deleted_since_plan(Kind::Table, cx)),
        }
    })
    .await
}

/// The value of a first read that succeeded, or else of a second one; `None` if the table no longer exists.
async fn seen_now<T>(
    seen: Result<T, ProviderError>,
    again: impl Future<Output = Result<T, ProviderError>>,
) -> Result<Option<T>, ProviderError> {
    match seen {
        Ok(seen) => Ok(Some(seen)),
        Err(_) => absent(again.await, GONE),
    }
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
