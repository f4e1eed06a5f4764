//! The events of an execution's history, whatever their AWS type.

use serde_json::Value;

use super::{Ending, Went};

/// One event of an execution's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// Its number in the history, from 1.
    pub id: i64,
    /// The event it follows from; 0 for the first.
    pub previous: i64,
    /// When, in seconds since 1970.
    pub at: f64,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A state began.
    Entered {
        /// Its name.
        state: String,
        /// Its type, as definitions write it: `Task`, `Map`.
        kind: String,
        /// Its input, where it was asked for.
        input: Option<Value>,
    },
    /// A state ended.
    Exited {
        /// Its name.
        state: String,
        /// Its output, where it was asked for.
        output: Option<Value>,
    },
    /// A state was interrupted: the execution was stopped, or a neighbour failed.
    Aborted {
        /// Its type.
        kind: String,
    },
    /// A task was handed to its service: once, and once more for each retry.
    Scheduled,
    /// An attempt failed.
    AttemptFailed {
        /// The error's name.
        error: String,
        /// What the service or the function said.
        cause: String,
    },
    /// The branches of a Parallel state, or the iterations of a Map state, begin.
    GroupStarted {
        /// How many iterations.
        items: Option<u64>,
    },
    /// The branches or iterations of a state have ended.
    GroupEnded {
        /// `Parallel` or `Map`.
        kind: &'static str,
        /// How.
        outcome: Went,
    },
    /// An iteration of a Map state began.
    IterationStarted {
        /// The Map state.
        map: String,
        /// Its place in the list, from 0.
        index: u64,
    },
    /// An iteration of a Map state ended.
    IterationEnded {
        /// The Map state.
        map: String,
        /// Its place in the list, from 0.
        index: u64,
        /// How.
        outcome: Went,
    },
    /// A distributed Map began its run: its iterations are executions of their own.
    RunStarted {
        /// The map run's ARN.
        arn: String,
    },
    /// The run of a distributed Map ended.
    RunEnded {
        /// How.
        outcome: Went,
        /// The error's name, if it failed.
        error: Option<String>,
        /// What Step Functions said of it.
        cause: Option<String>,
    },
    /// The execution ended.
    Ended(Ending),
    /// It was taken up again where it had failed.
    Redriven,
    /// Anything else.
    Other,
}
