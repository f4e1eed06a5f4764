//! What is deployed for a class.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::deployed::{StacksOfClass, deployed, shared_trail};
use super::destroy::given;
use super::members::{ClassPlace, Member, Members};
use super::others::AskedClass;
use super::progress::ClassProgress;
use super::{AT_ONCE, ClassOptions};
use crate::ops::{
    self, ClassEvent, Completion, Error, Event, Frontend, FrontendFuture, ListedExecution,
    Question, RunAction, RunOptions, Session, SessionOptions, SharedTrailStatus, StackRef,
    StackStatus, StudentRuns, StudentStatus,
};
use crate::stack::usage::Usd;
use crate::stack::{Address, Kind, shared_trail_parts};

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
    let (roster, chosen) = class.students(frontend)?;
    let mut members = Members::connect(base, &chosen, false, frontend).await?;
    let StacksOfClass {
        stacks,
        others,
        trails,
    } = deployed(&mut members, stack).await?;
    let stacks = without_begun_destroys(&members, stacks, frontend);
    let session = Session::new(base.clone());
    let name = stack.name(&session).unwrap_or_else(|_| given(stack));
    let asked = AskedClass {
        base,
        class,
        roster: &roster,
        stack,
        verb: "status",
    };
    let (others, similar) = asked.others(&members, (&stacks, &others)).await;
    let is_unknown = matches!(stack, StackRef::Name(_))
        && others.is_empty()
        && stacks.iter().all(Option::is_none)
        && members.list.iter().all(|one| one.error.is_none());
    let mut shared_trails = Vec::new();
    for (place, one) in trails {
        shared_trails.push(told_trail(&members, place, one).await);
    }
    if stack.has_kind(&session, Kind::Trail) == Some(true) {
        shared_trails.extend(missing_trails(&members, (&name, &stacks), &shared_trails));
    }
    let progress = ClassProgress::new(&members, frontend);
    let at_once = match class.at_once {
        0 => AT_ONCE,
        some => some,
    };
    let of = (&members, stacks.as_slice());
    let runs = runs_of(of, stack, (&progress, at_once)).await;
    let costs = if cost {
        costs_of(of, (&progress, at_once), frontend).await
    } else {
        vec![None; members.list.len()]
    };
    let missing = missing(&members, &stacks);
    let stacks = stacks.into_iter().zip(missing);
    let students = members.list.iter().zip(stacks).zip(runs).zip(costs).map(
        |(((member, (stack, missing)), runs), cost)| StudentStatus {
            missing,
            runs,
            cost,
            ..told(member, stack.as_ref())
        },
    );
    let students: Vec<StudentStatus> = students.collect();
    let failed = students.iter().any(|one| one.failed.is_some());
    frontend.event(&Event::Class(ClassEvent::ClassStatus {
        stack: name.clone(),
        students,
        shared_trails,
    }));
    if !others.is_empty() {
        let (stack, copies) = (name.clone(), others);
        frontend.event(&Event::Class(ClassEvent::ClassOthers { stack, copies }));
    }
    if is_unknown {
        frontend.event(&unknown(&name, &similar));
    }
    Ok(if failed {
        Completion::Failed
    } else if is_unknown {
        Completion::Unknown
    } else {
        Completion::Complete
    })
}

