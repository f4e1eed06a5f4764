//! The secret EventBridge keeps for a connection in Secrets Manager. It goes with the connection;
//! treino only looks whether it did, and never reads it.

use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};

use crate::aws::Aws;
use crate::aws::error::Called;
use crate::aws::kinds::absent;
use crate::aws::pages::Pages;
use crate::aws::waiting;
use crate::engine::{Events, Fault};

/// What the names of such secrets begin with.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>
const BEGIN: &str = "events!connection/";

/// Waits until a deleted connection's secret is gone.
pub async fn gone(aws: &Aws, secret: &str, say: (&Events, &str, &str)) -> Result<(), Fault> {
    waiting::until(waiting::BUCKET, say, || async {
        let call = aws.secrets_manager.describe_secret().secret_id(secret);
        let seen = call.send().await.of("Secrets Manager", "DescribeSecret");
        match absent(seen, &["ResourceNotFoundException"]) {
            Ok(seen) => Ok(seen
                .is_none_or(|seen| seen.deleted_date.is_some())
                .then_some(())),
            // That the caller may not look is said where the absence is to be proved.
            Err(fault) if fault.is_denied() => Ok(Some(())),
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// Those of the connections whose secret is still there.
pub async fn left_of(aws: &Aws, connections: &[String]) -> Result<Vec<String>, Fault> {
    let filter = Filter::builder()
        .key(FilterNameStringType::Name)
        .values(BEGIN)
        .build();
    let mut pages = aws
        .secrets_manager
        .list_secrets()
        .filters(filter)
        .into_paginator()
        .send();
    let mut left = Vec::new();
    let mut seen = Pages::of("Secrets Manager", "ListSecrets");
    while let Some(page) = pages.next().await {
        let page = page.of("Secrets Manager", "ListSecrets")?;
        seen.next(page.next_token())?;
        let names = page.secret_list().iter().filter_map(|secret| secret.name());
        let of = names.filter_map(|name| name.strip_prefix(BEGIN)?.split('/').next());
        left.extend(
            of.filter(|of| connections.iter().any(|name| name == of))
                .map(String::from),
        );
    }
    Ok(left)
}
