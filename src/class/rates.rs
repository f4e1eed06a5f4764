//! How long the published rates of AWS's services make a deploy last.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::RateLimiter;
use crate::stack::Kind;

/// The calls that one resource needs when it is created, by service and operation: it is made, and read once more. Those
/// of which AWS takes few. Counted on the lab image-metadata.
const OF_RESOURCE: &[(Kind, &str, &str, usize)] = &[
    (Kind::Role, "iam", "GetRole", 2),
    (Kind::LogGroup, "logs", "DescribeLogGroups", 1),
    (Kind::LogGroup, "logs", "ListTagsForResource", 1),
    (Kind::LogGroup, "logs", "PutRetentionPolicy", 1),
    (Kind::LogGroup, "logs", "CreateLogGroup", 1),
    (Kind::Function, "lambda", "CreateFunction", 3),
    (Kind::Function, "lambda", "GetPolicy", 2),
    (Kind::StateMachine, "states", "CreateStateMachine", 1),
    (Kind::StateMachine, "states", "DescribeStateMachine", 3),
    (Kind::StateMachine, "states", "ListTagsForResource", 3),
    (Kind::Rule, "events", "PutRule", 8),
    (Kind::Connection, "events", "CreateConnection", 8),
    (Kind::Trail, "cloudtrail", "GetTrail", 10),
    (Kind::Trail, "cloudtrail", "CreateTrail", 3),
    (Kind::Vault, "glacier", "CreateVault", 8),
];

/// What each stack needs beside: the function's event source mappings, which are listed once for all of them, and the inventory.
/// The lists of kinds are shared.
const OF_STACK: &[(&str, &str, usize)] = &[
    ("lambda", "ListEventSourceMappings", 1),
    ("logs", "CreateLogGroup", 1),
];

/// How long it takes at least to create these resources in one account and region, in this many stacks.
#[must_use]
pub fn least_time(created: &BTreeMap<Kind, usize>, stacks: usize) -> Duration {
    let of_stacks = OF_STACK
        .iter()
        .map(|(service, operation, count)| (*service, *operation, count * stacks));
    let of_resources = OF_RESOURCE.iter().map(|(kind, service, operation, count)| {
        (
            *service,
            *operation,
            count * created.get(kind).copied().unwrap_or(0),
        )
    });
    RateLimiter::least_time(&of_stacks.chain(of_resources).collect::<Vec<_>>())
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
        assert!((10..60).contains(&thirty), "{thirty}");
        let machines = [(Kind::StateMachine, 300)].into_iter().collect();
        assert!(least_time(&machines, 300).as_secs() >= 200);
    }
}