/// What ran of each member.
async fn runs_of(
    (members, stacks): (&Members, &[Option<StackStatus>]),
    stack: &StackRef,
    (progress, at_once): (&ClassProgress<'_>, usize),
) -> Vec<Option<StudentRuns>> {
    let runs: Mutex<Vec<Option<StudentRuns>>> =
        Mutex::new(members.list.iter().map(|_| None).collect());
    let has_machine = |one: &StackStatus| {
        one.resources
            .iter()
            .any(|owned| owned.kind == Kind::StateMachine)
    };
    let with_machines =
        (0..members.list.len()).filter(|index| stacks[*index].as_ref().is_some_and(has_machine));
    progress
        .each(with_machines, at_once, |index| {
            let (member, runs, stacks) = (&members.list[index], &runs, stacks);
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
    runs.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What each member's stack has cost.
async fn costs_of(
    (members, stacks): (&Members, &[Option<StackStatus>]),
    (progress, at_once): (&ClassProgress<'_>, usize),
    frontend: &dyn Frontend,
) -> Vec<Option<Usd>> {
    let costs: Mutex<Vec<Option<Usd>>> = Mutex::new(members.list.iter().map(|_| None).collect());
    let deployed = (0..members.list.len()).filter(|index| stacks[*index].is_some());
    progress
        .each(deployed, at_once, |index| {
            let (member, costs, stacks) = (&members.list[index], &costs, stacks);
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
    costs.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// That nothing of a name is seen.
pub(super) fn unknown(name: &str, similar: &[String]) -> Event {
    let similar = similar.first();
    let similar = similar.map_or_else(String::new, |similar| format!(": {similar}"));
    let message = format!("no stack `{name}` is seen{similar}");
    Event::Warning { message }
}

/// What is deployed of a student.
pub(super) fn told(member: &Member, stack: Option<&StackStatus>) -> StudentStatus {
    let place = member.place.as_ref();
    StudentStatus {
        owner: member.student.owner.clone(),
        name: member.student.name.clone(),
        resources: stack.map_or(0, |one| one.resources.len()),
        missing: Vec::new(),
        account: place.map(|(account, _)| account.clone()),
        region: place.map(|(_, region)| region.clone()),
        since: stack.and_then(|one| one.since.clone()),
        expires: stack.and_then(|one| one.expires.clone()),
        ends: stack.and_then(|one| one.ends.clone()),
        reaper_missing: stack.and_then(|one| one.reaper_missing),
        runs: None,
        cost: None,
        failed: member.error.as_ref().map(ToString::to_string),
    }
}

/// The stacks without those of which a destroy has left its journal alone, which are told.
fn without_begun_destroys(
    members: &Members,
    stacks: Vec<Option<StackStatus>>,
    frontend: &dyn Frontend,
) -> Vec<Option<StackStatus>> {
    let begun =
        |stack: &Option<StackStatus>| stack.as_ref().is_some_and(StackStatus::is_journal_alone);
    let all = members.list.iter().zip(&stacks);
    let owners: Vec<&str> = all
        .filter(|(_, stack)| begun(stack))
        .map(|(member, _)| member.student.owner.as_str())
        .collect();
    if !owners.is_empty() {
        let message = format!(
            "a destroy has begun and not ended of {}: it is under way, or was stopped; `treino class destroy` finishes it",
            owners.join(", ")
        );
        frontend.event(&Event::Warning { message });
    }
    stacks
        .into_iter()
        .map(|stack| stack.filter(|one| !one.is_journal_alone()))
        .collect()
}

/// Of each student, what others' copies have and this one has not. Trails of their own are those of students who are alone.
fn missing(members: &Members, stacks: &[Option<StackStatus>]) -> Vec<Vec<Address>> {
    let addresses = |stack: &StackStatus| {
        let all = stack.resources.iter();
        let all = all.filter(|one| !one.address.as_str().starts_with("trail."));
        all.map(|one| one.address.clone()).collect::<BTreeSet<_>>()
    };
    let all: BTreeSet<Address> = stacks.iter().flatten().flat_map(addresses).collect();
    let of_one = |(index, stack): (usize, &Option<StackStatus>)| {
        let stack = stack.as_ref()?;
        members.list[index].error.is_none().then(|| {
            let own = addresses(stack);
            all.difference(&own).cloned().collect()
        })
    };
    let missing = stacks.iter().enumerate().map(of_one);
    missing.map(Option::unwrap_or_default).collect()
}

/// Where several students have a stack without a trail of their own, and the one that they share is not deployed.
fn missing_trails(
    members: &Members,
    (stack, stacks): (&str, &[Option<StackStatus>]),
    found: &[SharedTrailStatus],
) -> Vec<SharedTrailStatus> {
    let mut missing = Vec::new();
    for (account, region) in members.places.keys() {
        let place = (account.clone(), region.clone());
        let here = members.of_place(&place).into_iter();
        let here = here.filter_map(|index| stacks[index].as_ref());
        let is_without =
            |one: &StackStatus| one.resources.iter().all(|own| own.kind != Kind::Trail);
        let without = here.filter(|one| is_without(one)).count();
        let is_found = found
            .iter()
            .any(|one| (&one.account, &one.region) == (account, region));
        if without > 0 && !is_found {
            missing.push(SharedTrailStatus {
                stack: format!("{stack}-class"),
                account: account.clone(),
                region: region.clone(),
                fault: Some("it is not deployed: `treino class deploy` deploys it".to_owned()),
                expires: None,
                ends: None,
                reaper_missing: None,
            });
        }
    }
    missing
}

/// The trails that the students share, by place, as they are now.
pub(super) async fn shared_trails(members: &Members, stack: &str) -> Vec<SharedTrailStatus> {
    let mut trails = Vec::new();
    for place in members.places.keys() {
        if let Some(one) = shared_trail(members, place, stack).await {
            trails.push(told_trail(members, place.clone(), one).await);
        }
    }
    trails
}

/// What is told of a trail that students share.
async fn told_trail(members: &Members, place: ClassPlace, one: StackStatus) -> SharedTrailStatus {
    let is_stopped = match members.places.get(&place) {
        Some(session) => ops::is_trail_stopped(session, &one.resources).await,
        None => false,
    };
    let parts = shared_trail_parts().into_iter();
    let lacks = parts.filter(|part| one.resources.iter().all(|owned| owned.address != *part));
    let lacks: Vec<String> = lacks.map(|part| part.to_string()).collect();
    let fault = if lacks.is_empty() {
        is_stopped.then(|| {
            "it is stopped, and records nothing: `treino class deploy` starts it".to_owned()
        })
    } else {
        Some(format!(
            "without {}: `treino class deploy` makes it again",
            lacks.join(" and ")
        ))
    };
    SharedTrailStatus {
        stack: one.stack,
        account: place.0,
        region: place.1,
        fault,
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
