//! The events of an execution that `treino run` shows, and writes with `--json`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExecutionResult {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Its output, if it succeeded.
    pub output: Option<Value>,
    /// The error's name, if it did not.
    pub error: Option<String>,
    /// The cause, if it did not.
    pub cause: Option<String>,
}

/// How an iteration, a Map Run or the children of a state ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateOutcome {
    /// Without an error.
    Succeeded,
    /// With an error.
    Failed,
    /// It was interrupted.
    Aborted,
}

/// One segment of a [`StatePath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathSegment {
    /// A Parallel or Map state.
    State(String),
    /// Its branch or iteration, from 0.
    Number(u64),
}

/// A name or a number.
impl JsonSchema for PathSegment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PathSegment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"] })
    }
}

impl Serialize for PathSegment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            PathSegment::State(name) => serializer.serialize_str(name),
            PathSegment::Number(number) => serializer.serialize_u64(*number),
        }
    }
}

/// Where a state is: empty at the top of the definition, else the Parallel and Map states around it by
/// name, each followed by the number of its branch or iteration.
pub type StatePath = Vec<PathSegment>;

/// The time a Wait state waits for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitTime {
    /// This many seconds.
    Seconds(f64),
    /// Until this time, as the definition writes it.
    Until(String),
}

/// An event of an execution. Times are in seconds; `at` counts from 1970. In JSON, a field that is not
/// known or does not apply is left out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ExecutionEvent {
    /// A state began.
    StateEntered {
        /// Its name.
        state: String,
        /// Its type: `Task`, `Map`.
        kind: String,
        /// The states around it.
        path: StatePath,
        /// When.
        at: f64,
        /// How long, of a Wait state whose definition says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        waits: Option<WaitTime>,
        /// How many branches, of a Parallel state.
        #[serde(skip_serializing_if = "Option::is_none")]
        branches: Option<usize>,
        /// Its input, with `-v`.
        #[serde(skip_serializing_if = "Option::is_none")]
        input: Option<Value>,
    },
    /// An attempt of a state failed; a retry or a catch may follow.
    AttemptFailed {
        /// Its name.
        state: String,
        /// The states around it.
        path: StatePath,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// The error's name.
        error: String,
        /// What the service or the function answered.
        cause: String,
    },
    /// A state ended.
    StateExited {
        /// Its name.
        state: String,
        /// Its type.
        kind: String,
        /// The states around it.
        path: StatePath,
        /// How long it took.
        seconds: f64,
        /// How many attempts were retried.
        retries: u32,
        /// The error that a catcher handled, if the last attempt failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        caught: Option<String>,
        /// The state a Choice chose.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        /// Its output, with `-v`.
        #[serde(skip_serializing_if = "Option::is_none")]
        output: Option<Value>,
    },
    /// A state was interrupted: the execution was stopped, or another branch or iteration failed.
    StateAborted {
        /// Its name.
        state: String,
        /// The states around it.
        path: StatePath,
        /// How long it had taken.
        seconds: f64,
    },
    /// A Map state has read its items.
    MapStarted {
        /// Its name.
        state: String,
        /// The states around it.
        path: StatePath,
        /// How many there are.
        items: u64,
    },
    /// An iteration of a Map state began.
    IterationStarted {
        /// The Map state.
        state: String,
        /// The states around it.
        path: StatePath,
        /// Its place in the list, from 0.
        index: u64,
    },
    /// An iteration of a Map state ended.
    IterationEnded {
        /// The Map state.
        state: String,
        /// The states around it.
        path: StatePath,
        /// Its place in the list, from 0.
        index: u64,
        /// How.
        outcome: StateOutcome,
        /// How long it took.
        seconds: f64,
        /// How many attempts of its states were retried.
        retries: u32,
        /// The error's name, if it failed and that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// The cause, if it failed and that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
    /// A distributed Map began its Map Run: its iterations are executions of their own.
    MapRunStarted {
        /// The Map state.
        state: String,
        /// The states around it.
        path: StatePath,
        /// The Map Run's ARN.
        arn: String,
    },
    /// The Map Run of a distributed Map ended.
    MapRunEnded {
        /// The Map state.
        state: String,
        /// The states around it.
        path: StatePath,
        /// How.
        outcome: StateOutcome,
        /// The error's name, if it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// The cause, if it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
    /// The execution ended.
    ExecutionEnded {
        /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
        status: String,
        /// Its output, if it succeeded.
        #[serde(skip_serializing_if = "Option::is_none")]
        output: Option<Value>,
        /// The error's name, if it did not.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// The cause, if it did not.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
        /// How long it took.
        seconds: f64,
    },
    /// An execution that had ended was redriven: it goes on where it failed.
    ExecutionRedriven {
        /// When.
        at: f64,
    },
}

impl ExecutionEvent {
    /// The end of an execution that took this many seconds.
    #[must_use]
    pub fn ended(result: ExecutionResult, seconds: f64) -> Self {
        ExecutionEvent::ExecutionEnded {
            status: result.status,
            output: result.output,
            error: result.error,
            cause: result.cause,
            seconds,
        }
    }
}
