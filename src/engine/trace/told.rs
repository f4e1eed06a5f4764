//! What a person is told of an execution, and a program reads with `--json`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ending {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Its output, if it succeeded.
    pub output: Option<Value>,
    /// The error's name, if it did not.
    pub error: Option<String>,
    /// The cause, if it did not.
    pub cause: Option<String>,
}

/// How a part of an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Went {
    /// Well.
    Succeeded,
    /// With an error.
    Failed,
    /// It was interrupted.
    Aborted,
}

/// One step on the way to a state inside others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// A Parallel or Map state.
    State(String),
    /// Its branch or iteration, from 0.
    Number(u64),
}

/// A name or a number.
impl JsonSchema for Within {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Within".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"] })
    }
}

impl Serialize for Within {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Within::State(name) => serializer.serialize_str(name),
            Within::Number(number) => serializer.serialize_u64(*number),
        }
    }
}

/// The way to a state: empty at the top, else Parallel and Map states by name, each followed by the
/// number of its branch or iteration.
pub type Path = Vec<Within>;

/// How long a Wait state waits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// So many seconds.
    Seconds(f64),
    /// Until a time, as the definition writes it.
    Until(String),
}

/// What a person is told. Times are in seconds; `at` counts from 1970. With `--json`, what is not
/// known or does not apply is left out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told {
    /// A state began.
    StateEntered {
        /// Its name.
        state: String,
        /// Its type: `Task`, `Map`.
        kind: String,
        /// The states it is inside of.
        path: Path,
        /// When.
        at: f64,
        /// How long, of a Wait state whose definition says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        waits: Option<Waits>,
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
        /// The states it is inside of.
        path: Path,
        /// Which attempt it was, from 1.
        attempt: u32,
        /// The error's name.
        error: String,
        /// What the service or the function said.
        cause: String,
    },
    /// A state ended.
    StateExited {
        /// Its name.
        state: String,
        /// Its type.
        kind: String,
        /// The states it is inside of.
        path: Path,
        /// How long it took.
        seconds: f64,
        /// How many attempts were retried.
        retries: u32,
        /// The error that a Catch took on, if the last attempt failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        caught: Option<String>,
        /// Where a Choice went.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        /// Its output, with `-v`.
        #[serde(skip_serializing_if = "Option::is_none")]
        output: Option<Value>,
    },
    /// A state was interrupted: the execution was stopped, or a neighbour failed.
    StateAborted {
        /// Its name.
        state: String,
        /// The states it is inside of.
        path: Path,
        /// How long it had taken.
        seconds: f64,
    },
    /// A Map state knows its items.
    MapStarted {
        /// Its name.
        state: String,
        /// The states it is inside of.
        path: Path,
        /// How many there are.
        items: u64,
    },
    /// An iteration of a Map state began.
    IterationStarted {
        /// The Map state.
        state: String,
        /// The states it is inside of.
        path: Path,
        /// Its place in the list, from 0.
        index: u64,
    },
    /// An iteration of a Map state ended.
    IterationEnded {
        /// The Map state.
        state: String,
        /// The states it is inside of.
        path: Path,
        /// Its place in the list, from 0.
        index: u64,
        /// How.
        outcome: Went,
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
    /// A distributed Map began its run: its iterations are executions of their own.
    MapRunStarted {
        /// The Map state.
        state: String,
        /// The states it is inside of.
        path: Path,
        /// The map run's ARN.
        arn: String,
    },
    /// The run of a distributed Map ended.
    MapRunEnded {
        /// The Map state.
        state: String,
        /// The states it is inside of.
        path: Path,
        /// How.
        outcome: Went,
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
    /// An execution that had ended was taken up again where it failed.
    ExecutionRedriven {
        /// When.
        at: f64,
    },
}

impl Told {
    /// The end of an execution.
    #[must_use]
    pub fn ended(ending: Ending, seconds: f64) -> Self {
        Told::ExecutionEnded {
            status: ending.status,
            output: ending.output,
            error: ending.error,
            cause: ending.cause,
            seconds,
        }
    }
}
