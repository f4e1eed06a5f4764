//! Endless lists: the token of a page leads back, or always to a next page.

use std::sync::atomic::Ordering;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::{Value, json};
use treino::engine::{Provider, Scope};
use treino::stack::Kind;

use super::answering::answering;

/// `(part of the request, its list, its token)`, in JSON.
const LISTS: &[(&str, &str, &str)] = &[
    ("ListTables", "TableNames", "LastEvaluatedTableName"),
    ("ListTagsOfResource", "Tags", "NextToken"),
    ("DescribeLogGroups", "logGroups", "nextToken"),
    ("ListStateMachines", "stateMachines", "nextToken"),
    ("ListTrails", "Trails", "NextToken"),
    ("ListRules", "Rules", "NextToken"),
    ("ListTargetsByRule", "Targets", "NextToken"),
    ("ListConnections", "Connections", "NextToken"),
    ("ListSecrets", "SecretList", "NextToken"),
    ("ListQueues", "QueueUrls", "NextToken"),
    ("/functions", "Functions", "NextMarker"),
    ("/vaults", "VaultList", "Marker"),
];

fn asked(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let body = request.body().bytes().unwrap_or_default();
    format!(
        "{target} {} {}",
        request.uri(),
        String::from_utf8_lossy(body)
    )
}

/// An empty page of any list, with this token.
fn page(request: &HttpRequest, token: &str) -> (u16, String) {
    let asked = asked(request);
    if let Some((_, list, key)) = LISTS.iter().find(|(part, ..)| asked.contains(part)) {
        let page: Value = [
            ((*list).to_owned(), json!([])),
            ((*key).to_owned(), json!(token)),
        ]
        .into_iter()
        .collect();
        return (200, page.to_string());
    }
    let more = format!("<IsTruncated>true</IsTruncated><Marker>{token}</Marker>");
    let iam = |operation: &str, list: &str| {
        format!(
            "<{operation}Response><{operation}Result><{list}/>{more}</{operation}Result></{operation}Response>"
        )
    };
    let text = if asked.contains("Action=ListRoles&") {
        iam("ListRoles", "Roles")
    } else if asked.contains("Action=ListRolePolicies") {
        iam("ListRolePolicies", "PolicyNames")
    } else if asked.contains("Action=ListAttachedRolePolicies") {
        iam("ListAttachedRolePolicies", "AttachedPolicies")
    } else if asked.contains("Action=ListTopics") {
        format!(
            "<ListTopicsResponse><ListTopicsResult><Topics/><NextToken>{token}</NextToken></ListTopicsResult></ListTopicsResponse>"
        )
    } else if asked.contains("ListDirectoryBuckets") {
        format!(
            "<ListAllMyDirectoryBucketsResult><Buckets/><ContinuationToken>{token}</ContinuationToken></ListAllMyDirectoryBucketsResult>"
        )
    } else {
        format!(
            "<ListAllMyBucketsResult><Buckets/><ContinuationToken>{token}</ContinuationToken></ListAllMyBucketsResult>"
        )
    };
    (200, text)
}

fn scope() -> Scope {
    Scope::of(Some("lab"))
}

/// The SDK's paginators stop silently where a token repeats, and return an incomplete list.
#[tokio::test(start_paused = true)]
async fn a_circular_list_is_not_complete() {
    for kind in Kind::ALL {
        for circle in [1, 2, 5] {
            let (cloud, asked) = answering(move |request, number| {
                page(request, &format!("page-{}", number % circle))
            })
            .await;
            let owned = cloud.owned(kind, &scope()).await;
            let error = owned.expect_err(&format!("{kind:?}"));
            let text = error.to_string();
            assert!(
                text.ends_with("the list leads back to a page it came from"),
                "{kind:?}: {text}"
            );
            assert!(error.help.is_some());
            let asked = asked.load(Ordering::Relaxed);
            assert!(asked <= circle + 2, "{kind:?}: {asked} requests");
        }
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "asks a hundred thousand times"]
async fn an_endless_list_is_an_error() {
    for kind in Kind::ALL {
        let (cloud, asked) =
            answering(|request, number| page(request, &format!("page-{number}"))).await;
        let owned = cloud.owned(kind, &scope()).await;
        let text = owned.unwrap_err().to_string();
        assert!(
            text.ends_with("the list has more than 10000 pages"),
            "{text}"
        );
        assert_eq!(asked.load(Ordering::Relaxed), 10_001, "{kind:?}");
    }
}
