//! S3 directory buckets (S3 Express One Zone).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::stack::expand::Expansion;
use crate::stack::name::{RefusedName, reserved};
use crate::stack::policy::{self, DocumentRules, PolicyDocument};
use crate::stack::reference::ReferenceValues;
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, Quota, ReaperCall, Resource, ResourceType, StackFile,
    TagRule, Target, Teardown,
};

/// How a user finds the ids of a region's zones.
const FIND_ZONES: &str = "`aws ec2 describe-availability-zones --query \
     'AvailabilityZones[].[ZoneName,ZoneId]'` shows them";

/// Regions with S3 Express One Zone, how their zones' ids begin, and the zones that have it.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-Endpoints.html>
const ZONES: &[(&str, &str, &[&str])] = &[
    ("us-east-1", "use1-", &["use1-az4", "use1-az5", "use1-az6"]),
    ("us-east-2", "use2-", &["use2-az1", "use2-az2"]),
    ("us-west-2", "usw2-", &["usw2-az1", "usw2-az3", "usw2-az4"]),
    ("ap-south-1", "aps1-", &["aps1-az1", "aps1-az3"]),
    ("ap-northeast-1", "apne1-", &["apne1-az1", "apne1-az4"]),
    ("eu-west-1", "euw1-", &["euw1-az1", "euw1-az3"]),
    ("eu-north-1", "eun1-", &["eun1-az1", "eun1-az2", "eun1-az3"]),
];

/// The longest suffix of a name, `--<zone>--x-s3`: a zone's id has up to ten characters.
const LONGEST_SUFFIX: usize = 18;

/// A bucket in one Availability Zone, for the fastest access to objects. It is emptied when the
/// stack is destroyed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryBucket {
    /// The beginning of its name in S3; by default stack, key and account. `--<zone>--x-s3`, which
    /// ends every such name, is added.
    #[serde(default)]
    pub name: Option<String>,
    /// The id of its Availability Zone, such as `use1-az4`: not the zone's name, which means
    /// another zone in every account.
    pub zone: String,
    /// A bucket policy document.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub policy: Option<Value>,
}

/// What a directory bucket is in S3. Its zone is part of its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryBucketSpec {
    /// The policy document, in normal form.
    pub policy: Option<PolicyDocument>,
}

/// What is known of directory buckets without a call.
pub struct DirectoryBucketType;

static FACTS: Facts = Facts {
    noun: "directory_bucket",
    services: &["s3"],
    deleted_after: &[Kind::Function, Kind::StateMachine],
    holds: Some("its objects"),
    quota: Some(Quota {
        most: 100,
        adjustable: true,
        page: "AmazonS3/latest/userguide/directory-buckets-overview.html",
    }),
    policies: &["policy"],
    document: Some(&DocumentRules::S3_EXPRESS),
    tags: TagRule::common("S3"),
    name: NameRule {
        min: 3,
        max: 63,
        punctuation: "-",
        lower_case: true,
        page: "AmazonS3/latest/userguide/directory-bucket-naming-rules.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for DirectoryBucketType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.directory_buckets
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn keeps_role_ids(&self, _: &Value) -> &'static [&'static str] {
        &["policy"]
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("s3express", &format!("bucket/{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let mark = json!({ "ResourceArn": of.arn, "AccountId": of.target.account });
        let look = json!({ "MaxDirectoryBuckets": 100 });
        of.bucket(
            "s3:listObjectsV2",
            ReaperCall::new("s3control:listTagsForResource", mark),
            ReaperCall::new("s3:listDirectoryBuckets", look),
        )
    }

    /// A session is a request; what is done in it is not known.
    fn usage(&self, _: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        vec![Metered::count(
            "s3express.requests.get",
            happened.count(&Act::Read),
        )]
    }

    /// All accounts share one space of names.
    fn name_scope<'t>(&self, target: &'t Target) -> Vec<&'t str> {
        vec![&target.account]
    }

    fn longest_generated_name(&self) -> usize {
        FACTS.name.max - LONGEST_SUFFIX
    }

    fn refused_name(&self, name: &str) -> Option<RefusedName> {
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Some(RefusedName::new(
                "it begins with punctuation",
                "begin it with a letter or digit",
            ));
        }
        reserved(name, &["xn--", "sthree-", "amzn-s3-demo-"], &[])
    }

    /// The policy may name a role.
    fn waits_for(&self, kind: Kind, _: &str) -> bool {
        kind == Kind::Role || kind.facts().arn_is_made
    }

    /// Zones belong to a region.
    fn region(&self, file: &StackFile, resolved: &ReferenceValues) -> Option<&'static str> {
        let mut buckets = file.directory_buckets.values();
        buckets.find_map(|bucket| region_of(&resolved.replace(&bucket.zone)))
    }
}

