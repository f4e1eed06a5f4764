//! Operations: what each verb does, for anything that calls it.
//!
//! An operation is a function that takes a [`Session`], plain options and a [`Frontend`]. It reads no
//! terminal, prints nothing and keeps nothing in the process: many can run at the same time, each with a
//! session of its own. What it tells is one type, [`Event`], in which the session's secrets are masked;
//! so are they in its questions, results and errors.

mod absent;
mod adopt;
mod ages;
mod apply;
mod check;
mod command;
mod console;
mod contents;
mod copies;
mod cost;
mod deploy;
mod destroy;
mod destroying;
mod doctor;
mod elsewhere;
mod ending;
mod error;
pub mod event;
mod extend;
mod forgotten_local;
mod found_copies;
mod frontend;
mod handout;
mod init;
mod installing;
mod inventory;
mod kind_quotas;
mod loaded_stack;
mod local;
mod logs;
mod masking;
mod packages;
mod plan;
mod planned_end;
mod progress;
mod reaper;
mod run;
mod session;
mod so_far;
mod stack_ref;
mod status;
mod sweep;
mod test;
mod text;
mod trail_end;

pub use crate::local::InstallProgress;
pub use absent::in_words;
pub use adopt::Adoption;
pub use apply::Completion;
pub use check::{Checked, check};
pub use command::GivenOptions;
pub use copies::{PlannedDeploy, plan_deploy, plan_shared_trail};
pub use cost::{CostOptions, PlanCost, cost};
pub use deploy::{DeployOptions, Deployed, deploy};
pub use destroy::{DestroyOptions, Destroyed, destroy};
pub use doctor::{Diagnosis, DoctorFinding, DoctorOptions, DoctorTopic, FindingLevel, doctor};
pub use elsewhere::{SeenElsewhere, owners_by_roles, seen_elsewhere};
pub use error::Error;
pub use event::{
    CauseKind, ChainLink, CheckCause, CheckCounts, CheckLogLine, CheckOutcome, CheckResult,
    ConsoleLink, CreatedStack, EndedLocalAws, EndingStack, Event, ExplainedRole, FailedState,
    FileDiagnostic, ItemChange, LimitStatus, ListedExecution, ListedExecutions, LocalAws,
    LogSource, LogsRead, Mismatch, OrphanedResource, OrphansOfRegion, OtherOwners, OutcomeOf,
    Position, ResourceContents, SeenStack, StackStatus, SweepFindings, SweepReason, SweptStack,
    TestEvent, UnseenRegion,
};
pub use event::{
    ChangedResource, ClassEvent, ClassPlan, ClassStudent, ONLY_END_CHANGES, OtherCopy,
    PlannedStack, QuotaUse, SharedReason, SharedTrailStatus, SharedWayOut, StudentEnd,
    StudentMarks, StudentRuns, StudentState, StudentStatus, Violation,
};
pub use extend::{ExtendOptions, Extended, Extension, check_extension, extend, extend_copy};
pub use found_copies::{
    FoundCopies, FoundStack, concurrent_executions, count_of_kind, end_reaper, find_copies,
};
pub use frontend::problems;
pub use frontend::{Frontend, FrontendFuture, Question};
pub use handout::{
    DeployedPart, Handout, HandoutAct, HandoutCommand, HandoutExtent, HandoutMachine, HandoutOf,
    HandoutPlace, HandoutResource, HandoutStart, HandoutWords, StartCause, handout,
};
pub use init::{InitOptions, LabSummary, init, stack_file};
pub use kind_quotas::quota_of_kind;
pub use loaded_stack::{GivenEnd, LoadedStack};
pub use local::{local_credentials, local_down, local_status, local_up};
pub use logs::{LogsEnd, LogsOptions, logs};
pub use masking::Masker;
pub use plan::{PlanOptions, Planned, plan};
pub use planned_end::{EndSaidBy, PlanEnd};
pub use run::{
    ARGUMENT, Input, RunAction, RunEnd, RunOptions, check_run, check_run_of, run, run_copy,
};
pub use session::{LocalAccount, Session, SessionOptions};
pub use so_far::{cost_of_copy, cost_so_far};
pub use stack_ref::StackRef;
pub use status::{Statuses, status, status_of_class};
pub use sweep::{SweepOptions, Swept, SweptRegions, sweep};
pub use test::{LoadedTests, ResultFiles, TestOptions, Tested, TestedStudent, test, test_copy};
use text::today;
pub use text::{another_file, bytes, shell_word};
pub use trail_end::{SharedTrailEnd, extend_shared_trail, is_trail_stopped};
