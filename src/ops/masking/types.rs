//! Secrets masked in what events, results and errors are made of. Every field is named, so that a new
//! one cannot be forgotten.

use super::Mask;
use super::mask::{holds_no_text, mask_fields, mask_variants};
use crate::aws::executions::BilledUsage;
use crate::engine::{self, AbsenceRecord, Leftover, Outcome, ProviderError, Receipt, Summary};
use crate::history::{ExecutionEvent, PathSegment, StateOutcome, WaitTime};
use crate::local::{Disturbance, InstallProgress};
use crate::ops::{
    CauseKind, ChainLink, CheckCause, CheckCounts, CheckLogLine, CheckOutcome, CheckResult,
    Completion, ConsoleLink, CreatedStack, Deployed, Destroyed, Diagnosis, DoctorFinding,
    DoctorTopic, EndSaidBy, EndedLocalAws, EndingStack, Error, Event, ExplainedRole, Extended,
    FailedState, FileDiagnostic, FindingLevel, ItemChange, LabSummary, LimitStatus,
    ListedExecution, ListedExecutions, LocalAws, LogSource, LogsEnd, LogsRead, Mismatch,
    OrphanedResource, OrphansOfRegion, OtherOwners, OutcomeOf, PlanCost, PlanEnd, Planned,
    Position, ResourceContents, RunEnd, SeenStack, StackStatus, Statuses, SweepFindings,
    SweepReason, Swept, SweptStack, TestEvent, Tested, UnseenRegion,
};
use crate::plan::{
    Action, ActualResource, Change, EndChange, Foreign, Owned, Ownership, Plan, Step,
};
use crate::source::{Diagnostic, Diagnostics, Place, Severity, Source, Span};
use crate::stack::usage::{
    CostEstimate, CostLine, CostSoFar, FreeUse, MachineTransitions, Quantity, ResourceCost,
    SpentLine, SpentResource, Usd,
};
use crate::stack::{
    AfterLimit, BuildTool, ExternalInputs, Grant, Included, Kind, PackagedDependencies, Resource,
    Target, Variable,
};

holds_no_text!(
    AfterLimit,
    BuildTool,
    Kind,
    Leftover,
    Severity,
    Span,
    Completion,
    EndChange,
    RunEnd,
    LogsEnd,
    Position,
    BilledUsage,
    StateOutcome,
    ItemChange,
    CauseKind,
    CheckOutcome,
    CheckCounts,
    LogsRead,
    Quantity,
    SweepReason,
    EndSaidBy,
    Usd,
    DoctorTopic,
    FindingLevel,
);

