//! S3 general purpose buckets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::on;
use crate::stack::expand::Expansion;
use crate::stack::name::{RefusedName, has_plain_edges, reserved};
use crate::stack::policy::{self, DocumentRules, PolicyDocument};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, ReaperCall, Resource, ResourceType, TagRule, Target,
    Teardown,
};

/// A bucket for objects. It is emptied, with every version, when the stack is destroyed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name in S3; by default stack, key, account and region.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether S3 keeps every version of an object.
    #[serde(default)]
    pub versioning: bool,
    /// Whether all four public access blocks are on.
    #[serde(default = "on")]
    pub block_public_access: bool,
    /// Whether S3 sends its own events of this bucket to EventBridge. A rule with `via: s3`
    /// switches it on.
    #[serde(default)]
    pub events: bool,
    /// A bucket policy document.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub policy: Option<Value>,
}

/// What a bucket is in S3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketSpec {
    /// Versioning is enabled; suspended counts as off.
    pub versioning: bool,
    /// All four public access blocks are on.
    pub block_public_access: bool,
    /// Events go to EventBridge.
    pub events: bool,
    /// The policy document, in normal form.
    pub policy: Option<PolicyDocument>,
}

/// What is known of buckets without a call.
pub struct BucketType;

static FACTS: Facts = Facts {
    noun: "bucket",
    services: &["s3"],
    deleted_after: &[Kind::Trail, Kind::Function, Kind::StateMachine],
    holds: Some("its objects"),
    recognised_by: &["versioning", "block_public_access", "events"],
    policies: &["policy"],
    document: Some(&DocumentRules::S3),
    tags: TagRule::common("S3"),
    name: NameRule {
        min: 3,
        max: 63,
        punctuation: "-.",
        lower_case: true,
        page: "AmazonS3/latest/userguide/bucketnamingrules.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for BucketType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.buckets
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn keeps_role_ids(&self, _: &Value) -> &'static [&'static str] {
        &["policy"]
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        format!("arn:{}:s3:::{name}", target.partition)
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let bucket = json!({ "Bucket": of.name });
        let mark = ReaperCall::new("s3:getBucketTagging", bucket.clone());
        of.bucket(
            "s3:listObjectVersions",
            mark,
            ReaperCall::new("s3:headBucket", bucket),
        )
    }

    /// <https://aws.amazon.com/s3/pricing/>: LIST costs as much as PUT, and DELETE nothing.
    fn usage(&self, _: &Resource, happened: &Activity, assumed: &Assumed) -> Vec<Metered> {
        let puts = happened.sum(&[Act::Write, Act::Change, Act::List, Act::LogFile]);
        let objects = happened.count(&Act::Write).saturating_mul(Assumed::OBJECT);
        let logs = happened
            .count(&Act::LogFile)
            .saturating_mul(Assumed::RECORD);
        vec![
            Metered::count("s3.requests.put", puts),
            Metered::count("s3.requests.get", happened.count(&Act::Read)),
            Metered::count("s3.requests.delete", happened.count(&Act::Delete)),
            Metered::kept("s3.storage", objects.saturating_add(logs), assumed.days),
        ]
    }

    /// The policy may name a role.
    fn waits_for(&self, kind: Kind, _: &str) -> bool {
        kind == Kind::Role || kind.facts().arn_is_made
    }

    /// All accounts share one space of names.
    fn name_scope<'t>(&self, target: &'t Target) -> Vec<&'t str> {
        vec![&target.account, &target.region]
    }

    /// The deployer's policy (`docs/deployer-policy.json`) names buckets by it.
    fn uncut_part<'t>(&self, target: &'t Target) -> Option<&'t str> {
        Some(&target.account)
    }

    fn refused_name(&self, name: &str) -> Option<RefusedName> {
        if !has_plain_edges(name) {
            return Some(RefusedName::new(
                "it begins or ends with punctuation",
                "begin and end it with a letter or digit",
            ));
        }
        if name.contains("..") {
            return Some(RefusedName::new(
                "it has two full stops in a row",
                "use one",
            ));
        }
        if name.parse::<std::net::Ipv4Addr>().is_ok() {
            return Some(RefusedName::new(
                "it looks like an IP address",
                "choose another",
            ));
        }
        reserved(
            name,
            &["xn--", "sthree-", "amzn-s3-demo-"],
            &["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"],
        )
    }
}

impl Bucket {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Bucket, key);
        let sends = self.events
            || out
                .file
                .rules
                .values()
                .any(|rule| rule.wants_s3_events(key));
        let spec = BucketSpec {
            versioning: self.versioning,
            block_public_access: self.block_public_access,
            events: sends,
            policy: self.policy.as_ref().map(policy::normal).map(PolicyDocument),
        };
        out.add(Kind::Bucket, address, self.name.as_deref(), &spec);
    }
}
