//! Results as marks: the `result.json` of graders for GitHub Classroom.
//!
//! `version`, `status`, `max_score` and the `name`, `status`, `score` and `message` of each test are what
//! <https://github.com/classroom-resources/autograding-grading-reporter> reads. `id`, `passed` and `max_score` of each test,
//! and the sum as `score`, are there for others.

use serde_json::{Value, json};

use super::{Tested, junit};
use crate::ops::CheckOutcome;

/// The document.
pub(super) fn json(tested: &Tested) -> String {
    let counts = &tested.counts;
    let status = match (counts.failed, counts.unknown + counts.not_run) {
        (0, 0) => "pass",
        (0, _) => "error",
        _ => "fail",
    };
    let tests: Vec<Value> = tested
        .results
        .iter()
        .map(|result| {
            let passed = result.outcome == CheckOutcome::Passed;
            let status = match result.outcome {
                CheckOutcome::Passed => "pass",
                CheckOutcome::Failed => "fail",
                CheckOutcome::Unknown | CheckOutcome::NotRun => "error",
            };
            let message = match result.outcome {
                CheckOutcome::Passed => Value::Null,
                CheckOutcome::NotRun => {
                    json!(result.message.as_deref().unwrap_or("it was not run"))
                }
                _ => json!(junit::details(result)),
            };
            json!({
                "id": result.check,
                "name": result.check,
                "description": result.description,
                "passed": passed,
                "status": status,
                "score": if passed { result.points } else { 0 },
                "max_score": result.points,
                "message": message,
                "duration": result.seconds,
            })
        })
        .collect();
    let max: u32 = tested.results.iter().map(|result| result.points).sum();
    let document = json!({
        "version": 1,
        "status": status,
        "stack": tested.stack,
        "owner": tested.owner,
        "score": counts.score,
        "max_score": max,
        "tests": tests,
    });
    // A document of texts and numbers can be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
