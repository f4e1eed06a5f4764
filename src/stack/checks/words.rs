//! What a check does, and what it needs to be judged.

use super::{SentEvent, SentMessage, StackCheck};

/// What a check does first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CheckAct<'c> {
    /// Puts a file.
    Put(&'c str),
    /// Starts an execution.
    Input(&'c serde_json::Value),
    /// Sends a message.
    Send(&'c SentMessage),
    /// Puts an event on the bus.
    Event(&'c SentEvent),
}

impl CheckAct<'_> {
    /// The key it is written under.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Put(_) => "put",
            Self::Input(_) => "input",
            Self::Send(_) => "send",
            Self::Event(_) => "event",
        }
    }
}

/// What has to be known to judge a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckNeeds {
    /// The end of an execution.
    pub execution: bool,
    /// The history of one, or its output.
    pub history: bool,
}

impl StackCheck {
    /// What it does: everything that is written, of which one is right.
    #[must_use]
    pub fn acts(&self) -> Vec<CheckAct<'_>> {
        let put = self.put.as_deref().map(CheckAct::Put);
        let input = self.input.as_ref().map(CheckAct::Input);
        let send = self.send.as_ref().map(CheckAct::Send);
        let event = self.event.as_ref().map(CheckAct::Event);
        [put, input, send, event].into_iter().flatten().collect()
    }

    /// A reference in it that has no value.
    #[must_use]
    pub fn unresolved(&self) -> Option<String> {
        let text = serde_json::to_string(self).unwrap_or_default();
        let found = crate::stack::reference::find(&text).into_iter().next()?;
        Some(text[found.start..found.end].to_owned())
    }

    /// What has to be known of an execution. Where nothing is written that can be judged without one, it has to
    /// succeed.
    #[must_use]
    pub fn needs(&self) -> CheckNeeds {
        let expect = &self.expect;
        let mut conditions = expect.that.iter().flat_map(super::Conditions::iter);
        let of_execution = |(_, text): (Option<usize>, &str)| {
            ["$output", "$history"]
                .iter()
                .any(|name| text.contains(name))
        };
        let history = !expect.visits.is_empty()
            || !expect.not_visits.is_empty()
            || conditions.any(of_execution);
        let ending = expect.status.is_some() || expect.fails.is_some();
        let other = expect.item.is_some() || expect.message.is_some() || expect.log.is_some();
        CheckNeeds {
            execution: history || ending || self.input.is_some() || !other,
            history,
        }
    }
}
