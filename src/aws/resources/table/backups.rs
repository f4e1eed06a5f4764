//! The backups somebody made of a table. They outlive it and cost money. treino makes none, and only
//! reports them.

use aws_sdk_dynamodb::types::BackupSummary;

use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::engine::ProviderError;

/// A table's backups, in words. Those that DynamoDB makes by itself of a deleted table cost nothing, end
/// by themselves, and are not listed here.
pub async fn of(aws: &Aws, table: &str) -> Result<Vec<String>, ProviderError> {
    let mut found = Vec::new();
    let mut pages = Pages::of("DynamoDB", "ListBackups");
    let mut next = None;
    loop {
        let call = aws.dynamodb.list_backups().table_name(table);
        let call = call.set_exclusive_start_backup_arn(next);
        let page = call.send().await.for_call("DynamoDB", "ListBackups")?;
        found.extend(
            page.backup_summaries()
                .iter()
                .map(|backup| sanitize(table, backup)),
        );
        next = pages.next(page.last_evaluated_backup_arn())?;
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn sanitize(table: &str, backup: &BackupSummary) -> String {
    let name = backup.backup_name().unwrap_or("without a name");
    let arn = backup.backup_arn().unwrap_or_default();
    format!(
        "the backup {name} of table {table}: `aws dynamodb delete-backup --backup-arn {arn}` deletes it"
    )
}
