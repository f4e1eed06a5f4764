//! The handouts of a class: what each student is told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use super::deploy::{Deploying, PlannedStudents};
use super::deployed::deployed;
use super::members::{Member, Members};
use super::{ClassOptions, Student};
use crate::ops::{
    DeployedPart, Error, Frontend, Handout, HandoutOf, HandoutWords, LoadedStack, PlannedDeploy,
    Session, SessionOptions, StackRef, StudentState, handout,
};

/// Whose handouts are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoutClass {
    /// The stack file.
    pub file: PathBuf,
    /// For whom.
    pub class: ClassOptions,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// Words for what commands are tried with.
    pub words: HandoutWords,
}

/// The handouts of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassHandouts {
    /// The stack.
    pub stack: String,
    /// What it is for, as its file says.
    pub description: String,
    /// Every student of the roster, in its order.
    pub students: Vec<StudentHandout>,
}

/// A student of the roster, with a handout.
#[derive(Debug, Clone, PartialEq)]
pub struct StudentHandout {
    /// The owner.
    pub owner: String,
    /// What the student is called.
    pub name: Option<String>,
    /// The handout.
    pub handout: Option<Handout>,
    /// Why there is none; nothing of a student who is not meant.
    pub reason: Option<String>,
}

/// What a student's handout says of the stack that is deployed.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) deployed: DeployedPart<'a>,
    pub(super) words: HandoutWords,
    pub(super) expires: Option<SystemTime>,
    pub(super) reaper_missing: bool,
}

/// Makes the handouts of a class, by what is deployed. A local AWS is started if none runs. Nothing is changed.
///
/// # Errors
/// Something is wrong with the roster, the stack file or the options, or AWS cannot be reached. That there is none for one
/// student is no error.
pub async fn handouts(
    base: &SessionOptions,
    options: &HandoutClass,
    frontend: &dyn Frontend,
) -> Result<ClassHandouts, Error> {
    let (roster, chosen) = options.class.students(frontend)?;
    // What is wrong with the file is told before anything is connected or started.
    let session = Session::new(base.clone());
    let stack = LoadedStack::read(&session, &options.file, &options.set, frontend)?;
    // Who shares a trail does not depend on who is chosen.
    let mut members = Members::connect(base, &roster.students, true, frontend).await?;
    let named = StackRef::Name(stack.name().to_owned());
    let found = deployed(&mut members, &named).await?.stacks;
    let mut all = ClassHandouts::of(&stack, &roster.students);
    for (index, member) in members.list.iter().enumerate() {
        if !chosen.iter().any(|one| one.owner == member.student.owner) {
            continue;
        }
        let status = found[index].as_ref();
        let resources = status.map(|one| one.resources.as_slice());
        let expires = status.and_then(|one| one.expires.as_deref());
        let told = Told {
            deployed: DeployedPart::Found(resources.unwrap_or_default()),
            words: options.words,
            expires: expires.and_then(|at| humantime::parse_rfc3339(at).ok()),
            reaper_missing: status.is_some_and(|one| one.reaper_missing == Some(true)),
        };
        let place = member.place.as_ref();
        let sharing =
            stack.has_trails() && place.is_some_and(|place| members.of_place(place).len() > 1);
        all.add(member, &stack, sharing, told).await;
    }
    Ok(all)
}

impl<'a> Deploying<'a> {
    /// The handouts of the students that are meant.
    pub(super) async fn handouts(
        &self,
        roster: &[Student],
        planned: &PlannedStudents<'a>,
        words: HandoutWords,
    ) -> ClassHandouts {
        let mut all = ClassHandouts::of(self.stack, roster);
        for (index, member) in self.members.list.iter().enumerate() {
            let planned = planned[index].as_ref();
            let state = self.progress.state(index);
            let was_deployed =
                planned.is_some_and(|one| one.plan().is_empty() && one.refusal().is_none());
            let is_deployed = state.is_done() || state == StudentState::Unverified || was_deployed;
            let told = Told {
                deployed: if is_deployed {
                    DeployedPart::All
                } else if state == StudentState::NotBegun && planned.is_some_and(is_new) {
                    DeployedPart::Nothing
                } else {
                    DeployedPart::NotAll
                },
                words,
                expires: planned.and_then(PlannedDeploy::until),
                reaper_missing: false,
            };
            let place = member.place.as_ref();
            let sharing = place.is_some_and(|place| self.shares(place));
            all.add(member, self.stack, sharing, told).await;
        }
        all
    }
}

/// Whether nothing of a stack was deployed when it was planned.
fn is_new(planned: &PlannedDeploy) -> bool {
    planned.plan().count("create") == planned.plan().steps.len()
}

impl ClassHandouts {
    /// None yet.
    pub(super) fn of(stack: &LoadedStack, students: &[Student]) -> Self {
        let students = students.iter().map(|one| StudentHandout {
            owner: one.owner.clone(),
            name: one.name.clone(),
            handout: None,
            reason: None,
        });
        Self {
            stack: stack.name().to_owned(),
            description: stack.description().to_owned(),
            students: students.collect(),
        }
    }

    /// Adds the handout of a student, or why there is none.
    pub(super) async fn add(
        &mut self,
        member: &Member,
        stack: &LoadedStack,
        sharing: bool,
        told: Told<'_>,
    ) {
        let student = &member.student;
        let made = if let Some(error) = &member.error {
            Err(error.clone())
        } else {
            let of = HandoutOf {
                name: student.name.as_deref(),
                profile: student.profile.as_deref(),
                words: told.words,
                sharing,
                deployed: told.deployed,
                expires: told.expires,
                reaper_missing: told.reaper_missing,
            };
            handout(&member.session, stack, of).await
        };
        let mut students = self.students.iter_mut();
        if let Some(one) = students.find(|one| one.owner == student.owner) {
            one.reason = made.as_ref().err().map(ToString::to_string);
            one.handout = made.ok();
        }
    }
}
