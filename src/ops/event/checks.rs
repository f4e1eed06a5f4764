//! What `treino test` does and finds.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What `treino test` does and finds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TestEvent {
    /// Checks of a stack begin.
    TestsStarted {
        /// The stack.
        stack: String,
        /// Its owner.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// The names of the checks, in their order.
        checks: Vec<String>,
    },
    /// A check begins.
    CheckStarted {
        /// Its name.
        check: String,
    },
    /// A check ended.
    CheckEnded(Box<CheckResult>),
    /// All checks ended.
    TestsEnded(CheckCounts),
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct CheckCounts {
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many could not be judged.
    pub unknown: usize,
    /// How many were not run.
    pub not_run: usize,
    /// The points of those that passed.
    pub score: u32,
    /// The points of all that were run.
    pub max_score: u32,
    /// How long they took, in seconds.
    pub seconds: f64,
}

/// What a check came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct CheckResult {
    /// Its name.
    pub check: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What it counts.
    pub points: u32,
    /// What it shows, as the stack file says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What is wrong in one sentence; why it was not run or could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The name of the execution that it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<String>,
    /// The states that the execution entered, in their order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visited: Vec<String>,
    /// The state at which it went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<FailedState>,
    /// What was expected, and what came; empty where it passed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<Mismatch>,
    /// The way from what it did to the execution, where none started.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<ChainLink>,
    /// Why, as far as that can be seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<CheckCause>,
    /// What the stack's functions logged meanwhile, where it failed; the last lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<CheckLogLine>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Everything came as expected.
    Passed,
    /// Something did not.
    Failed,
    /// It could not be judged: a call failed.
    Unknown,
    /// It was not run.
    #[default]
    NotRun,
}

/// The state at which an execution went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FailedState {
    /// Its name.
    pub state: String,
    /// The error's name, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The cause, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What the state was given, as JSON, where the error is about that; the beginning of what is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

/// Something that was expected and did not come.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Mismatch {
    /// What it is of: `start`, `status`, `fails`, `visits`, `not_visits`, `item`, `message`, `that`, `log`, `within` or
    /// `empty_after_destroy`.
    pub of: String,
    /// What was expected.
    pub expected: Value,
    /// What came; null for nothing.
    pub got: Value,
    /// Both in one sentence.
    pub message: String,
}

/// A link of the way from a file, an event or a message to an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChainLink {
    /// Which: `object`, `events`, `trail`, `rule`, `pattern` or `target`.
    pub link: String,
    /// Whether it is as it has to be.
    pub holds: bool,
    /// What was seen.
    pub text: String,
    /// The way out, where a deploy of the file as it is would not help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Why a check failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckCause {
    /// What it is.
    pub cause: CauseKind,
    /// One sentence.
    pub message: String,
    /// The way out, where there is a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// What made a check fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The handler that Lambda calls is not in the function's code.
    WrongHandler,
    /// The function's code could not be loaded.
    BrokenCode,
    /// The function uses another table, queue or bucket than the stack's.
    WrongResource,
    /// A permission is missing.
    MissingPermission,
    /// A link of the way to the execution is missing.
    BrokenChain,
    /// A resource of the stack file is not there.
    MissingResource,
    /// A resource is not as the stack file says.
    ChangedResource,
    /// The function took too long or too much memory.
    FunctionLimit,
    /// The function reads a variable that it does not have.
    MissingVariable,
}

/// A line that a function logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckLogLine {
    /// The key of what logged it.
    pub key: String,
    /// What was logged, as it is.
    pub message: String,
}
