//! What starts something in a stack by itself.

use crate::ops::LoadedStack;
use crate::stack::{Address, DesiredState, Kind, kinds::Via};

/// A rule, by what it waits for and what it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoutStart {
    /// What it waits for.
    pub cause: StartCause,
    /// The kind of what it starts.
    pub kind: Kind,
    /// The key of what it starts.
    pub key: String,
    /// Its name in AWS.
    pub name: String,
    /// Whether the rule is switched on.
    pub enabled: bool,
}

/// What a rule waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartCause {
    /// A file in a bucket.
    File {
        /// The bucket's key.
        bucket_key: String,
        /// The bucket's name in AWS.
        bucket: String,
        /// How its object's key begins.
        prefix: Option<String>,
        /// How it ends.
        suffix: Option<String>,
        /// Whether `CloudTrail` tells of it, which takes minutes.
        by_trail: bool,
    },
    /// An event that fits this pattern, as JSON in several lines.
    Pattern(String),
    /// A time.
    Schedule(String),
}

pub(super) fn starts(stack: &LoadedStack, desired: &DesiredState) -> Vec<HandoutStart> {
    let name = |kind: Kind, key: &str| {
        let one = desired.resources.get(&Address::new(kind, key))?;
        Some(one.name.clone())
    };
    let rules = stack.rules().iter().filter_map(|(key, rule)| {
        let (kind, started) = [Kind::StateMachine, Kind::Function, Kind::Queue, Kind::Topic]
            .into_iter()
            .find_map(|kind| Some((kind, name(kind, &rule.start)?)))?;
        let spec = &desired.resources.get(&Address::new(Kind::Rule, key))?.spec;
        let cause = if let Some(bucket) = &rule.put_object_in {
            StartCause::File {
                bucket: name(Kind::Bucket, bucket)?,
                bucket_key: bucket.clone(),
                prefix: rule.prefix.clone(),
                suffix: rule.suffix.clone(),
                by_trail: rule.via == Via::Cloudtrail,
            }
        } else if let Some(schedule) = spec["schedule"].as_str() {
            StartCause::Schedule(schedule.to_owned())
        } else {
            StartCause::Pattern(serde_json::to_string_pretty(&spec["pattern"]).ok()?)
        };
        Some(HandoutStart {
            cause,
            kind,
            key: rule.start.clone(),
            name: started,
            enabled: rule.enabled,
        })
    });
    rules.collect()
}