mask_fields! {
    Target { partition, region, account, stack, owner }
    Variable { variable, address, field, parameter }
    Included { path, leads_to }
    PackagedDependencies { tool, file, packages, built_for, unpinned }
    Grant { statement, why }
    Change { path, from, to }
    Foreign { address, kind, name, whose, not_adoptable }
    ActualResource { kind, name, spec, tags, created, unready, outdated }
    Owned { address, kind, name, tags }
    Plan { target, steps, foreign, late_bound_arns, another_file, end }
    ProviderError { service, operation, code, message, request_id, leftover, elsewhere, help }
    Summary { outcomes, stopped, late_bound_arns }
    Receipt { target, began, ended, resources, remains, kept, not_looked_for }
    AbsenceRecord { address, kind, name, seen, another, at }
    Disturbance { settings, requests, throttled, failed, dropped }
    FileDiagnostic { file, severity, message, help, begin, end, diagnostic }
    ExplainedRole { address, name, assumed_by, managed_policies }
    OutcomeOf { address, action, outcome }
    SeenStack { stack, owner, region, resources, certain, local, command }
    Statuses { stacks, known }
    StackStatus { stack, owner, since, expires, ends, reaper_missing, self_destruct, help, idle_a_day, contents, limits, resources }
    LimitStatus { limit, runs, more, since, every, then, stopped }
    SweepFindings { account, regions, chosen, kept, unseen, other_owners }
    OtherOwners { owner, stacks }
    SweptStack { stack, region, reasons }
    UnseenRegion { region, why }
    OrphansOfRegion { region, orphans }
    OrphanedResource { kind, name, bytes, what, delete }
    LogSource { group, kind, key }
    ResourceContents { address, kind, name, what, count, bytes, more, about }
    ConsoleLink { address, kind, name, url }
    ListedExecutions { stack, machines, executions, more }
    ListedExecution { name, arn, machine, status, started, ended, seconds }
    EndedLocalAws { running, was, endpoint, pid }
    LocalAws { running, endpoint, pid, since, data, bytes, log, faces, enforced, chaos, chaos_ended, unsaved }
    LabSummary { name, about }
    Diagnosis { stack, account, region, fails, findings }
    DoctorFinding { topic, level, message, help }
    PlanEnd { expires, self_destruct, said_by, lifetime, contents }
    CreatedStack { stack, owner, local, state_machines, rules, example, run, destroy, ends, extend }
    EndingStack { stack, owner, expires, ends, contents, extend }
    PlanCost { region, idle_a_day, of_1000_runs, unknown }
    CostSoFar { stack, owner, region, prices_of, since, resources, in_all, unpriced, unknown, notes }
    SpentResource { address, kind, cost, lines }
    SpentLine { counted, line }
    CostEstimate { stack, region, prices_of, runs, days, run, resources, machines, idle_a_day, in_use, without_free, worst, free, unknown, assumed, notes, credit }
    ResourceCost { address, kind, idle_a_day, in_use, lines }
    CostLine { item, quantity, unit, price, cost }
    MachineTransitions { address, fewest, counted, most, way }
    FreeUse { service, items, a_month, unit, used, free }
    InstallProgress { what, step, done, packages, retrying, bytes, seconds, silent }
    CheckResult { check, outcome, seconds, points, description, message, execution, visited, failed_at, mismatches, chain, causes, log }
    FailedState { state, error, cause, input }
    Mismatch { of, expected, got, message }
    ChainLink { link, holds, text, help }
    CheckCause { cause, message, help }
    CheckLogLine { key, message }
    Tested { stack, owner, counts, results, stopped }
    Planned { plan }
    Deployed { completion, summary }
    Destroyed { completion, receipt }
    Swept { completion, found }
    Extended { completion, expires }
}

mask_variants!(Action {
    Keep,
    Create,
    Update { changes },
    Replace { changes },
    Delete,
});

mask_variants!(Outcome {
    Kept,
    Done,
    Failed { error },
    Skipped { because },
    Unknown,
    Unverified { error },
});

mask_variants!(engine::EngineEvent {
    Started { address, kind, name, action },
    Note { name, text },
    Done { address, kind, name, action, seconds },
    Failed { address, kind, name, action, error },
    Skipped { address, kind, action, because },
    Verifying { look, resources },
});

mask_variants!(PathSegment {
    State(name),
    Number(number),
});

mask_variants!(WaitTime {
    Seconds(seconds),
    Until(time),
});

mask_variants!(TestEvent {
    TestsStarted { stack, owner, checks },
    CheckStarted { check },
    CheckEnded(result),
    TestsEnded(counts),
});

mask_variants!(ExecutionEvent {
    StateEntered { state, kind, path, at, waits, branches, input },
    AttemptFailed { state, path, attempt, error, cause },
    StateExited { state, kind, path, seconds, retries, caught, next, output },
    StateAborted { state, path, seconds },
    MapStarted { state, path, items },
    IterationStarted { state, path, index },
    IterationEnded { state, path, index, outcome, seconds, retries, error, cause },
    MapRunStarted { state, path, arn },
    MapRunEnded { state, path, outcome, error, cause },
    ExecutionEnded { status, output, error, cause, seconds },
    ExecutionRedriven { at },
});

