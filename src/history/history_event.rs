//! The events of an execution's history, as few as the tree of the execution needs.

use serde_json::Value;

use super::{ExecutionResult, StateOutcome};

/// One event of an execution's history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Its number in the history, from 1.
    pub id: i64,
    /// The event it follows from; 0 for the first.
    pub previous: i64,
    /// When, in seconds since 1970.
    pub at: f64,
    /// What happened.
    pub kind: HistoryEventKind,
}

/// What happened. Step Functions has about sixty types of events; those that mean the same for the
/// tree are one kind here.
#[derive(Debug, Clone, PartialEq)]
pub enum HistoryEventKind {
    /// A state began.
    StateEntered {
        /// Its name.
        state: String,
        /// Its type, as definitions write it: `Task`, `Map`.
        state_type: String,
        /// Its input, where it was asked for.
        input: Option<Value>,
    },
    /// A state ended.
    StateExited {
        /// Its name.
        state: String,
        /// Its output, where it was asked for.
        output: Option<Value>,
    },
    /// A state was interrupted: the execution was stopped, or another branch or iteration failed.
    StateAborted {
        /// Its type.
        state_type: String,
    },
    /// A task was handed to its service: once, and once more for each retry.
    TaskScheduled,
    /// An attempt failed.
    AttemptFailed {
        /// The error's name.
        error: String,
        /// What the service or the function answered.
        cause: String,
    },
    /// The branches of a Parallel state, or the iterations of a Map state, begin.
    ChildrenStarted {
        /// How many iterations.
        items: Option<u64>,
    },
    /// The branches of a Parallel state, or the iterations of a Map state, have ended.
    ChildrenEnded {
        /// `Parallel` or `Map`.
        state_type: &'static str,
        /// How.
        outcome: StateOutcome,
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
        outcome: StateOutcome,
    },
    /// A distributed Map began its Map Run: its iterations are executions of their own.
    MapRunStarted {
        /// The Map Run's ARN.
        arn: String,
    },
    /// The Map Run of a distributed Map ended.
    MapRunEnded {
        /// How.
        outcome: StateOutcome,
        /// The error's name, if it failed.
        error: Option<String>,
        /// The cause, if it failed.
        cause: Option<String>,
    },
    /// The execution ended.
    ExecutionEnded(ExecutionResult),
    /// The execution was redriven: it goes on where it had failed.
    ExecutionRedriven,
    /// Any other event.
    Other,
}
