//! `checks`: what is done with the deployed stack, and what has to come of it. `treino test` runs them.

mod expectations;
mod reach;
mod validate;
mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::parse_duration;

pub use words::{CheckAct, CheckNeeds};

/// A check: something is done with the deployed stack, and what comes of it is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackCheck {
    /// What it shows, for people.
    #[serde(default)]
    pub description: String,
    /// A file to put into the bucket, relative to the stack file.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub put: Option<String>,
    /// The object's key, instead of the file's name.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub key: Option<String>,
    /// The key of the bucket, where there are several.
    #[serde(default)]
    pub bucket: Option<String>,
    /// The input of an execution that is started.
    #[serde(default)]
    pub input: Option<Value>,
    /// A message to send.
    #[serde(default)]
    pub send: Option<SentMessage>,
    /// An event to put on the default event bus.
    #[serde(default)]
    pub event: Option<SentEvent>,
    /// The key of the state machine, where there are several.
    #[serde(default)]
    pub machine: Option<String>,
    /// How long all of it may take, such as `30s` or `3m`: 5 minutes without it.
    #[serde(default)]
    pub within: Option<String>,
    /// What it counts in the marks.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1000))]
    pub points: u32,
    /// What has to come of it: an execution that succeeds, where nothing is written.
    #[serde(default)]
    pub expect: Expectation,
    /// Whether nothing of the stack may be left after `treino test --destroy`.
    #[serde(default)]
    pub empty_after_destroy: bool,
}

fn one() -> u32 {
    1
}

/// A message that a check sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentMessage {
    /// The key of a queue or topic.
    pub to: String,
    /// A text; anything else is sent as JSON.
    pub message: Value,
}

/// An event that a check puts on the default event bus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SentEvent {
    /// Its source; `aws.` is refused by AWS.
    #[schemars(length(min = 1))]
    pub source: String,
    /// Its type.
    #[serde(rename = "detail-type")]
    #[schemars(length(min = 1))]
    pub detail_type: String,
    /// What it says.
    #[serde(default)]
    pub detail: Map<String, Value>,
}

/// What has to come of a check. Everything that is written has to hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// How the execution ends: `SUCCEEDED`, where neither this nor `fails` is written.
    #[serde(default)]
    pub status: Option<ExpectedStatus>,
    /// The name of the error that the execution fails with.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub fails: Option<String>,
    /// States that the execution enters, in any order.
    #[serde(default)]
    pub visits: Vec<String>,
    /// States that it does not enter.
    #[serde(default)]
    pub not_visits: Vec<String>,
    /// An item that is in a table then.
    #[serde(default)]
    pub item: Option<ExpectedItem>,
    /// A message that is in a queue then.
    #[serde(default)]
    pub message: Option<ExpectedMessage>,
    /// `JSONata`, `{% ... %}`, that gives true: of `$output`, `$item`, `$message` and `$history`; or several of them.
    #[serde(default)]
    pub that: Option<Conditions>,
    /// A regular expression that a line matches which the stack's functions log meanwhile.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub log: Option<String>,
    /// The same as beside `expect`.
    #[serde(default)]
    pub empty_after_destroy: bool,
}

/// How an execution ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExpectedStatus {
    /// Without an error.
    Succeeded,
    /// With an error.
    Failed,
    /// At its time limit.
    TimedOut,
    /// It was stopped.
    Aborted,
}

/// An item that has to be in a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedItem {
    /// The key of the table.
    pub table: String,
    /// Fields that the item has, each with its value; of a map, those that are written.
    #[serde(rename = "where")]
    pub fields: Map<String, Value>,
    /// Whether an item will do that was there before the check, and is the same.
    #[serde(default)]
    pub may_be_unchanged: bool,
}

/// A message that has to be in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedMessage {
    /// The key of the queue.
    pub queue: String,
    /// Fields that the message has, which is JSON, each with its value; of a map, those that are written.
    #[serde(default, rename = "where")]
    pub fields: Map<String, Value>,
}

/// One condition, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Conditions {
    /// One.
    One(String),
    /// All of these.
    All(#[schemars(length(min = 1))] Vec<String>),
}

impl Conditions {
    /// Each condition, with its path below `that`.
    pub fn iter(&self) -> impl Iterator<Item = (Option<usize>, &str)> {
        let (one, all) = match self {
            Self::One(text) => (Some((None, text.as_str())), &[][..]),
            Self::All(all) => (None, all.as_slice()),
        };
        let all = all.iter().enumerate();
        one.into_iter()
            .chain(all.map(|(index, text)| (Some(index), text.as_str())))
    }
}

impl StackCheck {
    /// Whether it is about what a destroy leaves.
    #[must_use]
    pub fn is_of_destroy(&self) -> bool {
        self.empty_after_destroy || self.expect.empty_after_destroy
    }

    /// How the execution has to end.
    #[must_use]
    pub fn status(&self) -> Option<ExpectedStatus> {
        match (&self.expect.fails, self.expect.status) {
            (_, Some(status)) => Some(status),
            (Some(_), None) => None,
            (None, None) => Some(ExpectedStatus::Succeeded),
        }
    }

    /// How long it may take.
    #[must_use]
    pub fn time_limit(&self) -> std::time::Duration {
        let written = self.within.as_deref();
        let written = written.and_then(|text| parse_duration(text).ok());
        written.unwrap_or(std::time::Duration::from_mins(5))
    }
}

impl ExpectedStatus {
    /// As Step Functions writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }
}

#[cfg(test)]
mod tests;
