//! What a table has beside its keys: billing, time to live, continuous backups.

use aws_sdk_dynamodb::types::{
    BillingMode, ContinuousBackupsStatus, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, TimeToLiveSpecification, TimeToLiveStatus,
};

use super::{BUSY, active};
use crate::aws::Aws;
use crate::aws::resources::{CallContext, absent};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::waiter::{self, retry_while};
use crate::engine::ProviderError;
use crate::stack::kinds::TableSpec;

pub async fn ttl(aws: &Aws, name: &str) -> Result<Option<String>, ProviderError> {
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

pub async fn recovery(aws: &Aws, name: &str) -> Result<bool, ProviderError> {
    let call = aws.dynamodb.describe_continuous_backups().table_name(name);
    // For a new table, DescribeContinuousBackups answers "not found".
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

pub async fn apply_settings(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &TableSpec,
    live: &TableSpec,
) -> Result<(), ProviderError> {
    let waits = (cx.events, cx.name, BUSY);
    if want.billing != live.billing {
        let call = aws
            .dynamodb
            .update_table()
            .table_name(cx.name)
            .billing_mode(BillingMode::PayPerRequest);
        call.send().await.for_call("DynamoDB", "UpdateTable")?;
        active(aws, cx).await?;
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
                .table_name(cx.name)
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
        let call = aws.dynamodb.update_continuous_backups().table_name(cx.name);
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
