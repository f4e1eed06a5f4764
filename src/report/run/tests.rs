use super::cause::parse;
use super::*;
use crate::history::{ExecutionEvent, PathSegment, StateOutcome, StatePath};

fn plain(lines: Vec<String>) -> Vec<String> {
    let bare = |line: String| anstream::adapter::strip_str(&line).to_string();
    lines.into_iter().map(bare).collect()
}

fn path(steps: &[(&str, u64)]) -> StatePath {
    let both = |(state, number): &(&str, u64)| {
        [
            PathSegment::State((*state).to_owned()),
            PathSegment::Number(*number),
        ]
    };
    steps.iter().flat_map(both).collect()
}

fn exited(state: &str, path: StatePath) -> ExecutionEvent {
    ExecutionEvent::StateExited {
        state: state.into(),
        kind: "Task".into(),
        path,
        seconds: 1.25,
        retries: 1,
        caught: None,
        next: None,
        output: None,
    }
}

fn map_started(items: u64) -> ExecutionEvent {
    ExecutionEvent::MapStarted {
        state: "Each".into(),
        path: StatePath::new(),
        items,
    }
}

fn iteration(index: u64, error: Option<&str>) -> ExecutionEvent {
    ExecutionEvent::IterationEnded {
        state: "Each".into(),
        path: StatePath::new(),
        index,
        outcome: if error.is_some() {
            StateOutcome::Failed
        } else {
            StateOutcome::Succeeded
        },
        seconds: 0.5,
        retries: 1,
        error: error.map(String::from),
        cause: error.map(|_| "cause_suffix".to_owned()),
    }
}

#[test]
fn lines_of_branches_begin_with_their_numbers() {
    let mut renderer = RunRenderer::new(false, false);
    let path = path(&[("Both", 1), ("Each", 0)]);
    assert_eq!(
        plain(renderer.render(&exited("Work", path))),
        ["  | [1] | [0] ok Work 1.2 s, 1 retry"]
    );
}

#[test]
fn many_iterations_are_counted_and_the_failed_shown() {
    let mut renderer = RunRenderer::new(false, false);
    assert_eq!(
        plain(renderer.render(&map_started(500))),
        ["  > Each (500 items)"]
    );
    let mut lines = Vec::new();
    for index in 0..500 {
        let path = path(&[("Each", index)]);
        assert!(renderer.render(&exited("Work", path)).is_empty());
        let failed = (index % 40 == 7).then_some("Bad");
        lines.extend(plain(renderer.render(&iteration(index, failed))));
    }
    assert_eq!(lines[0], "  | [7] failed: Bad: cause_suffix");
    assert!(lines.contains(&"  | 50 of 500".to_owned()), "{lines:?}");
    let failures = lines.iter().filter(|line| line.contains("failed:"));
    assert_eq!(failures.count(), 10);
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("more fail"))
            .count(),
        1
    );
    assert_eq!(
        plain(renderer.render(&exited("Each", StatePath::new()))),
        ["  ok Each 1.2 s, 500 items, 13 failed, 501 retries"]
    );
    assert_eq!(renderer.running_summary(0.0), "");
}

#[test]
fn all_iterations_are_shown_with_v() {
    let mut renderer = RunRenderer::new(true, false);
    renderer.render(&map_started(500));
    let lines = renderer.render(&exited("Work", path(&[("Each", 400)])));
    assert_eq!(plain(lines), ["  | [400] ok Work 1.2 s, 1 retry"]);
}

#[test]
fn the_running_states() {
    let mut renderer = RunRenderer::new(false, true);
    let entered = |state: &str, kind: &str, path: StatePath| ExecutionEvent::StateEntered {
        state: state.into(),
        kind: kind.into(),
        path,
        at: 100.0,
        waits: (kind == "Wait").then_some(crate::history::WaitTime::Seconds(10.0)),
        branches: None,
        input: None,
    };
    renderer.render(&entered("Both", "Parallel", StatePath::new()));
    renderer.render(&entered("Pause", "Wait", path(&[("Both", 0)])));
    renderer.render(&entered("Work", "Task", path(&[("Both", 1)])));
    assert_eq!(renderer.running_summary(103.2), "Pause 7 s left, Work 3 s");
}

