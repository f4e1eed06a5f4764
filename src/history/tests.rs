use serde_json::json;

use super::*;

/// A history as a list of (previous, kind), each event a second after the one before.
fn history(events: &[(i64, HistoryEventKind)]) -> Vec<HistoryEvent> {
    let numbered = (1_i64..).zip(events);
    numbered
        .map(|(id, (previous, kind))| HistoryEvent {
            id,
            previous: *previous,
            at: f64::from(i32::try_from(id).unwrap()),
            kind: kind.clone(),
        })
        .collect()
}

fn entered(state_type: &str, state: &str) -> HistoryEventKind {
    HistoryEventKind::StateEntered {
        state: state.into(),
        state_type: state_type.into(),
        input: None,
    }
}

fn exited(state: &str) -> HistoryEventKind {
    HistoryEventKind::StateExited {
        state: state.into(),
        output: None,
    }
}

fn failed(error: &str) -> HistoryEventKind {
    HistoryEventKind::AttemptFailed {
        error: error.into(),
        cause: "because".into(),
    }
}

fn started(items: Option<u64>) -> HistoryEventKind {
    HistoryEventKind::ChildrenStarted { items }
}

fn ended(state_type: &'static str, outcome: StateOutcome) -> HistoryEventKind {
    HistoryEventKind::ChildrenEnded {
        state_type,
        outcome,
    }
}

fn iteration(index: u64, outcome: Option<StateOutcome>) -> HistoryEventKind {
    let map = "Each".to_owned();
    match outcome {
        None => HistoryEventKind::IterationStarted { map, index },
        Some(outcome) => HistoryEventKind::IterationEnded {
            map,
            index,
            outcome,
        },
    }
}

/// A line for each event: the path, then what happened.
fn lines(events: &[ExecutionEvent]) -> Vec<String> {
    let at = |path: &StatePath| {
        let segments = path.iter().map(|segment| match segment {
            PathSegment::State(name) => format!("{name}/"),
            PathSegment::Number(number) => format!("{number}/"),
        });
        segments.collect::<String>()
    };
    let one = |event: &ExecutionEvent| match event {
        ExecutionEvent::StateEntered { path, state, .. } => format!("{}{state} >", at(path)),
        ExecutionEvent::StateExited {
            path,
            state,
            seconds,
            retries,
            caught,
            next,
            ..
        } => format!(
            "{}{state} ok {seconds} {retries} {caught:?} {next:?}",
            at(path)
        ),
        ExecutionEvent::AttemptFailed {
            path,
            state,
            attempt,
            error,
            ..
        } => format!("{}{state} ! {error} {attempt}", at(path)),
        ExecutionEvent::IterationEnded {
            path,
            state,
            index,
            outcome,
            retries,
            error,
            ..
        } => format!(
            "{}{state}[{index}] {outcome:?} {retries} {error:?}",
            at(path)
        ),
        ExecutionEvent::StateAborted { path, state, .. } => format!("{}{state} aborted", at(path)),
        ExecutionEvent::IterationStarted { .. } | ExecutionEvent::MapStarted { .. } => {
            String::new()
        }
        other => format!("{other:?}"),
    };
    let lines = events.iter().map(one);
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn retries_are_counted_and_no_event_is_shown_twice() {
    let history = history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Task", "A")),
        (2, HistoryEventKind::TaskScheduled),
        (3, failed("E")),
        (4, HistoryEventKind::TaskScheduled),
        (5, exited("A")),
    ]);
    let mut tracker = ExecutionTracker::default();
    assert_eq!(lines(&tracker.read(&history[..3])), ["A >"]);
    assert_eq!(
        lines(&tracker.read(&history)),
        ["A ! E 1", "A ok 4 1 None None"]
    );
    assert!(tracker.read(&history).is_empty());
    assert_eq!(tracker.last_id(), 6);
}

