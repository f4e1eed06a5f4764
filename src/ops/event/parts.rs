//! What events are made of, beside what plan, engine and stack define.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::{Outcome, is_journal_name};
use crate::local::{Disturbance, Running};
use crate::plan::Owned;
use crate::source::{Diagnostic, Place, Severity, Span};
use crate::stack::usage::Usd;
use crate::stack::{Address, AfterLimit, Kind};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FileDiagnostic {
    /// The file.
    pub file: String,
    /// `error` or `warning`.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// Where it begins, where it has a place.
    #[serde(flatten)]
    pub begin: Option<Position>,
    /// Where it ends, which is not part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Position>,
    /// The same with the text of the file, for those who draw it.
    #[serde(skip)]
    pub diagnostic: Diagnostic,
}

impl FileDiagnostic {
    /// A diagnostic of a file, where the diagnostic names none.
    #[must_use]
    pub fn of(file: &str, diagnostic: Diagnostic) -> Self {
        let position = |place: &Place, at: usize| {
            let span = Span { start: at, end: at };
            let (line, column) = span.line_column(&place.source);
            Position { line, column }
        };
        let place = diagnostic.place.as_ref();
        Self {
            file: place.map_or_else(|| file.to_owned(), |place| place.source.name.clone()),
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            begin: place.map(|place| position(place, place.span.start)),
            end: place.map(|place| position(place, place.span.end)),
            diagnostic,
        }
    }
}

/// A role of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExplainedRole {
    /// Its place in the stack.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// The services, accounts, users and roles that may assume it.
    pub assumed_by: Vec<String>,
    /// The ARNs of its managed policies.
    pub managed_policies: Vec<String>,
}

/// How one step ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OutcomeOf {
    /// The resource.
    pub address: Address,
    /// What was to be done: `keep`, `create`, `update`, `replace`, `delete`.
    pub action: &'static str,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// A stack that is deployed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct StackStatus {
    /// Its name.
    pub stack: String,
    /// Its owner.
    pub owner: Option<String>,
    /// Since when, as an RFC 3339 time, where a resource tells.
    pub since: Option<String>,
    /// Until when it is meant to stand, as an RFC 3339 time.
    pub expires: Option<String>,
    /// When the reaper begins to delete it, as an RFC 3339 time, where one waits: a random time after `expires`. A sweep does
    /// not look for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// Whether it expires and no reaper waits to delete it, where that was looked for and seen: not by a sweep, nor `extend`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaper_missing: Option<bool>,
    /// Whether its file has AWS delete it when it expires: where no reaper waits, and the file is given or found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_destruct: Option<bool>,
    /// The way out, where it should end and nothing deletes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What it costs a day while nobody uses it, in USD, by its file: where it has no end, and the file is given or found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_a_day: Option<Usd>,
    /// What users put in, the objects of its buckets and the items of its tables: where it is asked for itself, or ends
    /// within the hour. Absent where there is nothing, or it was not looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<ResourceContents>,
    /// Its limit, where an execution counts, or has stopped it. Neither `extend` nor a sweep looks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitStatus>,
    /// What it owns.
    pub resources: Vec<Owned>,
}

impl StackStatus {
    /// Whether a destroy that has not ended has left nothing but its journal.
    #[must_use]
    pub fn is_journal_alone(&self) -> bool {
        let mut all = self.resources.iter();
        !self.resources.is_empty() && all.all(|one| is_journal_name(one.kind, &one.name))
    }
}

/// The limit of a stack, and how near it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LimitStatus {
    /// The most executions.
    pub limit: Option<u64>,
    /// How many executions there were; null where they cannot be counted.
    pub runs: Option<u64>,
    /// Whether there are more than that: counting ends at 10,000 of a state machine.
    pub more: bool,
    /// Since when they are counted, as an RFC 3339 time.
    pub since: Option<String>,
    /// How often AWS counts, in seconds.
    pub every: Option<u32>,
    /// What follows when there are more: `end` or `stop`.
    pub then: AfterLimit,
    /// When the limit was passed and the stack was stopped, as an RFC 3339 time.
    pub stopped: Option<String>,
}

