//! Files of results, and what a destroy leaves.

use serde_json::{Value, json};

use super::check;
use crate::ops::test::{Tested, counts, judge_destroy, junit, marks, not_run};
use crate::ops::{CheckLogLine, CheckOutcome, CheckResult, Completion, Mismatch};

fn tested() -> Tested {
    let result = |check: &str, outcome: CheckOutcome| CheckResult {
        check: check.to_owned(),
        outcome,
        seconds: 1.5,
        points: 2,
        ..CheckResult::default()
    };
    let failed = CheckResult {
        message: Some("expected <1> & \"2\"".to_owned()),
        mismatches: vec![Mismatch {
            of: "that".to_owned(),
            expected: json!(true),
            got: json!(false),
            message: "expected <1> & \"2\"\u{1b}".to_owned(),
        }],
        log: vec![CheckLogLine {
            key: "f".to_owned(),
            message: "]]> \u{0} ção".to_owned(),
        }],
        ..result("b", CheckOutcome::Failed)
    };
    let results = vec![
        result("a", CheckOutcome::Passed),
        failed,
        result("c", CheckOutcome::Unknown),
        result("d", CheckOutcome::NotRun),
    ];
    Tested {
        stack: "lab".to_owned(),
        owner: Some("ana".to_owned()),
        counts: counts(&results, false, 3.0),
        results,
        stopped: false,
    }
}

#[test]
fn results_are_junit_xml() {
    let xml = junit::xml(&tested());
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""));
    assert!(
        xml.contains("<testcase name=\"a\" classname=\"lab\" time=\"1.500\"/>"),
        "{xml}"
    );
    assert!(
        xml.contains("<failure message=\"expected &lt;1&gt; &amp; &quot;2&quot;\" type=\"that\">"),
        "{xml}"
    );
    assert!(xml.contains("<error message="), "{xml}");
    assert!(
        xml.contains("<skipped message=\"it was not run\"/>"),
        "{xml}"
    );
    assert!(xml.contains("f: ]]&gt; \u{fffd} ção"), "{xml}");
    assert!(!xml.contains('\u{1b}') && !xml.contains('\u{0}'));
}

#[test]
fn results_are_marks() {
    let marks: Value = serde_json::from_str(&marks::json(&tested())).unwrap();
    assert_eq!(
        (&marks["status"], &marks["score"], &marks["max_score"]),
        (&json!("fail"), &json!(2), &json!(6))
    );
    assert_eq!(
        (&marks["version"], &marks["owner"]),
        (&json!(1), &json!("ana"))
    );
    let test = |index: usize| {
        let one = &marks["tests"][index];
        (
            one["id"].clone(),
            one["passed"].clone(),
            one["status"].clone(),
            one["score"].clone(),
        )
    };
    assert_eq!(test(0), (json!("a"), json!(true), json!("pass"), json!(2)));
    assert_eq!(test(1), (json!("b"), json!(false), json!("fail"), json!(0)));
    assert_eq!(test(2).2, "error");
    assert!(
        marks["tests"][1]["message"]
            .as_str()
            .unwrap()
            .contains("expected <1>")
    );
}

#[test]
fn what_a_destroy_leaves_is_judged() {
    use CheckOutcome::{Failed, NotRun, Passed, Unknown};

    let of_destroy = check(&json!({ "empty_after_destroy": true }));
    let both = check(&json!({ "input": {}, "empty_after_destroy": true }));
    let checks = vec![
        ("empty".to_owned(), of_destroy.clone()),
        ("both".to_owned(), both.clone()),
    ];
    let outcomes = |completion: Completion, remains: Option<&[String]>| {
        let mut tested = tested();
        tested.results = vec![
            not_run("empty", &of_destroy, true),
            not_run("both", &both, true),
        ];
        tested.results[1].outcome = CheckOutcome::Passed;
        judge_destroy(&mut tested, &checks, (completion, remains));
        tested
            .results
            .iter()
            .map(|one| one.outcome)
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(Completion::Complete, Some(&[])), [Passed, Passed]);
    let left = ["table lab-t".to_owned()];
    assert_eq!(outcomes(Completion::Failed, Some(&left)), [Failed, Failed]);
    assert_eq!(outcomes(Completion::Failed, None), [Failed, Failed]);
    assert_eq!(outcomes(Completion::Unverified, None), [Unknown, Unknown]);
    assert_eq!(outcomes(Completion::Declined, None), [NotRun, Passed]);
    let waits = not_run("empty", &of_destroy, false).message.unwrap();
    assert!(waits.contains("`treino test --destroy`"), "{waits}");
}
