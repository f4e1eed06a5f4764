//! What is told while the local AWS is installed, and how that is stopped.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};

use super::frontend::Reporter;
use super::{Error, Event};
use crate::local::{InstallProgress, Listener};
use crate::source::Diagnostic;

/// Hears the local AWS for a reporter.
pub(super) struct Installing<'a> {
    out: &'a Reporter<'a>,
    is_stopped: AtomicBool,
}

impl<'a> Installing<'a> {
    pub(super) fn new(out: &'a Reporter<'a>) -> Self {
        Self {
            out,
            is_stopped: AtomicBool::new(false),
        }
    }

    /// What came of it: a failure after a request to stop is that request.
    pub(super) fn ended<T>(&self, result: Result<T, Diagnostic>) -> Result<T, Error> {
        result.map_err(|failure| {
            if self.is_stopped.load(Ordering::Relaxed) {
                Error::Stopped(failure)
            } else {
                Error::Local(failure)
            }
        })
    }
}

impl Listener for Installing<'_> {
    fn say(&self, text: &str) {
        self.out.info(text);
    }

    fn progress(&self, progress: &InstallProgress) {
        self.out.send(Event::Installing(progress.clone()));
    }

    fn stop(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            self.out.interruption().await;
            self.is_stopped.store(true, Ordering::Relaxed);
        })
    }
}
