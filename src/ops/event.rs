//! What operations tell, as it happens. `docs/events.md` documents it; fields are added, never removed or changed.

mod checks;
mod class;
mod class_plan;
mod conversions;
mod endings;
mod marks;
mod parts;
mod schema;
mod swept;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::{Diagnosis, InstallProgress, LabSummary, PlanCost, PlanEnd};
use crate::aws::executions::BilledUsage;
use crate::engine::{self, Receipt};
use crate::history::ExecutionEvent;
use crate::plan::Plan;
use crate::stack::usage::{CostEstimate, CostSoFar};
use crate::stack::{Address, ExternalInputs, Grant, Kind, PackagedDependencies};
pub use {
    checks::*, class::*, class_plan::*, endings::*, marks::*, parts::*, schema::schema, swept::*,
};

/// Something an operation tells: `--json` prints each as an object on a line, and the text is made from it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something that is good to know.
    Info {
        /// One sentence.
        message: String,
    },
    /// Something that may not be meant.
    Warning {
        /// One sentence.
        message: String,
    },
    /// A survey of AWS takes longer than two seconds.
    Surveying {
        /// What is surveyed.
        what: String,
        /// How long it has taken so far, in seconds.
        seconds: u64,
    },
    /// The labs that can be written.
    Labs {
        /// Each lab, by name.
        labs: Vec<LabSummary>,
    },
    /// A lab was written into a folder.
    Initialized {
        /// Its name, which is that of its stack.
        lab: String,
        /// The folder.
        folder: String,
        /// The files, relative to the folder.
        files: Vec<String>,
        /// The commands to deploy it, run it and delete it again, for a shell.
        next: Vec<String>,
    },
    /// The local AWS, or what it needs, is being installed.
    Installing(InstallProgress),
    /// The operation could not go on.
    Error {
        /// What is wrong.
        message: String,
        /// The way out, where there is a known one.
        #[serde(skip_serializing_if = "Option::is_none")]
        help: Option<String>,
    },
    /// The question was answered with no: nothing was changed.
    Declined {},
    /// A request to stop was heard.
    Stopping {
        /// Whether calls under way are abandoned; else they are waited for.
        at_once: bool,
    },
    /// Something is wrong with a file that is checked, or with the stack file of another verb.
    Problem(FileDiagnostic),
    /// All files are checked.
    Checked {
        /// How many files there are.
        files: usize,
        /// How many errors were found.
        errors: usize,
        /// How many warnings were found.
        warnings: usize,
    },
    /// What may not be meant in the file that is deployed.
    Warnings {
        /// Each warning.
        problems: Vec<FileDiagnostic>,
    },
    /// What is to be done.
    Plan {
        /// The plan.
        #[serde(flatten)]
        plan: Box<Plan>,
        /// What the stack takes from outside of its repository.
        reads: ExternalInputs,
        /// What pip or npm installed into the packages of functions that are created or changed, by their addresses.
        packages: BTreeMap<Address, PackagedDependencies>,
    },
    /// What a stack costs, in short.
    PlanCost(PlanCost),
    /// When a planned stack ends.
    PlanEnd(PlanEnd),
    /// A stack that is deployed ends within the hour, or should have.
    Ending(EndingStack),
    /// What a stack costs.
    Cost(Box<CostEstimate>),
    /// What is in order for a deploy, and what is not.
    Doctor(Box<Diagnosis>),
    /// What a deployed stack has cost so far.
    CostSoFar(Box<CostSoFar>),
    /// Data that is deleted with the resources of the plan.
    Contents {
        /// What each resource contains, where it contains something.
        contents: Vec<ResourceContents>,
    },
    /// Where the AWS console shows the resources of a stack.
    Console {
        /// The address of each page.
        links: Vec<ConsoleLink>,
    },
    /// Why roles allow what they allow.
    Roles {
        /// The statements of each role that treino makes, by address.
        grants: BTreeMap<Address, Vec<Grant>>,
        /// Every role of the stack.
        roles: Vec<ExplainedRole>,
    },
    /// A plan was carried out, or not all of it.
    Summary {
        /// Whether everything was done, and everything that is wanted was then seen to stand.
        complete: bool,
        /// Whether it was stopped.
        stopped: bool,
        /// How long it took, in seconds.
        seconds: f64,
        /// How each step ended, in the order of the plan.
        outcomes: Vec<OutcomeOf>,
    },
    /// The outputs of a stack that stands as its file says.
    Outputs {
        /// The values by name.
        outputs: BTreeMap<String, String>,
    },
    /// The first deploy of a stack is done.
    Created(CreatedStack),
    /// There is nothing to destroy.
    NothingOwned {
        /// The stack.
        stack: String,
        /// The region's code, where it was looked.
        #[serde(skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// The account id, where it was looked.
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<String>,
        /// Whether every kind could be looked for.
        complete: bool,
        /// `false` where the local AWS is meant and none runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        running: Option<bool>,
        /// Whether the name is known: a file has it, or something of it was seen elsewhere. Else the destroy fails.
        known: bool,
        /// What was seen of the stack elsewhere; of another stack with a similar name, where that is nothing.
        seen: Vec<SeenStack>,
    },
    /// The verification of a destroy was stopped before its end.
    VerificationStopped {},
    /// The record of a destroy, after the verification.
    Receipt {
        /// The record.
        receipt: Receipt,
        /// Whether it is on the local AWS, where nothing is billed.
        local: bool,
    },
    /// No stack is deployed, or not the one that is asked for.
    NoStack {
        /// The stack that is asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        stack: Option<String>,
        /// The region's code, where it was looked.
        #[serde(skip_serializing_if = "Option::is_none")]
        region: Option<String>,
        /// The account id, where it was looked.
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<String>,
        /// Whether every kind could be looked for.
        complete: bool,
        /// `false` where the local AWS is meant and none runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        running: Option<bool>,
        /// Whether the name is known: a file has it, something of it was seen, or none was asked for. Else it fails.
        known: bool,
        /// What was seen of the stack elsewhere; of another stack with a similar name, where that is nothing.
        seen: Vec<SeenStack>,
        /// The stacks of others, where all stacks of one owner were asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        other_owners: Option<OtherOwners>,
    },
    /// A stack is deployed.
    Stack {
        /// The stack.
        stack: StackStatus,
        /// Whether it was asked for by its file or name.
        named: bool,
        /// The region's code.
        region: String,
        /// The account id.
        account: String,
    },
    /// The stacks that a sweep has found.
    Sweep(SweepFindings),
    /// What no stack has, listed only.
    Orphans(OrphansOfRegion),
    /// A file was put into a bucket.
    Put {
        /// The file's path.
        file: String,
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// A file was put again, as no event has started an execution yet: those of the first minutes may be lost.
    PutAgain {
        /// The file's path.
        file: String,
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
        /// How often it was put by now.
        puts: u32,
    },
    /// The file started another execution, too: it was put more than once, or by several ways.
    AlsoStarted {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// The stack, as it was given.
        stack: String,
        /// The command that follows it.
        follow: String,
    },
    /// An execution is waited for that the event of a file starts.
    WaitingForExecution {
        /// The state machine's name.
        machine: String,
    },
    /// The file was put, and the execution it starts leaves no history to follow.
    NotFollowed {
        /// The express state machine's name.
        machine: String,
        /// The stack, as it was given.
        stack: String,
        /// The command that shows what it logs.
        logs: String,
    },
    /// An execution was started, or is followed.
    Execution {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Whether it is of an express machine, and has ended.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        express: bool,
        /// The address of its page in the AWS console, on AWS.
        #[serde(skip_serializing_if = "Option::is_none")]
        console: Option<String>,
    },
    /// An execution that is followed is under way, and nothing happened for a minute.
    StillRunning {},
    /// An execution is no longer waited for, and goes on.
    NoLongerWaitedFor {
        /// Whether it is of an express machine, whose result is lost.
        express: bool,
    },
    /// An execution is no longer followed, and goes on.
    NoLongerFollowed {
        /// Its name.
        name: String,
        /// The stack, as it was given.
        stack: String,
        /// Whether it is on the local AWS.
        local: bool,
        /// The command that follows it again.
        follow: String,
        /// The command that stops it.
        stop: String,
    },
    /// What AWS bills for an execution of an express machine.
    Billed {
        /// Duration and memory.
        billed: BilledUsage,
    },
    /// What stands in a table after an execution, under the key of the file that started it.
    Item {
        /// The table's name.
        table: String,
        /// The item as plain data.
        item: Value,
        /// What became of it in this run, where it could be read before.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<ItemChange>,
        /// What the item was before, where it was another.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Value>,
    },
    /// An item was deleted from a table between the beginning and the end of an execution.
    ItemDeleted {
        /// The table's name.
        table: String,
        /// The item as it was.
        before: Value,
    },
    /// The executions of a stack, the latest first.
    Executions(ListedExecutions),
    /// An execution was stopped.
    Stopped {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    },
    /// The execution to be stopped has ended already.
    AlreadyEnded {
        /// Its name.
        name: String,
        /// How it ended: `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
        status: String,
    },
    /// No execution is under way that could be stopped.
    NothingToStop {},
    /// Where the lines that follow are logged.
    LogSources {
        /// The log groups. A line names the group it is of.
        sources: Vec<LogSource>,
    },
    /// Nothing of the stack logs.
    NothingLogs {
        /// The stack.
        stack: String,
    },
    /// Something was logged.
    Log {
        /// When, as an RFC 3339 time.
        at: String,
        /// What logged it: a function or a state machine.
        kind: Kind,
        /// Its key in the stack file.
        key: String,
        /// The log group.
        group: String,
        /// The log stream.
        stream: String,
        /// What was logged, as it is.
        message: String,
    },
    /// What was logged before is all there.
    LogsRead(LogsRead),
    /// Whether and where the local AWS runs.
    LocalAws(LocalAws),
    /// The local AWS was stopped, and its data deleted.
    LocalAwsDown(EndedLocalAws),
    /// What `treino test` does and finds.
    #[serde(untagged)]
    Test(TestEvent),
    /// What is done for a class.
    #[serde(untagged)]
    Class(ClassEvent),
    /// What happens in an execution.
    #[serde(untagged)]
    History(ExecutionEvent),
    /// What happens while a plan is carried out, or a destroy is verified.
    #[serde(untagged)]
    Engine(engine::EngineEvent),
}
