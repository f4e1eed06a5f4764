//! Another end for the stacks of a class.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::command::command;
use super::deploy::summarize;
use super::deployed::{StacksOfClass, deployed};
use super::destroy::given;
use super::frontends::Unheard;
use super::members::{ClassPlace, Member, Members};
use super::progress::ClassProgress;
use super::reasons::Reason;
use super::status::told;
use super::{AT_ONCE, ClassOptions, worse};
use crate::ops::{
    self, ClassEvent, Completion, Error, Event, ExtendOptions, Extension, Frontend, Session,
    SessionOptions, SharedTrailEnd, StackRef, StackStatus, StudentState,
};

/// Which stacks of a class end when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendClass {
    /// The stack.
    pub stack: StackRef,
    /// Of whom.
    pub class: ClassOptions,
    /// The end.
    pub extension: Extension,
    /// What the command says of it.
    pub words: Vec<String>,
}

/// Gives each student's stack another end, and lets the trail that they share end after the last of them. No local AWS is
/// started.
///
/// # Errors
/// Something is wrong with the roster or the stack file, nobody's stack may have that end, or nobody can be reached. One student's failure is no error, but
/// a [`Completion`].
pub async fn extend(
    base: &SessionOptions,
    options: &ExtendClass,
    frontend: &dyn Frontend,
) -> Result<Completion, Error> {
    let (_, chosen) = options.class.students(frontend)?;
    let wanted = ExtendOptions {
        stack: options.stack.clone(),
        extension: options.extension,
    };
    let session = Session::new(base.clone());
    ops::check_extension(&session, &wanted, &[None], frontend)?;
    let mut members = Members::connect(base, &chosen, false, frontend).await?;
    let began = Instant::now();
    let StacksOfClass {
        stacks,
        others,
        trails,
    } = deployed(&mut members, &options.stack).await?;
    let known = stacks.iter().flatten().map(|one| {
        let expires = one.expires.as_ref();
        expires.and_then(|at| humantime::parse_rfc3339(at).ok())
    });
    let known: Vec<_> = known.collect();
    ops::check_extension(&session, &wanted, &known, frontend)?;
    let stack = options.stack.name(&session);
    let stack = stack.unwrap_or_else(|_| given(&options.stack));
    frontend.event(&Event::Class(ClassEvent::Class {
        verb: "extend",
        stack: stack.clone(),
        students: members.list.iter().map(Member::told).collect(),
    }));
    let progress = ClassProgress::new(&members, frontend);
    let ends: Mutex<Vec<Option<StackStatus>>> = Mutex::new(stacks.clone());
    let at_once = match options.class.at_once {
        0 => AT_ONCE,
        some => some,
    };
    let extended = progress.each(0..members.list.len(), at_once, |index| {
        let (member, progress, deployed) = (&members.list[index], &progress, &stacks[index]);
        let (wanted, ends) = (&wanted, &ends);
        async move {
            if let Some(error) = &member.error {
                return progress.end(index, Err(error.clone()), None);
            }
            let Some(deployed) = deployed else {
                let (roster, given) = (&options.class.roster, &base.given);
                let reason = Reason::not_deployed(&options.stack, roster, given);
                return progress.set(index, StudentState::Failed, None, Some(reason));
            };
            progress.set(index, StudentState::Working, None, None);
            let resources = deployed.resources.clone();
            let frontend = progress.frontend_of(index);
            let ended = ops::extend_copy(&member.session, wanted, resources, &frontend).await;
            let ended = ended.map(|ended| {
                let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(stack) = &mut ends[index] {
                    stack.expires = ended.expires;
                    // What was waiting for the earlier end.
                    (stack.ends, stack.reaper_missing) = (None, None);
                }
                progress.rows(|rows| rows[index].done += 1);
                (ended.completion, None)
            });
            progress.end(index, ended, None);
        }
    });
    progress.hearing_stops(extended).await;
    let ends = ends.into_inner().unwrap_or_else(PoisonError::into_inner);
    let of_trails = move_trails(&members, &stack, (&ends, &others, &trails), frontend).await;
    let students = members.list.iter().zip(&ends);
    let students = students
        .map(|(member, stack)| told(member, stack.as_ref()))
        .collect();
    let shared_trails = super::status::shared_trails(&members, &stack).await;
    frontend.event(&Event::Class(ClassEvent::ClassStatus {
        stack: stack.clone(),
        students,
        shared_trails,
    }));
    let repeat = |owners: &[String]| {
        let words: Vec<String> = [given(&options.stack)]
            .into_iter()
            .chain(options.words.clone())
            .collect();
        command(
            ("extend", &words),
            &options.class.roster,
            owners,
            &base.given,
        )
    };
    summarize(&progress, ("extend", &stack), began, repeat, frontend);
    Ok(worse(of_trails, progress.completion()))
}

/// A stack with its place.
type PlacedStack = (ClassPlace, StackStatus);

/// Lets the trail of each place end after its last stack, whoever's that is.
async fn move_trails(
    members: &Members,
    stack: &str,
    (ends, others, trails): (&[Option<StackStatus>], &[PlacedStack], &[PlacedStack]),
    frontend: &dyn Frontend,
) -> Completion {
    let mut completion = Completion::Complete;
    for (place, session) in &members.places {
        let here = members.of_place(place).into_iter();
        let mut here = here.filter_map(|index| ends[index].as_ref()).peekable();
        if here.peek().is_none() {
            continue;
        }
        let others = others.iter().filter(|(of, _)| of == place);
        let end = SharedTrailEnd::of_all(here.chain(others.map(|(_, one)| one)));
        let known = trails.iter().find(|(of, _)| of == place);
        let end = (end, known.map(|(_, one)| one));
        if let Err(error) = ops::extend_shared_trail(session, stack, end, &Unheard).await {
            let message = format!(
                "the trail that the class shares expires before the last of its stacks: {error}; the same command again \
                 tries it once more"
            );
            frontend.event(&Event::Warning { message });
            completion = Completion::Failed;
        }
    }
    completion
}
