//! What follows from what happens to a resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::acts::{Act, Activity};
use super::assumed::Assumed;
use super::calls::{BilledCall, calls_of_state, calls_of_statements};
use crate::asl;
use crate::asl::model::{Machine, StateType};
use crate::asl::ways::{Choose, way};
use crate::stack::{Address, DesiredState, Kind, Resource};

/// The most steps that are followed: what calls each other in many ways would have no end.
const MOST_STEPS: usize = 5_000;

/// What happens in a time, as far as it was followed.
pub(super) struct Flow<'d> {
    desired: &'d DesiredState,
    assumed: Assumed,
    choose: Choose,
    pub activity: BTreeMap<&'d Address, Activity>,
    /// What may be otherwise, or is not counted.
    pub notes: BTreeSet<String>,
    pub has_map: bool,
    /// What led to what is followed now.
    under_way: Vec<(&'d Address, Act)>,
    steps: usize,
}

impl<'d> Flow<'d> {
    pub fn new(desired: &'d DesiredState, assumed: &Assumed, choose: Choose) -> Self {
        Self {
            desired,
            assumed: *assumed,
            choose,
            activity: BTreeMap::new(),
            notes: BTreeSet::new(),
            has_map: false,
            under_way: Vec::new(),
            steps: 0,
        }
    }

    /// Something happens to a resource so often, and what follows from it.
    pub fn happens(&mut self, to: &'d Resource, act: &Act, times: u64) {
        if times == 0 {
            return;
        }
        let follows = matches!(
            (to.kind, act),
            (Kind::Function, Act::Invoke)
                | (Kind::StateMachine, Act::Start)
                | (Kind::Bucket, Act::Write | Act::Read)
                | (Kind::Rule, Act::Match | Act::MatchBilled)
                | (Kind::Topic | Kind::Queue, Act::Send)
                | (Kind::Trail, Act::Record)
        );
        // Buckets, trails and queues lead to nothing but these.
        let is_guarded = follows
            && matches!(
                to.kind,
                Kind::Function | Kind::StateMachine | Kind::Rule | Kind::Topic
            );
        let step = (&to.address, act.clone());
        if is_guarded && self.under_way.contains(&step) {
            let note = format!(
                "{} leads to itself again: one round is counted, and a loop costs without an end.",
                to.address
            );
            self.notes.insert(note);
            return;
        }
        self.activity
            .entry(&to.address)
            .or_default()
            .add(act.clone(), times);
        self.steps += 1;
        if self.steps > MOST_STEPS {
            self.notes.insert(
                "The resources call each other in too many ways: not all of them are counted."
                    .to_owned(),
            );
            return;
        }
        if follows {
            self.under_way.push(step);
            self.follow(to, act, times);
            self.under_way.pop();
        }
    }

    fn follow(&mut self, of: &'d Resource, act: &Act, times: u64) {
        match of.kind {
            Kind::Function => self.invoked(of, times),
            Kind::StateMachine => self.started(of, times),
            Kind::Bucket => self.object(of, act, times),
            Kind::Trail => {
                let bucket = of.spec["bucket"].as_str().unwrap_or_default();
                self.at_named(Kind::Bucket, bucket, &Act::LogFile, times);
            }
            Kind::Rule => self.matched(of, times),
            Kind::Topic => self.published(of, times),
            Kind::Queue => self.happens(of, &Act::Receive, times.saturating_mul(2)),
            _ => {}
        }
    }

    fn resources(&self) -> impl Iterator<Item = &'d Resource> + use<'d> {
        self.desired.resources.values()
    }

