//! Execution histories, in any order and of any sense.

use proptest::prelude::*;
use serde_json::{Value, json};
use treino::history::{DefinitionFacts, Ending, Happening, Told, Trace, Waits, Went, What};
use treino::report::Story;

use super::tried;
use crate::properties::value;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(vec!["A", "B", "P", "M", "W", "F"]).prop_map(String::from), 1 => ".*"]
}

fn kind() -> impl Strategy<Value = String> {
    let kinds = vec![
        "Task", "Choice", "Parallel", "Map", "Wait", "Pass", "Fail", "Succeed",
    ];
    prop_oneof![6 => prop::sample::select(kinds).prop_map(String::from), 1 => ".*"]
}

fn went() -> impl Strategy<Value = Went> {
    prop::sample::select(vec![Went::Succeeded, Went::Failed, Went::Aborted])
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..4_u64, 1 => 9..40_u64, 1 => any::<u64>()]
}

/// What services and functions say: also the traces that are read for their places.
fn cause() -> impl Strategy<Value = String> {
    let real = json!({ "errorMessage": "no", "errorType": "KeyError", "stackTrace": ["  File \"/var/task/app.py\", line 3, in handler\n    x"] });
    let node = json!({ "errorMessage": "no", "trace": ["TypeError: no", "    at handler (/var/task/i.js:1:2)", 7] });
    let nested = json!({ "Error": "X", "Cause": real.to_string() });
    let real = vec![real.to_string(), node.to_string(), nested.to_string()];
    prop_oneof![2 => prop::sample::select(real), 1 => value().prop_map(|v| v.to_string()), 1 => ".*"]
}

fn what() -> impl Strategy<Value = What> {
    let data = || prop::option::of(value());
    let kinds = prop::sample::select(vec!["Parallel", "Map"]);
    prop_oneof![
        6 => (name(), kind(), data()).prop_map(|(state, kind, input)| What::Entered { state, kind, input }),
        5 => (name(), data()).prop_map(|(state, output)| What::Exited { state, output }),
        1 => kind().prop_map(|kind| What::Aborted { kind }),
        2 => Just(What::Scheduled),
        2 => (name(), cause()).prop_map(|(error, cause)| What::AttemptFailed { error, cause }),
        3 => prop::option::of(number()).prop_map(|items| What::GroupStarted { items }),
        2 => (kinds, went()).prop_map(|(kind, outcome)| What::GroupEnded { kind, outcome }),
        3 => (name(), number()).prop_map(|(map, index)| What::IterationStarted { map, index }),
        3 => (name(), number(), went()).prop_map(|(map, index, outcome)| What::IterationEnded { map, index, outcome }),
        1 => ".*".prop_map(|arn| What::RunStarted { arn }),
        1 => (went(), prop::option::of(name()), prop::option::of(cause()))
            .prop_map(|(outcome, error, cause)| What::RunEnded { outcome, error, cause }),
        1 => (kind(), data(), prop::option::of(name()), prop::option::of(cause()))
            .prop_map(|(status, output, error, cause)| What::Ended(Ending { status, output, error, cause })),
        1 => Just(What::Redriven),
        1 => Just(What::Other),
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
                    Waits::Seconds(wait)
                } else {
                    Waits::Until(wait.to_string())
                };
                (state, waits)
            })
            .collect(),
    })
}

/// Events that name as their predecessor the one before, any earlier one, or none there is.
fn events() -> impl Strategy<Value = Vec<Happening>> {
    let one = (
        what(),
        prop_oneof![5 => Just(1_i64), 3 => 1..12_i64, 1 => any::<i64>()],
        0..5_000_u32,
        0..20_u8,
    );
    prop::collection::vec(one, 0..80).prop_map(|events| {
        let mut at = 1_700_000_000.0;
        let mut events: Vec<Happening> = (1_i64..)
            .zip(events)
            .map(|(number, (what, back, later, how))| {
                at += f64::from(later) / 1000.0;
                Happening {
                    id: if how == 0 {
                        number.wrapping_mul(back)
                    } else {
                        number
                    },
                    previous: number.wrapping_sub(back),
                    at: if how == 1 { -at } else { at },
                    what,
                }
            })
            .collect();
        if let Some(last) = events.first().cloned().filter(|first| first.id == 3) {
            events.push(last);
        }
        events
    })
}

fn told((facts, events): (DefinitionFacts, Vec<Happening>)) {
    let whole = Trace::of(facts.clone()).read(&events);
    let mut trace = Trace::of(facts);
    // Read in pieces, each of which begins with what was read before, the same is told.
    let mut pieces = Vec::new();
    for end in (0..events.len()).step_by(7).chain([events.len()]) {
        pieces.extend(trace.read(&events[end.saturating_sub(12)..end]));
    }
    if in_order(&events) {
        assert_eq!(pieces, whole);
    }
    for (verbose, live) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut story = Story::new(verbose, live);
        for one in &whole {
            let _ = story.tell(one);
        }
    }
    whole.iter().for_each(written);
}

fn in_order(events: &[Happening]) -> bool {
    events.windows(2).all(|two| two[0].id < two[1].id)
}

fn written(told: &Told) {
    let event: Value = serde_json::to_value(told).unwrap();
    assert!(event["event"].is_string(), "{event}");
}

tried! {
    /// Followed, told and written, whatever they are.
    histories, 300 of (facts(), events()) => told;
}
