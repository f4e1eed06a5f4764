//! The frontend that is a terminal, or a program that reads events as JSON.

use std::convert::Infallible;
use std::io::{BufRead, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::ops::{Error, Event, Frontend, FrontendFuture, Question};
use crate::report::{self, Out, Stream, Text};

/// How often what is under way is drawn anew.
const TICK: Duration = Duration::from_millis(250);

/// Prints events as text, and with `--json` as JSON; asks on standard error.
pub(super) struct Terminal {
    out: Out,
    text: Mutex<Text>,
}

impl Terminal {
    pub(super) fn new(out: Out) -> Self {
        Self {
            out,
            text: Mutex::new(Text::new(out)),
        }
    }

    /// Whether more of everything is wanted.
    pub(super) fn is_verbose(&self) -> bool {
        self.out.verbose
    }

    /// Takes away what is only drawn while an operation is under way.
    pub(super) fn finish(&self) {
        self.with_text(Text::finish);
    }

    /// Redraws the progress at intervals, as long as it is polled.
    pub(super) async fn redraw_loop(&self) -> Infallible {
        loop {
            tokio::time::sleep(TICK).await;
            self.with_text(Text::tick);
        }
    }

    /// Says why an operation could not go on.
    pub(super) fn failed(&self, error: &Error) {
        self.finish();
        self.out.event(&error.into());
        self.out.aside(report::failure(error));
    }

    fn with_text(&self, draw: impl FnOnce(&mut Text)) {
        draw(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Frontend for Terminal {
    fn event(&self, event: &Event) {
        self.with_text(|text| text.draw(event));
        self.out.event(event);
    }

    fn can_ask(&self) -> bool {
        self.out.text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn confirm<'a>(&'a self, question: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            if !self.can_ask() {
                let why = if self.out.text {
                    "there is no terminal to ask on"
                } else {
                    "with --json nothing is asked"
                };
                return Err(Error::Usage(format!(
                    "this needs a confirmation, and {why}: add --yes if you mean it"
                )));
            }
            self.finish();
            let question = report::bold(&question.text);
            report::write(Stream::Error, &format!("{question} [y/N] "));
            let mut answer = String::new();
            let read = std::io::stdin().lock().read_line(&mut answer);
            Ok(read.is_ok() && is_yes(&answer))
        })
    }

    fn ask<'a>(&'a self, question: &'a Question) -> FrontendFuture<'a, Option<String>> {
        Box::pin(async move {
            if !self.can_ask() {
                return None;
            }
            self.finish();
            report::write(
                Stream::Error,
                &format!("{}: ", report::bold(&question.text)),
            );
            let mut answer = String::new();
            let read = std::io::stdin().lock().read_line(&mut answer);
            let is_answered = matches!(read, Ok(1..));
            if !is_answered {
                // What follows begins on a line of its own.
                report::write(Stream::Error, "\n");
            }
            is_answered.then_some(answer)
        })
    }

    fn stop(&self) -> FrontendFuture<'_, ()> {
        Box::pin(async {
            default_action::off();
            signal().await;
        })
    }

    // Elsewhere they go on ending the process.
    #[cfg(unix)]
    fn interruption(&self) -> FrontendFuture<'_, ()> {
        Box::pin(async {
            let _back = default_action::suspended();
            signal().await;
        })
    }

    fn unread(&self) -> FrontendFuture<'_, ()> {
        Box::pin(report::unread())
    }
}

/// Yes in English or Portuguese, in any case; whatever else is a no.
fn is_yes(answer: &str) -> bool {
    let answer = answer.trim().to_lowercase();
    matches!(answer.as_str(), "y" | "yes" | "s" | "sim")
}

/// What Ctrl-C and SIGTERM do where nobody waits for them: they end the process, as they do in any program. Once
/// tokio has listened for a signal, the system's own action never comes back, so it is emulated.
#[cfg(unix)]
mod default_action {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::register_conditional_default;

    static IS_ON: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    fn is_on() -> &'static AtomicBool {
        IS_ON.get_or_init(|| {
            let is_on = Arc::new(AtomicBool::new(true));
            for signal in [SIGINT, SIGTERM] {
                // Without it, they are only heard where they are waited for.
                let _ = register_conditional_default(signal, Arc::clone(&is_on));
            }
            is_on
        })
    }

    /// From now on they are only heard where they are waited for: half a change would be worse.
    pub(super) fn off() {
        is_on().store(false, Ordering::SeqCst);
    }

    /// The same, as long as the answer lives, unless it was so before.
    pub(super) fn suspended() -> Suspended {
        Suspended {
            was_on: is_on().swap(false, Ordering::SeqCst),
        }
    }

    pub(super) struct Suspended {
        was_on: bool,
    }

    impl Drop for Suspended {
        fn drop(&mut self) {
            is_on().store(self.was_on, Ordering::SeqCst);
        }
    }
}

#[cfg(not(unix))]
mod default_action {
    pub(super) fn off() {}
}

/// Waits for Ctrl-C or SIGTERM.
#[cfg(unix)]
async fn signal() {
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
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for yes in ["y\n", "Y", " yes ", "YES", "s", "S\r\n", "sim", "Sim"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in [
            "", "\n", "n", "no", "não", "nao", "yep", "si", "simples", "yy",
        ] {
            assert!(!is_yes(no), "{no:?}");
        }
    }
}