    fn by_arn(&self, arn: &str) -> Option<&'d Resource> {
        self.resources().find(|one| one.arn == arn)
    }

    fn at_named(&mut self, kind: Kind, name: &str, act: &Act, times: u64) {
        let found = self
            .resources()
            .find(|one| one.kind == kind && one.name == name);
        if let Some(found) = found {
            self.happens(found, act, times);
        }
    }

    fn invoked(&mut self, function: &'d Resource, times: u64) {
        let group = function.spec["log_group"].as_str().unwrap_or_default();
        self.at_named(
            Kind::LogGroup,
            group,
            &Act::LogByte,
            times.saturating_mul(Assumed::LOG),
        );
        let role = function.spec["role"].as_str().unwrap_or_default();
        let Some(role) = self.by_arn(role) else {
            let note = format!(
                "What {} calls is not known: its role is not of this stack.",
                function.address
            );
            self.notes.insert(note);
            return;
        };
        if role.spec["managed_policies"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
        {
            let note = format!(
                "What {} calls by managed policies is not counted.",
                function.address
            );
            self.notes.insert(note);
        }
        let policies = role.spec["policies"].as_object().into_iter().flatten();
        let statements =
            policies.flat_map(|(_, policy)| policy["Statement"].as_array().into_iter().flatten());
        for call in calls_of_statements(statements) {
            self.called(function, &call, times);
        }
    }

    fn started(&mut self, machine: &'d Resource, times: u64) {
        let model = Machine::of(&machine.spec["definition"]);
        let arn = machine_arn(self.desired, machine);
        let way = way(&model, self.choose, self.assumed.items);
        for name in &way.loops {
            let note = format!(
                "The state `{name}` of {} leads back: each further round costs again.",
                machine.address
            );
            self.notes.insert(note);
        }
        let transitions = way.transitions().saturating_mul(times);
        let is_express = machine.spec["type"] == "express";
        let children = way.express_children.saturating_mul(times);
        let activity = self.activity.entry(&machine.address).or_default();
        activity.add(Act::Transition, transitions);
        activity.add(Act::ExpressChild, children);
        let group = machine.spec["logging"]["log_group"]
            .as_str()
            .map(|arn| arn.trim_end_matches(":*"));
        let logs_all = machine.spec["logging"]["level"] == "all";
        if let Some(group) = group.filter(|_| logs_all).and_then(|arn| self.by_arn(arn)) {
            self.happens(
                group,
                &Act::LogByte,
                transitions.saturating_mul(Assumed::LOG),
            );
        }
        if machine.spec["tracing"] == true {
            self.activity
                .entry(&machine.address)
                .or_default()
                .add(Act::Item("xray.traces".to_owned()), times);
        }
        for visit in &way.visits {
            self.has_map |= visit.state.state_type == Some(StateType::Map);
            if is_express && visit.state.state_type == Some(StateType::Wait) {
                self.waits(machine, visit.state, visit.times.saturating_mul(times));
            }
            if visit.state.state_type != Some(StateType::Task) {
                continue;
            }
            let count = visit.times.saturating_mul(times);
            if is_express || !visit.is_transition {
                let time = count.saturating_mul(self.assumed.milliseconds);
                self.activity
                    .entry(&machine.address)
                    .or_default()
                    .add(Act::Millisecond, time);
            }
            if let Some(call) = asl::called(visit.state, &arn).map(calls_of_state) {
                self.called(machine, &call, count);
            }
        }
    }

    /// A Wait state of an Express workflow, whose time is billed.
    fn waits(&mut self, machine: &'d Resource, state: &asl::model::State<'_, Value>, times: u64) {
        let Some(seconds) = state.json.get("Seconds").and_then(Value::as_u64) else {
            let note = format!(
                "How long the state `{}` of {} waits is not known: it is not counted, and an Express workflow is billed for it.",
                state.name.text, machine.address
            );
            self.notes.insert(note);
            return;
        };
        let time = times.saturating_mul(seconds).saturating_mul(1_000);
        let activity = self.activity.entry(&machine.address).or_default();
        activity.add(Act::Millisecond, time);
    }

    /// A call of a function or machine.
    fn called(&mut self, by: &'d Resource, call: &BilledCall, times: u64) {
        if let Some(item) = call.item() {
            self.activity
                .entry(&by.address)
                .or_default()
                .add(Act::Item(item), times);
            return;
        }
        let of_service = self
            .resources()
            .filter(|one| one.address != by.address && call.is_for(one));
        let found: Vec<&Resource> = of_service.collect();
        let is_any = call.resources.iter().any(|arn| arn == "*");
        for to in found {
            for act in call.acts() {
                // Whom it calls of all that it may call is not known.
                let is_call = matches!(act, Act::Invoke | Act::Start | Act::Send);
                if is_any && is_call {
                    self.notes.insert(format!(
                        "What {} calls by `{}` on `*` is not counted.",
                        by.address,
                        call.name()
                    ));
                    return;
                }
                self.happens(to, &act, times);
            }
        }
    }

    /// An object was read or written: trails record it, and rules match.
    fn object(&mut self, bucket: &'d Resource, act: &Act, times: u64) {
        let mut recorded = false;
        for trail in self.resources().filter(|one| one.kind == Kind::Trail) {
            if records(trail, bucket, act) {
                recorded = true;
                self.happens(trail, &Act::Record, times);
            }
        }
        if *act != Act::Write {
            return;
        }
        let by_the_stack = self.under_way.len() > 1;
        let mut is_billed = false;
        for rule in self.resources().filter(|one| one.kind == Kind::Rule) {
            let Some(matched) = rule_of_puts(rule, bucket) else {
                continue;
            };
            if by_the_stack && matched.filters_keys {
                let note = format!(
                    "Objects that the stack itself puts into {} are taken not to match the keys of {}.",
                    bucket.address, rule.address
                );
                self.notes.insert(note);
                continue;
            }
            if matched.by_cloudtrail && !recorded {
                let note = format!(
                    "No trail of this stack records what {} waits for: a trail of another stack costs there.",
                    rule.address
                );
                self.notes.insert(note);
            }
            // An event is billed once, however many rules it matches.
            let act = if matched.by_cloudtrail && !std::mem::replace(&mut is_billed, true) {
                Act::MatchBilled
            } else {
                Act::Match
            };
            self.happens(rule, &act, times);
        }
    }

    fn matched(&mut self, rule: &'d Resource, times: u64) {
        let targets = rule.spec["targets"].as_array().into_iter().flatten();
        for arn in targets.filter_map(|target| target["arn"].as_str()) {
            let Some(to) = self.by_arn(arn) else {
                continue;
            };
            let act = match to.kind {
                Kind::Function => Act::Invoke,
                Kind::StateMachine => Act::Start,
                _ => Act::Send,
            };
            self.happens(to, &act, times);
        }
    }

    fn published(&mut self, topic: &'d Resource, times: u64) {
        let all = topic.spec["subscriptions"].as_array().into_iter().flatten();
        for arn in all.filter_map(|one| one["endpoint"].as_str()) {
            let Some(to) = self.by_arn(arn) else {
                continue;
            };
            let (delivery, act) = match to.kind {
                Kind::Function => (Act::DeliverToFunction, Act::Invoke),
                _ => (Act::DeliverToQueue, Act::Send),
            };
            self.activity
                .entry(&topic.address)
                .or_default()
                .add(delivery, times);
            self.happens(to, &act, times);
        }
    }
}

