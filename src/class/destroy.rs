//! Deleting the stacks of a class.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::class_plan::numbers;
use super::command::command;
use super::deploy::summarize;
use super::frontends::Unheard;
use super::members::{Member, Members};
use super::progress::ClassProgress;
use super::reasons::Reason;
use super::{AT_ONCE, ClassOptions, worse};
use crate::engine::Receipt;
use crate::ops::{
    self, ClassEvent, ClassPlan, Completion, Error, Event, FoundStack, Frontend, Question,
    SessionOptions, StackRef, StudentState,
};
use crate::source::counted;

/// What is deleted of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestroyClass {
    /// The stack.
    pub stack: StackRef,
    /// Of whom.
    pub class: ClassOptions,
    /// Whether it is done without asking.
    pub yes: bool,
}

/// Deletes the students' stacks, and proves that they are gone. The trail they share is deleted after the last stack that
/// any owner has. No local AWS is started.
///
/// # Errors
/// Something is wrong with the roster or the stack file, or nobody can be reached or asked. One student's failure is no
/// error, but a [`Completion`].
pub async fn destroy(
    base: &SessionOptions,
    options: &DestroyClass,
    frontend: &dyn Frontend,
) -> Result<Completion, Error> {
    let (_, chosen) = options.class.students(frontend)?;
    let members = Members::connect(base, &chosen, false, frontend).await?;
    let progress = ClassProgress::new(&members, frontend);
    let began = Instant::now();
    let mut found: BTreeMap<usize, FoundStack<'_>> = BTreeMap::new();
    let mut trails = Vec::new();
    let mut others = BTreeSet::new();
    for (place, session) in &members.places {
        let here = members.of_place(place);
        let sessions: Vec<_> = here
            .iter()
            .map(|index| &members.list[*index].session)
            .collect();
        let copies = ops::find_copies(session, &sessions, &options.stack, frontend).await?;
        for one in copies.copies {
            let is_its =
                |index: &&usize| Some(members.list[**index].student.owner.as_str()) == one.owner();
            if let Some(index) = here.iter().find(is_its) {
                found.insert(*index, one);
            }
        }
        let others_here = copies.others.into_iter().flatten();
        let others_here: Vec<String> = others_here.collect();
        if let Some(trail) = copies.shared_trail {
            if others_here.is_empty() {
                trails.push((here.clone(), trail));
            } else {
                let message = format!(
                    "the trail that the class shares stays: {} of other owners {} it ({})",
                    counted(others_here.len(), "stack"),
                    if others_here.len() == 1 {
                        "needs"
                    } else {
                        "need"
                    },
                    others_here.join(", ")
                );
                frontend.event(&Event::Info { message });
            }
        }
        others.extend(others_here);
    }
    let stack = match &options.stack {
        StackRef::Name(name) => name.clone(),
        StackRef::File(path) => found.values().next().map_or_else(
            || path.display().to_string(),
            |one| one.plan().target.stack.clone(),
        ),
    };
    frontend.event(&Event::Class(ClassEvent::Class {
        verb: "destroy",
        stack: stack.clone(),
        students: members.list.iter().map(Member::told).collect(),
    }));
    for (index, member) in members.list.iter().enumerate() {
        match (&member.error, found.get(&index)) {
            (Some(error), _) => progress.end(index, Err(error.clone()), None),
            (None, None) => progress.set(index, StudentState::Unchanged, None, None),
            (None, Some(one)) => {
                let changes = one.plan().steps.len();
                progress.set(index, StudentState::Planned, Some(changes), None);
            }
        }
    }
    let of_students = found.values().map(|one| numbers(one.plan(), None));
    frontend.event(&Event::Class(ClassEvent::ClassPlan(Box::new(ClassPlan {
        verb: "destroy",
        stack: stack.clone(),
        stacks: trails
            .iter()
            .map(|(_, one)| numbers(one.plan(), None))
            .chain(of_students)
            .collect(),
        violations: Vec::new(),
        quotas: Vec::new(),
        least_seconds: None,
    }))));
    let is_local = base.local.is_some();
    let nothing = found.is_empty() && trails.is_empty();
    if !nothing && !options.yes {
        let text = match (found.len(), trails.is_empty()) {
            (0, _) => "delete the trail that the class shares?".to_owned(),
            (count, _) => format!("delete the stacks of {}?", counted(count, "student")),
        };
        if !frontend.confirm(&Question { text }).await? {
            frontend.event(&Event::Declined {});
            return Ok(Completion::Declined);
        }
    }
    let receipts: Mutex<BTreeMap<usize, Receipt>> = Mutex::default();
    let stacks: Mutex<BTreeMap<usize, FoundStack<'_>>> = Mutex::new(found);
    let at_once = if options.class.at_once == 0 {
        AT_ONCE
    } else {
        options.class.at_once
    };
    let deleted = progress.each(0..members.list.len(), at_once, |index| {
        let (stacks, receipts, progress) = (&stacks, &receipts, &progress);
        async move {
            let one = stacks
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&index);
            let Some(one) = one else { return };
            progress.set(index, StudentState::Working, None, None);
            let ended = one.delete(&progress.frontend_of(index)).await;
            let ended = ended.map(|ended| {
                let left = ended
                    .receipt
                    .as_ref()
                    .and_then(|receipt| receipt.remains.first().cloned());
                if let Some(receipt) = ended.receipt {
                    receipts
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(index, receipt);
                }
                (
                    ended.completion,
                    left.map(|left| Reason::new(format!("left: {left}"))),
                )
            });
            progress.end(index, ended, None);
        }
    });
    let mut completion = Completion::Complete;
    let mut of_trails = Vec::new();
    let last = async {
        deleted.await;
        for (here, trail) in trails {
            // A stack that is left still needs it.
            let is_left = here.iter().any(|index| !progress.state(*index).is_done());
            if is_left || progress.is_stopped() {
                let message =
                    "the trail that the class shares stays until the last of its stacks is deleted"
                        .to_owned();
                frontend.event(&Event::Info { message });
                continue;
            }
            match trail.delete(&Unheard).await {
                Ok(ended) => {
                    completion = worse(completion, ended.completion);
                    of_trails.extend(ended.receipt);
                }
                Err(error) => {
                    let message =
                        format!("the trail that the class shares is not deleted: {error}");
                    frontend.event(&Event::Warning { message });
                    completion = worse(completion, Completion::Failed);
                }
            }
        }
    };
    progress.hearing_stops(last).await;
    // Those that ended at the same time have each seen the other's.
    for session in members.places.values() {
        ops::end_reaper(session, frontend).await;
    }
    let receipts = receipts
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let receipts: Vec<Receipt> = receipts.into_values().chain(of_trails).collect();
    completion = worse(completion, progress.completion());
    let proved = completion == Completion::Complete && receipts.iter().all(Receipt::is_proved);
    let repeat = |owners: &[String]| {
        let words = [given(&options.stack)];
        command(
            ("destroy", &words),
            &options.class.roster,
            owners,
            &base.given,
        )
    };
    summarize(&progress, ("destroy", &stack), began, repeat, frontend);
    frontend.event(&Event::Class(ClassEvent::ClassReceipt {
        stack,
        receipts,
        proved,
        local: is_local,
    }));
    Ok(completion)
}

/// The stack, as the user gave it.
pub fn given(stack: &StackRef) -> String {
    match stack {
        StackRef::File(path) => path.display().to_string(),
        StackRef::Name(name) => name.clone(),
    }
}
