//! What a person is told of an execution, and a program reads with `--json`.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// So many seconds.
    Seconds(f64),
    /// Until a time, as the definition writes it.
    Until(String),
}

/// What a person is told. Times are in seconds; `at` counts from 1970.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
        waits: Option<Waits>,
        /// How many branches, of a Parallel state.
        branches: Option<usize>,
        /// Its input, with `-v`.
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
        caught: Option<String>,
        /// Where a Choice went.
        next: Option<String>,
        /// Its output, with `-v`.
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
        error: Option<String>,
        /// The cause, if it failed and that is known.
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
        error: Option<String>,
        /// The cause, if it failed.
        cause: Option<String>,
    },
    /// The execution ended.
    ExecutionEnded {
        /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
        status: String,
        /// Its output, if it succeeded.
        output: Option<Value>,
        /// The error's name, if it did not.
        error: Option<String>,
        /// The cause, if it did not.
        cause: Option<String>,
        /// How long it took.
        seconds: f64,
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
