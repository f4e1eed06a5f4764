use serde_json::json;

use super::*;

/// A history as a list of (previous, what), each event a second after the one before.
fn history(events: &[(i64, What)]) -> Vec<Happening> {
    let numbered = (1_i64..).zip(events);
    numbered
        .map(|(id, (previous, what))| Happening {
            id,
            previous: *previous,
            at: f64::from(i32::try_from(id).unwrap()),
            what: what.clone(),
        })
        .collect()
}

fn entered(kind: &str, state: &str) -> What {
    What::Entered {
        state: state.into(),
        kind: kind.into(),
        input: None,
    }
}

fn exited(state: &str) -> What {
    What::Exited {
        state: state.into(),
        output: None,
    }
}

fn failed(error: &str) -> What {
    What::AttemptFailed {
        error: error.into(),
        cause: "because".into(),
    }
}

fn started(items: Option<u64>) -> What {
    What::GroupStarted { items }
}

fn ended(kind: &'static str, outcome: Went) -> What {
    What::GroupEnded { kind, outcome }
}

fn iteration(index: u64, outcome: Option<Went>) -> What {
    let map = "Each".to_owned();
    match outcome {
        None => What::IterationStarted { map, index },
        Some(outcome) => What::IterationEnded {
            map,
            index,
            outcome,
        },
    }
}

