//! The secret EventBridge keeps for a connection in Secrets Manager. It goes with the connection;
//! treino only looks whether it did, and never reads it.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::aws::resources::absent;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::pages::Pages;
use crate::aws::transport::signed_request::{self, Request, ResponseParser, Service};
use crate::aws::transport::waiter;
use crate::engine::{Events, ProviderError};

/// What the names of such secrets begin with.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html>
const BEGIN: &str = "events!connection/";

const SERVICE: Service = Service {
    id: "Secrets Manager",
    host: "secretsmanager",
    signing: "secretsmanager",
    by_account: false,
};

/// What is read of `DescribeSecret`'s answer, and of each entry of `ListSecrets`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Secret {
    #[serde(default)]
    name: String,
    deleted_date: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    secret_list: Vec<Secret>,
    next_token: Option<String>,
}

/// Waits until a deleted connection's secret is gone.
pub async fn wait_secret_deleted(
    aws: &Aws,
    secret: &str,
    say: (&Events, &str, &str),
) -> Result<(), ProviderError> {
    waiter::wait_for(waiter::PROPAGATION_TIMEOUT, say, || async {
        match is_deleted(aws, secret).await {
            Ok(is_deleted) => Ok(is_deleted.then_some(())),
            // A denied call is reported by the verification of the destroy.
            Err(error) if error.is_denied() => Ok(Some(())),
            Err(error) => Err(error),
        }
    })
    .await
}

/// Whether a secret is not found by its name, or deleted for good later.
async fn is_deleted(aws: &Aws, secret: &str) -> Result<bool, ProviderError> {
    let seen = call::<Secret>(aws, "DescribeSecret", json!({ "SecretId": secret })).await;
    let seen = absent(seen, &["ResourceNotFoundException"])?;
    Ok(seen.is_none_or(|seen| seen.deleted_date.is_some()))
}

/// Whether a secret of a connection is found by its own name. The list gives that name; it may be five
/// minutes late itself.
pub async fn stands(aws: &Aws, connection: &str) -> Result<bool, ProviderError> {
    let begin = format!("{BEGIN}{connection}/");
    for secret in names(aws).await? {
        if secret.starts_with(&begin) && !is_deleted(aws, &secret).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The connections of which a secret is listed.
pub async fn left_of(aws: &Aws, connections: &[String]) -> Result<Vec<String>, ProviderError> {
    let names = names(aws).await?;
    let of = names
        .iter()
        .filter_map(|name| name.strip_prefix(BEGIN)?.split('/').next());
    let left = of.filter(|of| connections.iter().any(|name| name == of));
    Ok(left.map(String::from).collect())
}

/// The names of the secrets of all connections, as they are listed.
async fn names(aws: &Aws) -> Result<Vec<String>, ProviderError> {
    let mut names = Vec::new();
    let mut seen = Pages::of("Secrets Manager", "ListSecrets");
    let mut token = None;
    loop {
        let mut input = json!({ "Filters": [{ "Key": "name", "Values": [BEGIN] }] });
        if let Some(token) = token {
            input["NextToken"] = Value::String(token);
        }
        let page: Page = call(aws, "ListSecrets", input).await?;
        names.extend(page.secret_list.into_iter().map(|secret| secret.name));
        match seen.next(page.next_token.as_deref())? {
            Some(next) => token = Some(next),
            None => return Ok(names),
        }
    }
}

/// A call of the service's JSON protocol.
async fn call<T: serde::de::DeserializeOwned + std::fmt::Debug + Send + Sync + 'static>(
    aws: &Aws,
    operation: &'static str,
    input: Value,
) -> Result<T, ProviderError> {
    let request = Request {
        method: "POST",
        path: "/".to_owned(),
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("secretsmanager.{operation}")),
        ],
        body: input.to_string(),
    };
    let parser = ResponseParser {
        success: |body| Ok(serde_json::from_str(body)?),
        refusal,
    };
    let answer = signed_request::call(
        &aws.config,
        &aws.target,
        SERVICE,
        operation,
        request,
        parser,
    );
    answer.await.for_call("Secrets Manager", operation)
}

/// `{"__type": "prefix#ResourceNotFoundException", "Message": "..."}`
fn refusal(response: &HttpResponse) -> ErrorMetadata {
    let body = response.body().bytes().unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = response.headers().get("x-amzn-errortype");
    let code = header.or_else(|| body.get("__type").and_then(Value::as_str));
    let message = ["message", "Message"]
        .iter()
        .find_map(|name| body.get(name)?.as_str());
    let mut meta = ErrorMetadata::builder();
    if let Some(code) = code {
        let code = code.split(':').next().unwrap_or_default();
        meta = meta.code(code.rsplit('#').next().unwrap_or_default());
    }
    if let Some(message) = message {
        meta = meta.message(message);
    }
    meta.build()
}
