//! Asking the user, and hearing Ctrl-C.

use std::io::BufRead;

use tokio::sync::watch;

use super::Error;
use crate::engine::{Leftover, ProviderError, Stop};
use crate::report::{self, Out};

/// One confirmation. Without a terminal nobody can be asked, and nothing is assumed.
pub(super) fn confirm(out: Out, question: &str, yes: bool) -> Result<bool, Error> {
    if yes {
        return Ok(true);
    }
    if !out.can_ask() {
        return Err(Error::Usage(
            "this needs a confirmation, and there is no terminal to ask on: add --yes if you mean it".to_owned(),
        ));
    }
    report::write(
        report::Stream::Error,
        &format!("{} [y/N] ", report::bold(question)),
    );
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    let agreed = read.is_ok()
        && matches!(
            answer.trim().to_lowercase().as_str(),
            "y" | "yes" | "s" | "sim"
        );
    if !agreed {
        out.say("nothing was changed");
    }
    Ok(agreed)
}

/// What was agreed to is no longer what would be done: while a question stood, something else worked on
/// the stack.
pub(super) fn outdated() -> Error {
    let error =
        ProviderError::new("what stands has changed since it was shown, so nothing was done");
    let help = "run the same command again, and see whether you agree to what it shows then";
    Error::ProviderError(error.help(help).with_leftover(Leftover::Nothing))
}

/// The first Ctrl-C (or SIGTERM) lets calls under way finish, the second stops at once.
pub(super) fn stop_signals(out: Out) -> watch::Receiver<Stop> {
    let (sender, receiver) = watch::channel(Stop::No);
    tokio::spawn(async move {
        for (stop, text) in [
            (
                Stop::Gently,
                "stopping: what is under way is finished first (once more to stop at once)",
            ),
            (Stop::Now, "stopping at once"),
        ] {
            signal().await;
            // The apply is over: the signal is for what came after it.
            if sender.is_closed() {
                return;
            }
            out.aside(text);
            if sender.send(stop).is_err() {
                return;
            }
        }
        // Keeps the channel open for the apply that is ending.
        std::future::pending::<()>().await;
    });
    receiver
}

#[cfg(unix)]
pub(super) async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    if let Ok(mut terminate) = signal(SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    } else {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(not(unix))]
pub(super) async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
