//! The trail that the stacks of a class share: CloudTrail takes five in a region, whoever's they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kinds::{BucketSpec, Record, SelectorSpec, TrailSpec, log_bucket_policy};
use super::policy::PolicyDocument;
use super::{Address, DesiredState, ExternalInputs, Kind, Resource, Secrets, Tags, Target, name};

/// What the name of the stack of the shared trail ends in, after the name of the students' stacks.
const SUFFIX: &str = "-class";

/// The most ARNs that the selectors of a trail take. AWS names 250 for data resources, and 500 for the values of all conditions.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
pub const MOST_RECORDED: usize = 250;

/// Where the trail is that copies of a stack share: the stack without an owner that has its name and an ending.
#[must_use]
pub fn class_target(target: &Target) -> Target {
    Target {
        stack: format!("{}{SUFFIX}", target.stack),
        owner: None,
        ..target.clone()
    }
}

/// The trail that copies of a stack share. It is named by their stack, wherever their stack file says.
#[must_use]
pub fn shared_trail_name(target: &Target) -> String {
    name::generated(&class_target(target), Kind::Trail, &address())
}

/// The name of that trail's log bucket.
#[must_use]
pub fn shared_trail_bucket(target: &Target) -> String {
    name::generated(
        &class_target(target),
        Kind::Bucket,
        &address().part("bucket"),
    )
}

fn address() -> Address {
    Address::new(Kind::Trail, "objects")
}

/// The resources of which the stack of such a trail consists.
#[must_use]
pub fn shared_trail_parts() -> [Address; 2] {
    [address(), address().part("bucket")]
}

/// What the trails of a stack record, as ARNs of objects begin.
#[must_use]
pub fn recorded(desired: &DesiredState) -> BTreeMap<Record, BTreeSet<String>> {
    let mut recorded: BTreeMap<Record, BTreeSet<String>> = BTreeMap::new();
    let trails = desired
        .resources
        .values()
        .filter(|one| one.kind == Kind::Trail);
    for trail in trails {
        for (record, objects) in recorded_by(&trail.spec) {
            recorded.entry(record).or_default().extend(objects);
        }
    }
    recorded
}

/// What the spec of a trail records. Selectors that treino does not write are left out.
#[must_use]
pub fn recorded_by(spec: &Value) -> Vec<(Record, Vec<String>)> {
    let spec: Option<TrailSpec> = serde_json::from_value(spec.clone()).ok();
    let selectors = spec.map(|spec| spec.selectors).unwrap_or_default();
    let plain = selectors.into_iter().filter(|one| one.other.is_none());
    plain.map(|one| (one.record, one.objects)).collect()
}

/// Whether a trail that exists records all of this.
#[must_use]
pub fn records_all(live: &Value, wanted: &BTreeMap<Record, BTreeSet<String>>) -> bool {
    let selected = recorded_by(live);
    wanted.iter().all(|(record, objects)| {
        objects.iter().all(|object| {
            let mut fitting = selected
                .iter()
                .filter(|(of, _)| of == record || *of == Record::All);
            fitting.any(|(_, there)| there.contains(object))
        })
    })
}

/// The stack of the shared trail, which records this: a trail with one advanced event selector for each kind of event, and
/// its log bucket. `tags` are those of the students' stacks.
#[must_use]
pub fn shared_trail(
    target: &Target,
    recorded: &BTreeMap<Record, BTreeSet<String>>,
    tags: &Tags,
) -> DesiredState {
    let target = class_target(target);
    let (trail, bucket) = (address(), address().part("bucket"));
    let named = |kind: Kind, address: &Address| {
        let name = name::generated(&target, kind, address);
        let arn = name::arn(&target, kind, &name);
        (name, arn)
    };
    let (bucket_name, bucket_arn) = named(Kind::Bucket, &bucket);
    let (trail_name, trail_arn) = named(Kind::Trail, &trail);
    let log_bucket = BucketSpec {
        versioning: false,
        block_public_access: true,
        events: false,
        policy: Some(PolicyDocument(log_bucket_policy(
            &trail_arn,
            &bucket_arn,
            &target.account,
        ))),
    };
    let selectors = recorded.iter().map(|(record, objects)| SelectorSpec {
        record: *record,
        management_events: false,
        objects: objects.iter().cloned().collect(),
        advanced: true,
        other: None,
    });
    let spec = TrailSpec {
        bucket: bucket_name.clone(),
        logging: true,
        multi_region: false,
        selectors: selectors.collect(),
    };
    // Specs are plain data: serializing one cannot fail.
    let log_bucket = serde_json::to_value(&log_bucket).unwrap_or(Value::Null);
    let spec = serde_json::to_value(&spec).unwrap_or(Value::Null);
    let own = tags.iter().filter(|(key, _)| !key.starts_with("treino:"));
    let own: Tags = own
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let resource =
        |kind, address: &Address, (name, arn): (String, String), spec, after: &[&Address]| {
            Resource {
                address: address.clone(),
                kind,
                name,
                arn,
                spec,
                tags: own
                    .clone()
                    .into_iter()
                    .chain(target.mark(address))
                    .collect(),
                after: after.iter().map(|one| (*one).clone()).collect(),
            }
        };
    let resources = [
        resource(
            Kind::Bucket,
            &bucket,
            (bucket_name, bucket_arn),
            log_bucket,
            &[],
        ),
        resource(
            Kind::Trail,
            &trail,
            (trail_name, trail_arn),
            spec,
            &[&bucket],
        ),
    ];
    DesiredState::of_resources(target.clone(), resources)
}

