//! What a table has beside its keys: billing, time to live, continuous backups.

use aws_sdk_dynamodb::types::{
    BillingMode, ContinuousBackupsStatus, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, TimeToLiveSpecification, TimeToLiveStatus,
};

use super::active;
use crate::aws::Aws;
use crate::aws::resources::{CallContext, absent, has_code, retry_unsettled};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::waiter;
use crate::engine::ProviderError;
use crate::stack::kinds::TableSpec;

/// The answers to a change of a table that DynamoDB does not see.
const UNSEEN: &[&str] = &["ResourceNotFoundException", "TableNotFoundException"];

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
    if want.billing != live.billing {
        settled(cx, || async {
            let call = aws.dynamodb.update_table().table_name(cx.name);
            let answer = call.billing_mode(BillingMode::PayPerRequest).send().await;
            answer.for_call("DynamoDB", "UpdateTable").map(drop)
        })
        .await?;
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
            settled(cx, || async {
                let call = aws.dynamodb.update_time_to_live().table_name(cx.name);
                let call = call.time_to_live_specification(ttl.clone());
                let answer = call.send().await;
                answer.for_call("DynamoDB", "UpdateTimeToLive").map(drop)
            })
            .await
            .map_err(explained)?;
        }
    }
    if want.point_in_time_recovery != live.point_in_time_recovery {
        let pitr = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(want.point_in_time_recovery);
        let pitr = pitr
            .build()
            .map_err(|error| ProviderError::new(error.to_string()))?;
        settled(cx, || async {
            let call = aws.dynamodb.update_continuous_backups().table_name(cx.name);
            let call = call.point_in_time_recovery_specification(pitr.clone());
            let answer = call.send().await;
            answer
                .for_call("DynamoDB", "UpdateContinuousBackups")
                .map(drop)
        })
        .await?;
    }
    Ok(())
}

/// Makes a change of a table, which DynamoDB may not see everywhere yet, or may be busy with.
pub async fn settled<F, Fut>(cx: CallContext<'_>, call: F) -> Result<(), ProviderError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), ProviderError>>,
{
    let errors = (has_code(UNSEEN), error_codes::is_table_in_use);
    retry_unsettled(cx, waiter::STATUS_TIMEOUT, errors, call).await
}

fn explained(error: ProviderError) -> ProviderError {
    if error_codes::is_time_to_live_changed_recently(&error) {
        return error.help(
            "DynamoDB allows one change of a table's time to live an hour: deploy again later",
        );
    }
    error
}
