//! Results as marks: the `result.json` of graders for GitHub Classroom.
//!
//! `version`, `status`, `max_score` and the `name`, `status`, `score` and `message` of each test are what
//! <https://github.com/classroom-resources/autograding-grading-reporter> reads. `id`, `passed`, `max_score`
//! and `cause` of each test, and the sum as `score`, are there for others.

use serde::Serialize;

use super::{Tested, TestedStudent, junit};
use crate::ops::{CauseKind, CheckOutcome, CheckResult};

/// The marks of a stack.
#[derive(Serialize)]
struct Marks<'t> {
    version: u32,
    status: &'static str,
    stack: &'t str,
    owner: Option<&'t str>,
    score: u32,
    max_score: u32,
    tests: Vec<CheckMark<'t>>,
}

/// The mark of a check.
#[derive(Serialize)]
struct CheckMark<'t> {
    id: &'t str,
    name: &'t str,
    description: &'t str,
    passed: bool,
    status: &'static str,
    score: u32,
    max_score: u32,
    /// What made it fail, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CauseKind>,
    message: Option<String>,
    duration: f64,
}

/// The marks of a class.
#[derive(Serialize)]
struct ClassMarks<'t> {
    version: u32,
    status: &'static str,
    stack: &'t str,
    students: Vec<NamedMarks<'t>>,
}

/// The marks of a student.
#[derive(Serialize)]
struct NamedMarks<'t> {
    name: Option<&'t str>,
    #[serde(flatten)]
    marks: Marks<'t>,
}

/// The document of one stack.
pub(super) fn json(tested: &Tested) -> String {
    written(&marks(tested))
}

/// The document of a class: for each student, the marks as that of one stack has them.
pub(super) fn of_class(stack: &str, students: &[TestedStudent]) -> String {
    let students = students.iter().map(|student| NamedMarks {
        name: student.name.as_deref(),
        marks: marks(&student.tested),
    });
    let students: Vec<NamedMarks<'_>> = students.collect();
    // The worst of all.
    let status = ["fail", "error"].into_iter().find(|status| {
        let mut all = students.iter();
        all.any(|one| one.marks.status == *status)
    });
    written(&ClassMarks {
        version: 1,
        status: status.unwrap_or("pass"),
        stack,
        students,
    })
}

fn written(document: &impl Serialize) -> String {
    // A document of texts and numbers can be written.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

fn marks(tested: &Tested) -> Marks<'_> {
    let counts = &tested.counts;
    // What waits for a destroy that nobody asked for is no part of the marks.
    let is_marked = |one: &&CheckResult| one.outcome != CheckOutcome::NotRun || tested.misses(one);
    let marked: Vec<&CheckResult> = tested.results.iter().filter(is_marked).collect();
    Marks {
        version: 1,
        status: match (counts.failed, counts.unknown, tested.stopped) {
            (0, 0, false) => "pass",
            (0, ..) => "error",
            _ => "fail",
        },
        stack: &tested.stack,
        owner: tested.owner.as_deref(),
        score: counts.score,
        max_score: marked.iter().map(|result| result.points).sum(),
        tests: marked.into_iter().map(mark).collect(),
    }
}

fn mark(result: &CheckResult) -> CheckMark<'_> {
    let passed = result.outcome == CheckOutcome::Passed;
    CheckMark {
        id: &result.check,
        name: &result.check,
        description: &result.description,
        passed,
        status: match result.outcome {
            CheckOutcome::Passed => "pass",
            CheckOutcome::Failed => "fail",
            CheckOutcome::Unknown | CheckOutcome::NotRun => "error",
        },
        score: if passed { result.points } else { 0 },
        max_score: result.points,
        cause: result.cause(),
        message: match result.outcome {
            CheckOutcome::Passed => None,
            CheckOutcome::NotRun => Some(
                result
                    .message
                    .clone()
                    .unwrap_or_else(|| "it was not run".to_owned()),
            ),
            _ => Some(junit::details(result)),
        },
        duration: result.seconds,
    }
}