impl DirectoryBucket {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::DirectoryBucket, key);
        let place = ["directory_buckets", key, "zone"];
        let Some(zone) = out.resolved(&self.zone, &place) else {
            return;
        };
        if !check_zone(&zone, &place, out) {
            return;
        }
        let suffix = format!("--{zone}--x-s3");
        let given = self
            .name
            .as_deref()
            .map(|name| name.strip_suffix(&suffix).unwrap_or(name));
        if let Some(base) = given
            && base.ends_with("--x-s3")
        {
            out.problem_at(
                &["directory_buckets", key, "name"],
                format!("`{base}` is not a name in the zone {zone}"),
                &format!("end it with `{suffix}`, or leave the ending to treino"),
            );
            return;
        }
        let base = out.name_of(Kind::DirectoryBucket, &address, given);
        let spec = DirectoryBucketSpec {
            policy: self.policy.as_ref().map(policy::normal).map(PolicyDocument),
        };
        let name = format!("{base}{suffix}");
        out.add_named(Kind::DirectoryBucket, address, &name, &spec);
    }
}

/// Whether the zone has the form of an id and is not one of another region.
fn check_zone(zone: &str, place: &[&str], out: &mut Expansion) -> bool {
    let region = out.target.region.clone();
    if !is_zone(zone) {
        let message = if is_zone_name(zone) {
            format!("`{zone}` is a zone's name, which means another zone in every account")
        } else {
            format!("`{zone}` is not an Availability Zone's id")
        };
        let help = format!("write its id, such as `use1-az4`; {FIND_ZONES}");
        out.problem_at(place, message, &help);
        return false;
    }
    let served = ZONES.iter().find(|(name, ..)| *name == region);
    let here = served.map_or_else(String::new, |(_, _, zones)| {
        format!("in {region}, write {}; or ", any_of(zones))
    });
    match region_of(zone) {
        Some(other) if other != region => {
            let message = format!("`{zone}` is a zone of {other}, and the stack is for {region}");
            let help = format!("{here}put all of the stack in {other}: `--region {other}`");
            out.problem_at(place, message, &help);
            return false;
        }
        Some(_) if served.is_some_and(|(_, _, zones)| zones.contains(&zone)) => {}
        _ => out.warning_at(
            place,
            format!("AWS does not list `{zone}` among the zones with S3 Express One Zone"),
            &format!("{here}see whether AWS takes it all the same"),
        ),
    }
    true
}

/// The zone a directory bucket's name ends in.
#[must_use]
pub fn zone_in_name(name: &str) -> Option<&str> {
    let (_, zone) = name.strip_suffix("--x-s3")?.rsplit_once("--")?;
    is_zone(zone).then_some(zone)
}

/// The bucket a target's address has where no name is given.
#[must_use]
pub fn directory_bucket_name(target: &Target, address: &Address, zone: &str) -> String {
    let base = crate::stack::name::generated(target, Kind::DirectoryBucket, address);
    format!("{base}--{zone}--x-s3")
}

fn region_of(zone: &str) -> Option<&'static str> {
    let of = ZONES.iter().find(|(_, begin, _)| zone.starts_with(begin));
    of.map(|(region, ..)| *region)
}

/// Letters and a digit for the region, `-az`, a number.
fn is_zone(text: &str) -> bool {
    let Some((region, number)) = text.split_once("-az") else {
        return false;
    };
    let letters = region.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    (2..=4).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_lowercase())
        && digits(&region[letters.len()..], 1)
        && digits(number, 2)
}

/// `us-east-1a`
fn is_zone_name(text: &str) -> bool {
    let region = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    region.len() + 1 == text.len()
        && region.split('-').count() >= 3
        && region.ends_with(|c: char| c.is_ascii_digit())
}

fn any_of(zones: &[&str]) -> String {
    let quoted: Vec<String> = zones.iter().map(|zone| format!("`{zone}`")).collect();
    quoted.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        for zone in ZONES.iter().flat_map(|(_, _, zones)| *zones) {
            assert!(is_zone(zone), "{zone}");
            assert!(zone.len() + "----x-s3".len() <= LONGEST_SUFFIX, "{zone}");
        }
        assert!(is_zone("usgw1-az1") && is_zone("mec1-az3") && is_zone("apne1-az12"));
        for text in [
            "",
            "use1",
            "use1-az",
            "use1-azx",
            "us-east-1a",
            "use1-az123",
        ] {
            assert!(!is_zone(text), "{text}");
        }
        // A Local Zone's.
        assert!(!is_zone("usw2-lax1-az1"));
        assert!(is_zone_name("us-east-1a") && is_zone_name("us-gov-west-1b"));
        assert!(!is_zone_name("use1-az4") && !is_zone_name("us-east-1"));
    }

    #[test]
    fn regions_are_told_by_their_own_zones() {
        for (region, _, zones) in ZONES {
            for zone in *zones {
                assert_eq!(region_of(zone), Some(*region));
            }
        }
        assert_eq!(region_of("use1-az1"), Some("us-east-1"));
        assert_eq!(region_of("xyz1-az1"), None);
    }

    #[test]
    fn a_name_says_its_zone() {
        assert_eq!(zone_in_name("a--b--use1-az4--x-s3"), Some("use1-az4"));
        for name in ["a--use1-az4", "use1-az4--x-s3", "a--zone--x-s3", "--x-s3"] {
            assert_eq!(zone_in_name(name), None, "{name}");
        }
    }
}
