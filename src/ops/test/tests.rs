//! What is judged, diagnosed and written, without AWS.

mod causes;
mod told;

use serde_json::{Value, json};

use super::compare::fits;
use super::judge::{mismatches, with_values};
use super::look::{CheckView, FoundValue};
use super::way::{failed_state, span};
use crate::history::{ExecutionEvent, ExecutionResult, StatePath};
use crate::stack::StackCheck;

fn check(text: &Value) -> StackCheck {
    serde_json::from_value(text.clone()).unwrap()
}

fn entered(state: &str) -> ExecutionEvent {
    ExecutionEvent::StateEntered {
        state: state.to_owned(),
        kind: if state == "Failed" { "Fail" } else { "Task" }.to_owned(),
        path: StatePath::new(),
        at: 0.0,
        waits: None,
        branches: None,
        input: None,
    }
}

fn exited(state: &str, caught: Option<&str>) -> ExecutionEvent {
    ExecutionEvent::StateExited {
        state: state.to_owned(),
        kind: "Task".to_owned(),
        path: StatePath::new(),
        seconds: 0.1,
        retries: 0,
        caught: caught.map(String::from),
        next: None,
        output: None,
    }
}

fn attempt(state: &str, error: &str, cause: &str) -> ExecutionEvent {
    ExecutionEvent::AttemptFailed {
        state: state.to_owned(),
        path: StatePath::new(),
        attempt: 1,
        error: error.to_owned(),
        cause: cause.to_owned(),
    }
}

fn ended(status: &str, error: Option<&str>, output: Option<Value>) -> ExecutionResult {
    ExecutionResult {
        status: status.to_owned(),
        output,
        error: error.map(String::from),
        cause: None,
    }
}

fn seen(result: ExecutionResult, events: Vec<ExecutionEvent>) -> CheckView {
    CheckView {
        execution: Some("arn".to_owned()),
        result: Some(result),
        events,
        ..CheckView::default()
    }
}

/// What is wrong, as `of: message`.
fn wrong(check_text: &Value, view: &CheckView) -> Vec<String> {
    let found = mismatches(&check(check_text), view).into_iter();
    found
        .map(|one| format!("{}: {}", one.of, one.message))
        .collect()
}

#[test]
fn the_end_of_an_execution_is_judged() {
    let way = || {
        vec![
            entered("A"),
            exited("A", None),
            entered("B"),
            exited("B", None),
        ]
    };
    let well = || seen(ended("SUCCEEDED", None, Some(json!({ "n": 1 }))), way());
    let none = Vec::<String>::new();
    // Where nothing is said of it, it has to succeed.
    assert_eq!(wrong(&json!({ "input": {} }), &well()), none);
    let badly = || {
        seen(
            ended("FAILED", Some("Bad"), None),
            vec![entered("A"), attempt("A", "Bad", "no")],
        )
    };
    assert_eq!(
        wrong(&json!({ "input": {} }), &badly()),
        ["status: expected the execution to end SUCCEEDED, it ended FAILED with Bad at A"]
    );
    assert_eq!(
        wrong(
            &json!({ "input": {}, "expect": { "fails": "Bad" } }),
            &badly()
        ),
        none
    );
    assert_eq!(
        wrong(
            &json!({ "input": {}, "expect": { "fails": "Worse" } }),
            &badly()
        ),
        ["fails: expected the execution to fail with Worse, it ended FAILED with Bad at A"]
    );
    assert_eq!(
        wrong(
            &json!({ "input": {}, "expect": { "fails": "Bad" } }),
            &well()
        ),
        ["fails: expected the execution to fail with Bad, it ended SUCCEEDED"]
    );
    let timed_out = seen(ended("TIMED_OUT", Some("States.Timeout"), None), way());
    assert_eq!(
        wrong(
            &json!({ "input": {}, "expect": { "fails": "States.Timeout" } }),
            &timed_out
        ),
        none
    );
    assert_eq!(
        wrong(
            &json!({ "input": {}, "expect": { "status": "TIMED_OUT" } }),
            &timed_out
        ),
        none
    );
    let visits = json!({ "input": {}, "expect": { "visits": ["B", "C"], "not_visits": ["A"] } });
    assert_eq!(
        wrong(&visits, &well()),
        [
            "visits: expected the execution to enter C; it entered A, B",
            "not_visits: expected the execution not to enter A"
        ]
    );
    // What reads an output that did not come says nothing new.
    let that = json!({ "input": {}, "expect": { "that": "{% $output.n = 1 %}" } });
    assert_eq!(wrong(&that, &badly()).len(), 1);
    assert_eq!(wrong(&that, &well()), none);
    let other = json!({ "input": {}, "expect": { "that": "{% $output.n = 2 %}" } });
    assert_eq!(
        wrong(&other, &well()),
        ["that: expected {% $output.n = 2 %} to give true: it gives false; $output is {\"n\":1}"]
    );
    let history = "{% $count($history[event = 'state_entered']) = 2 %}";
    assert_eq!(
        wrong(
            &json!({ "input": {}, "expect": { "that": history } }),
            &well()
        ),
        none
    );
}

