//! Running the checks of a stack file against what is deployed.

mod begin;
mod bench;
mod chain;
mod compare;
mod copies;
mod csv;
mod denials;
mod diagnose;
mod drift;
mod judge;
mod junit;
mod live;
mod look;
mod marks;
mod merge;
mod other_resource;
mod reports;
mod running;
mod trigger;
mod way;
mod why;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use self::copies::is_recorded_by_class;
pub use self::copies::{LoadedTests, test_copy};
pub use self::reports::{ResultFiles, TestedStudent};
use self::running::{TestedCopy, run};
use super::apply::Completion;
use super::destroy::{DestroyOptions, destroy};
use super::frontend::{Frontend, Reporter};
use super::session::Session;
use super::stack_ref::{DeployedStack, StackRef};
use super::{CheckCounts, CheckOutcome, CheckResult, Error, Mismatch, TestEvent};
use crate::source::counted;
use crate::stack::{self, Given, Loaded, Missing, StackCheck, did_you_mean};

/// Which checks are run, and what becomes of their results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOptions {
    /// The stack; by its name, where its file is in this folder or in that of `treino init`.
    pub stack: StackRef,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// The names of the checks; all without one.
    pub checks: Vec<String>,
    /// Whether the stack is destroyed afterwards.
    pub destroy: bool,
    /// Whether it is destroyed without asking.
    pub yes: bool,
    /// Where the results are written as `JUnit` XML.
    pub junit: Option<PathBuf>,
    /// Where the results are written as marks.
    pub marks: Option<PathBuf>,
}

/// What the checks of a stack came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// The stack's name.
    pub stack: String,
    /// Its owner.
    pub owner: Option<String>,
    /// How many ended how.
    pub counts: CheckCounts,
    /// What each check came to, in the order of the file.
    pub results: Vec<CheckResult>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Tested {
    /// The first check that failed, or else that could not be judged, or was not run as the test was stopped.
    #[must_use]
    pub fn first_wrong(&self) -> Option<&CheckResult> {
        let of = |outcome| self.results.iter().find(move |one| one.outcome == outcome);
        let missing = || self.results.iter().find(|one| self.misses(one));
        of(CheckOutcome::Failed)
            .or_else(|| of(CheckOutcome::Unknown))
            .or_else(missing)
    }

    /// How many checks were not run, as the test was stopped.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.results.iter().filter(|one| self.misses(one)).count()
    }

    /// Whether a check was not run, as the test was stopped.
    fn misses(&self, result: &CheckResult) -> bool {
        self.stopped && result.outcome == CheckOutcome::NotRun && !result.waits_for_destroy()
    }
}

/// Runs the checks of a stack file against what is deployed. Deploys nothing.
///
/// # Errors
/// Something is wrong with the file or the options, the stack is not deployed, or AWS cannot be reached. A check that
/// fails is no error, but a [`CheckResult`].
pub async fn test(
    session: &Session,
    options: &TestOptions,
    frontend: &dyn Frontend,
) -> Result<Tested, Error> {
    let file = file_of(&options.stack)?;
    let stack = StackRef::File(file.clone());
    let out = session.reporter(frontend).about(&stack);
    let out = out.with_set(options.set.keys());
    out.answer(tested(session, options, (&file, frontend), &out).await)
}

/// The stack file: checks are nowhere else. By its name it is found in this folder, in that of `treino init`, and in
/// `stacks`.
fn file_of(stack: &StackRef) -> Result<PathBuf, Error> {
    let name = match stack {
        StackRef::File(file) => return Ok(file.clone()),
        StackRef::Name(name) => name,
    };
    let in_stacks = ["yaml", "yml"].map(|end| Path::new("stacks").join(name).with_extension(end));
    let mut in_stacks = in_stacks.into_iter().filter(|path| path.is_file());
    StackRef::file_nearby(name)
        .or_else(|| in_stacks.next())
        .ok_or_else(|| {
            Error::Usage(format!(
                "checks are in the stack file, and none of `{name}` is here: name it with its path"
            ))
        })
}

