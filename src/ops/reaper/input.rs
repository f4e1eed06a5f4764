//! The input of the reaper: a destroy plan as data. Pure.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::limits::{Counting, InputLimits};
use crate::plan::{self, Orphan, Plan};
use crate::source::hexadecimal;
use crate::stack::{self, Doomed, Kind, Target, Teardown};

/// The most bytes of an input: an execution goes on with all of it, and what it has done beside.
pub(super) const MOST_BYTES: usize = 180 * 1024;

/// After so many calls another execution goes on.
const MOST_CALLS: u32 = 700;

/// How many characters of stack and owner an execution's name begins with.
const READABLE: usize = 40;

/// The longest random wait, and its part of the lifetime: the labs of a class end in the same second, and an account's
/// rate of state transitions is limited.
const LONGEST_WAIT: Duration = Duration::from_mins(3);
const PART_OF_LIFETIME: u32 = 20;

/// What the reaper is to delete, and when: `docs/reaper.md`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::ops) struct ReaperInput {
    version: u32,
    stack: String,
    owner: String,
    /// When the stack expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::ops) expires: Option<String>,
    /// When the deletion begins: `expires`, and the random wait. A stack without an end has limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::ops) begins: Option<String>,
    pause: u32,
    most_calls: u32,
    /// The role that the policies of buckets with names of their own allow to delete them: a change of it is a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<InputLimits>,
    pub(super) steps: Vec<ReaperStep>,
    /// Where an execution that is replaced had been.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<Value>,
    #[serde(skip)]
    pub(in crate::ops) counting: Counting,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ReaperStep {
    pub(super) address: String,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) arn: String,
    #[serde(flatten)]
    pub(super) teardown: Teardown,
}

/// When a stack ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) struct StackEnd {
    /// When it expires.
    pub(in crate::ops) expires: SystemTime,
    /// The random wait after that.
    pub(in crate::ops) wait: Duration,
}

impl StackEnd {
    /// The end of a stack that expires so long after `now`. `random` is any number.
    pub(in crate::ops) fn new(expires: SystemTime, now: SystemTime, random: u64) -> Self {
        let lifetime = expires.duration_since(now).unwrap_or_default();
        let longest = (lifetime / PART_OF_LIFETIME).min(LONGEST_WAIT).as_secs();
        Self {
            expires,
            wait: Duration::from_secs(random % (longest + 1)),
        }
    }
}

impl ReaperInput {
    /// The input that deletes these resources, in the order of a destroy. `pause` is that between two looks, in seconds.
    pub(in crate::ops) fn new(
        target: &Target,
        resources: &[Orphan],
        end: impl Into<Option<StackEnd>>,
        pause: u32,
    ) -> Self {
        let end = end.into();
        let time = |time| humantime::format_rfc3339_seconds(time).to_string();
        let plan = plan::destroy(target, resources);
        Self {
            version: 1,
            stack: target.stack.clone(),
            owner: target.owner.clone().unwrap_or_default(),
            expires: end.map(|end| time(end.expires)),
            begins: end.map(|end| time(end.expires + end.wait)),
            pause,
            most_calls: MOST_CALLS,
            role: None,
            limits: None,
            steps: steps(&plan),
            state: None,
            counting: Counting::default(),
        }
    }

    /// Whether it deletes the stack: at its end, or when a limit is passed.
    pub(in crate::ops) fn deletes(&self) -> bool {
        self.begins.is_some() || self.limits.as_ref().is_some_and(InputLimits::is_end)
    }

    /// How many resources it deletes.
    pub(in crate::ops) fn resources(&self) -> usize {
        self.steps.len()
    }

    /// The role that policies of buckets name, where one does.
    pub(in crate::ops) fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// The same by this role, where policies of buckets name it.
    pub(in crate::ops) fn by_role(mut self, role: Option<String>) -> Self {
        self.role = role;
        self
    }

