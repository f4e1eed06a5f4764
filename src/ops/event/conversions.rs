//! Events from what other modules tell.

use super::{Event, TestEvent};
use crate::engine;
use crate::history::ExecutionEvent;
use crate::ops::Error;

impl From<engine::EngineEvent> for Event {
    fn from(event: engine::EngineEvent) -> Self {
        Self::Engine(event)
    }
}

impl From<ExecutionEvent> for Event {
    fn from(event: ExecutionEvent) -> Self {
        Self::History(event)
    }
}

impl From<TestEvent> for Event {
    fn from(event: TestEvent) -> Self {
        Self::Test(event)
    }
}

impl From<&Error> for Event {
    fn from(error: &Error) -> Self {
        Self::Error {
            message: error.to_string(),
            help: error.help().map(String::from),
        }
    }
}
