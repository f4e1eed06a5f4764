//! Deleting the stacks of a class.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures_util::stream::{self, StreamExt};

use super::class_plan::numbers;
use super::command::command;
use super::deploy::summarize;
use super::members::{Member, Members};
use super::others::{AskedClass, InOtherRegions};
use super::progress::ClassProgress;
use super::reasons::Reason;
use super::status::unknown;
use super::trails::{PlaceTrail, delete_trails};
use super::{AT_ONCE, ClassOptions, worse};
use crate::engine::Receipt;
use crate::ops::{
    self, ClassEvent, ClassPlan, Completion, Error, Event, FoundStack, Frontend, OtherCopy,
    PlannedStack, Question, Session, SessionOptions, StackRef, StudentState,
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
    let (roster, chosen) = options.class.students(frontend)?;
    let members = Members::connect(base, &chosen, false, frontend).await?;
    let progress = ClassProgress::new(&members, frontend);
    let began = Instant::now();
    let asked = AskedClass {
        base,
        class: &options.class,
        roster: &roster,
        stack: &options.stack,
        verb: "destroy",
    };
    if members.places.is_empty() && base.local.is_some() {
        let message = "the local AWS is not running, and keeps no data".to_owned();
        frontend.event(&Event::Info { message });
    }
    let found = found(&members, &asked, frontend).await?;
    let stack = options.stack.name(&Session::new(base.clone()));
    let stack = stack.unwrap_or_else(|_| given(&options.stack));
    let elsewhere = asked.in_other_regions(&members).await;
    let missed = found.missed(&members, &elsewhere);
    let is_unknown = found.is_nothing()
        && elsewhere.copies.is_empty()
        && members.list.iter().all(|one| one.error.is_none())
        && matches!(options.stack, StackRef::Name(_));
    found.tell(&stack, &members, &progress, frontend).await;
    let others: Vec<OtherCopy> = found
        .others
        .iter()
        .cloned()
        .chain(elsewhere.copies)
        .collect();
    if !others.is_empty() {
        frontend.event(&Event::Class(ClassEvent::ClassOthers {
            stack: stack.clone(),
            copies: others,
        }));
    }
    if is_unknown {
        frontend.event(&unknown(&stack, &elsewhere.similar));
    }
    found.trails.iter().for_each(|one| one.tell(frontend));
    if !options.yes && !found.confirmed(frontend).await? {
        frontend.event(&Event::Declined {});
        return Ok(Completion::Declined);
    }
    let deleting = found.deleted(&members, options, &progress, frontend);
    let (mut completion, receipts) = Box::pin(deleting).await;
    // Those that ended at the same time have each seen the other's.
    for session in members.places.values() {
        ops::end_reaper(session, frontend).await;
    }
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
        local: base.local.is_some(),
    }));
    Ok(if missed || is_unknown {
        worse(completion, Completion::Unknown)
    } else {
        completion
    })
}

/// What is deleted.
struct FoundClass<'s> {
    /// The stacks, by the place of the student in the class.
    stacks: BTreeMap<usize, FoundStack<'s>>,
    /// The shared trails.
    trails: Vec<PlaceTrail<'s>>,
    /// Copies in the same places, of owners whom the roster does not have there.
    others: Vec<OtherCopy>,
    /// The students whose place cannot be looked at.
    failed: BTreeMap<usize, Error>,
}

/// Finds the stacks of the class, and the trails they share.
async fn found<'s>(
    members: &'s Members,
    asked: &AskedClass<'_>,
    frontend: &dyn Frontend,
) -> Result<FoundClass<'s>, Error> {
    let mut found = FoundClass {
        stacks: BTreeMap::new(),
        trails: Vec::new(),
        others: Vec::new(),
        failed: BTreeMap::new(),
    };
    for (place, session) in &members.places {
        let here = members.of_place(place);
        let sessions: Vec<_> = here
            .iter()
            .map(|index| &members.list[*index].session)
            .collect();
        let copies = match ops::find_copies(session, &sessions, asked.stack, frontend).await {
            Ok(copies) => copies,
            // The others' stacks can be deleted still.
            Err(error) if members.places.len() > 1 => {
                let failed = here.iter().map(|index| (*index, error.clone()));
                found.failed.extend(failed);
                continue;
            }
            Err(error) => return Err(error),
        };
        for one in copies.copies {
            let is_its =
                |index: &&usize| Some(members.list[**index].student.owner.as_str()) == one.owner();
            if let Some(index) = here.iter().find(is_its) {
                found.stacks.insert(*index, one);
            }
        }
        let others = &copies.others;
        if let Some(trail) = copies.shared_trail {
            let trail = PlaceTrail::new(place, here, trail, others.keys());
            found.trails.push(trail);
        }
        let others = others
            .iter()
            .map(|(owner, owned)| (owner.as_deref(), owned.as_slice()));
        found
            .others
            .extend(asked.not_of_place(members, place, others));
    }
    Ok(found)
}

