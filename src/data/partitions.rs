//! The partitions of AWS: the regions of each, the ends of their host names, and the services that regions lack.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::DataSource;

/// A partition: regions that share accounts and IAM with each other, and with no other partition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// What host names end with.
    pub suffix: String,
    /// What the names of hosts with IPv6 addresses end with.
    pub dual_stack_suffix: String,
    /// Its regions, by code.
    pub regions: BTreeMap<String, RegionFacts>,
}

/// What is known of a region.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFacts {
    /// Such as `Europe (Milan)`; empty for a region that is newer than the lists of services.
    #[serde(default)]
    pub name: String,
    /// Whether an account has to enable it first.
    #[serde(default)]
    pub opt_in: bool,
    /// Services it does not have, of the few that treino asks about, by the names of their hosts.
    #[serde(default)]
    pub lacks: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartitionsFile {
    sources: Vec<DataSource>,
    partitions: BTreeMap<String, Partition>,
}

static FILE: LazyLock<PartitionsFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("partitions.json")).unwrap_or_default());

/// Every partition, by name: `aws`, `aws-cn`, ...
#[must_use]
pub fn all() -> &'static BTreeMap<String, Partition> {
    &FILE.partitions
}

/// What was read to make the data.
#[must_use]
pub fn sources() -> &'static [DataSource] {
    &FILE.sources
}

/// What host names of a partition end with; those of `aws` for an unknown one.
#[must_use]
pub fn suffix(partition: &str) -> &'static str {
    all()
        .get(partition)
        .map_or("amazonaws.com", |of| &of.suffix)
}

/// The same of hosts that have IPv6 addresses too.
#[must_use]
pub fn dual_stack_suffix(partition: &str) -> &'static str {
    let found = all().get(partition);
    found.map_or("api.aws", |of| &of.dual_stack_suffix)
}

/// What the host of the AWS console ends with, after the region; nothing for a partition whose console is not
/// documented in public.
///
/// <https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html>, and for the others
/// <https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html>,
/// <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-endpoints.html> and
/// <https://docs.aws.eu/esc/latest/userguide/endpoints.html>.
#[must_use]
pub fn console_suffix(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("console.aws.amazon.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        "aws-eusc" => Some("console.amazonaws-eusc.eu"),
        _ => None,
    }
}

/// The partition of a region: that of the list, or for a newer region that of the regions whose codes begin
/// alike (`us-gov-...`); else `aws`.
#[must_use]
pub fn of_region(region: &str) -> &'static str {
    let mut like = None;
    for (name, partition) in all() {
        if partition.regions.contains_key(region) {
            return name;
        }
        let mut known = partition.regions.keys();
        if area(region).is_some() && known.any(|known| area(known) == area(region)) {
            like = Some(name.as_str());
        }
    }
    like.unwrap_or("aws")
}

/// What the code of a region begins with: `us-gov` of `us-gov-west-1`.
fn area(region: &str) -> Option<&str> {
    let (rest, _) = region.rsplit_once('-')?;
    Some(rest.rsplit_once('-')?.0)
}

/// What is known of a region.
#[must_use]
pub fn region(code: &str) -> Option<&'static RegionFacts> {
    let mut partitions = all().values();
    partitions.find_map(|partition| partition.regions.get(code))
}

/// Whether a region is known to lack a service, by the name of its host (`rekognition`). What is not known is
/// not lacking.
#[must_use]
pub fn lacks(code: &str, service: &str) -> bool {
    region(code).is_some_and(|facts| facts.lacks.iter().any(|lacking| lacking == service))
}

/// The regions that an account has to enable first: codes with names.
pub fn opt_in() -> impl Iterator<Item = (&'static str, &'static RegionFacts)> {
    let regions = all().values().flat_map(|partition| &partition.regions);
    let opt_in = regions.filter(|(_, facts)| facts.opt_in);
    opt_in.map(|(code, facts)| (code.as_str(), facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_belong_to_their_partitions() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("sa-west-1", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            // Later ones, and none.
            ("us-gov-north-2", "aws-us-gov"),
            ("cn-south-1", "aws-cn"),
            ("eusc-de-west-1", "aws-eusc"),
            ("us-iso-south-1", "aws-iso"),
            ("eu-isoe-east-1", "aws-iso-e"),
            ("eu-west-9", "aws"),
            ("xx-west-1", "aws"),
            ("local", "aws"),
            ("", "aws"),
        ] {
            assert_eq!(of_region(region), partition, "{region}");
        }
    }

    #[test]
    fn regions_lack_services() {
        assert!(lacks("cn-north-1", "rekognition"));
        assert!(lacks("eusc-de-east-1", "glacier"));
        assert!(!lacks("us-east-1", "glacier") && !lacks("xx-west-1", "glacier"));
        let opt_in: Vec<&str> = opt_in().map(|(code, _)| code).collect();
        assert!(opt_in.contains(&"af-south-1") && opt_in.contains(&"eu-south-1"));
        assert!(!opt_in.contains(&"us-east-1") && !opt_in.contains(&"cn-north-1"));
        assert_eq!(all()["aws-cn"].suffix, "amazonaws.com.cn");
        assert!(sources().iter().any(|source| source.package == "botocore"));
    }
}