/// What is told, a line each: the path, then what.
fn lines(told: &[Told]) -> Vec<String> {
    let at = |path: &Path| {
        let steps = path.iter().map(|step| match step {
            Within::State(name) => format!("{name}/"),
            Within::Number(number) => format!("{number}/"),
        });
        steps.collect::<String>()
    };
    let one = |told: &Told| match told {
        Told::StateEntered { path, state, .. } => format!("{}{state} >", at(path)),
        Told::StateExited {
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
        Told::AttemptFailed {
            path,
            state,
            attempt,
            error,
            ..
        } => format!("{}{state} ! {error} {attempt}", at(path)),
        Told::IterationEnded {
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
        Told::StateAborted { path, state, .. } => format!("{}{state} aborted", at(path)),
        Told::IterationStarted { .. } | Told::MapStarted { .. } => String::new(),
        other => format!("{other:?}"),
    };
    let said = told.iter().map(one);
    said.filter(|line| !line.is_empty()).collect()
}

#[test]
fn retries_are_counted_and_nothing_is_told_twice() {
    let history = history(&[
        (0, What::Other),
        (0, entered("Task", "A")),
        (2, What::Scheduled),
        (3, failed("E")),
        (4, What::Scheduled),
        (5, exited("A")),
    ]);
    let mut trace = Trace::default();
    assert_eq!(lines(&trace.read(&history[..3])), ["A >"]);
    assert_eq!(
        lines(&trace.read(&history)),
        ["A ! E 1", "A ok 4 1 None None"]
    );
    assert!(trace.read(&history).is_empty());
    assert_eq!(trace.last(), 6);
}

#[test]
fn branches_that_interleave_keep_their_places() {
    let definition = json!({ "States": { "Both": { "Type": "Parallel", "Branches": [
        { "StartAt": "A", "States": {} }, { "StartAt": "B", "States": {} } ] } } });
    let mut trace = Trace::of(DefinitionFacts::of(&definition));
    let told = trace.read(&history(&[
        (0, What::Other),
        (0, entered("Parallel", "Both")),
        (2, started(None)),
        // The second branch begins first.
        (3, entered("Task", "B")),
        (3, entered("Task", "A")),
        (4, What::Scheduled),
        (5, What::Scheduled),
        (6, failed("E")),
        (7, exited("A")),
        (8, What::Scheduled),
        (9, entered("Pass", "A2")),
        (10, exited("B")),
        (11, exited("A2")),
        (13, ended("Parallel", Went::Succeeded)),
        (14, exited("Both")),
    ]));
    assert_eq!(
        lines(&told),
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
    let mut trace = Trace::default();
    let told = trace.read(&history(&[
        (0, What::Other),
        (0, entered("Parallel", "Both")),
        (2, started(None)),
        (3, entered("Pass", "A")),
        (3, entered("Map", "Each")),
        (5, started(Some(2))),
        (6, iteration(0, None)),
        (6, iteration(1, None)),
        (7, entered("Task", "Work")),
        (8, entered("Task", "Work")),
        (9, What::Scheduled),
        (10, What::Scheduled),
        (12, failed("First")),
        (13, What::Scheduled),
        (11, exited("Work")),
        (15, iteration(0, Some(Went::Succeeded))),
        (14, failed("Last")),
        (17, iteration(1, Some(Went::Failed))),
        (18, ended("Map", Went::Failed)),
        (19, ended("Parallel", Went::Failed)),
        (20, exited("Both")),
        (21, entered("Pass", "Mend")),
    ]));
    assert_eq!(
        lines(&told),
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
fn a_choice_says_where_it_went() {
    let mut trace = Trace::default();
    let events = history(&[
        (0, What::Other),
        (0, entered("Choice", "Size")),
        (2, exited("Size")),
        (3, entered("Pass", "Large")),
    ]);
    assert_eq!(lines(&trace.read(&events[..3])), ["Size >"]);
    assert_eq!(
        lines(&trace.read(&events[3..])),
        ["Size ok 1 0 None Some(\"Large\")", "Large >"]
    );
}

#[test]
fn a_loop_is_a_new_visit_each_time() {
    let mut trace = Trace::default();
    let told = trace.read(&history(&[
        (0, What::Other),
        (0, entered("Task", "Ask")),
        (2, What::Scheduled),
        (3, failed("E")),
        (4, exited("Ask")),
        (5, entered("Task", "Ask")),
        (6, What::Scheduled),
        (7, exited("Ask")),
    ]));
    assert_eq!(
        lines(&told),
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
fn what_is_stopped_says_what_was_interrupted() {
    let ending = Ending {
        status: "ABORTED".into(),
        output: None,
        error: None,
        cause: None,
    };
    let mut trace = Trace::default();
    let told = trace.read(&history(&[
        (0, What::Other),
        (0, entered("Wait", "Pause")),
        (
            2,
            What::Aborted {
                kind: "Wait".into(),
            },
        ),
        (0, What::Ended(ending.clone())),
    ]));
    assert_eq!(lines(&told[..2]), ["Pause >", "Pause aborted"]);
    assert_eq!(told[2], Told::ended(ending, 3.0));
}

/// As emulators write histories: no links, and nothing of branches.
#[test]
fn a_history_without_links_is_read_in_order() {
    let mut trace = Trace::default();
    let told = trace.read(&history(&[
        (0, What::Other),
        (0, entered("Parallel", "Both")),
        (0, What::Scheduled),
        (0, What::Scheduled),
        (0, exited("Both")),
        (0, entered("Choice", "C")),
        (0, exited("C")),
        (0, entered("Pass", "End")),
    ]));
    assert_eq!(
        lines(&told),
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
fn a_map_run_fails_and_the_execution_is_taken_up_again() {
    let ending = Ending {
        status: "FAILED".into(),
        output: None,
        error: Some("Bad".into()),
        cause: None,
    };
    let (error, cause) = (Some("Bad".to_owned()), Some("because".to_owned()));
    let mut trace = Trace::default();
    let told = trace.read(&history(&[
        (0, What::Other),
        (0, entered("Map", "Each")),
        (2, What::RunStarted { arn: "run".into() }),
        (
            3,
            What::RunEnded {
                outcome: Went::Failed,
                error: error.clone(),
                cause: cause.clone(),
            },
        ),
        (4, What::Ended(ending.clone())),
        (5, What::Redriven),
        (6, What::RunStarted { arn: "run".into() }),
        (7, exited("Each")),
    ]));
    let state = || "Each".to_owned();
    let started = Told::MapRunStarted {
        state: state(),
        path: Path::new(),
        arn: "run".into(),
    };
    let failed = Told::MapRunEnded {
        state: state(),
        path: Path::new(),
        outcome: Went::Failed,
        error,
        cause,
    };
    let redriven = Told::ExecutionRedriven { at: 6.0 };
    assert_eq!(
        told[1..6],
        [
            started.clone(),
            failed,
            Told::ended(ending, 4.0),
            redriven,
            started
        ]
    );
    // Having been taken up again, it did not end by a Catch.
    assert_eq!(lines(&told[6..]), ["Each ok 6 0 None None"]);
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
    let until = Waits::Until("2026-01-01T00:00:00Z".into());
    let expected = [("U".into(), until), ("W".into(), Waits::Seconds(10.0))];
    assert_eq!(waits, expected);
    assert_eq!(facts.fails["F"], ("Bad".into(), String::new()));
}

#[test]
fn paths_are_names_and_numbers_in_json() {
    let told = Told::IterationStarted {
        state: "Each".into(),
        path: vec![Within::State("Both".into()), Within::Number(1)],
        index: 7,
    };
    assert_eq!(
        serde_json::to_value(told).unwrap(),
        json!({ "event": "iteration_started", "state": "Each", "path": ["Both", 1], "index": 7 })
    );
}
