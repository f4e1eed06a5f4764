//! The status line: what treino waits for, on the last line of a terminal.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::ops::InstallProgress;
use crate::report::run::{RunRenderer, StatusLine};
use crate::report::{Out, local};

/// An operation that takes long.
pub(super) struct Waiting {
    pub(super) live: StatusLine,
    pub(super) what: Doing,
}

/// The kind of operation.
pub(super) enum Doing {
    /// AWS is surveyed.
    Surveying { what: String, since: Instant },
    /// Something is installed; `at` is when this was said.
    Installing {
        progress: InstallProgress,
        at: Instant,
    },
    /// An execution is to be started by an event.
    AwaitingExecution { since: Instant },
    /// An execution is followed.
    Following,
    /// A check is run.
    Checking { check: String, since: Instant },
}

impl Waiting {
    pub(super) fn new(out: Out, what: Doing) -> Self {
        Self {
            live: StatusLine::new(out),
            what,
        }
    }

    pub(super) fn is_for_survey(&self) -> bool {
        matches!(self.what, Doing::Surveying { .. })
    }

    pub(super) fn is_for_installation(&self) -> bool {
        matches!(self.what, Doing::Installing { .. })
    }

    /// Draws it anew.
    pub(super) fn draw(&self, renderer: Option<&RunRenderer>) {
        if !self.live.is_drawn() {
            return;
        }
        let text = match &self.what {
            Doing::Surveying { what, since } => {
                format!("looking at {what} {} s", since.elapsed().as_secs())
            }
            Doing::Installing { progress, at } => {
                local::installing(progress, progress.seconds + at.elapsed().as_secs())
            }
            Doing::AwaitingExecution { since } => {
                format!("waiting for an execution {} s", since.elapsed().as_secs())
            }
            Doing::Checking { check, since } => {
                format!("checking {check} {} s", since.elapsed().as_secs())
            }
            Doing::Following => {
                renderer.map_or_else(String::new, |one| one.running_summary(seconds_now()))
            }
        };
        self.live.show(&text);
    }
}

/// Now, in seconds since 1970.
pub(super) fn seconds_now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}