async fn tested(
    session: &Session,
    options: &TestOptions,
    (file, frontend): (&Path, &dyn Frontend),
    out: &Reporter<'_>,
) -> Result<Tested, Error> {
    let files = ResultFiles {
        junit: options.junit.clone(),
        marks: options.marks.clone(),
        csv: None,
    };
    files.check()?;
    if options.destroy && !options.yes && !out.can_ask() {
        return Err(Error::Usage(
            "--destroy needs a confirmation, and nobody can be asked: add --yes if you mean it"
                .to_owned(),
        ));
    }
    let loaded = loaded(
        session,
        (file, session.owner()),
        &options.set,
        &options.checks,
    )?;
    if !options.destroy {
        let way = "`treino test --destroy` destroys the stack, and runs them";
        check_any_is_run(&loaded, &options.checks, way)?;
    }
    let stack = StackRef::File(file.to_path_buf());
    let found = DeployedStack::find(session, out, (&stack, "test")).await?;
    let connection = session.connected(out).await?;
    let target = session.target(connection, &loaded.file.stack);
    let has_trails = !loaded.file.trails.is_empty();
    let sharing = has_trails && is_recorded_by_class(connection, &target, &found.resources).await;
    let began = Instant::now();
    let copy = TestedCopy {
        file,
        set: &options.set,
        names: &options.checks,
        loaded: &loaded,
        resources: &found.resources,
        sharing,
        destroy: options.destroy,
    };
    let (mut tested, desired) = run(session, &copy, (&found.provider, &target), out).await?;
    if options.destroy && !tested.stopped {
        let options = DestroyOptions {
            stack,
            yes: options.yes,
            bypass_governance: false,
        };
        let destroyed = destroy(session, &options, frontend).await?;
        let proof = destroyed
            .receipt
            .as_ref()
            .map(|receipt| receipt.remains.as_slice());
        judge_destroy(&mut tested, &desired.checks, (destroyed.completion, proof));
        tested.stopped = destroyed.completion == Completion::Stopped;
    }
    send_last(&mut tested, &desired.checks, options.destroy, out);
    tested.counts = counts(
        &tested.results,
        tested.stopped,
        began.elapsed().as_secs_f64(),
    );
    out.send(TestEvent::TestsEnded(tested.counts));
    files.write(&tested)?;
    Ok(tested)
}

/// The stack file, with the checks that are named.
fn loaded(
    session: &Session,
    (file, owner): (&Path, Option<&str>),
    set: &BTreeMap<String, String>,
    checks: &[String],
) -> Result<Loaded, Error> {
    let given = Given {
        owner: owner.map(String::from),
        set: set.clone(),
        missing: Missing::Later,
        today: Some(session.today()),
        may_exist: true,
        any_expiry: session.takes_any_expiry(),
        without_samples: false,
    };
    let (loaded, _) = stack::load(file, given)?;
    check_names(&loaded, checks, file)?;
    Ok(loaded)
}

/// Sends the results that were not sent yet: of what was not run, and of what waited for the destroy.
fn send_last(
    tested: &mut Tested,
    checks: &[(String, StackCheck)],
    destroy: bool,
    out: &Reporter<'_>,
) {
    for result in &mut tested.results {
        complete(result, out);
        let check = checks.iter().find(|(name, _)| *name == result.check);
        let is_of_destroy = destroy && check.is_some_and(|(_, check)| check.is_of_destroy());
        if is_of_destroy || result.outcome == CheckOutcome::NotRun {
            out.send(TestEvent::CheckEnded(Box::new(result.clone())));
        }
    }
}

/// Completes the commands in a result, so that each can be pasted.
fn complete(result: &mut CheckResult, out: &Reporter<'_>) {
    let commands = out.commands();
    let causes = result.causes.iter_mut();
    let causes = causes.flat_map(|cause| [Some(&mut cause.message), cause.help.as_mut()]);
    for text in causes.chain([result.message.as_mut()]).flatten() {
        *text = commands.complete(text);
    }
}

