//! While a deploy goes on, and wherever it stops, every sender that exists may deliver.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use treino::plan::{self, Action, ActualResource, ActualState, Orphan, Plan, Step};
use treino::stack::{DesiredState, Kind, Tags};

use super::{right, target};

const HEAD: &str = "stack: lab
functions:
  f: { code: code, handler: app.handler, runtime: python3.13 }
  g: { code: code, handler: app.handler, runtime: python3.13 }
queues: { p: {}, q: { delay: DELAY } }
";

/// What delivers, before and after.
const BEFORE: &str = "topics:
  t: { subscriptions: [{ to: q }, { to: f }] }
  u: { subscriptions: [{ to: q }, { to: g }] }
  w: {}
rules:
  one: { schedule: rate(1 hour), start: q }
  two: { schedule: rate(1 hour), start: f }
  three: { schedule: rate(1 hour), start: w }
";

const AFTER: [(&str, &str, &str); 8] = [
    ("a topic is renamed", "t: {", "t: { name: another,"),
    ("a topic has another key", "t: {", "other: {"),
    (
        "a topic is gone",
        "  t: { subscriptions: [{ to: q }, { to: f }] }\n",
        "",
    ),
    (
        "a topic no longer delivers",
        "[{ to: q }, { to: f }]",
        "[{ to: p }, { to: g }]",
    ),
    ("a rule is renamed", "one: {", "one: { name: another,"),
    ("a rule starts another queue", "start: q", "start: p"),
    ("a rule starts another function", "start: f", "start: g"),
    ("a rule publishes no more", "start: w", "start: p"),
];

type Live = BTreeMap<(Kind, String), (Tags, Value)>;

/// A stack, some of whose receivers change in another way too.
fn stack(deliveries: &str, delay: &str) -> DesiredState {
    right(&(HEAD.replace("DELAY", delay) + deliveries))
}

fn deployed(desired: &DesiredState) -> Live {
    let all = desired.resources.values();
    all.map(|one| {
        (
            (one.kind, one.name.clone()),
            (one.tags.clone(), one.spec.clone()),
        )
    })
    .collect()
}

fn planned(desired: &DesiredState, live: &Live) -> Plan {
    let mut state = ActualState::default();
    for ((kind, name), (tags, spec)) in live {
        let wanted = desired
            .resources
            .values()
            .find(|one| one.kind == *kind && one.name == *name);
        match wanted {
            Some(want) => {
                let live = ActualResource {
                    kind: *kind,
                    name: name.clone(),
                    spec: spec.clone(),
                    tags: tags.clone(),
                    created: None,
                    unready: None,
                    outdated: Vec::new(),
                };
                state.live.insert(want.address.clone(), live);
            }
            None => state.orphans.push(Orphan {
                address: treino::stack::Address::from_tag(&tags["treino:address"]),
                kind: *kind,
                name: name.clone(),
                spec: Some(spec.clone()),
            }),
        }
    }
    plan::deploy(desired, &state, &BTreeSet::new())
}

fn apply(live: &mut Live, step: &Step) {
    let key = (step.kind, step.name.clone());
    match (&step.action, &step.want) {
        (Action::Keep, _) => {}
        (_, Some(want)) => drop(live.insert(key, (want.tags.clone(), want.spec.clone()))),
        (_, None) => drop(live.remove(&key)),
    }
}

/// Whether a receiver lets the sender with this ARN deliver.
fn lets(live: &Live, receiver: &str, service: &str, source: &str) -> bool {
    let receivers = live
        .iter()
        .filter(|((kind, name), _)| treino::stack::arn(&target(), *kind, name) == receiver);
    let mut specs = receivers.map(|(_, (_, spec))| spec);
    specs.any(|spec| {
        let permissions = spec["permissions"].as_object().into_iter().flatten();
        let mut permissions =
            permissions.map(|(_, one)| (one["principal"].as_str(), one["source"].as_str()));
        let statements = spec["policy"]["Statement"].as_array().into_iter().flatten();
        let mut statements =
            statements.filter(|one| one["Principal"]["Service"] == serde_json::json!([service]));
        let is_source = |one: &Value| {
            let sources = &one["Condition"]["ArnEquals"]["aws:SourceArn"];
            sources.is_null() || sources.as_array().unwrap().iter().any(|one| one == source)
        };
        permissions.any(|one| one == (Some(service), Some(source))) || statements.any(is_source)
    })
}

