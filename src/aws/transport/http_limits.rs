//! Limits of requests: time for an answer, its size, and how many run at once.
//!
//! The SDK's own limits do not suffice: its read timeout counts the time of a large upload, an attempt
//! timeout would abort the upload, and it does not limit the body's size.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::surrogates;

/// The maximum size of an answer. AWS lists are below a few megabytes.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
/// The maximum size of an execution history with data: a hundred events a page, each up to half a megabyte.
const MAX_HISTORY_BYTES: usize = 64 * 1024 * 1024;
const HISTORY_TARGET: &str = "AWSStepFunctions.GetExecutionHistory";
/// The maximum size of an error answer.
const MAX_ERROR_BYTES: usize = 1024 * 1024;

/// How many calls run at once: each has a connection, and some systems allow a process 256.
pub const MAX_CONCURRENT_CALLS: usize = 64;

/// The slowest supported upload in bytes per second: the timeout grows by the time it needs.
const MIN_UPLOAD_RATE: u64 = 32 * 1024;

/// Wraps a client with the limits; each call in flight has a permit. The read timeout applies to the start
/// of an answer, and again to its end.
pub fn with_limits(client: SharedHttpClient, permits: Arc<Semaphore>) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        let mut connecting = HttpConnectorSettings::builder();
        connecting.set_connect_timeout(settings.connect_timeout());
        SharedHttpConnector::new(LimitedConnector {
            connector: client.http_connector(&connecting.build(), components),
            read_timeout: settings.read_timeout(),
            permits: Arc::clone(&permits),
        })
    })
}

#[derive(Debug)]
struct LimitedConnector {
    connector: SharedHttpConnector,
    read_timeout: Option<Duration>,
    permits: Arc<Semaphore>,
}

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(read_timeout) = self.read_timeout else {
            return self.connector.call(request);
        };
        let sent =
            Duration::from_secs(length(request.headers().get("content-length")) / MIN_UPLOAD_RATE);
        let is_history = request.headers().get("x-amz-target") == Some(HISTORY_TARGET);
        let max_bytes = if is_history {
            MAX_HISTORY_BYTES
        } else {
            MAX_RESPONSE_BYTES
        };
        let (connector, permits) = (self.connector.clone(), Arc::clone(&self.permits));
        HttpConnectorFuture::new(async move {
            // The semaphore is never closed.
            let _one = permits.acquire_owned().await;
            let answer = connector.call(request);
            let Ok(answer) = timeout(read_timeout + sent, answer).await else {
                return Err(timed_out(format!(
                    "no answer within {}",
                    in_words(read_timeout + sent)
                )));
            };
            let answer = answer?;
            let max_bytes = if answer.status().is_success() {
                max_bytes
            } else {
                MAX_ERROR_BYTES
            };
            match timeout(read_timeout, read_body(answer, max_bytes)).await {
                Ok(answer) => answer,
                Err(_) => Err(timed_out(format!(
                    "the answer did not end within {}",
                    in_words(read_timeout)
                ))),
            }
        })
    }
}

/// Reads the whole body.
async fn read_body(
    mut answer: HttpResponse,
    max_bytes: usize,
) -> Result<HttpResponse, ConnectorError> {
    if length(answer.headers().get("content-length")) > max_bytes as u64 {
        return Err(too_long(&answer, max_bytes));
    }
    let mut body = ByteStream::new(std::mem::replace(answer.body_mut(), SdkBody::taken()));
    let mut held = Vec::new();
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| ConnectorError::io(error.into()))?;
        if held.len() + part.len() > max_bytes {
            return Err(too_long(&answer, max_bytes));
        }
        held.extend_from_slice(&part);
    }
    let content = answer.headers().get("content-type").unwrap_or_default();
    if content.contains("json") {
        surrogates::replace_lone(&mut held);
    }
    *answer.body_mut() = SdkBody::from(held);
    Ok(answer)
}

fn too_long(answer: &HttpResponse, max_bytes: usize) -> ConnectorError {
    let status = answer.status().as_u16();
    let text = format!(
        "the answer (HTTP {status}) is longer than {} MB",
        max_bytes / 1024 / 1024
    );
    // An error kind that the SDK does not retry.
    ConnectorError::other(text.into(), None)
}

fn length(header: Option<&str>) -> u64 {
    header
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

fn timed_out(what: String) -> ConnectorError {
    ConnectorError::timeout(what.into())
}

fn in_words(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// A connector that never answers, or answers at once with so many bytes.
    #[derive(Debug)]
    enum Other {
        Silent,
        Says(u16, usize),
    }

    impl HttpConnector for Other {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            match *self {
                Self::Silent => HttpConnectorFuture::new(std::future::pending()),
                Self::Says(status, bytes) => {
                    let status = status.try_into().unwrap();
                    let body = SdkBody::from(vec![b' '; bytes]);
                    HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body)))
                }
            }
        }
    }

    /// The connector, the request headers, and whether the answer is accepted.
    type Case = (Other, &'static [(&'static str, &'static str)], bool);

    const HISTORY_HEADERS: &[(&str, &str)] = &[("x-amz-target", HISTORY_TARGET)];

    /// The result of a request with these headers, and the seconds it took.
    async fn asked(other: Other, headers: &[(&'static str, &str)]) -> (Result<usize, String>, u64) {
        let with_limits = LimitedConnector {
            connector: SharedHttpConnector::new(other),
            read_timeout: Some(Duration::from_secs(30)),
            permits: Arc::new(Semaphore::new(1)),
        };
        let mut request = HttpRequest::empty();
        for (name, value) in headers {
            request.headers_mut().insert(*name, (*value).to_owned());
        }
        let began = Instant::now();
        let answer = with_limits.call(request).await;
        let answer = answer
            .map(|answer| answer.body().bytes().map_or(0, <[u8]>::len))
            .map_err(|error| error.into_source().to_string());
        (answer, began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn silence_times_out_and_uploads_get_more_time() {
        let (answer, seconds) = asked(Other::Silent, &[]).await;
        assert_eq!(
            (answer.unwrap_err().as_str(), seconds),
            ("no answer within 30s", 30)
        );
        // The upload of a 50 MB package in base64.
        let (answer, seconds) = asked(Other::Silent, &[("content-length", "69905068")]).await;
        assert!(answer.is_err());
        assert_eq!(seconds, 30 + 2133);
    }

    #[tokio::test]
    async fn too_large_answers_are_refused() {
        let megabyte = 1024 * 1024;
        let cases: [Case; 6] = [
            (Other::Says(200, 16 * megabyte), &[], true),
            (Other::Says(200, 16 * megabyte + 1), &[], false),
            (Other::Says(200, 64 * megabyte), HISTORY_HEADERS, true),
            (Other::Says(200, 64 * megabyte + 1), HISTORY_HEADERS, false),
            (Other::Says(400, megabyte), &[], true),
            (Other::Says(400, megabyte + 1), &[], false),
        ];
        for (other, headers, read) in cases {
            let said = format!("{other:?}");
            let (answer, _) = asked(other, headers).await;
            assert_eq!(answer.is_ok(), read, "{said}: {answer:?}");
            if let Err(text) = answer {
                assert!(text.contains("is longer than"), "{text}");
            }
        }
    }
}
