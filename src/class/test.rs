//! Running the checks of each student's stack.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::command::command;
use super::deploy::summarize;
use super::deployed::deployed;
use super::frontends::Unheard;
use super::marks::{Testing, marks, show, ways_out};
use super::members::{Member, Members};
use super::progress::ClassProgress;
use super::reasons::Reason;
use super::{AT_ONCE, ClassOptions};
use crate::ops::{
    self, CheckOutcome, ClassEvent, Completion, Error, Event, Frontend, GivenOptions, LoadedTests,
    ResultFiles, Session, SessionOptions, StackRef, StackStatus, StudentState, Tested,
    TestedStudent,
};

/// Which checks are run for a class, and what becomes of their results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestClass {
    /// The stack; by its name, where its file is in this folder or in that of `treino init`.
    pub stack: StackRef,
    /// For whom.
    pub class: ClassOptions,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// The names of the checks; all without one.
    pub checks: Vec<String>,
    /// Where the results are written.
    pub files: ResultFiles,
}

/// Runs the checks of a stack file for each student's stack. Deploys nothing; no local AWS is started.
///
/// # Errors
/// Something is wrong with the roster, the stack file or the options, or nobody can be reached. A check that fails is no
/// error, but a [`Completion`].
pub async fn test(
    base: &SessionOptions,
    options: &TestClass,
    frontend: &dyn Frontend,
) -> Result<Completion, Error> {
    let (roster, chosen) = options.class.students(frontend)?;
    options.files.check()?;
    let session = Session::new(base.clone());
    let tests = LoadedTests::load(
        &session,
        &options.stack,
        &options.set,
        &options.checks,
        frontend,
    )?;
    let mut members = Members::connect(base, &chosen, false, frontend).await?;
    frontend.event(&Event::Class(ClassEvent::Class {
        verb: "test",
        stack: tests.stack().to_owned(),
        students: members.list.iter().map(Member::told).collect(),
    }));
    let began = Instant::now();
    let file = StackRef::File(tests.file().to_path_buf());
    let stacks = deployed(&mut members, &file).await?.stacks;
    let everybody = if options.class.only.is_empty() || !tests.has_trails() {
        None
    } else {
        Some(Members::connect(base, &roster.students, false, &Unheard).await?)
    };
    let progress = ClassProgress::new(&members, frontend);
    let all: Mutex<Vec<Option<(Tested, Testing)>>> =
        Mutex::new(members.list.iter().map(|_| None).collect());
    let testing = ClassTests {
        tests: &tests,
        file: &file,
        roster: &options.class.roster,
        given: &base.given,
        members: &members,
        everybody: everybody.as_ref().unwrap_or(&members),
        stacks: &stacks,
        progress: &progress,
    };
    let at_once = match options.class.at_once {
        0 => AT_ONCE,
        some => some,
    };
    let tested = progress.each(0..members.list.len(), at_once, |index| {
        let (all, testing) = (&all, &testing);
        async move {
            let tested = testing.tested(index).await;
            all.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(tested);
        }
    });
    progress.hearing_stops(tested).await;
    let results = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    let students = results.into_iter().zip(&members.list);
    let students = students.map(|(tested, member)| {
        let (tested, run) =
            tested.unwrap_or_else(|| (testing.not_begun(member), Testing::NotBegun));
        let student = TestedStudent {
            owner: member.student.owner.clone(),
            name: member.student.name.clone(),
            tested,
        };
        (student, run)
    });
    let (students, runs): (Vec<TestedStudent>, Vec<Testing>) = students.unzip();
    let repeat = |owners: &[String]| {
        let mut words = vec![super::destroy::given(&options.stack)];
        words.extend(options.checks.iter().cloned());
        for name in options.set.keys() {
            words.extend(["--set".to_owned(), format!("{name}=...")]);
        }
        command(("test", &words), &options.class.roster, owners, &base.given)
    };
    let ends = progress.ends();
    let again = ends.iter().filter(|end| !end.state.is_done());
    let again: Vec<String> = again.map(|end| end.owner.clone()).collect();
    let of_all: Vec<(&TestedStudent, Testing)> = students.iter().zip(runs).collect();
    let first = of_all.iter().zip(&members.list).find(|((one, run), _)| {
        *run == Testing::Run && again.contains(&one.owner) && !one.tested.stopped
    });
    let given = super::destroy::given(&options.stack);
    frontend.event(&Event::Class(ClassEvent::ClassMarks {
        stack: tests.stack().to_owned(),
        students: of_all.iter().map(|(one, run)| marks(one, *run)).collect(),
        ways: ways_out(&of_all, options, &super::destroy::given(&file), &base.given),
        show: first.and_then(|(_, member)| show(member, options, &given, base)),
        command: (!again.is_empty()).then(|| repeat(&again)),
    }));
    summarize(&progress, ("test", tests.stack()), began, repeat, frontend);
    options
        .files
        .write_class(tests.stack(), &students, roster.separator)?;
    Ok(progress.completion())
}