#[test]
fn branches_that_interleave_keep_their_places() {
    let definition = json!({ "States": { "Both": { "Type": "Parallel", "Branches": [
        { "StartAt": "A", "States": {} }, { "StartAt": "B", "States": {} } ] } } });
    let mut tracker = ExecutionTracker::of(DefinitionFacts::of(&definition));
    let events = tracker.read(&history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Parallel", "Both")),
        (2, started(None)),
        // The second branch begins first.
        (3, entered("Task", "B")),
        (3, entered("Task", "A")),
        (4, HistoryEventKind::TaskScheduled),
        (5, HistoryEventKind::TaskScheduled),
        (6, failed("E")),
        (7, exited("A")),
        (8, HistoryEventKind::TaskScheduled),
        (9, entered("Pass", "A2")),
        (10, exited("B")),
        (11, exited("A2")),
        (13, ended("Parallel", StateOutcome::Succeeded)),
        (14, exited("Both")),
    ]));
    assert_eq!(
        lines(&events),
        [
            "Both >",
            "Both/1/B >",
            "Both/0/A >",
            "Both/1/B ! E 1",
            "Both/0/A ok 4 0 None None",
            "Both/0/A2 >",
            "Both/1/B ok 8 1 None None",
            "Both/0/A2 ok 2 0 None None",
            "Both ok 13 0 None None",
        ]
    );
}

#[test]
fn a_map_inside_a_branch_and_a_failed_iteration() {
    let mut tracker = ExecutionTracker::default();
    let events = tracker.read(&history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Parallel", "Both")),
        (2, started(None)),
        (3, entered("Pass", "A")),
        (3, entered("Map", "Each")),
        (5, started(Some(2))),
        (6, iteration(0, None)),
        (6, iteration(1, None)),
        (7, entered("Task", "Work")),
        (8, entered("Task", "Work")),
        (9, HistoryEventKind::TaskScheduled),
        (10, HistoryEventKind::TaskScheduled),
        (12, failed("First")),
        (13, HistoryEventKind::TaskScheduled),
        (11, exited("Work")),
        (15, iteration(0, Some(StateOutcome::Succeeded))),
        (14, failed("Last")),
        (17, iteration(1, Some(StateOutcome::Failed))),
        (18, ended("Map", StateOutcome::Failed)),
        (19, ended("Parallel", StateOutcome::Failed)),
        (20, exited("Both")),
        (21, entered("Pass", "Mend")),
    ]));
    assert_eq!(
        lines(&events),
        [
            "Both >",
            "Both/0/A >",
            "Both/1/Each >",
            "Both/1/Each/0/Work >",
            "Both/1/Each/1/Work >",
            "Both/1/Each/1/Work ! First 1",
            "Both/1/Each/0/Work ok 6 0 None None",
            "Both/1/Each[0] Succeeded 0 None",
            "Both/1/Each/1/Work ! Last 2",
            "Both/1/Each[1] Failed 1 Some(\"Last\")",
            "Both ok 19 0 Some(\"Last\") None",
            "Mend >",
        ]
    );
}

#[test]
fn a_choice_names_the_state_it_chose() {
    let mut tracker = ExecutionTracker::default();
    let events = history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Choice", "Size")),
        (2, exited("Size")),
        (3, entered("Pass", "Large")),
    ]);
    assert_eq!(lines(&tracker.read(&events[..3])), ["Size >"]);
    assert_eq!(
        lines(&tracker.read(&events[3..])),
        ["Size ok 1 0 None Some(\"Large\")", "Large >"]
    );
}

#[test]
fn a_loop_enters_its_state_each_time_anew() {
    let mut tracker = ExecutionTracker::default();
    let events = tracker.read(&history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Task", "Ask")),
        (2, HistoryEventKind::TaskScheduled),
        (3, failed("E")),
        (4, exited("Ask")),
        (5, entered("Task", "Ask")),
        (6, HistoryEventKind::TaskScheduled),
        (7, exited("Ask")),
    ]));
    assert_eq!(
        lines(&events),
        [
            "Ask >",
            "Ask ! E 1",
            "Ask ok 3 0 Some(\"E\") None",
            "Ask >",
            "Ask ok 2 0 None None",
        ]
    );
}

