//! Waits for a running local AWS, however slow it is.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use super::{Disturbance, Folders, Running, record};
use crate::engine::sanitize;
use crate::source::Diagnostic;

/// How long a running local AWS may take to answer.
const READY_TIMEOUT: Duration = Duration::from_mins(5);
/// The timeout of one health request before it is repeated.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// When a wait is first reported, and how often after that.
const FIRST_NOTICE_AFTER: Duration = Duration::from_secs(2);
const NOTICE_INTERVAL: Duration = Duration::from_secs(10);

/// The default timeout, or `TREINO_LOCAL_TIMEOUT` (seconds), which overrides all of them.
pub(super) fn timeout(usual: Duration) -> Result<Duration, Diagnostic> {
    const NAME: &str = "TREINO_LOCAL_TIMEOUT";
    let Some(text) = std::env::var_os(NAME).filter(|text| !text.is_empty()) else {
        return Ok(usual);
    };
    let seconds = text
        .to_str()
        .and_then(|text| text.trim().parse::<u32>().ok());
    match seconds {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(Diagnostic::error_with_help(
            format!(
                "{NAME} is `{}`, and not a number of seconds",
                sanitize(&text.to_string_lossy())
            ),
            format!("unset {NAME}, or set it to how long the local AWS is waited for"),
        )),
    }
}

/// The pause between two polls; blocking, as nothing else runs yet.
#[allow(
    clippy::disallowed_methods,
    reason = "nothing is under way while another treino or an installation is waited for"
)]
pub(super) fn poll_pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// That an installation was ended by a request.
pub(super) fn stopped() -> Diagnostic {
    Diagnostic::error_with_help(
        "stopped: what was being installed is deleted again, and nothing was changed",
        "run the same command to install it",
    )
}

/// That a request to stop ended the look at what is installed.
pub(super) fn stopped_checking() -> Diagnostic {
    Diagnostic::error_with_help(
        "stopped: nothing was changed, and the local AWS was not started",
        "run the same command to start it",
    )
}

/// That a wait for another treino was ended by a request.
pub(super) fn stopped_waiting() -> Diagnostic {
    Diagnostic::error_with_help(
        "stopped: another treino goes on, and this one changed nothing",
        "run the same command again",
    )
}

/// That a request to stop came while the installation was looked at.
pub(super) fn stopped_before_start() -> Diagnostic {
    Diagnostic::error_with_help(
        "stopped: the local AWS is installed, and was not started",
        "run the same command to start it",
    )
}

/// When the progress of a wait is reported: soon, then at intervals.
pub(super) struct ProgressNotices {
    next: Instant,
}

impl ProgressNotices {
    pub fn new() -> Self {
        Self {
            next: Instant::now() + FIRST_NOTICE_AFTER,
        }
    }

    pub fn are_due(&mut self) -> bool {
        let due = Instant::now() >= self.next;
        if due {
            self.next = Instant::now() + NOTICE_INTERVAL;
        }
        due
    }
}

/// The answer of `/_treino/health`, as far as it is used.
#[derive(Deserialize)]
struct Health {
    pid: u32,
    #[serde(default)]
    faces: bool,
    #[serde(default)]
    chaos: Option<Disturbance>,
    #[serde(default)]
    unsaved: Option<String>,
    /// The status of the backend process.
    #[serde(default)]
    backend: Option<String>,
}

impl Health {
    fn is_ready(&self) -> bool {
        self.backend.as_deref().is_none_or(|state| state == "ready")
    }
}

/// The record with the current health, once it answers; `None` if the process has ended or another one is
/// recorded.
pub(super) async fn until_ready(
    folders: &Folders,
    running: &Running,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Option<Running>, Diagnostic> {
    let limit = timeout(READY_TIMEOUT)?;
    let began = Instant::now();
    let mut notices = ProgressNotices::new();
    let mut asking = Box::pin(health(&running.endpoint));
    loop {
        // Short, so that the end of the process is noticed soon.
        match tokio::time::timeout(Duration::from_millis(200), &mut asking).await {
            // The port may belong to another program by now: the pid must match.
            Ok(Some(health)) if health.pid == running.pid && health.is_ready() => {
                return Ok(Some(Running {
                    faces: health.faces,
                    chaos: health.chaos,
                    unsaved: health.unsaved,
                    ..running.clone()
                }));
            }
            Ok(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                asking = Box::pin(health(&running.endpoint));
            }
            Err(_) => {}
        }
        let recorded = record::read(folders)?.is_some_and(|recorded| recorded.is_same(running));
        if !recorded || !running.is_alive() {
            return Ok(None);
        }
        let pid = running.pid;
        if began.elapsed() > limit {
            return Err(Diagnostic::error_with_help(
                format!(
                    "the local AWS at {} (pid {pid}) is alive, but has not answered within {} s",
                    running.endpoint,
                    limit.as_secs()
                ),
                format!(
                    "it keeps its data: see {}, set TREINO_LOCAL_TIMEOUT=SECONDS to wait longer, or end it \
                     with `treino local down` (its data is deleted)",
                    running.log.display()
                ),
            ));
        }
        if notices.are_due() {
            say(&format!(
                "the local AWS (pid {pid}) is alive but has not answered for {} s: waiting for it \
                 (`treino local down` ends it, and deletes its data)",
                began.elapsed().as_secs()
            ));
        }
    }
}

async fn health(endpoint: &str) -> Option<Health> {
    let client: Client<HttpConnector, Empty<bytes::Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let uri = format!("{endpoint}/_treino/health").parse().ok()?;
    let asked = async {
        let answer = client.get(uri).await.ok()?;
        Some(answer.into_body().collect().await.ok()?.to_bytes())
    };
    let body = tokio::time::timeout(REQUEST_TIMEOUT, asked).await.ok()??;
    serde_json::from_slice(&body).ok()
}
