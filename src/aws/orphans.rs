//! What no stack of treino has, and what costs without being of use to anybody: log groups of functions that are gone,
//! and buckets that other tools leave behind.

use std::collections::BTreeSet;

use super::AwsProvider;
use super::resources;
use super::transport::error::ForCall;
use super::transport::pages::Pages;
use crate::engine::ProviderError;
use crate::stack::{Kind, TAG_STACK};

/// A resource without a stack, which is never deleted unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leavings {
    /// A log group, or a bucket.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its size in bytes, where the list says it.
    pub bytes: Option<u64>,
    /// What it is.
    pub what: String,
}

/// The log groups that Lambda makes.
const OF_FUNCTIONS: &str = "/aws/lambda/";

/// Names of buckets that other tools make, and what the tool is. Each was made beside a stack, and outlives it.
///
/// <https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-cli-package.html>,
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html>.
const OF_TOOLS: [(&str, &str, &str); 4] = [
    (
        "cdk-",
        "-assets-",
        "files of AWS CDK: every CDK app of this account and region shares it",
    ),
    (
        "aws-sam-cli-managed-default-",
        "",
        "packages of AWS SAM: every SAM app of this region shares it",
    ),
    (
        "",
        "-serverlessdeploymentbucket-",
        "packages of one service of the Serverless Framework",
    ),
    (
        "cf-templates-",
        "",
        "templates that were uploaded in the console of CloudFormation",
    ),
];

impl AwsProvider {
    /// Log groups of functions that do not exist any more, and buckets that are named as other tools name theirs.
    ///
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
    ///
    /// # Errors
    /// A list could not be read.
    pub async fn leavings(&self) -> Result<Vec<Leavings>, ProviderError> {
        let (mut found, buckets) = tokio::try_join!(self.log_groups(), self.buckets())?;
        found.extend(buckets);
        Ok(found)
    }

    async fn log_groups(&self) -> Result<Vec<Leavings>, ProviderError> {
        let call = self
            .0
            .logs
            .describe_log_groups()
            .log_group_name_prefix(OF_FUNCTIONS);
        let mut seen = Pages::of("CloudWatch Logs", "DescribeLogGroups");
        let mut pages = call.into_paginator().send();
        let mut groups = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.for_call("CloudWatch Logs", "DescribeLogGroups")?;
            seen.next(page.next_token())?;
            for group in page.log_groups() {
                let bytes = group
                    .stored_bytes
                    .and_then(|bytes| u64::try_from(bytes).ok());
                groups.extend(group.log_group_name.clone().map(|name| (name, bytes)));
            }
        }
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        // Listed after the groups, so that no function is missing whose group was seen.
        let functions: BTreeSet<String> = resources::function_names(&self.0)
            .await?
            .into_iter()
            .collect();
        let mut orphaned = Vec::new();
        for (name, bytes) in groups {
            let lost = function_of(&name).filter(|function| !functions.contains(*function));
            let Some(function) = lost.map(str::to_owned) else {
                continue;
            };
            // One that carries the mark is a stack's, whose function is deleted or not yet made.
            let tags = resources::log_group_tags(&self.0, &name).await?;
            if tags.is_some_and(|tags| !tags.contains_key(TAG_STACK)) {
                orphaned.push(Leavings {
                    kind: Kind::LogGroup,
                    what: format!("log of function {function}, which does not exist"),
                    name,
                    bytes,
                });
            }
        }
        Ok(orphaned)
    }

    async fn buckets(&self) -> Result<Vec<Leavings>, ProviderError> {
        let call = self
            .0
            .s3
            .list_buckets()
            .bucket_region(&self.0.target.region);
        let mut seen = Pages::of("S3", "ListBuckets");
        let mut pages = call.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.for_call("S3", "ListBuckets")?;
            seen.next(page.continuation_token())?;
            for name in page.buckets().iter().filter_map(|bucket| bucket.name()) {
                found.extend(tool_of(name).map(|what| Leavings {
                    kind: Kind::Bucket,
                    name: name.to_owned(),
                    bytes: None,
                    what: what.to_owned(),
                }));
            }
        }
        Ok(found)
    }
}

/// The function that a log group is named after. Those of Lambda@Edge (`us-east-1.NAME`) are in another region.
fn function_of(group: &str) -> Option<&str> {
    let function = group.strip_prefix(OF_FUNCTIONS)?;
    (!function.contains(['.', '/'])).then_some(function)
}

fn tool_of(bucket: &str) -> Option<&'static str> {
    let found = OF_TOOLS
        .iter()
        .find(|(begin, within, _)| bucket.starts_with(begin) && bucket.contains(within));
    found.map(|(_, _, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_groups_and_buckets_are_known_by_their_names() {
        assert_eq!(function_of("/aws/lambda/f-1_x"), Some("f-1_x"));
        assert_eq!(function_of("/aws/lambda/us-east-1.edge"), None);
        assert_eq!(function_of("/treino/f"), None);
        let tool = |name| tool_of(name).is_some();
        assert!(tool("cdk-hnb659fds-assets-111122223333-eu-west-1"));
        assert!(tool("aws-sam-cli-managed-default-samclisourcebucket-1x2y"));
        assert!(tool("shop-dev-serverlessdeploymentbucket-1x2y3z"));
        assert!(
            !tool("cdk-photos") && !tool("my-assets-1") && !tool("lab-b-111122223333-us-east-1")
        );
    }
}