#[test]
fn a_stopped_execution_names_the_interrupted_state() {
    let result = ExecutionResult {
        status: "ABORTED".into(),
        output: None,
        error: None,
        cause: None,
    };
    let mut tracker = ExecutionTracker::default();
    let events = tracker.read(&history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Wait", "Pause")),
        (
            2,
            HistoryEventKind::StateAborted {
                state_type: "Wait".into(),
            },
        ),
        (0, HistoryEventKind::ExecutionEnded(result.clone())),
    ]));
    assert_eq!(lines(&events[..2]), ["Pause >", "Pause aborted"]);
    assert_eq!(events[2], ExecutionEvent::ended(result, 3.0));
}

/// As emulators write histories: no links, and nothing of branches.
#[test]
fn a_history_without_links_is_read_in_order() {
    let mut tracker = ExecutionTracker::default();
    let events = tracker.read(&history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Parallel", "Both")),
        (0, HistoryEventKind::TaskScheduled),
        (0, HistoryEventKind::TaskScheduled),
        (0, exited("Both")),
        (0, entered("Choice", "C")),
        (0, exited("C")),
        (0, entered("Pass", "End")),
    ]));
    assert_eq!(
        lines(&events),
        [
            "Both >",
            "Both ok 3 1 None None",
            "C >",
            "C ok 1 0 None Some(\"End\")",
            "End >",
        ]
    );
}

#[test]
fn a_map_run_fails_and_the_execution_is_redriven() {
    let result = ExecutionResult {
        status: "FAILED".into(),
        output: None,
        error: Some("Bad".into()),
        cause: None,
    };
    let (error, cause) = (Some("Bad".to_owned()), Some("because".to_owned()));
    let mut tracker = ExecutionTracker::default();
    let events = tracker.read(&history(&[
        (0, HistoryEventKind::Other),
        (0, entered("Map", "Each")),
        (2, HistoryEventKind::MapRunStarted { arn: "run".into() }),
        (
            3,
            HistoryEventKind::MapRunEnded {
                outcome: StateOutcome::Failed,
                error: error.clone(),
                cause: cause.clone(),
            },
        ),
        (4, HistoryEventKind::ExecutionEnded(result.clone())),
        (5, HistoryEventKind::ExecutionRedriven),
        (6, HistoryEventKind::MapRunStarted { arn: "run".into() }),
        (7, exited("Each")),
    ]));
    let state = || "Each".to_owned();
    let started = ExecutionEvent::MapRunStarted {
        state: state(),
        path: StatePath::new(),
        arn: "run".into(),
    };
    let failed = ExecutionEvent::MapRunEnded {
        state: state(),
        path: StatePath::new(),
        outcome: StateOutcome::Failed,
        error,
        cause,
    };
    let redriven = ExecutionEvent::ExecutionRedriven { at: 6.0 };
    assert_eq!(
        events[1..6],
        [
            started.clone(),
            failed,
            ExecutionEvent::ended(result, 4.0),
            redriven,
            started
        ]
    );
    // After the redrive it did not end by a catcher.
    assert_eq!(lines(&events[6..]), ["Each ok 6 0 None None"]);
}

#[test]
fn what_a_definition_adds_to_its_histories() {
    let facts = DefinitionFacts::of(&json!({ "States": {
        "W": { "Type": "Wait", "Seconds": 10 },
        "V": { "Type": "Wait", "Seconds": "{% $x %}" },
        "M": { "Type": "Map", "ItemProcessor": { "States": {
            "U": { "Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z" },
            "F": { "Type": "Fail", "Error": "Bad", "Cause": "{% $c %}" } } } } } }));
    let waits: Vec<_> = facts.waits.into_iter().collect();
    let until = WaitTime::Until("2026-01-01T00:00:00Z".into());
    let expected = [("U".into(), until), ("W".into(), WaitTime::Seconds(10.0))];
    assert_eq!(waits, expected);
    assert_eq!(facts.fails["F"], ("Bad".into(), String::new()));
}

#[test]
fn paths_are_names_and_numbers_in_json() {
    let events = ExecutionEvent::IterationStarted {
        state: "Each".into(),
        path: vec![PathSegment::State("Both".into()), PathSegment::Number(1)],
        index: 7,
    };
    assert_eq!(
        serde_json::to_value(events).unwrap(),
        json!({ "event": "iteration_started", "state": "Each", "path": ["Both", 1], "index": 7 })
    );
}
