//! Answers that end: each comes in time, and is no longer than AWS's are.
//!
//! The SDK's own limits do not do: its read timeout counts a large upload as silence, one for the whole
//! attempt would end it, and a body may be as long as it likes.

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

/// The most bytes of an answer. AWS's lists stay below a few megabytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// Of a history with the data of its states: a hundred events at once, each with up to half a megabyte.
const LONGEST_HISTORY: usize = 64 * 1024 * 1024;
const HISTORY: &str = "AWSStepFunctions.GetExecutionHistory";
/// The most bytes of a refusal.
const LONGEST_REFUSAL: usize = 1024 * 1024;

/// How many calls are under way at once: each has a connection, of which a process may have 256 on some
/// systems.
pub const AT_ONCE: usize = 64;

/// How slow a line may be: what is sent is given this much more time, in bytes a second.
const SLOWEST: u64 = 32 * 1024;

/// The same client, with the time that is set for reading as the time in which an answer has to begin,
/// and once more to end.
pub fn with_limits(client: SharedHttpClient) -> SharedHttpClient {
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    http_client_fn(move |settings, components| {
        let mut connecting = HttpConnectorSettings::builder();
        connecting.set_connect_timeout(settings.connect_timeout());
        SharedHttpConnector::new(Bounded {
            connector: client.http_connector(&connecting.build(), components),
            patience: settings.read_timeout(),
            at_once: Arc::clone(&at_once),
        })
    })
}

#[derive(Debug)]
struct Bounded {
    connector: SharedHttpConnector,
    patience: Option<Duration>,
    at_once: Arc<Semaphore>,
}

impl HttpConnector for Bounded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(patience) = self.patience else {
            return self.connector.call(request);
        };
        let sent = Duration::from_secs(length(request.headers().get("content-length")) / SLOWEST);
        let is_history = request.headers().get("x-amz-target") == Some(HISTORY);
        let most = if is_history { LONGEST_HISTORY } else { LONGEST };
        let (connector, at_once) = (self.connector.clone(), Arc::clone(&self.at_once));
        HttpConnectorFuture::new(async move {
            // It is never closed; if it were, nothing would bound the calls.
            let _one = at_once.acquire_owned().await;
            let answer = connector.call(request);
            let Ok(answer) = timeout(patience + sent, answer).await else {
                return Err(late(format!(
                    "no answer within {}",
                    spoken(patience + sent)
                )));
            };
            let answer = answer?;
            let most = if answer.status().is_success() {
                most
            } else {
                LONGEST_REFUSAL
            };
            match timeout(patience, whole(answer, most)).await {
                Ok(whole) => whole,
                Err(_) => Err(late(format!(
                    "the answer did not end within {}",
                    spoken(patience)
                ))),
            }
        })
    }
}

/// The answer with all of its body at hand.
async fn whole(mut answer: HttpResponse, most: usize) -> Result<HttpResponse, ConnectorError> {
    if length(answer.headers().get("content-length")) > most as u64 {
        return Err(too_long(&answer, most));
    }
    let mut body = ByteStream::new(std::mem::replace(answer.body_mut(), SdkBody::taken()));
    let mut held = Vec::new();
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| ConnectorError::io(error.into()))?;
        if held.len() + part.len() > most {
            return Err(too_long(&answer, most));
        }
        held.extend_from_slice(&part);
    }
    let content = answer.headers().get("content-type").unwrap_or_default();
    if content.contains("json") {
        surrogates::mend(&mut held);
    }
    *answer.body_mut() = SdkBody::from(held);
    Ok(answer)
}

fn too_long(answer: &HttpResponse, most: usize) -> ConnectorError {
    let status = answer.status().as_u16();
    let text = format!(
        "the answer (HTTP {status}) is longer than {} MB",
        most / 1024 / 1024
    );
    // Of no kind that is worth trying again.
    ConnectorError::other(text.into(), None)
}

fn length(header: Option<&str>) -> u64 {
    header
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

fn late(what: String) -> ConnectorError {
    ConnectorError::timeout(what.into())
}

fn spoken(time: Duration) -> String {
    humantime::format_duration(time).to_string()
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    /// Never answers, or at once with so many bytes.
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

    /// What answers a request with these headers, and whether that is read.
    type Case = (Other, &'static [(&'static str, &'static str)], bool);

    const OF_HISTORY: &[(&str, &str)] = &[("x-amz-target", HISTORY)];

    /// What comes of a request with these headers, and after how many seconds.
    async fn asked(other: Other, headers: &[(&'static str, &str)]) -> (Result<usize, String>, u64) {
        let with_limits = Bounded {
            connector: SharedHttpConnector::new(other),
            patience: Some(Duration::from_secs(30)),
            at_once: Arc::new(Semaphore::new(1)),
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
    async fn silence_ends_and_what_is_sent_has_its_time() {
        let (answer, seconds) = asked(Other::Silent, &[]).await;
        assert_eq!(
            (answer.unwrap_err().as_str(), seconds),
            ("no answer within 30s", 30)
        );
        // A package of 50 MB, as Lambda takes it.
        let (answer, seconds) = asked(Other::Silent, &[("content-length", "69905068")]).await;
        assert!(answer.is_err());
        assert_eq!(seconds, 30 + 2133);
    }

    #[tokio::test]
    async fn what_is_longer_than_aws_answers_is_not_read() {
        let megabyte = 1024 * 1024;
        let cases: [Case; 6] = [
            (Other::Says(200, 16 * megabyte), &[], true),
            (Other::Says(200, 16 * megabyte + 1), &[], false),
            (Other::Says(200, 64 * megabyte), OF_HISTORY, true),
            (Other::Says(200, 64 * megabyte + 1), OF_HISTORY, false),
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
