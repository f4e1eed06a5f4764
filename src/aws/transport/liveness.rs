//! Detects that the local AWS ended during a run: a retry would not be answered either.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Returns how the local AWS ended, or `None` while it runs.
#[derive(Clone)]
pub struct LivenessCheck(Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl LivenessCheck {
    /// `ask` is called after each request without an answer.
    pub fn new(ask: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl std::fmt::Debug for LivenessCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("LivenessCheck")
    }
}

/// The error of a request to an ended local AWS. The SDK does not retry it.
#[derive(Debug)]
struct LocalAwsEnded(String);

impl std::fmt::Display for LocalAwsEnded {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LocalAwsEnded {}

/// Whether an error was caused by the end of the local AWS.
pub fn is_local_aws_ended(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LocalAwsEnded>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Wraps a client so that each request without an answer checks whether the local AWS ended.
pub fn with_liveness_check(client: SharedHttpClient, liveness: LivenessCheck) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(LivenessConnector {
            connector: client.http_connector(settings, components),
            liveness: liveness.clone(),
        })
    })
}

#[derive(Debug)]
struct LivenessConnector {
    connector: SharedHttpConnector,
    liveness: LivenessCheck,
}

impl HttpConnector for LivenessConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, liveness) = (self.connector.call(request), self.liveness.clone());
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| match (liveness.0)() {
                Some(how) => ConnectorError::user(Box::new(LocalAwsEnded(how))),
                None => error,
            })
        })
    }
}