#[test]
fn a_functions_cause_is_its_message_and_its_own_frames() {
    let python = r#"{"errorMessage": "not yet", "errorType": "Unlucky", "requestId": "1", "stackTrace": [
        "  File \"/var/runtime/x.py\", line 1, in y\n    z()\n",
        "  File \"/var/task/app.py\", line 5, in handler\n    raise Unlucky(\"not yet\")\n"]}"#;
    let seen = parse(python);
    assert_eq!(seen.message, "not yet");
    assert_eq!(
        seen.frames,
        ["app.py:5 in handler: raise Unlucky(\"not yet\")"]
    );
    let node = r#"{"errorMessage": "no", "errorType": "Error", "trace": ["Error: no",
        "    at deep (/var/task/lib.js:9:1)", "    at Runtime.handler (file:///var/task/index.mjs:3:9)",
        "    at /var/runtime/x.js:1"]}"#;
    assert_eq!(
        parse(node).frames,
        ["index.mjs:3:9 in Runtime.handler", "lib.js:9:1 in deep"]
    );
    let api = r#"{"Headers": {"server": ["x"]}, "ResponseBody": {"message": "no"}, "StatusCode": 401,
        "StatusText": "Unauthorized"}"#;
    assert_eq!(parse(api).message, r#"401 Unauthorized: {"message":"no"}"#);
    let plain = "The state's output is larger than 262144 bytes";
    assert_eq!(parse(plain).message, plain);
    // JSON that is no function's is left as it is.
    assert_eq!(parse(r#"{"a": 1}"#).message, r#"{"a": 1}"#);
}

#[test]
fn long_texts_are_cut() {
    assert_eq!(shortened("a\n b", 10), "a b");
    assert_eq!(shortened("abcdef", 3), "abc... (-v shows all)");
}

fn entered(state: &str, kind: &str, path: StatePath) -> ExecutionEvent {
    ExecutionEvent::StateEntered {
        state: state.into(),
        kind: kind.into(),
        path,
        at: 0.0,
        waits: None,
        branches: None,
        input: None,
    }
}

fn ended(status: &str) -> ExecutionEvent {
    ExecutionEvent::ExecutionEnded {
        status: status.into(),
        output: None,
        error: None,
        cause: None,
        seconds: 1.0,
    }
}

#[test]
fn a_path_that_ends_in_a_fail_state_shows_it() {
    let mut renderer = RunRenderer::new(false, false);
    let event = entered("SoldOut", "Fail", StatePath::new());
    assert_eq!(plain(renderer.render(&event)), ["  fail SoldOut"]);
    let event = entered("SoldOut", "Fail", path(&[("Both", 1)]));
    assert_eq!(plain(renderer.render(&event)), ["  | [1] fail SoldOut"]);
    assert_eq!(
        plain(renderer.render(&ended("FAILED"))),
        ["failed after 1.0 s"]
    );
    // Of iterations that are counted, no line is shown.
    renderer.render(&map_started(11));
    let event = entered("SoldOut", "Fail", path(&[("Each", 1)]));
    assert_eq!(plain(renderer.render(&event)), [""; 0]);
}

#[test]
fn a_handled_failure_is_no_plain_success() {
    let caught = |state: &str, path: StatePath| {
        let mut event = exited(state, path);
        if let ExecutionEvent::StateExited { caught, .. } = &mut event {
            *caught = Some("Declined".to_owned());
        }
        event
    };
    let mut renderer = RunRenderer::new(false, false);
    let shown = renderer.render(&ended("SUCCEEDED"));
    assert!(shown[0].contains("\u{1b}[32m"), "green: {shown:?}");
    renderer.render(&caught("Pay", StatePath::new()));
    let shown = renderer.render(&ended("SUCCEEDED"));
    assert!(shown[0].contains("\u{1b}[33m"), "yellow: {shown:?}");
    let text = "succeeded in 1.0 s, after a handled failure: Declined in Pay";
    assert_eq!(plain(shown), [text]);
    // Also where its line is not shown.
    renderer.render(&map_started(11));
    renderer.render(&caught("Ship", path(&[("Each", 0)])));
    let text = "succeeded in 1.0 s, after 2 handled failures, the first Declined in Pay";
    assert_eq!(plain(renderer.render(&ended("SUCCEEDED"))), [text]);
}