struct ClassTests<'a> {
    tests: &'a LoadedTests,
    /// The stack file.
    file: &'a StackRef,
    roster: &'a Path,
    given: &'a GivenOptions,
    members: &'a Members,
    /// Who shares a trail does not depend on who is chosen.
    everybody: &'a Members,
    stacks: &'a [Option<StackStatus>],
    progress: &'a ClassProgress<'a>,
}

impl ClassTests<'_> {
    /// Tests one student's stack, and tells how it ended.
    async fn tested(&self, index: usize) -> (Tested, Testing) {
        let member = &self.members.list[index];
        let owner = &member.student.owner;
        let untested = |outcome, why: &str| self.tests.untested(owner, outcome, why);
        if let Some(error) = &member.error {
            self.progress.end(index, Err(error.clone()), None);
            let tested = untested(CheckOutcome::Unknown, &error.to_string());
            return (tested, Testing::NotReached);
        }
        let Some(stack) = &self.stacks[index] else {
            let reason = Reason::not_deployed(self.file, self.roster, self.given);
            let tested = untested(CheckOutcome::Failed, &reason.text);
            self.progress
                .set(index, StudentState::Failed, None, Some(reason));
            return (tested, Testing::NotDeployed);
        };
        let place = member.place.as_ref();
        let of_place = place.map_or(0, |place| self.everybody.of_place(place).len());
        let sharing = self.tests.has_trails() && of_place > 1;
        self.progress.set(index, StudentState::Working, None, None);
        let copy = (stack.resources.as_slice(), sharing);
        let frontend = self.progress.frontend_of(index);
        match ops::test_copy(&member.session, self.tests, copy, &frontend).await {
            Ok(tested) => {
                self.progress
                    .rows(|rows| rows[index].done = tested.counts.passed);
                let ended = match (tested.stopped, tested.counts.failed, tested.counts.unknown) {
                    (true, ..) => Completion::Stopped,
                    (_, 0, 0) => Completion::Complete,
                    (_, 0, _) => Completion::Unverified,
                    _ => Completion::Failed,
                };
                let reason = tested.first_wrong().map(|wrong| {
                    let why = wrong.why().unwrap_or_default();
                    Reason::new(format!("{}: {why}", wrong.check))
                });
                self.progress.end(index, Ok((ended, reason)), None);
                (tested, Testing::Run)
            }
            Err(error) => {
                let why = error.to_string();
                self.progress.end(index, Err(error), None);
                (untested(CheckOutcome::Unknown, &why), Testing::NotReached)
            }
        }
    }

    /// The results of one who was not begun, as the class was stopped.
    fn not_begun(&self, member: &Member) -> Tested {
        let owner = &member.student.owner;
        self.tests.untested(
            owner,
            CheckOutcome::NotRun,
            "it was stopped before this check",
        )
    }
}