    /// Whether an execution of this input does the same, at the same time. Its random wait may be another.
    pub(in crate::ops) fn is_same(&self, waiting: &Value) -> bool {
        let without = |mut input: Value| {
            if let Some(fields) = input.as_object_mut() {
                fields.retain(|field, _| field != "begins" && field != "state");
            }
            input
        };
        let own = serde_json::to_value(self).unwrap_or_default();
        without(own) == without(waiting.clone())
    }
}

/// Whether an execution of this input is a stack's.
pub(in crate::ops) fn is_of(target: &Target, waiting: &Value) -> bool {
    waiting["stack"].as_str() == Some(&target.stack)
        && waiting["owner"].as_str().unwrap_or_default()
            == target.owner.as_deref().unwrap_or_default()
}

/// What the names of a stack's executions begin with: the stack and its owner, cut, and a hash of both.
pub(in crate::ops) fn name_prefix(target: &Target) -> String {
    let owner = target.owner.as_deref().unwrap_or_default();
    let hash = hexadecimal(&Sha256::digest(format!("{}\n{owner}", target.stack)));
    let readable = if owner.is_empty() {
        target.stack.clone()
    } else {
        format!("{}.{owner}", target.stack)
    };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    let readable: String = readable.chars().map(plain).take(READABLE).collect();
    format!("{readable}-{}-", &hash[..8])
}

