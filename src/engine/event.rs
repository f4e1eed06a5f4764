//! The events of an apply and of the verification after it.

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;

use super::ProviderError;
use crate::stack::{Address, Kind};

/// Something a reporter may show. `--json` prints each as one object on a line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EngineEvent {
    /// A step began.
    Started {
        /// Its resource.
        address: Address,
        /// Its kind.
        kind: Kind,
        /// Its name in AWS.
        name: String,
        /// What is done: `create`, `update`, `replace` or `delete`.
        action: &'static str,
    },
    /// A step waits, retries or tells how far it is.
    Note {
        /// Its resource's name in AWS.
        name: String,
        /// A few words.
        text: String,
    },
    /// A step is done.
    Done {
        /// Its resource.
        address: Address,
        /// Its kind.
        kind: Kind,
        /// Its name in AWS.
        name: String,
        /// What is done: `create`, `update`, `replace` or `delete`.
        action: &'static str,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// A step failed.
    Failed {
        /// Its resource.
        address: Address,
        /// Its kind.
        kind: Kind,
        /// Its name in AWS.
        name: String,
        /// What is done: `create`, `update`, `replace` or `delete`.
        action: &'static str,
        /// What went wrong and what may be left.
        error: ProviderError,
    },
    /// A step was not begun.
    Skipped {
        /// Its resource.
        address: Address,
        /// Its kind.
        kind: Kind,
        /// What is done: `create`, `update`, `replace` or `delete`.
        action: &'static str,
        /// What it needed, or that treino was stopped.
        because: String,
    },
    /// The absence of what was deleted is being looked at.
    Verifying {
        /// Which look it is, from 1.
        look: u32,
        /// How many resources are looked for.
        resources: usize,
    },
}

/// Where events go. Sending never waits and never fails: a reporter that is gone misses them.
#[derive(Debug, Clone)]
pub struct Events(Option<UnboundedSender<EngineEvent>>);

impl Events {
    /// Events into a channel.
    #[must_use]
    pub fn to(sender: UnboundedSender<EngineEvent>) -> Self {
        Self(Some(sender))
    }

    /// Events to nobody.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Sends one.
    pub fn send(&self, event: EngineEvent) {
        if let Some(sender) = &self.0 {
            // The receiver is dropped only when nobody listens any longer.
            let _ = sender.send(event);
        }
    }

    /// Says what a step waits for.
    pub fn note(&self, name: &str, text: impl Into<String>) {
        self.send(EngineEvent::Note {
            name: name.to_owned(),
            text: text.into(),
        });
    }
}