/// The deliveries that a receiver would refuse.
fn refused(live: &Live) -> Vec<String> {
    let mut out = Vec::new();
    for ((kind, name), (_, spec)) in live {
        let (service, receivers) = match kind {
            Kind::Topic => ("sns.amazonaws.com", ("subscriptions", "endpoint")),
            Kind::Rule => ("events.amazonaws.com", ("targets", "arn")),
            _ => continue,
        };
        let source = treino::stack::arn(&target(), *kind, name);
        for one in spec[receivers.0].as_array().unwrap() {
            let receiver = one[receivers.1].as_str().unwrap();
            if !lets(live, receiver, service, &source) {
                out.push(format!("{source} to {receiver}"));
            }
        }
    }
    out
}

/// Applies the plan in an order that its steps allow, chosen by `seed`, and looks after each step.
fn carried_out(live: &mut Live, plan: &Plan, seed: usize, most: usize, what: &str) {
    let mut done: BTreeSet<usize> = BTreeSet::new();
    while done.len() < plan.steps.len().min(most) {
        let ready = |at: &usize| {
            !done.contains(at)
                && plan.steps[*at]
                    .after
                    .iter()
                    .all(|first| done.contains(first))
        };
        let ready: Vec<usize> = (0..plan.steps.len()).filter(ready).collect();
        assert!(!ready.is_empty(), "{what}: steps wait for each other");
        let next = match seed {
            0 => ready[0],
            1 => ready[ready.len() - 1],
            seed => ready[(seed * 31 + done.len() * 17) % ready.len()],
        };
        apply(live, &plan.steps[next]);
        done.insert(next);
        let step = &plan.steps[next];
        assert_eq!(
            refused(live),
            Vec::<String>::new(),
            "{what}: after {} {}",
            step.action.verb(),
            step.address
        );
    }
}

#[test]
fn every_sender_may_deliver_wherever_a_deploy_stops() {
    for delay in ["0", "5"] {
        let before = stack(BEFORE, "0");
        assert_eq!(refused(&deployed(&before)), Vec::<String>::new());
        for (what, from, to) in AFTER {
            assert!(BEFORE.contains(from), "{what}");
            let after = stack(&BEFORE.replacen(from, to, 1), delay);
            // There and back again.
            for (before, after) in [(&before, &after), (&after, &before)] {
                let plan = planned(after, &deployed(before));
                for stop in 0..=plan.steps.len() {
                    let mut live = deployed(before);
                    carried_out(&mut live, &plan, stop % 3, stop, what);
                    // What a stopped deploy leaves is finished by the next one.
                    let rest = planned(after, &live);
                    carried_out(&mut live, &rest, stop % 5, usize::MAX, what);
                    assert!(
                        planned(after, &live).is_empty(),
                        "{what}: something is left to do"
                    );
                }
            }
        }
    }
}

/// Where nothing is taken away there is one step for each resource, and no permission that is not needed stays.
#[test]
fn only_a_receiver_that_loses_a_sender_has_two_steps() {
    let before = stack(BEFORE, "0");
    let twice = |plan: &Plan| {
        let steps = plan.steps.iter().filter(|step| step.narrows);
        steps
            .map(|step| step.address.to_string())
            .collect::<Vec<_>>()
    };
    let plan = |from: &str, to: &str| {
        planned(
            &stack(&BEFORE.replacen(from, to, 1), "0"),
            &deployed(&before),
        )
    };
    assert_eq!(
        twice(&plan("w: {}", "w: { subscriptions: [{ to: q }] }")),
        Vec::<String>::new()
    );
    assert_eq!(
        twice(&plan("one: {", "one: { name: another,")),
        Vec::<String>::new()
    );
    assert_eq!(
        twice(&plan("t: {", "t: { name: another,")),
        ["function.f", "queue.q"]
    );
}
