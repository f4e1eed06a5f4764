//! Execution histories, also such as Step Functions never records.

use proptest::prelude::*;
use serde_json::{Value, json};
use treino::history::{
    DefinitionFacts, ExecutionEvent, ExecutionResult, ExecutionTracker, HistoryEvent,
    HistoryEventKind, StateOutcome, WaitTime,
};
use treino::report::RunRenderer;

use super::tried;
use crate::properties::value;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(vec!["A", "B", "P", "M", "W", "F"]).prop_map(String::from), 1 => ".*"]
}

fn state_type() -> impl Strategy<Value = String> {
    let types = vec![
        "Task", "Choice", "Parallel", "Map", "Wait", "Pass", "Fail", "Succeed",
    ];
    prop_oneof![6 => prop::sample::select(types).prop_map(String::from), 1 => ".*"]
}

fn outcome() -> impl Strategy<Value = StateOutcome> {
    prop::sample::select(vec![
        StateOutcome::Succeeded,
        StateOutcome::Failed,
        StateOutcome::Aborted,
    ])
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..4_u64, 1 => 9..40_u64, 1 => any::<u64>()]
}

/// What services and functions answer, stack traces as well.
fn cause() -> impl Strategy<Value = String> {
    let real = json!({ "errorMessage": "no", "errorType": "KeyError", "stackTrace": ["  File \"/var/task/app.py\", line 3, in handler\n    x"] });
    let node = json!({ "errorMessage": "no", "trace": ["TypeError: no", "    at handler (/var/task/i.js:1:2)", 7] });
    let nested = json!({ "Error": "X", "Cause": real.to_string() });
    let real = vec![real.to_string(), node.to_string(), nested.to_string()];
    prop_oneof![2 => prop::sample::select(real), 1 => value().prop_map(|v| v.to_string()), 1 => ".*"]
}

fn event_kind() -> impl Strategy<Value = HistoryEventKind> {
    let data = || prop::option::of(value());
    let parents = prop::sample::select(vec!["Parallel", "Map"]);
    prop_oneof![
        6 => (name(), state_type(), data()).prop_map(|(state, state_type, input)| HistoryEventKind::StateEntered { state, state_type, input }),
        5 => (name(), data()).prop_map(|(state, output)| HistoryEventKind::StateExited { state, output }),
        1 => state_type().prop_map(|state_type| HistoryEventKind::StateAborted { state_type }),
        2 => Just(HistoryEventKind::TaskScheduled),
        2 => (name(), cause()).prop_map(|(error, cause)| HistoryEventKind::AttemptFailed { error, cause }),
        3 => prop::option::of(number()).prop_map(|items| HistoryEventKind::ChildrenStarted { items }),
        2 => (parents, outcome()).prop_map(|(state_type, outcome)| HistoryEventKind::ChildrenEnded { state_type, outcome }),
        3 => (name(), number()).prop_map(|(map, index)| HistoryEventKind::IterationStarted { map, index }),
        3 => (name(), number(), outcome()).prop_map(|(map, index, outcome)| HistoryEventKind::IterationEnded { map, index, outcome }),
        1 => ".*".prop_map(|arn| HistoryEventKind::MapRunStarted { arn }),
        1 => (outcome(), prop::option::of(name()), prop::option::of(cause()))
            .prop_map(|(outcome, error, cause)| HistoryEventKind::MapRunEnded { outcome, error, cause }),
        1 => (state_type(), data(), prop::option::of(name()), prop::option::of(cause()))
            .prop_map(|(status, output, error, cause)| HistoryEventKind::ExecutionEnded(ExecutionResult { status, output, error, cause })),
        1 => Just(HistoryEventKind::ExecutionRedriven),
        1 => Just(HistoryEventKind::Other),
    ]
}

fn facts() -> impl Strategy<Value = DefinitionFacts> {
    let branches = prop::collection::btree_map(name(), prop::collection::vec(name(), 0..3), 0..3);
    let waits = prop::collection::btree_map(name(), any::<f64>(), 0..2);
    let fails = prop::collection::btree_map(name(), (name(), name()), 0..2);
    (branches, waits, fails).prop_map(|(branches, waits, fails)| DefinitionFacts {
        branches,
        fails,
        waits: waits
            .into_iter()
            .map(|(state, wait)| {
                let waits = if wait > 0.0 {
                    WaitTime::Seconds(wait)
                } else {
                    WaitTime::Until(wait.to_string())
                };
                (state, waits)
            })
            .collect(),
    })
}

/// Events that follow from the one before, from an earlier one, or from one that does not exist.
fn events() -> impl Strategy<Value = Vec<HistoryEvent>> {
    let one = (
        event_kind(),
        prop_oneof![5 => Just(1_i64), 3 => 1..12_i64, 1 => any::<i64>()],
        0..5_000_u32,
        0..20_u8,
    );
    prop::collection::vec(one, 0..80).prop_map(|events| {
        let mut at = 1_700_000_000.0;
        let mut events: Vec<HistoryEvent> = (1_i64..)
            .zip(events)
            .map(|(number, (kind, back, later, how))| {
                at += f64::from(later) / 1000.0;
                HistoryEvent {
                    id: if how == 0 {
                        number.wrapping_mul(back)
                    } else {
                        number
                    },
                    previous: number.wrapping_sub(back),
                    at: if how == 1 { -at } else { at },
                    kind,
                }
            })
            .collect();
        if let Some(last) = events.first().cloned().filter(|first| first.id == 3) {
            events.push(last);
        }
        events
    })
}

fn read_and_rendered((facts, events): (DefinitionFacts, Vec<HistoryEvent>)) {
    let whole = ExecutionTracker::of(facts.clone()).read(&events);
    let mut tracker = ExecutionTracker::of(facts);
    // Read in pieces that overlap, a history gives the same events.
    let mut pieces = Vec::new();
    for end in (0..events.len()).step_by(7).chain([events.len()]) {
        pieces.extend(tracker.read(&events[end.saturating_sub(12)..end]));
    }
    if in_order(&events) {
        assert_eq!(pieces, whole);
    }
    for (verbose, live) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut renderer = RunRenderer::new(verbose, live);
        for one in &whole {
            let _ = renderer.render(one);
        }
    }
    whole.iter().for_each(serialized);
}

fn in_order(events: &[HistoryEvent]) -> bool {
    events.windows(2).all(|two| two[0].id < two[1].id)
}

fn serialized(event: &ExecutionEvent) {
    let json: Value = serde_json::to_value(event).unwrap();
    assert!(json["event"].is_string(), "{json}");
}

tried! {
    /// Any list of events can be read, rendered and serialized.
    histories, 300 of (facts(), events()) => read_and_rendered;
}
