//! Frontends of what is not one student's.

use crate::ops::{self, Error, Event, Frontend, Question};

/// Hears nothing.
pub struct Unheard;

impl Frontend for Unheard {
    fn event(&self, _: &Event) {}

    fn confirm<'a>(&'a self, _: &'a Question) -> ops::FrontendFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(false) })
    }
}

/// Hears of a shared trail: warnings, and what fails; and is not asked to stop, as it is soon done.
pub struct SharedFrontend<'a>(pub &'a dyn Frontend);

impl Frontend for SharedFrontend<'_> {
    fn event(&self, event: &Event) {
        if matches!(
            event,
            Event::Engine(_) | Event::Warning { .. } | Event::Summary { .. }
        ) {
            self.0.event(event);
        }
    }

    fn confirm<'a>(&'a self, _: &'a Question) -> ops::FrontendFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(false) })
    }
}