mask_variants!(Event {
    Info { message },
    Warning { message },
    Surveying { what, seconds },
    Labs { labs },
    Initialized { lab, folder, files, next },
    Installing(progress),
    Error { message, help },
    Declined {},
    Stopping { at_once },
    Problem(problem),
    Checked { files, errors, warnings },
    Warnings { problems },
    Plan { plan, reads, packages },
    PlanCost(cost),
    PlanEnd(end),
    Ending(ending),
    Cost(cost),
    Doctor(diagnosis),
    CostSoFar(spent),
    Contents { contents },
    Console { links },
    Roles { grants, roles },
    Summary { complete, stopped, seconds, outcomes },
    Outputs { outputs },
    Created(created),
    NothingOwned { stack, region, account, complete, running, known, seen },
    VerificationStopped {},
    Receipt { receipt, local },
    NoStack { stack, region, account, complete, running, known, seen, other_owners },
    Stack { stack, named, region, account },
    Sweep(found),
    Orphans(found),
    Put { file, bucket, key },
    PutAgain { file, bucket, key, puts },
    AlsoStarted { name, arn, stack, follow },
    WaitingForExecution { machine },
    NotFollowed { machine, stack, logs },
    Execution { name, arn, express, console },
    StillRunning {},
    NoLongerWaitedFor { express },
    NoLongerFollowed { name, stack, local, follow, stop },
    Billed { billed },
    Item { table, item, change, before },
    ItemDeleted { table, before },
    Executions(listed),
    Stopped { name, arn },
    AlreadyEnded { name, status },
    NothingToStop {},
    LogSources { sources },
    NothingLogs { stack },
    Log { at, kind, key, group, stream, message },
    LogsRead(read),
    LocalAws(local),
    LocalAwsDown(ended),
    Test(event),
    Class(event),
    History(event),
    Engine(event),
});

mask_variants!(Error {
    Diagnostics(diagnostics),
    Usage(text),
    Provider(error),
    Local(diagnostic),
    Stopped(diagnostic),
});

/// Its field of that name would shadow the secrets.
impl Mask for ExternalInputs {
    fn mask(&mut self, known: &[String]) {
        let Self {
            environment,
            outside,
            secrets,
        } = self;
        environment.mask(known);
        outside.mask(known);
        secrets.mask(known);
    }
}

impl Mask for Resource {
    fn mask(&mut self, secrets: &[String]) {
        let Self {
            address,
            kind: _,
            name,
            arn,
            spec,
            tags,
            // Addresses of other steps, each of which is masked where it stands.
            after: _,
        } = self;
        address.mask(secrets);
        name.mask(secrets);
        arn.mask(secrets);
        spec.mask(secrets);
        tags.mask(secrets);
    }
}

impl Mask for Step {
    fn mask(&mut self, secrets: &[String]) {
        let Self {
            address,
            kind: _,
            name,
            action,
            why,
            want,
            live,
            adopted_from,
            narrows: _,
            // Numbers.
            after: _,
        } = self;
        address.mask(secrets);
        name.mask(secrets);
        action.mask(secrets);
        why.mask(secrets);
        want.mask(secrets);
        live.mask(secrets);
        adopted_from.mask(secrets);
    }
}

impl Mask for Ownership {
    fn mask(&mut self, secrets: &[String]) {
        match self {
            Self::Unmarked | Self::NoAddress => {}
            Self::Ownerless(text) | Self::Elsewhere(text) => text.mask(secrets),
            Self::Others { stack, owner } => {
                stack.mask(secrets);
                owner.mask(secrets);
            }
        }
    }
}

impl Mask for Diagnostic {
    fn mask(&mut self, secrets: &[String]) {
        let Self {
            severity: _,
            message,
            place,
            label,
            help,
        } = self;
        message.mask(secrets);
        place.mask(secrets);
        label.mask(secrets);
        help.mask(secrets);
    }
}

impl Mask for Diagnostics {
    fn mask(&mut self, secrets: &[String]) {
        self.0.mask(secrets);
    }
}

/// A secret in the file gives way to as many stars, so that lines and columns are what they were.
impl Mask for Place {
    fn mask(&mut self, secrets: &[String]) {
        let Self { source, span: _ } = self;
        let is_in = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));
        if is_in(&source.name) || is_in(&source.text) {
            let mut name = source.name.clone();
            name.mask(secrets);
            let text = secrets.iter().fold(source.text.clone(), |text, secret| {
                text.replace(secret.as_str(), &"*".repeat(secret.len()))
            });
            *source = Source::new(name, text);
        }
    }
}
