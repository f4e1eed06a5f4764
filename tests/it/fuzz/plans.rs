//! Live state as AWS might answer it, and what is planned from it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use treino::engine::Schedule;
use treino::plan::{self, ActualState, Plan, changes};
use treino::stack::{Address, DesiredState, Kind, kinds, policy};

use super::{stacks, trees, tried};
use crate::model_world::target;
use crate::properties::value;

/// What stands where a stack was deployed, and orphans of it.
fn standing(desired: &DesiredState) -> Value {
    let live = desired.resources.values().map(|want| {
        let live =
            json!({ "kind": want.kind, "name": want.name, "spec": want.spec, "tags": want.tags });
        (want.address.to_string(), live)
    });
    let orphans = desired.resources.values().take(3).map(|want| {
        json!({ "address": want.address, "kind": want.kind, "name": format!("{}-old", want.name), "spec": want.spec })
    });
    json!({
        "live": live.collect::<serde_json::Map<_, _>>(), "orphans": orphans.collect::<Vec<_>>(),
        "unseen": [{ "kind": "vault", "why": "not allowed" }],
    })
}

/// A stack, and what becomes of a snapshot that was taken of it.
#[derive(Debug)]
struct Survey {
    lab: stacks::Lab,
    whole: Vec<trees::Edit>,
    of_some: Vec<(Index, Vec<trees::Edit>)>,
}

fn surveys() -> impl Strategy<Value = Survey> {
    let of_one = (any::<Index>(), trees::edits());
    let whole = prop_oneof![4 => Just(Vec::new()), 1 => trees::edits()];
    let of_some = prop::collection::vec(of_one, 1..6);
    (stacks::labs(), whole, of_some).prop_map(|(lab, whole, of_some)| Survey {
        lab,
        whole,
        of_some,
    })
}

fn planned(survey: Survey) {
    let Survey {
        lab,
        whole,
        of_some,
    } = survey;
    let desired = lab.expand(&target());
    let mut snapshot = standing(&desired);
    if let Some(live) = snapshot["live"].as_object_mut() {
        for (number, edits) in of_some {
            let number = number.index(live.len());
            if let Some((_, one)) = live.iter_mut().nth(number) {
                one["spec"] = trees::changed(&one["spec"], &edits);
                one["tags"] = match trees::changed(&one["tags"], &edits) {
                    Value::Object(tags) if tags.values().all(Value::is_string) => {
                        Value::Object(tags)
                    }
                    _ => one["tags"].clone(),
                };
            }
        }
    }
    // What has no form of a snapshot is refused, and that is all.
    let Ok(snapshot) = serde_json::from_value::<ActualState>(trees::changed(&snapshot, &whole))
    else {
        return;
    };
    for adopt in [BTreeSet::new(), desired.resources.keys().cloned().collect()] {
        let plan = plan::deploy(&desired, &snapshot, &adopt);
        assert_eq!(plan, plan::deploy(&desired, &snapshot, &adopt));
        shown(&plan);
        if !adopt.is_empty() {
            let left = plan.foreign.iter();
            assert!(left.into_iter().all(|one| one.not_adoptable.is_some()));
        }
    }
    shown(&plan::destroy(&desired.target, &snapshot.orphans));
}

/// It is drawn, printed, and no step waits for itself.
fn shown(plan: &Plan) {
    for verbose in [false, true] {
        assert!(!treino::report::plan(plan, verbose).is_empty());
    }
    for step in &plan.steps {
        let _ = json!(step.action);
    }
    let mut schedule = Schedule::new(plan.steps.iter().map(|step| step.after.clone()).collect());
    let mut done = 0;
    loop {
        let ready = schedule.ready();
        if ready.is_empty() {
            break;
        }
        done += ready.len();
        for step in ready {
            schedule.done(step);
        }
    }
    assert_eq!(done, plan.steps.len());
}

/// What is read from JSON as a spec, is written and read again as the same.
fn spec<S: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(value: &Value) {
    if let Ok(spec) = serde_json::from_value::<S>(value.clone()) {
        let written = serde_json::to_value(&spec).unwrap();
        assert_eq!(serde_json::from_value::<S>(written).unwrap(), spec);
    }
}

fn every_spec(value: &Value) {
    spec::<kinds::BucketSpec>(value);
    spec::<kinds::TableSpec>(value);
    spec::<kinds::RoleSpec>(value);
    spec::<kinds::LogGroupSpec>(value);
    spec::<kinds::FunctionSpec>(value);
    spec::<kinds::StateMachineSpec>(value);
    spec::<kinds::ConnectionSpec>(value);
    spec::<kinds::TrailSpec>(value);
    spec::<kinds::RuleSpec>(value);
    spec::<kinds::DirectoryBucketSpec>(value);
    spec::<kinds::VaultSpec>(value);
}

/// Specs of real resources, and what becomes of them.
fn specs() -> impl Strategy<Value = Value> {
    (stacks::labs(), any::<Index>(), trees::edits()).prop_map(|(lab, number, edits)| {
        let desired = lab.expand(&target());
        let number = number.index(desired.resources.len());
        let want = desired.resources.values().nth(number);
        trees::changed(want.map_or(&Value::Null, |want| &want.spec), &edits)
    })
}

/// Two values with a past together.
fn pairs() -> impl Strategy<Value = (Value, Value)> {
    (
        prop_oneof![specs(), value()],
        trees::edits(),
        trees::edits(),
    )
        .prop_map(|(value, one, other)| {
            (trees::changed(&value, &one), trees::changed(&value, &other))
        })
}

fn compared((a, b): (Value, Value)) {
    let there = changes(&a, &b);
    assert_eq!(there.len(), changes(&b, &a).len());
    assert_eq!(changes(&a, &a), []);
    assert!(there.iter().all(|change| change.from != change.to));
    // What differs nowhere is one to whoever compares further.
    if there.is_empty() {
        assert_eq!(changes(&json!([{ "x": a }]), &json!([{ "x": b }])), []);
    } else {
        assert_ne!(changes(&json!([{ "x": a }]), &json!([{ "x": b }])), []);
    }
    for document in [a, b] {
        let once = policy::normal(&document);
        assert_eq!(policy::normal(&once), once);
    }
}

fn addressed((address, name): (String, String)) {
    let address = Address::from_tag(&address);
    assert!(!format!("{address}{:?}{:?}", address.key(), address.of_owner()).is_empty());
    let _ = kinds::mark_in_name(&target(), &name);
    let _ = kinds::zone_in_name(&name);
    for kind in Kind::ALL {
        assert!(treino::stack::arn(&target(), kind, &name).contains(&name));
    }
    let _ = treino::stack::may_be_ours(&name);
}

tried! {
    /// A plan over whatever stands.
    snapshots, 100 of surveys() => planned;
    /// The live side of every kind.
    live_specs, 200 of specs() => |value| every_spec(&value);
    /// The differ and the normal form of policies.
    differences, 250 of pairs() => compared;
    /// Marks and names, as they are read from tags and listings.
    marks, 1_000 of ("[a-z.-]{0,40}|.*", "([a-z0-9-]{1,8}-){0,12}[0-9a-f]{8}|.*") => addressed;
}