/// What was seen of a stack that was not asked for: in another region, of another owner, or with a similar name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeenStack {
    /// Its name.
    pub stack: String,
    /// Its owner, as far as it is known.
    pub owner: Option<String>,
    /// The region's code.
    pub region: String,
    /// What was seen of it, each as kind and name; in other regions only roles and buckets are seen.
    pub resources: Vec<String>,
    /// Whether a mark says that it is the stack's, or its role's path; else only the names are like the stack's.
    pub certain: bool,
    /// Whether it is on the local AWS, where AWS was asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// A command about it: the verb that was given; `status` where `run` was.
    pub command: String,
}

/// Data that a resource contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResourceContents {
    /// The resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// What is counted: `object`, `old version`, `object version`, `item`, `message` or `running execution`.
    pub what: &'static str,
    /// How many there are.
    pub count: u64,
    /// Their size in bytes, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Whether there are more than that: counting ends at 1000.
    pub more: bool,
    /// Whether AWS counts them approximately, or counted them some hours ago.
    pub about: bool,
}

/// The page of a resource in the AWS console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConsoleLink {
    /// The resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// Its name in AWS.
    pub name: String,
    /// The address of the page.
    pub url: String,
}

/// What became of an item in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemChange {
    /// There was none before.
    Created,
    /// It was another before.
    Changed,
    /// It was the same before: the run wrote the same, or nothing.
    Unchanged,
}

/// The executions of a stack, the latest first.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ListedExecutions {
    /// The stack, as it was given.
    pub stack: String,
    /// The keys of the state machines whose executions are listed.
    pub machines: Vec<String>,
    /// Each execution.
    pub executions: Vec<ListedExecution>,
    /// Whether there are older ones, too, that are not listed.
    pub more: bool,
}

/// An execution in a list.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ListedExecution {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The key of its state machine in the stack file.
    pub machine: String,
    /// `RUNNING`, `PENDING_REDRIVE`, or how it ended: `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// When it started, as an RFC 3339 time.
    pub started: String,
    /// When it ended, as an RFC 3339 time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// How long it took, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// Where a function or a state machine logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogSource {
    /// The log group's name.
    pub group: String,
    /// What logs there.
    pub kind: Kind,
    /// Its key in the stack file.
    pub key: String,
}

/// What there was to read of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is said by itself")]
pub struct LogsRead {
    /// How many lines there are.
    pub lines: usize,
    /// Whether there is a log group.
    pub exists: bool,
    /// Whether only lines of one execution are meant.
    pub of_execution: bool,
    /// Whether a time was given to look back to; else it is an hour.
    pub since: bool,
    /// Whether later lines follow.
    pub follow: bool,
}

/// Whether and where the local AWS runs, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LocalAws {
    /// Whether it runs.
    pub running: bool,
    /// `http://127.0.0.1:PORT`, where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Its process, where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// When it was started, as an RFC 3339 time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The folder of its data, where there is some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// The size of its data, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The file of its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<PathBuf>,
    /// Whether it finds faces in photos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faces: Option<bool>,
    /// Whether it enforces IAM policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforced: Option<bool>,
    /// What it is made to fail at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chaos: Option<Disturbance>,
    /// Whether it was made to fail until now, and no longer is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub chaos_ended: bool,
    /// What it could not write down, and so would lose with its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsaved: Option<String>,
}

impl LocalAws {
    /// None runs; what one held may be kept.
    pub(in crate::ops) fn ended(data: Option<(PathBuf, u64)>) -> Self {
        let (data, bytes) = data.unzip();
        Self {
            running: false,
            endpoint: None,
            pid: None,
            since: None,
            data,
            bytes,
            log: None,
            faces: None,
            enforced: None,
            chaos: None,
            chaos_ended: false,
            unsaved: None,
        }
    }

    /// One that runs.
    pub(in crate::ops) fn running(running: &Running, chaos_ended: bool) -> Self {
        Self {
            running: true,
            endpoint: Some(running.endpoint.clone()),
            pid: Some(running.pid),
            since: Some(running.since.clone()),
            data: Some(running.data.clone()),
            bytes: Some(running.bytes()),
            log: Some(running.log.clone()),
            faces: Some(running.faces),
            enforced: Some(running.enforced),
            chaos: running.chaos.clone(),
            chaos_ended,
            unsaved: running.unsaved.clone(),
        }
    }
}

/// A local AWS that was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndedLocalAws {
    /// Whether it runs: `false`.
    pub running: bool,
    /// What there was of it: `running`, `unrecorded` (a process of which there was no record),
    /// `data` (of one that had ended) or `nothing`.
    pub was: &'static str,
    /// Where it had run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
}
