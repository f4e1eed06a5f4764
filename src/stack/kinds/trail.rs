//! CloudTrail trails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::BucketSpec;
use crate::stack::expand::Expansion;
use crate::stack::name::{RefusedName, has_plain_edges};
use crate::stack::policy::{self, PolicyDocument};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, Quota, ReaperCall, Resource, ResourceType, TagRule,
    Target, Teardown,
};

/// A trail that records what is done to objects in buckets of this stack, into a bucket of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// Its name in CloudTrail; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// The keys of the buckets whose objects it records.
    #[schemars(length(min = 1))]
    pub objects_of: Vec<String>,
    /// `write`, `read` or `all`. EventBridge gets the writes.
    #[serde(default)]
    pub record: Record,
}

/// Which data events are recorded.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// What changes an object.
    #[default]
    Write,
    /// What reads an object.
    Read,
    /// Both.
    All,
}

/// What a trail is in CloudTrail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailSpec {
    /// The name of the bucket it writes to.
    pub bucket: String,
    /// Whether it is recording.
    pub logging: bool,
    /// Whether it covers every region.
    pub multi_region: bool,
    /// Its event selectors.
    pub selectors: Vec<SelectorSpec>,
}

/// One event selector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectorSpec {
    /// Which events.
    pub record: Record,
    /// Whether management events are recorded too.
    pub management_events: bool,
    /// The ARN prefixes of the objects, sorted.
    pub objects: Vec<String>,
    /// Whether it is an advanced event selector.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advanced: bool,
    /// What someone added that treino does not write: other resource types, advanced fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Value>,
}

/// What is known of trails without a call.
pub struct TrailType;

static FACTS: Facts = Facts {
    noun: "trail",
    services: &["cloudtrail"],
    event_recorder: true,
    recognised_by: &["multi_region", "schedule", "description"],
    quota: Some(Quota {
        most: 5,
        adjustable: false,
        page: "awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html",
    }),
    tags: TagRule::CLOUDTRAIL,
    name: NameRule {
        min: 3,
        max: 128,
        punctuation: "-._",
        lower_case: false,
        page: "awscloudtrail/latest/APIReference/API_CreateTrail.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for TrailType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.trails
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("cloudtrail", &format!("trail/{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let trail = json!({ "Name": of.arn });
        Teardown::new(
            ReaperCall::new("cloudtrail:listTags", json!({ "ResourceIdList": [of.arn] })),
            vec![
                ReaperCall::new("cloudtrail:stopLogging", trail.clone()),
                ReaperCall::new("cloudtrail:deleteTrail", trail),
            ],
            ReaperCall::new("cloudtrail:listTrails", json!({})),
        )
    }

    /// <https://aws.amazon.com/cloudtrail/pricing/>: it records data events, and no others.
    fn usage(&self, _: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        vec![Metered::count(
            "cloudtrail.data_events",
            happened.count(&Act::Record),
        )]
    }

    /// One punctuation mark at a time, and none at the end.
    fn tidied_name(&self, name: String) -> String {
        const MARKS: [char; 3] = ['-', '.', '_'];
        let parts = name.split_inclusive(MARKS);
        let mut out: String = parts
            .filter(|part| part.len() > 1 || !part.ends_with(MARKS))
            .collect();
        out.truncate(out.trim_end_matches(MARKS).len());
        out
    }

    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
    fn refused_name(&self, name: &str) -> Option<RefusedName> {
        let mut pairs = name.as_bytes().windows(2);
        if !has_plain_edges(name) {
            Some(RefusedName::new(
                "it begins or ends with punctuation",
                "begin and end it with a letter or digit",
            ))
        } else if pairs.any(|two| two.iter().all(|c| b"-._".contains(c))) {
            Some(RefusedName::new(
                "it has two punctuation marks in a row",
                "use one",
            ))
        } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
            Some(RefusedName::new(
                "it looks like an IP address",
                "choose another",
            ))
        } else {
            None
        }
    }

    fn waits_for_named(&self, spec: &Value) -> Vec<(Kind, String)> {
        let bucket = spec["bucket"].as_str().unwrap_or_default();
        vec![(Kind::Bucket, bucket.to_owned())]
    }
}

impl Trail {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Trail, key);
        for (index, bucket) in self.objects_of.iter().enumerate() {
            let item = index.to_string();
            out.key_of(Kind::Bucket, bucket, &["trails", key, "objects_of", &item]);
        }
        if out.shares_trail {
            return;
        }
        let log_bucket = BucketSpec {
            versioning: false,
            block_public_access: true,
            events: false,
            policy: Some(PolicyDocument(log_bucket_policy(
                &format!("${{{key}.arn}}"),
                &format!("${{{key}.bucket.arn}}"),
                &out.target.account,
            ))),
        };
        out.add(Kind::Bucket, address.part("bucket"), None, &log_bucket);
        let mut objects: Vec<String> = self
            .objects_of
            .iter()
            .map(|b| format!("${{{b}.arn}}/"))
            .collect();
        objects.sort();
        let spec = TrailSpec {
            bucket: format!("${{{key}.bucket.name}}"),
            logging: true,
            multi_region: false,
            selectors: vec![SelectorSpec {
                record: self.record,
                management_events: false,
                objects,
                advanced: false,
                other: None,
            }],
        };
        out.add(Kind::Trail, address, self.name.as_deref(), &spec);
    }

    /// Whether this trail records writes to a bucket's objects, which EventBridge then gets.
    pub(in crate::stack) fn records_writes_to(&self, bucket: &str) -> bool {
        self.records(bucket, true)
    }

    /// Whether this trail records writes, or reads, of a bucket's objects.
    pub(in crate::stack) fn records(&self, bucket: &str, writes: bool) -> bool {
        let other = if writes { Record::Read } else { Record::Write };
        self.record != other && self.objects_of.iter().any(|b| b == bucket)
    }
}

/// What CloudTrail needs on the bucket it writes to, for this one trail.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>
pub(in crate::stack) fn log_bucket_policy(trail: &str, bucket: &str, account: &str) -> Value {
    let only = json!({ "aws:SourceArn": trail });
    let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
    policy::document(&[
        json!({
            "Sid": "TrailReadsAcl", "Effect": "Allow", "Principal": cloudtrail,
            "Action": "s3:GetBucketAcl", "Resource": bucket,
            "Condition": { "StringEquals": only },
        }),
        json!({
            "Sid": "TrailWritesLogs", "Effect": "Allow", "Principal": cloudtrail,
            "Action": "s3:PutObject",
            "Resource": format!("{bucket}/AWSLogs/{account}/*"),
            "Condition": { "StringEquals": {
                "aws:SourceArn": trail,
                "s3:x-amz-acl": "bucket-owner-full-control",
            } },
        }),
    ])
}