/// The parts of a machine's ARN.
pub(super) fn machine_arn(desired: &DesiredState, machine: &Resource) -> asl::StateMachineArn {
    asl::StateMachineArn {
        partition: desired.target.partition.clone(),
        region: desired.target.region.clone(),
        account: desired.target.account.clone(),
        name: machine.name.clone(),
    }
}

/// Whether a trail records what is done with objects of a bucket.
fn records(trail: &Resource, bucket: &Resource, act: &Act) -> bool {
    let selectors = trail.spec["selectors"].as_array().into_iter().flatten();
    let mut selectors = selectors.filter(|one| {
        let record = one["record"].as_str().unwrap_or("all");
        record == "all" || (record == "write") == (*act == Act::Write)
    });
    let objects = format!("{}/", bucket.arn);
    selectors.any(|one| {
        one["objects"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|arn| *arn == *objects)
    })
}

/// How a rule waits for objects that are put into a bucket.
pub(super) struct PutRule {
    pub by_cloudtrail: bool,
    pub filters_keys: bool,
}

/// Whether a rule that is on matches when an object is put into a bucket, and how.
pub(super) fn rule_of_puts(rule: &Resource, bucket: &Resource) -> Option<PutRule> {
    if rule.spec["enabled"] == false {
        return None;
    }
    let detail = &rule.spec["pattern"]["detail"];
    let names = |list: &Value| {
        list.as_array()
            .is_some_and(|all| all.iter().any(|one| *one == *bucket.name))
    };
    let by_cloudtrail = names(&detail["requestParameters"]["bucketName"]);
    let holder = if by_cloudtrail {
        "requestParameters"
    } else {
        "object"
    };
    (by_cloudtrail || names(&detail["bucket"]["name"])).then(|| PutRule {
        by_cloudtrail,
        filters_keys: !detail[holder]["key"].is_null(),
    })
}