#[test]
fn values_fit_what_is_written_of_them() {
    let came = json!({ "size": 5.0, "type": "a", "map": { "a": 1, "b": 2 }, "list": [{ "x": 1, "y": 2 }] });
    for (wanted, does) in [
        (json!({ "size": 5 }), true),
        (json!({ "size": "5" }), false),
        (json!({ "map": { "a": 1 } }), true),
        (json!({ "map": { "a": 1, "c": 3 } }), false),
        (json!({ "list": [{ "x": 1 }] }), true),
        (json!({ "list": [] }), false),
        (json!({ "missing": null }), false),
    ] {
        assert_eq!(fits(&wanted, &came), does, "{wanted}");
    }
}

#[test]
fn an_item_that_is_wrong_is_told_by_its_fields() {
    let view = |item: FoundValue| CheckView {
        item: Some(item),
        ..seen(ended("SUCCEEDED", None, None), vec![entered("A")])
    };
    let expect = json!({ "input": {}, "expect": { "item": { "table": "t", "where": { "size": 5, "type": "a" } } } });
    let exists = FoundValue {
        exists: true,
        ..FoundValue::default()
    };
    let closest = |item: Value| FoundValue {
        closest: Some(item),
        ..exists.clone()
    };
    assert_eq!(
        wrong(&expect, &view(closest(json!({ "size": "5", "type": "a" })))),
        [
            "item: expected an item in t with {\"size\":5}: in what was written size is \"5\" (a text, not a number)"
        ]
    );
    assert_eq!(
        wrong(&expect, &view(closest(json!({ "type": "b" })))),
        [
            "item: expected an item in t with {\"size\":5,\"type\":\"a\"}: in what was written size is missing, type is \"b\""
        ]
    );
    let nothing = wrong(&expect, &view(exists.clone()));
    assert!(
        nothing[0].ends_with("nothing was written there"),
        "{nothing:?}"
    );
    assert!(wrong(&expect, &view(FoundValue::default()))[0].ends_with("there is no such table"));
    let old = FoundValue {
        found: Some(json!({ "size": 5, "type": "a" })),
        is_unchanged: true,
        ..exists
    };
    assert!(wrong(&expect, &view(old.clone()))[0].contains("may_be_unchanged"));
    let mut allowed = expect.clone();
    allowed["expect"]["item"]["may_be_unchanged"] = json!(true);
    assert_eq!(wrong(&allowed, &view(old)), Vec::<String>::new());
    // A field may be what the execution gave.
    let computed = json!({ "input": {}, "expect": { "item": { "table": "t", "where": { "id": "{% $string($output.id) %}" } } } });
    let view = seen(
        ended("SUCCEEDED", None, Some(json!({ "id": 7 }))),
        Vec::new(),
    );
    let filled = with_values(&check(&computed), &view);
    assert_eq!(filled.expect.item.unwrap().fields["id"], "7");
}

#[test]
fn it_went_wrong_where_the_first_error_was_not_mended() {
    let at = |events: &[ExecutionEvent]| failed_state(events).map(|at| at.state);
    let caught = [
        entered("Extract"),
        attempt(
            "Extract",
            "Runtime.HandlerNotFound",
            r#"{"errorMessage":"no handler","requestId":"1"}"#,
        ),
        exited("Extract", Some("Runtime.HandlerNotFound")),
        entered("Record"),
        exited("Record", None),
        entered("Failed"),
    ];
    let found = failed_state(&caught).unwrap();
    assert_eq!(
        (found.state.as_str(), found.cause.as_deref()),
        ("Extract", Some("no handler"))
    );
    // A retry that helped is no failure.
    let retried = [
        entered("A"),
        attempt("A", "E", "c"),
        exited("A", None),
        entered("Failed"),
    ];
    assert_eq!(at(&retried).as_deref(), Some("Failed"));
    assert_eq!(
        at(&[entered("A"), exited("A", None), entered("B")]).as_deref(),
        Some("B")
    );
    assert_eq!(at(&[entered("A"), exited("A", None)]), None);
    // Its log lines are those between its begin and its end.
    let ended = ExecutionEvent::ended(ended("SUCCEEDED", None, None), 1.5);
    let events = [entered("A"), exited("A", None), ended];
    assert_eq!(span(&events), Some((0.0, Some(1.5))));
    assert_eq!(span(&events[..2]), Some((0.0, None)));
    assert_eq!(span(&[]), None);
}
