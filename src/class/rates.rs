//! How long the published rates of AWS's services make a deploy last.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::RateLimiter;
use crate::stack::Kind;

/// The calls that one resource needs when it is created, by service as signatures name it: it is looked for, made, and
/// read once more. Counted on the lab image-metadata.
const OF_RESOURCE: &[(Kind, &str, usize)] = &[
    (Kind::Role, "iam", 10),
    (Kind::LogGroup, "logs", 5),
    (Kind::Function, "lambda", 8),
    (Kind::StateMachine, "states", 11),
    (Kind::Rule, "events", 11),
    (Kind::Connection, "events", 8),
    (Kind::Trail, "cloudtrail", 13),
    (Kind::Vault, "glacier", 8),
];

/// The lists that a plan reads, whatever the stack has, and the execution that ends the stack.
const OF_STACK: &[(&str, usize)] = &[
    ("cloudtrail", 1),
    ("events", 2),
    ("glacier", 1),
    ("iam", 2),
    ("lambda", 1),
    ("logs", 2),
    ("states", 3),
];

/// How long it takes at least to create these resources in one account and region, in this many stacks.
#[must_use]
pub fn least_time(created: &BTreeMap<Kind, usize>, stacks: usize) -> Duration {
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for (service, count) in OF_STACK {
        *calls.entry(service).or_default() += count * stacks;
    }
    for (kind, service, count) in OF_RESOURCE {
        *calls.entry(service).or_default() += count * created.get(kind).copied().unwrap_or(0);
    }
    let machines = created.get(&Kind::StateMachine).copied().unwrap_or(0);
    RateLimiter::least_time(&calls, machines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_lasts_longer_than_a_student() {
        let created = |students: usize| {
            let of_one = [
                (Kind::Function, 2),
                (Kind::Role, 4),
                (Kind::StateMachine, 1),
                (Kind::LogGroup, 2),
            ];
            of_one
                .map(|(kind, count)| (kind, count * students))
                .into_iter()
                .collect()
        };
        assert_eq!(least_time(&created(1), 1), Duration::ZERO);
        let thirty = least_time(&created(30), 30).as_secs();
        assert!((30..120).contains(&thirty), "{thirty}");
        let machines = [(Kind::StateMachine, 300)].into_iter().collect();
        assert!(least_time(&machines, 300).as_secs() >= 200);
    }
}