/// Where references to a stack's own trails lead if it has none of its own.
pub(super) fn references(target: &Target) -> [(&'static str, String); 4] {
    let class = class_target(target);
    let bucket = name::generated(&class, Kind::Bucket, &address().part("bucket"));
    let trail = name::generated(&class, Kind::Trail, &address());
    [
        ("arn", name::arn(&class, Kind::Trail, &trail)),
        ("name", trail),
        ("bucket.arn", name::arn(&class, Kind::Bucket, &bucket)),
        ("bucket.name", bucket),
    ]
}

impl DesiredState {
    /// A state of these resources, which no file describes.
    fn of_resources(target: Target, resources: impl IntoIterator<Item = Resource>) -> Self {
        let resources = resources.into_iter();
        Self {
            target,
            description: String::new(),
            resources: resources.map(|one| (one.address.clone(), one)).collect(),
            outputs: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            built: BTreeMap::new(),
            secrets: Secrets::default(),
            grants: BTreeMap::new(),
            reads: ExternalInputs::default(),
            checks: Vec::new(),
            not_creatable: BTreeMap::new(),
            of_others: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::source::Source;
    use crate::stack::{Given, Loaded, read};

    const STACK: &str = "stack: lab\nbuckets: { photos: {} }\ntrails: { uploads: { objects_of: [photos] } }\n\
                         tags: { course: aws }\noutputs: { trail: \"${uploads.name}\" }\n";

    fn loaded() -> Loaded {
        read(
            Source::new("stack.yaml", STACK),
            Path::new("."),
            Given::default(),
        )
        .unwrap()
        .0
    }

    fn target(owner: &str) -> Target {
        Target {
            owner: Some(owner.to_owned()),
            ..loaded().example_target(Some("us-east-1"))
        }
    }

    fn desired(owner: &str) -> DesiredState {
        loaded().expand(&target(owner)).unwrap().0
    }

    #[test]
    fn the_shared_trail_records_the_buckets_of_all() {
        let mut all: BTreeMap<Record, BTreeSet<String>> = BTreeMap::new();
        for owner in ["ana", "ana-b"] {
            for (record, objects) in recorded(&desired(owner)) {
                all.entry(record).or_default().extend(objects);
            }
        }
        let tags = desired("ana")
            .resources
            .values()
            .next()
            .unwrap()
            .tags
            .clone();
        let shared = shared_trail(&target("ana"), &all, &tags);
        let trail = &shared.resources[&Address::from_tag("trail.objects")];
        assert_eq!(trail.name, "lab-class-objects");
        assert_eq!(trail.name, shared_trail_name(&target("bia")));
        assert_eq!(trail.tags["treino:stack"], "lab-class");
        assert_eq!(trail.tags["course"], "aws");
        assert_eq!(trail.tags.get("treino:owner"), None);
        let selector = &trail.spec["selectors"][0];
        assert_eq!(selector["advanced"], true);
        let objects: Vec<&str> = selector["objects"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(
            objects,
            [
                "arn:aws:s3:::lab-photos-ana-123456789012-us-east-1/",
                "arn:aws:s3:::lab-photos-ana-b-123456789012-us-east-1/"
            ]
        );
        for owner in ["ana", "ana-b"] {
            assert!(
                records_all(&trail.spec, &recorded(&desired(owner))),
                "{owner}"
            );
        }
        assert!(!records_all(&trail.spec, &recorded(&desired("bia"))));
        assert!(
            trail
                .after
                .contains(&Address::from_tag("trail.objects.bucket"))
        );
    }

    #[test]
    fn a_stack_that_shares_a_trail_has_none_of_its_own() {
        let alone = desired("ana");
        let (sharing, _) = loaded().expand_sharing_trail(&target("ana")).unwrap();
        let of_trail = |desired: &DesiredState| {
            let addresses = desired.resources.keys().map(ToString::to_string);
            addresses.filter(|one| one.starts_with("trail.")).count()
        };
        assert_eq!((of_trail(&alone), of_trail(&sharing)), (2, 0));
        assert_eq!(sharing.resources.len() + 2, alone.resources.len());
        assert_eq!(sharing.outputs["trail"], "lab-class-objects");
    }
}