/// The steps one after another, each after those it waits for; of those that could be next, the first of the plan.
fn steps(plan: &Plan) -> Vec<ReaperStep> {
    let mut ordered: Vec<usize> = Vec::new();
    while ordered.len() < plan.steps.len() {
        let is_next = |index: &usize| {
            let after = &plan.steps[*index].after;
            !ordered.contains(index) && after.iter().all(|before| ordered.contains(before))
        };
        let left = (0..plan.steps.len()).filter(|index| !ordered.contains(index));
        // Kinds never wait for one another in a circle. If they ever did, each would still be tried.
        let next = (0..plan.steps.len()).find(is_next).or_else(|| left.min());
        ordered.extend(next);
    }
    let mut steps: Vec<ReaperStep> = Vec::new();
    for index in ordered {
        let step = &plan.steps[index];
        let arn = stack::arn(&plan.target, step.kind, &step.name);
        let of = step.kind.resource_type();
        let mut teardown = of.teardown(&Doomed {
            target: &plan.target,
            kind: step.kind,
            name: &step.name,
            arn: &arn,
        });
        teardown.unmarked = of.is_ours_unmarked(&step.address, &step.name);
        // What is done is noted by address: one that has been renamed and is not deleted yet has its own.
        let mut address = step.address.to_string();
        if steps.iter().any(|known| known.address == address) {
            address = format!("{address} ({})", step.name);
        }
        steps.push(ReaperStep {
            address,
            kind: step.kind,
            name: step.name.clone(),
            arn,
            teardown,
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::definition;
    use super::*;
    use crate::stack::Address;

    fn target(owner: Option<&str>) -> Target {
        Target {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "111122223333".into(),
            stack: "photos".into(),
            owner: owner.map(String::from),
        }
    }

    fn orphan(kind: Kind, address: Address, name: &str) -> Orphan {
        Orphan {
            address,
            kind,
            name: name.to_owned(),
            spec: None,
        }
    }

    fn end(random: u64) -> StackEnd {
        let now = SystemTime::UNIX_EPOCH;
        StackEnd::new(now + Duration::from_hours(4), now, random)
    }

    fn of_every_kind() -> ReaperInput {
        let resources = Kind::ALL.map(|kind| {
            let address = Address::new(kind, "one");
            orphan(kind, address, &format!("photos-{}", kind.facts().noun))
        });
        ReaperInput::new(&target(Some("ana")), &resources, end(0), 30)
    }

    #[test]
    fn each_kind_is_deleted_by_calls_that_are_states_of_the_definition() {
        let definition = definition();
        let known: BTreeSet<String> = definition["States"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(|state| state["Resource"].as_str())
            .filter_map(|resource| resource.strip_prefix("arn:aws:states:::aws-sdk:"))
            .map(String::from)
            .collect();
        let input = of_every_kind();
        assert_eq!(input.resources(), Kind::ALL.len());
        for step in &input.steps {
            let Teardown {
                mark, calls, look, ..
            } = &step.teardown;
            assert!(!calls.is_empty(), "{}", step.kind);
            for call in [mark, look].into_iter().chain(calls) {
                assert!(known.contains(&call.call), "{} is no state", call.call);
            }
            let last = calls.last().unwrap();
            assert!(last.call.contains(":delete"), "{}", last.call);
            let text = serde_json::to_string(&calls).unwrap();
            assert!(text.contains(&step.name), "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_a_destroy() {
        let input = of_every_kind();
        let place = |kind: Kind| input.steps.iter().position(|step| step.kind == kind);
        assert_eq!(place(Kind::Rule), Some(0));
        for kind in Kind::ALL {
            for earlier in kind.facts().deleted_after {
                assert!(place(*earlier) < place(kind), "{earlier} before {kind}");
            }
        }
    }

    #[test]
    fn what_carries_no_mark_is_the_stacks_only_where_its_kind_says_so() {
        let resources = [
            orphan(Kind::LogGroup, Address::new(Kind::LogGroup, "own"), "/own"),
            orphan(
                Kind::LogGroup,
                Address::new(Kind::Function, "f").part("logs"),
                "/aws/lambda/photos-f",
            ),
        ];
        let input = ReaperInput::new(&target(None), &resources, end(0), 30);
        let unmarked = input.steps.iter().map(|step| step.teardown.unmarked);
        assert_eq!(unmarked.collect::<Vec<_>>(), [true, false]);
        assert_eq!(input.owner, "");
    }

    #[test]
    fn one_that_was_renamed_has_an_address_of_its_own() {
        let address = Address::new(Kind::Table, "t");
        let resources = ["a", "b"].map(|name| orphan(Kind::Table, address.clone(), name));
        let input = ReaperInput::new(&target(None), &resources, end(0), 30);
        let addresses = input.steps.iter().map(|step| step.address.as_str());
        assert_eq!(addresses.collect::<Vec<_>>(), ["table.t", "table.t (b)"]);
    }

    #[test]
    fn the_random_wait_is_at_most_a_twentieth_and_three_minutes() {
        let now = SystemTime::UNIX_EPOCH;
        for (lifetime, longest) in [(20, 1), (600, 30), (3_600, 180), (86_400, 180)] {
            let wait = |random| {
                let expires = now + Duration::from_secs(lifetime);
                StackEnd::new(expires, now, random).wait.as_secs()
            };
            assert_eq!(wait(longest), longest);
            assert!((0..1_000).all(|random| wait(random) <= longest));
        }
        assert_eq!(StackEnd::new(now, now, 7).wait, Duration::ZERO);
    }

    #[test]
    fn only_the_random_wait_may_differ() {
        let input = |random, pause| {
            let table = orphan(Kind::Table, Address::new(Kind::Table, "t"), "t");
            ReaperInput::new(&target(None), &[table], end(random), pause)
        };
        let waiting = serde_json::to_value(input(0, 30)).unwrap();
        assert_ne!(input(0, 30), input(9, 30));
        assert!(input(9, 30).is_same(&waiting));
        assert!(!input(9, 31).is_same(&waiting));
        assert!(is_of(&target(None), &waiting));
        assert!(!is_of(&target(Some("ana")), &waiting));
    }

    #[test]
    fn names_are_the_stacks_own_and_short() {
        let prefix = name_prefix(&target(Some("ana")));
        assert!(prefix.starts_with("photos.ana-"), "{prefix}");
        let mut long = target(Some(&"o".repeat(64)));
        long.stack = "s".repeat(32);
        // A random part, the attempt and what a continued execution adds follow.
        assert!(name_prefix(&long).len() + 8 + 1 + 7 <= 70);
        assert_ne!(name_prefix(&target(None)), prefix);
    }
}
