//! What operations on a class tell.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ClassPlan, Event, SharedWayOut, StudentMarks};
use crate::engine::Receipt;
use crate::stack::Address;
use crate::stack::usage::Usd;

/// Something an operation on a class tells.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ClassEvent {
    /// An operation on a class begins.
    Class {
        /// What is done: `deploy`, `run`, `test`, `extend` or `destroy`.
        verb: &'static str,
        /// The stack.
        stack: String,
        /// The students, in the order of the roster.
        students: Vec<ClassStudent>,
    },
    /// Something that is told of one student's stack.
    Student {
        /// The owner.
        owner: String,
        /// What is told: an event of its own.
        of: Box<Event>,
    },
    /// A student's stack has come to another state.
    StudentState {
        /// The owner.
        owner: String,
        /// The state.
        state: StudentState,
        /// How many changes there are, once planned.
        #[serde(skip_serializing_if = "Option::is_none")]
        changes: Option<usize>,
        /// How long it has been worked on, in seconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
        /// Why, in one sentence, where it is not done.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// What is to be done for a class.
    ClassPlan(Box<ClassPlan>),
    /// What is deployed for a class.
    ClassStatus {
        /// The stack.
        stack: String,
        /// Each student, in the order of the roster.
        students: Vec<StudentStatus>,
        /// The stacks of shared trails that are deployed: names with regions.
        shared_trails: Vec<SharedTrailStatus>,
    },
    /// Copies of the stack that the operation is not about: of owners who are not in the roster, and in other regions. Not
    /// sent where none is seen.
    ClassOthers {
        /// The stack.
        stack: String,
        /// Each copy.
        copies: Vec<OtherCopy>,
    },
    /// What the checks of a class came to.
    ClassMarks {
        /// The stack.
        stack: String,
        /// Each student, in the order of the roster.
        students: Vec<StudentMarks>,
        /// Each way out of what was wrong first, with the owners whose way it is.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        ways: Vec<SharedWayOut>,
        /// The command that shows the first of those who did not pass with what was logged.
        #[serde(skip_serializing_if = "Option::is_none")]
        show: Option<String>,
        /// The command that tests those again who did not pass, where there are such.
        #[serde(skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
    /// An operation on a class has ended.
    ClassSummary {
        /// What was done: `deploy`, `run`, `test`, `extend` or `destroy`.
        verb: &'static str,
        /// The stack.
        stack: String,
        /// How each student's stack ended, in the order of the roster.
        students: Vec<StudentEnd>,
        /// Each reason, with the owners it is of.
        reasons: Vec<SharedReason>,
        /// How long it took, in seconds.
        seconds: f64,
    },
    /// The page of a student was written, or not.
    Handout {
        /// The owner.
        owner: String,
        /// The file; nothing where no page was written.
        #[serde(skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// Whether the student's stack is deployed, by that page.
        deployed: bool,
        /// Why no page was written, in one sentence.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// All pages are written.
    Handouts {
        /// The page with links to them; nothing where it was not written.
        #[serde(skip_serializing_if = "Option::is_none")]
        index: Option<String>,
        /// How many pages were written.
        pages: usize,
    },
    /// The record of the destroy of a class.
    ClassReceipt {
        /// The stack.
        stack: String,
        /// The record of each stack that was deleted, those of shared trails last.
        receipts: Vec<Receipt>,
        /// Whether everything is proved to be deleted that was to be.
        proved: bool,
        /// Whether it is on the local AWS, where nothing is billed.
        local: bool,
    },
}

/// A student in the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClassStudent {
    /// The owner.
    pub owner: String,
    /// The student's name, where the roster has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The account id, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region's code, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// The state of a student's stack in an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StudentState {
    /// Others are worked on first.
    Waiting,
    /// It is being planned.
    Planning,
    /// It is planned.
    Planned,
    /// It is being deployed, run, tested or deleted.
    Working,
    /// It is done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// It is done, and could not be seen to be so.
    Unverified,
    /// It failed.
    Failed,
    /// It was stopped.
    Stopped,
    /// It was not begun: something before it failed or was stopped.
    NotBegun,
}

impl StudentState {
    /// Whether nothing more happens to it.
    #[must_use]
    pub fn is_end(self) -> bool {
        self >= Self::Done
    }

    /// Whether it ended as it was to.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Self::Done | Self::Unchanged)
    }
}

/// What is deployed for one student.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StudentStatus {
    /// The owner.
    pub owner: String,
    /// The student's name, where the roster has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many resources there are: none where the stack is not deployed.
    pub resources: usize,
    /// The resources that a copy of another student has, and this one has not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Address>,
    /// The account id, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region's code, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// When the first of them was made.
    pub since: Option<String>,
    /// When the stack expires.
    pub expires: Option<String>,
    /// When the reaper begins to delete it, as an RFC 3339 time, where one waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// Whether it expires and no reaper waits to delete it; absent where that is not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaper_missing: Option<bool>,
    /// How many executions succeeded, failed in any way, and are under way, of those that are looked at.
    pub runs: Option<StudentRuns>,
    /// What the stack has cost so far at least, in USD, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// Why it could not be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// The executions of a student's state machines: the latest hundred of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StudentRuns {
    /// How many succeeded.
    pub succeeded: usize,
    /// How many failed, timed out or were stopped.
    pub failed: usize,
    /// How many are under way.
    pub running: usize,
}

/// A copy of the stack that an operation on a class is not about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OtherCopy {
    /// The owner; nothing of a copy without one, and where that is not seen.
    pub owner: Option<String>,
    /// Whether the roster has the owner.
    pub in_roster: bool,
    /// The account id.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// What was seen of it, each as kind and name; in other regions only roles and buckets are seen.
    pub resources: Vec<String>,
    /// Whether a mark says that it is the stack's, or its role's path; else only the names are like the stack's.
    pub certain: bool,
    /// A command that is about it, where one leads to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// The stack of a trail that students share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SharedTrailStatus {
    /// The stack.
    pub stack: String,
    /// The account id.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// What is wrong with it, in one sentence: it is not deployed, a part of it is missing, or it is stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// When it expires.
    pub expires: Option<String>,
    /// When the reaper begins to delete it, as an RFC 3339 time, where one waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// Whether it expires and no reaper waits to delete it; absent where that is not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaper_missing: Option<bool>,
}

/// How an operation on a student's stack ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StudentEnd {
    /// The owner.
    pub owner: String,
    /// The student's name, where the roster has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it ended.
    pub state: StudentState,
    /// How many changes were made, executions succeeded, or checks passed.
    pub done: usize,
    /// How long it took, in seconds; nothing where it was not begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// A reason that one or several students' stacks have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SharedReason {
    /// Why, in one sentence, with `OWNER` in place of the owner.
    pub reason: String,
    /// The way out, where there is a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The owners.
    pub owners: Vec<String>,
    /// The command that does it again for these alone, or that is the way out; nothing where the help says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}