/// Refuses names of checks that the file does not have.
fn check_names(loaded: &Loaded, names: &[String], file: &Path) -> Result<(), Error> {
    let known: Vec<&str> = loaded.file.checks.keys().map(String::as_str).collect();
    if known.is_empty() {
        return Err(Error::Usage(format!(
            "{} has no `checks:`; docs/checks.md shows how they are written",
            file.display()
        )));
    }
    let unknown = names.iter().filter(|name| !known.contains(&name.as_str()));
    let unknown: Vec<String> = unknown
        .map(|name| format!("there is no check `{name}`: {}", did_you_mean(name, &known)))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Error::Usage(unknown.join("\n")))
}

/// Refuses checks of which none would be run without a destroy.
fn check_any_is_run(loaded: &Loaded, names: &[String], way: &str) -> Result<(), Error> {
    let checks = loaded.checks().into_iter();
    let mut chosen = checks.filter(|(name, _)| names.is_empty() || names.contains(name));
    if chosen.any(|(_, check)| !check.acts().is_empty()) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "these checks are judged after a destroy alone: {way}"
    )))
}

/// Why a check is not run without a destroy.
const WAITS: &str = "it is judged by `treino test --destroy`, which destroys the stack";

/// The result of a check that is not run, or not yet.
fn not_run(name: &str, check: &StackCheck, destroys: bool) -> CheckResult {
    let waits_for_destroy = check.acts().is_empty() && check.is_of_destroy() && !destroys;
    CheckResult {
        check: name.to_owned(),
        description: check.description.clone(),
        points: check.points,
        message: waits_for_destroy.then(|| WAITS.to_owned()),
        ..CheckResult::default()
    }
}

/// Judges what the proof of the destroy says.
fn judge_destroy(
    tested: &mut Tested,
    checks: &[(String, StackCheck)],
    (completion, remains): (Completion, Option<&[String]>),
) {
    let of_destroy = |name: &String| {
        let check = checks.iter().find(|(one, _)| one == name);
        check.is_some_and(|(_, check)| check.is_of_destroy())
    };
    for result in tested
        .results
        .iter_mut()
        .filter(|one| of_destroy(&one.check))
    {
        match (completion, remains) {
            (Completion::Declined | Completion::Stopped, _) => {}
            (_, Some([])) if completion == Completion::Complete => {
                if result.outcome == CheckOutcome::NotRun {
                    result.outcome = CheckOutcome::Passed;
                }
            }
            (Completion::Unverified, _) if result.outcome != CheckOutcome::Failed => {
                result.outcome = CheckOutcome::Unknown;
                result.message =
                    Some("whether everything is deleted could not be verified".to_owned());
            }
            (_, remains) => {
                let remains = remains.unwrap_or_default();
                let message = if remains.is_empty() {
                    "the destroy did not end".to_owned()
                } else {
                    format!(
                        "{} left after the destroy: {}",
                        counted(remains.len(), "resource"),
                        remains.join(", ")
                    )
                };
                result.outcome = CheckOutcome::Failed;
                result.message.get_or_insert_with(|| message.clone());
                result.mismatches.push(Mismatch {
                    of: "empty_after_destroy".to_owned(),
                    expected: Vec::<String>::new().into(),
                    got: remains.into(),
                    message,
                });
            }
        }
    }
}

/// How many ended how. Where the test was stopped, what was not run counts in the most that can be reached.
fn counts(results: &[CheckResult], stopped: bool, seconds: f64) -> CheckCounts {
    let mut counts = CheckCounts {
        seconds: (seconds * 1000.0).round() / 1000.0,
        ..CheckCounts::default()
    };
    for result in results {
        match result.outcome {
            CheckOutcome::Passed => {
                counts.passed += 1;
                counts.score += result.points;
            }
            CheckOutcome::Failed => counts.failed += 1,
            CheckOutcome::Unknown => counts.unknown += 1,
            CheckOutcome::NotRun => counts.not_run += 1,
        }
        let is_missing = stopped && !result.waits_for_destroy();
        if result.outcome != CheckOutcome::NotRun || is_missing {
            counts.max_score += result.points;
        }
    }
    counts
}

#[cfg(test)]
mod tests;
