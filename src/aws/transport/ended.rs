//! The local AWS that ended while it is spoken to: nothing that is asked again would be answered.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// The code of the error that says so.
pub const CODE: &str = "LocalAwsEnded";

/// Says how the local AWS ended, if it did.
#[derive(Clone)]
pub struct Ended(Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl Ended {
    /// Asked after each call that was not answered.
    pub fn new(ask: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl std::fmt::Debug for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Ended")
    }
}

/// What is wrong with a call to it. The SDK does not make such a call again.
#[derive(Debug)]
struct Gone(String);

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Gone {}

/// Whether a failed call is one of these.
pub fn is_cause(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<Gone>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The same client, which asks whether the local AWS ended where a call is not answered.
pub fn watched(client: SharedHttpClient, ended: Ended) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Watched {
            connector: client.http_connector(settings, components),
            ended: ended.clone(),
        })
    })
}

#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    ended: Ended,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, ended) = (self.connector.call(request), self.ended.clone());
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| match (ended.0)() {
                Some(how) => ConnectorError::user(Box::new(Gone(how))),
                None => error,
            })
        })
    }
}
