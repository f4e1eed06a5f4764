//! AWS as a function in the process, without a network: the provider with paused time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use treino::aws::{Artifacts, Aws, AwsProvider};
use treino::stack::{Secrets, Target};

type Answer = dyn Fn(&HttpRequest, usize) -> (u16, String) + Send + Sync;

#[derive(Clone)]
struct Answering {
    answer: Arc<Answer>,
    asked: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

impl HttpConnector for Answering {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let (status, body) = (self.answer)(&request, number);
        // By it an answer of SQS is told, which leaves out an empty list.
        let is_of_sqs = body.contains("QueueUrls");
        let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        if is_of_sqs {
            answer.headers_mut().insert("x-amzn-requestid", "made-up");
        }
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// A provider for an AWS that answers so, and the number of requests.
pub async fn answering(
    answer: impl Fn(&HttpRequest, usize) -> (u16, String) + Send + Sync + 'static,
) -> (AwsProvider, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let answering = Answering {
        answer: Arc::new(answer),
        asked: Arc::clone(&asked),
    };
    let client = http_client_fn(move |_, _| SharedHttpConnector::new(answering.clone()));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "tests"))
        .http_client(client)
        .load()
        .await;
    (
        AwsProvider(Aws::new(
            &config,
            true,
            target(),
            Artifacts::new(),
            Secrets::default(),
        )),
        asked,
    )
}

pub fn target() -> Target {
    Target {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        stack: "lab".into(),
        owner: None,
    }
}
