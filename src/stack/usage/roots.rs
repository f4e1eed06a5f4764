//! What starts what a stack does: what a run is, and what comes by a schedule.

use std::collections::BTreeSet;

use super::acts::Act;
use super::assumed::Assumed;
use super::flow::{Flow, rule_of_puts};
use super::scheduled::times_a_day;
use crate::asl::ways::Choose;
use crate::stack::{Address, DesiredState, Kind, Resource};

/// What starts what a stack does.
#[derive(Default)]
pub(super) struct Roots<'d> {
    /// What a run is: all of it happens once.
    pub run: Vec<(&'d Resource, Act)>,
    /// What happens by itself, with how often a day.
    pub daily: Vec<(&'d Resource, Act, u64)>,
    /// What is not known.
    pub notes: BTreeSet<String>,
}

/// Kinds that somebody outside of the stack may use, in the order in which that is likely.
const USED: [(Kind, Act); 4] = [
    (Kind::StateMachine, Act::Start),
    (Kind::Function, Act::Invoke),
    (Kind::Topic, Act::Send),
    (Kind::Queue, Act::Send),
];

impl<'d> Roots<'d> {
    /// The roots of a stack.
    pub fn of(desired: &'d DesiredState, assumed: &Assumed) -> Self {
        let mut roots = Self::default();
        let all = || desired.resources.values();
        let rules = || all().filter(|one| one.kind == Kind::Rule && one.spec["enabled"] != false);
        let mut of_puts: BTreeSet<&Address> = BTreeSet::new();
        for bucket in all().filter(|one| one.kind == Kind::Bucket) {
            let waiting = rules().filter(|rule| rule_of_puts(rule, bucket).is_some());
            let waiting: Vec<&Address> = waiting.map(|rule| &rule.address).collect();
            if !waiting.is_empty() {
                of_puts.extend(waiting);
                roots.run.push((bucket, Act::Write));
            }
        }
        for rule in rules().filter(|rule| !of_puts.contains(&rule.address)) {
            match rule.spec["schedule"].as_str() {
                None => {
                    // An event is billed once, however many rules it matches.
                    let mut earlier = roots.run.iter();
                    let is_same =
                        earlier.any(|(one, _)| one.spec["pattern"] == rule.spec["pattern"]);
                    let act = if is_same { Act::Match } else { rule_act(rule) };
                    roots.run.push((rule, act));
                }
                Some(schedule) => {
                    if let Some(times) = times_a_day(schedule) {
                        roots.daily.push((rule, Act::Match, times));
                    } else {
                        roots
                            .notes
                            .insert(format!("How often {} comes is not known.", rule.address));
                    }
                }
            }
        }
        roots.add_used(desired, assumed);
        roots
    }

    /// What nothing of the stack leads to is used from outside.
    fn add_used(&mut self, desired: &'d DesiredState, assumed: &Assumed) {
        let reached = |from: &'d Resource, act: &Act| {
            let mut flow = Flow::new(desired, assumed, Choose::Worst);
            flow.happens(from, act, 1);
            flow.activity.into_keys().collect::<BTreeSet<&Address>>()
        };
        let mut known: BTreeSet<&Address> = BTreeSet::new();
        for (from, act) in &self.run {
            known.extend(reached(from, act));
        }
        for (from, act, _) in &self.daily {
            known.extend(reached(from, act));
        }
        let dead_letters = desired.resources.values();
        let dead_letters: Vec<&str> = dead_letters
            .filter_map(|one| one.spec["dead_letter"]["queue"].as_str())
            .collect();
        for (kind, act) in USED {
            let of_kind = desired.resources.values().filter(|one| one.kind == kind);
            let of_kind = of_kind.filter(|one| !dead_letters.contains(&one.arn.as_str()));
            let unknown: Vec<&Resource> = of_kind
                .filter(|one| !known.contains(&one.address))
                .collect();
            let leads: Vec<BTreeSet<&Address>> =
                unknown.iter().map(|one| reached(one, &act)).collect();
            for (index, one) in unknown.iter().enumerate() {
                let others = leads
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != index);
                // Of those that lead to each other the first is used.
                let mut others = others.filter(|(other, _)| {
                    *other < index || !leads[index].contains(&unknown[*other].address)
                });
                if !others.any(|(_, reached)| reached.contains(&one.address)) {
                    self.run.push((one, act.clone()));
                }
            }
            known.extend(leads.into_iter().flatten());
        }
    }

    /// What a run is, in words.
    pub fn sentences(&self) -> Vec<String> {
        let run = self.run.iter().map(|(of, act)| {
            let of = &of.address;
            match act {
                Act::Write => format!("an object is put into {of}"),
                Act::Start => format!("{of} is started"),
                Act::Invoke => format!("{of} is called"),
                Act::Send => format!("a message is sent to {of}"),
                _ => format!("an event matches {of}"),
            }
        });
        run.collect()
    }
}

/// How an event of a pattern is billed: those that AWS's services send by themselves are not.
fn rule_act(rule: &Resource) -> Act {
    let pattern = &rule.spec["pattern"];
    let texts = |field: &str| {
        let all = pattern[field].as_array().into_iter().flatten();
        all.filter_map(|one| one.as_str()).collect::<Vec<&str>>()
    };
    let by_aws = texts("source")
        .iter()
        .any(|source| source.starts_with("aws."));
    let by_cloudtrail = texts("detail-type")
        .iter()
        .any(|of| of.ends_with("via CloudTrail"));
    if by_aws && !by_cloudtrail {
        Act::Match
    } else {
        Act::MatchBilled
    }
}
