//! The rates at which AWS takes calls, enforced.
//!
//! AWS counts by account and region, in token buckets. Where it publishes a rate and no size of the bucket, the bucket
//! has room for one second. IAM and S3 publish no rates: each of IAM's operations has twenty a second here, S3 has none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::Proxy;
use super::naming::Call;
use super::refusal;

/// A rate that AWS publishes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub service: &'static str,
    /// The operations, each with a bucket of its own: all where none is named. Those that begin with the words before a
    /// `*` share one.
    pub operations: &'static [&'static str],
    pub burst: f64,
    pub a_second: f64,
}

const fn rate(
    service: &'static str,
    operations: &'static [&'static str],
    burst: f64,
    a_second: f64,
) -> Rate {
    Rate {
        service,
        operations,
        burst,
        a_second,
    }
}

/// In us-east-1.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>,
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>,
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>,
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-control-plane.html>
pub const PUBLISHED: &[Rate] = &[
    rate("lambda", &["GetFunction"], 100.0, 100.0),
    rate("lambda", &["GetPolicy"], 15.0, 15.0),
    // Ten a second for each that may run at once.
    rate("lambda", &["Invoke"], 10_000.0, 10_000.0),
    rate("lambda", &["*"], 15.0, 15.0),
    rate(
        "states",
        &[
            "CreateStateMachine",
            "DeleteStateMachine",
            "UpdateStateMachine",
        ],
        100.0,
        1.0,
    ),
    rate("states", &["DescribeStateMachine"], 200.0, 20.0),
    rate("states", &["DescribeExecution"], 300.0, 15.0),
    rate("states", &["GetExecutionHistory"], 400.0, 20.0),
    rate("states", &["ListExecutions"], 200.0, 5.0),
    rate("states", &["ListStateMachines"], 100.0, 5.0),
    rate("states", &["ListTagsForResource"], 100.0, 1.0),
    rate("states", &["TagResource", "UntagResource"], 200.0, 1.0),
    rate("states", &["StartExecution"], 1_300.0, 300.0),
    rate("states", &["StopExecution"], 1_000.0, 200.0),
    rate(
        "logs",
        &["CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups"],
        10.0,
        10.0,
    ),
    rate(
        "logs",
        &["DescribeLogStreams", "FilterLogEvents"],
        25.0,
        25.0,
    ),
    rate(
        "logs",
        &[
            "ListTagsForResource",
            "PutRetentionPolicy",
            "TagResource",
            "UntagResource",
        ],
        5.0,
        5.0,
    ),
    rate("events", &["*"], 50.0, 50.0),
    rate("cloudtrail", &["Describe*", "Get*", "List*"], 10.0, 10.0),
    rate("cloudtrail", &["*"], 1.0, 1.0),
    rate("dynamodb", &["*"], 2_500.0, 2_500.0),
    rate("iam", &[], 20.0, 20.0),
];

/// What there was of calls that share a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Account, region and name, as `111122223333/us-east-1 lambda:*`.
    pub name: String,
    pub taken: usize,
    pub refused: usize,
    /// How long the rate alone makes them last.
    pub seconds: f64,
    /// The last one.
    pub last: Instant,
    rate: Rate,
}

impl Share {
    /// How long the rate alone makes so many of them last.
    pub fn lasts(&self, calls: usize) -> f64 {
        self.rate.lasts(calls)
    }
}

impl Rate {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of calls are far smaller"
    )]
    fn lasts(&self, calls: usize) -> f64 {
        ((calls as f64 - self.burst) / self.a_second).max(0.0)
    }
}

struct Bucket {
    rate: Rate,
    left: f64,
    at: Instant,
    taken: usize,
    refused: usize,
}

/// The buckets of a proxy that enforces rates.
#[derive(Clone, Default)]
pub struct Enforced(Arc<Mutex<BTreeMap<String, Bucket>>>);

impl Proxy {
    /// Refuses, with the service's throttling error, what comes faster than these rates, each divided by `slower`.
    pub fn enforce(&self, rates: &'static [Rate], slower: f64) -> Enforced {
        let enforced = Enforced::default();
        let buckets = enforced.clone();
        self.on("*").answer(move |call| {
            let (rate, name) = rates
                .iter()
                .find_map(|rate| Some((rate, of(rate, call)?)))?;
            let allowed = Rate {
                burst: (rate.burst / slower).max(1.0),
                a_second: rate.a_second / slower,
                ..*rate
            };
            let key = format!("{} {}:{name}", call.place, call.service);
            (!buckets.takes(key, allowed)).then(|| refusal::throttled(call))
        });
        enforced
    }
}

/// What the bucket of this call is called, if the rate is of it.
fn of(rate: &Rate, call: &Call) -> Option<String> {
    let fits = |pattern: &&str| {
        let beginning = pattern.strip_suffix('*');
        beginning.map_or(*pattern == call.operation, |text| {
            call.operation.starts_with(text)
        })
    };
    let is_of = rate.operations.is_empty() || rate.operations.iter().any(fits);
    let is_shared = rate.operations.iter().any(|one| one.ends_with('*'));
    let name = if is_shared {
        rate.operations[0]
    } else {
        &call.operation
    };
    (rate.service == call.service && is_of).then(|| name.to_owned())
}

impl Enforced {
    /// Whether AWS takes a call now.
    fn takes(&self, key: String, rate: Rate) -> bool {
        let mut buckets = self.0.lock().unwrap();
        let now = Instant::now();
        let bucket = buckets.entry(key).or_insert_with(|| Bucket {
            rate,
            left: rate.burst,
            at: now,
            taken: 0,
            refused: 0,
        });
        let since = now.duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + since * rate.a_second).min(rate.burst);
        bucket.at = now;
        let takes = bucket.left >= 1.0;
        if takes {
            bucket.left -= 1.0;
            bucket.taken += 1;
        } else {
            bucket.refused += 1;
        }
        takes
    }

    /// The calls since the last time, the longest first. The time counts from the buckets as they were then.
    pub fn shares(&self) -> Vec<Share> {
        let mut buckets = self.0.lock().unwrap();
        let shares = buckets.iter_mut().map(|(name, bucket)| {
            let share = Share {
                name: name.clone(),
                taken: bucket.taken,
                refused: bucket.refused,
                last: bucket.at,
                seconds: bucket.rate.lasts(bucket.taken),
                rate: bucket.rate,
            };
            (bucket.taken, bucket.refused) = (0, 0);
            share
        });
        let mut shares: Vec<Share> = shares.collect();
        shares.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
        shares
    }

    /// Fills the buckets again, as some minutes without a call do.
    pub fn fill(&self) {
        for bucket in self.0.lock().unwrap().values_mut() {
            bucket.left = bucket.rate.burst;
        }
    }
}
