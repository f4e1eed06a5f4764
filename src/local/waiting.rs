//! Waiting for a local AWS that is alive, however slow it is.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use super::{Disturbance, Folders, Running, record};
use crate::engine::sanitize;
use crate::source::Diagnostic;

/// How long a local AWS that is alive is waited for.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long one question may stand before it is put again.
const QUESTION: Duration = Duration::from_secs(20);
/// After how much of silence a wait is said, and how often again.
const FIRST: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_secs(10);

/// A limit, or the one that the user sets for all of them: `TREINO_LOCAL_TIMEOUT`, in seconds.
pub(super) fn limit(usual: Duration) -> Result<Duration, Diagnostic> {
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

/// A moment between two looks, before there is any call that it could hold up.
#[allow(
    clippy::disallowed_methods,
    reason = "nothing is under way while another treino or an installation is waited for"
)]
pub(super) fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// When something is to be said of a wait: soon, then now and again.
pub(super) struct Notices {
    next: Instant,
}

impl Notices {
    pub fn new() -> Self {
        Self {
            next: Instant::now() + FIRST,
        }
    }

    /// The first one only after as much as between two others.
    pub fn later() -> Self {
        Self {
            next: Instant::now() + AGAIN,
        }
    }

    pub fn are_due(&mut self) -> bool {
        let due = Instant::now() >= self.next;
        if due {
            self.next = Instant::now() + AGAIN;
        }
        due
    }
}

/// What `/_treino/health` answers, as far as it matters here.
#[derive(Deserialize)]
struct Health {
    pid: u32,
    #[serde(default)]
    faces: bool,
    #[serde(default)]
    chaos: Option<Disturbance>,
    #[serde(default)]
    unsaved: Option<String>,
    /// How it goes with the process behind the one that answers.
    #[serde(default)]
    backend: Option<String>,
}

impl Health {
    fn is_ready(&self) -> bool {
        self.backend.as_deref().is_none_or(|state| state == "ready")
    }
}

/// The same, once it answers; nothing where it has ended, or another one is recorded by then.
pub(super) async fn answer(
    folders: &Folders,
    running: &Running,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Option<Running>, Diagnostic> {
    let limit = limit(PATIENCE)?;
    let began = Instant::now();
    let mut notices = Notices::new();
    let mut asking = Box::pin(health(&running.endpoint));
    loop {
        // Often enough that its end is soon seen.
        match tokio::time::timeout(Duration::from_millis(200), &mut asking).await {
            // The port may by now be somebody else's: only an answer with the same pid is ours.
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
        if !recorded || !running.lives() {
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
                    "it keeps what it holds: see {}, set TREINO_LOCAL_TIMEOUT=SECONDS to wait longer, or end it \
                     with `treino local down` (its data goes with it)",
                    running.log.display()
                ),
            ));
        }
        if notices.are_due() {
            say(&format!(
                "the local AWS (pid {pid}) is alive but has not answered for {} s: waiting for it \
                 (`treino local down` ends it, and its data goes with it)",
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
    let body = tokio::time::timeout(QUESTION, asked).await.ok()??;
    serde_json::from_slice(&body).ok()
}
