//! What is deployed for a class.

use std::sync::{Mutex, PoisonError};

use super::deployed::{deployed, shared_trail};
use super::destroy::given;
use super::members::{ClassPlace, Members};
use super::progress::ClassProgress;
use super::{AT_ONCE, ClassOptions};
use crate::ops::{
    self, ClassEvent, Completion, Error, Event, Frontend, FrontendFuture, ListedExecution,
    Question, RunAction, RunOptions, SessionOptions, SharedTrailStatus, StackRef, StackStatus,
    StudentRuns, StudentStatus,
};
use crate::stack::Kind;
use crate::stack::usage::Usd;

/// How many executions of a student are looked at.
const LOOKED_AT: usize = 100;

/// Shows what is deployed for each student: since when, until when, what ran, and with `cost` what it has cost so far. No
/// local AWS is started.
///
/// # Errors
/// Something is wrong with the roster or the stack file, or nobody can be reached.
pub async fn status(
    base: &SessionOptions,
    stack: &StackRef,
    class: &ClassOptions,
    cost: bool,
    frontend: &dyn Frontend,
) -> Result<Completion, Error> {
    let (_, chosen) = class.students(frontend)?;
    let mut members = Members::connect(base, &chosen, false, frontend).await?;
    let found = deployed(&mut members, stack).await?;
    let stacks = found.stacks;
    let name = stacks.iter().flatten().next().map(|one| one.stack.clone());
    let name = name.unwrap_or_else(|| given(stack));
    let shared_trails = found.trails.into_iter().map(told_trail).collect();
    let runs: Mutex<Vec<Option<StudentRuns>>> =
        Mutex::new(members.list.iter().map(|_| None).collect());
    let progress = ClassProgress::new(&members, frontend);
    let has_machine = |one: &StackStatus| {
        one.resources
            .iter()
            .any(|owned| owned.kind == Kind::StateMachine)
    };
    let with_machines =
        (0..members.list.len()).filter(|index| stacks[*index].as_ref().is_some_and(has_machine));
    let at_once = if class.at_once == 0 {
        AT_ONCE
    } else {
        class.at_once
    };
    progress
        .each(with_machines, at_once, |index| {
            let (member, runs, stacks) = (&members.list[index], &runs, &stacks);
            async move {
                let list = RunOptions {
                    stack: stack.clone(),
                    action: RunAction::List { limit: LOOKED_AT },
                    machine: None,
                    data: false,
                };
                let heard = Executions::default();
                // Express machines have no list.
                let resources = stacks[index].iter().flat_map(|one| one.resources.clone());
                let listed = ops::run_copy(&member.session, &list, resources.collect(), &heard);
                if listed.await.is_ok() {
                    let found = heard.0.into_inner().unwrap_or_else(PoisonError::into_inner);
                    runs.lock().unwrap_or_else(PoisonError::into_inner)[index] =
                        Some(count(&found));
                }
            }
        })
        .await;
    let costs: Mutex<Vec<Option<Usd>>> = Mutex::new(members.list.iter().map(|_| None).collect());
    let deployed = (0..members.list.len()).filter(|index| cost && stacks[*index].is_some());
    progress
        .each(deployed, at_once, |index| {
            let (member, costs, stacks) = (&members.list[index], &costs, &stacks);
            async move {
                let Some(stack) = &stacks[index] else { return };
                match ops::cost_of_copy(&member.session, stack).await {
                    Ok(spent) => {
                        let mut costs = costs.lock().unwrap_or_else(PoisonError::into_inner);
                        costs[index] = Some(spent.in_all);
                    }
                    Err(error) => {
                        let owner = &member.student.owner;
                        let message = format!("what {owner} has cost is not seen: {error}");
                        frontend.event(&Event::Warning { message });
                    }
                }
            }
        })
        .await;
    let costs = costs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let runs = runs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let students = members.list.iter().zip(stacks).zip(runs).zip(costs).map(
        |(((member, stack), runs), cost)| StudentStatus {
            owner: member.student.owner.clone(),
            name: member.student.name.clone(),
            resources: stack.as_ref().map_or(0, |one| one.resources.len()),
            since: stack.as_ref().and_then(|one| one.since.clone()),
            expires: stack.as_ref().and_then(|one| one.expires.clone()),
            ends: stack.as_ref().and_then(|one| one.ends.clone()),
            reaper_missing: stack.as_ref().and_then(|one| one.reaper_missing),
            runs,
            cost,
            failed: member.error.as_ref().map(ToString::to_string),
        },
    );
    let students: Vec<StudentStatus> = students.collect();
    let failed = students.iter().any(|one| one.failed.is_some());
    frontend.event(&Event::Class(ClassEvent::ClassStatus {
        stack: name,
        students,
        shared_trails,
    }));
    Ok(if failed {
        Completion::Failed
    } else {
        Completion::Complete
    })
}

/// The trails that the students share, by place, as they are now.
pub(super) async fn shared_trails(members: &Members, stack: &str) -> Vec<SharedTrailStatus> {
    let mut trails = Vec::new();
    for place in members.places.keys() {
        let found = shared_trail(members, place, stack).await;
        trails.extend(found.map(|one| told_trail((place.clone(), one))));
    }
    trails
}

/// What is told of a trail that students share.
fn told_trail((place, one): (ClassPlace, StackStatus)) -> SharedTrailStatus {
    SharedTrailStatus {
        stack: one.stack,
        account: place.0,
        region: place.1,
        expires: one.expires,
        ends: one.ends,
        reaper_missing: one.reaper_missing,
    }
}

fn count(executions: &[ListedExecution]) -> StudentRuns {
    let mut runs = StudentRuns::default();
    for one in executions {
        match one.status.as_str() {
            "SUCCEEDED" => runs.succeeded += 1,
            "RUNNING" | "PENDING_REDRIVE" => runs.running += 1,
            _ => runs.failed += 1,
        }
    }
    runs
}

/// Hears of executions alone.
#[derive(Default)]
struct Executions(Mutex<Vec<ListedExecution>>);

impl Frontend for Executions {
    fn event(&self, event: &Event) {
        if let Event::Executions(listed) = event {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(listed.executions.iter().cloned());
        }
    }

    fn confirm<'a>(&'a self, _: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(false) })
    }
}