impl FoundClass<'_> {
    fn is_nothing(&self) -> bool {
        let nothing = self.stacks.is_empty() && self.trails.is_empty();
        nothing && self.others.is_empty() && self.failed.is_empty()
    }

    /// Whether the stack of a student is not found where the roster has it, and seen in another account or region.
    fn missed(&self, members: &Members, elsewhere: &InOtherRegions) -> bool {
        let mut all = members.list.iter().enumerate();
        all.any(|(index, member)| {
            let owner = Some(&member.student.owner);
            let mut seen = elsewhere.copies.iter().chain(&self.others);
            !self.stacks.contains_key(&index)
                && !self.failed.contains_key(&index)
                && seen.any(|one| one.certain && one.owner.as_ref() == owner)
        })
    }

    /// Tells whose stacks are found, and what is deleted.
    async fn tell(
        &self,
        stack: &str,
        members: &Members,
        progress: &ClassProgress<'_>,
        frontend: &dyn Frontend,
    ) {
        frontend.event(&Event::Class(ClassEvent::Class {
            verb: "destroy",
            stack: stack.to_owned(),
            students: members.list.iter().map(Member::told).collect(),
        }));
        for (index, member) in members.list.iter().enumerate() {
            let failed = member.error.as_ref().or(self.failed.get(&index));
            match (failed, self.stacks.get(&index)) {
                (Some(error), _) => progress.end(index, Err(error.clone()), None),
                (None, None) => progress.set(index, StudentState::Unchanged, None, None),
                (None, Some(one)) => {
                    let changes = one.plan().steps.len();
                    progress.set(index, StudentState::Planned, Some(changes), None);
                }
            }
        }
        let deleted = self.trails.iter().filter(|one| one.is_deleted());
        let deleted = deleted.map(|one| &one.found);
        let planned = deleted.chain(self.stacks.values()).map(|one| async move {
            let contents = one.contents(frontend).await;
            PlannedStack {
                contents,
                changed: Vec::new(),
                ..numbers(one.plan(), None)
            }
        });
        let planned = stream::iter(planned).buffered(AT_ONCE);
        frontend.event(&Event::Class(ClassEvent::ClassPlan(Box::new(ClassPlan {
            verb: "destroy",
            stack: stack.to_owned(),
            stacks: planned.collect().await,
            violations: Vec::new(),
            quotas: Vec::new(),
            not_looked_at: Vec::new(),
            least_seconds: None,
        }))));
    }

    /// Deletes the stacks, then the trails that no other needs. Returns the receipts.
    async fn deleted(
        self,
        members: &Members,
        options: &DestroyClass,
        progress: &ClassProgress<'_>,
        frontend: &dyn Frontend,
    ) -> (Completion, Vec<Receipt>) {
        let FoundClass { stacks, trails, .. } = self;
        let receipts: Mutex<BTreeMap<usize, Receipt>> = Mutex::default();
        let stacks = Mutex::new(stacks);
        let at_once = match options.class.at_once {
            0 => AT_ONCE,
            some => some,
        };
        let deleted = progress.each(0..members.list.len(), at_once, |index| {
            let (stacks, receipts) = (&stacks, &receipts);
            async move {
                let one = stacks
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&index);
                let Some(one) = one else { return };
                progress.set(index, StudentState::Working, None, None);
                let ended = one.delete(&progress.frontend_of(index)).await;
                let ended = ended.map(|ended| {
                    let remains = ended.receipt.iter().flat_map(|receipt| &receipt.remains);
                    let left = remains.into_iter().next();
                    let left = left.map(|left| Reason::new(format!("left: {left}")));
                    let mut receipts = receipts.lock().unwrap_or_else(PoisonError::into_inner);
                    receipts.extend(ended.receipt.map(|receipt| (index, receipt)));
                    (ended.completion, left)
                });
                progress.end(index, ended, None);
            }
        });
        let mut completion = Completion::Complete;
        let mut of_trails = Vec::new();
        progress
            .hearing_stops(async {
                deleted.await;
                let of = (members, &options.stack);
                (completion, of_trails) = delete_trails(trails, of, progress, frontend).await;
            })
            .await;
        let receipts = receipts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (
            completion,
            receipts.into_values().chain(of_trails).collect(),
        )
    }

    /// Whether it is agreed to, where there is something to delete.
    async fn confirmed(&self, frontend: &dyn Frontend) -> Result<bool, Error> {
        let keeps_all = !self.trails.iter().any(PlaceTrail::is_deleted);
        let text = match (self.stacks.len(), keeps_all) {
            (0, true) => return Ok(true),
            (0, false) => "delete the trail that the class shares?".to_owned(),
            (count, _) => format!("delete the stacks of {}?", counted(count, "student")),
        };
        frontend.confirm(&Question { text }).await
    }
}

/// The stack, as the user gave it.
pub fn given(stack: &StackRef) -> String {
    match stack {
        StackRef::File(path) => path.display().to_string(),
        StackRef::Name(name) => name.clone(),
    }
}
