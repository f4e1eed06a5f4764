//! Who hears what the local AWS does, and may end its installation.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::mpsc;

/// What an installation is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InstallProgress {
    /// What is installed, such as `boto3`.
    pub what: String,
    /// The package or step under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How many packages are done; nothing where they are not counted.
    pub done: usize,
    /// How many packages there are; 0 where they are not counted.
    pub packages: usize,
    /// Whether a download got no answer, and is tried again.
    pub retrying: bool,
    /// How much of it is on disk, in bytes.
    pub bytes: u64,
    /// How long it has taken so far, in seconds.
    pub seconds: u64,
    /// For how many seconds nothing has arrived.
    pub silent: u64,
}

/// Hears what is done. A closure that takes a text hears messages only.
pub trait Listener: Sync {
    /// Receives a message: one sentence.
    fn say(&self, text: &str);

    /// Receives the progress of an installation, about once a second.
    fn progress(&self, _: &InstallProgress) {}

    /// Waits for a request to end an installation.
    fn stop(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(pending())
    }

    /// Whether an installation is to end.
    fn is_stopped(&self) -> bool {
        false
    }
}

impl<F: Fn(&str) + Sync> Listener for F {
    fn say(&self, text: &str) {
        self(text);
    }
}

enum Message {
    Text(String),
    Progress(InstallProgress),
}

/// The listener of work on another thread.
struct Relay {
    messages: mpsc::UnboundedSender<Message>,
    stopped: Arc<AtomicBool>,
}

impl Listener for Relay {
    fn say(&self, text: &str) {
        // Nobody may hear it any longer.
        let _ = self.messages.send(Message::Text(text.to_owned()));
    }

    fn progress(&self, progress: &InstallProgress) {
        let _ = self.messages.send(Message::Progress(progress.clone()));
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Ends the work if nobody waits for it any longer.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Does what blocks on a thread of its own, so that its progress can be drawn and a request to stop heard.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    listener: &dyn Listener,
    work: impl FnOnce(&dyn Listener) -> T + Send + 'static,
) -> T {
    let (messages, mut received) = mpsc::unbounded_channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let relay = Relay {
        messages,
        stopped: Arc::clone(&stopped),
    };
    let stop_on_drop = StopOnDrop(stopped);
    // The relay ends with the work, and the messages with the relay.
    let work = tokio::task::spawn_blocking(move || work(&relay));
    let mut stop = listener.stop();
    let mut is_stopping = false;
    loop {
        tokio::select! {
            message = received.recv() => match message {
                Some(Message::Text(text)) => listener.say(&text),
                Some(Message::Progress(progress)) => listener.progress(&progress),
                None => break,
            },
            () = &mut stop, if !is_stopping => {
                is_stopping = true;
                stop_on_drop.0.store(true, Ordering::Relaxed);
            }
        }
    }
    match work.await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only a runtime that is shut down cancels it, and this with it.
            Err(_) => pending().await,
        },
    }
}
