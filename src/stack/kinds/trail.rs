//! CloudTrail trails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::BucketSpec;
use crate::stack::expand::Expansion;
use crate::stack::{Address, Kind, policy};

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// What someone added that treino does not write: other resource types, advanced fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Value>,
}

impl Trail {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Trail, key);
        for (index, bucket) in self.objects_of.iter().enumerate() {
            let item = index.to_string();
            out.key_of(Kind::Bucket, bucket, &["trails", key, "objects_of", &item]);
        }
        let log_bucket = BucketSpec {
            versioning: false,
            block_public_access: true,
            events: false,
            policy: Some(log_bucket_policy(key, &out.target.account)),
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
                other: None,
            }],
        };
        out.add(Kind::Trail, address, self.name.as_deref(), &spec);
    }

    /// Whether EventBridge hears of writes to a bucket's objects through this trail.
    pub(in crate::stack) fn covers(&self, bucket: &str) -> bool {
        self.record != Record::Read && self.objects_of.iter().any(|b| b == bucket)
    }
}

/// What CloudTrail needs on the bucket it writes to, for this one trail.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>
fn log_bucket_policy(key: &str, account: &str) -> Value {
    let only = json!({ "aws:SourceArn": format!("${{{key}.arn}}") });
    let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
    policy::document(&[
        json!({
            "Sid": "TrailReadsAcl", "Effect": "Allow", "Principal": cloudtrail,
            "Action": "s3:GetBucketAcl", "Resource": format!("${{{key}.bucket.arn}}"),
            "Condition": { "StringEquals": only },
        }),
        json!({
            "Sid": "TrailWritesLogs", "Effect": "Allow", "Principal": cloudtrail,
            "Action": "s3:PutObject",
            "Resource": format!("${{{key}.bucket.arn}}/AWSLogs/{account}/*"),
            "Condition": { "StringEquals": {
                "aws:SourceArn": format!("${{{key}.arn}}"),
                "s3:x-amz-acl": "bucket-owner-full-control",
            } },
        }),
    ])
}
