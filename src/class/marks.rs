//! What the checks of a class came to, and the ways out of what was wrong.

use super::command::{command, command_of_one};
use super::members::Member;
use super::reasons::{OWNER, without_owner};
use super::test::TestClass;
use crate::ops::{self, GivenOptions, SessionOptions, SharedWayOut, StudentMarks, TestedStudent};

/// How a student's checks were run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Testing {
    /// They were not begun.
    NotBegun,
    /// The student's account cannot be reached, or the stack's file is wrong for it.
    NotReached,
    /// The stack is not deployed.
    NotDeployed,
    /// They were run, as far as nothing stopped them.
    Run,
}

/// What is told of one student.
pub fn marks(student: &TestedStudent, testing: Testing) -> StudentMarks {
    let tested = &student.tested;
    let wrong = tested.first_wrong();
    let message = wrong.and_then(ops::CheckResult::why);
    let is_stopped = testing == Testing::Run && tested.stopped && tested.counts.failed == 0;
    let wrong = wrong.filter(|_| testing == Testing::Run && !is_stopped);
    StudentMarks {
        owner: student.owner.clone(),
        name: student.name.clone(),
        counts: tested.counts,
        check: wrong.map(|one| one.check.clone()),
        cause: wrong.and_then(ops::CheckResult::cause),
        message: if is_stopped {
            Some("stopped".to_owned())
        } else {
            message
        },
    }
}

/// The ways out of what was wrong first with each student, each once.
pub fn ways_out(
    students: &[(&TestedStudent, Testing)],
    options: &TestClass,
    file: &str,
    given: &GivenOptions,
) -> Vec<SharedWayOut> {
    let mut ways: Vec<SharedWayOut> = Vec::new();
    for (student, testing) in students {
        let wrong = student.tested.first_wrong();
        let cause = wrong.and_then(|wrong| wrong.causes.first());
        let help = match testing {
            Testing::NotDeployed => Some("the stack has to be deployed".to_owned()),
            Testing::Run => cause.and_then(|cause| cause.help.clone()),
            Testing::NotBegun | Testing::NotReached => None,
        };
        let Some(help) = help else { continue };
        let way = without_owner(&help, &student.owner);
        match ways.iter_mut().find(|known| known.way == way) {
            Some(known) => known.owners.push(student.owner.clone()),
            None => ways.push(SharedWayOut {
                way,
                owners: vec![student.owner.clone()],
                command: None,
            }),
        }
    }
    for one in &mut ways {
        let words = words(options, file);
        let deploy =
            |owners: &[String]| command(("deploy", &words), &options.class.roster, owners, given);
        let is_deploy = one.way.contains("`treino deploy`") || one.way.contains("to be deployed");
        one.command = if one.way.contains("`treino class deploy`") {
            Some(deploy(&options.class.only))
        } else {
            is_deploy.then(|| deploy(&one.owners))
        };
        if let [owner] = one.owners.as_slice() {
            one.way = one.way.replace(OWNER, owner);
        }
    }
    ways
}

/// The stack file, with the parameters.
fn words(options: &TestClass, file: &str) -> Vec<String> {
    let mut words = vec![file.to_owned()];
    for name in options.set.keys() {
        words.extend(["--set".to_owned(), format!("{name}=...")]);
    }
    words
}

/// The command that shows what the checks of one student come to, where it leads to the student's account.
pub fn show(
    member: &Member,
    options: &TestClass,
    stack: &str,
    base: &SessionOptions,
) -> Option<String> {
    let student = &member.student;
    if student.role_arn.is_some() {
        return None;
    }
    let mut given = base.given.clone();
    given.region = student.region.clone().or(given.region);
    if !given.local {
        given.profile = student.profile.clone().or(given.profile);
    }
    let set = options.set.keys().map(|name| format!(" --set {name}=..."));
    let command = command_of_one(("test", stack), Some(&student.owner), &given);
    Some(command + &set.collect::<String>())
}
