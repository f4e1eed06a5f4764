use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::source::Source;
use crate::stack::{self, Given, Target};

fn desired(text: &str, owner: &str) -> DesiredState {
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = stack::read(source, Path::new("."), Given::default()).unwrap();
    let target = Target {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "111122223333".into(),
        stack: loaded.file.stack.clone(),
        owner: Some(owner.into()),
    };
    loaded.expand(&target).unwrap().0
}

/// The violations among these owners' copies of a stack.
fn found(text: &str, owners: &[&str]) -> Vec<Violation> {
    let all: Vec<DesiredState> = owners.iter().map(|owner| desired(text, owner)).collect();
    let stacks = all.iter().zip(owners);
    let stacks = stacks.map(|(desired, owner)| StackOfStudent { owner, desired });
    violations(&stacks.collect::<Vec<_>>())
}

fn with_allow(actions: &str, resources: &str) -> String {
    format!(
        "stack: lab\n\
         buckets: {{ photos: {{}} }}\n\
         tables: {{ t: {{ partition_key: id }} }}\n\
         queues: {{ q: {{}} }}\n\
         roles:\n  r:\n    assumed_by: [lambda.amazonaws.com]\n    allow:\n      - actions: [{actions}]\n        resources: [{resources}]\n"
    )
}

const OWNERS: [&str; 4] = ["ana", "ana-b", "b", "b-ana"];

#[test]
fn a_policy_for_ones_own_resources_reaches_nobody() {
    for (actions, resources) in [
        ("s3:GetObject", "\"${photos.arn}/*\""),
        ("s3:ListBucket", "\"${photos.arn}\""),
        ("dynamodb:PutItem", "\"${t.arn}\", \"${t.arn}/index/*\""),
        ("rekognition:DetectLabels", "\"*\""),
        ("dynamodb:ListTables", "\"*\""),
        ("sqs:SendMessage", "\"${q.arn}\""),
    ] {
        let found = found(&with_allow(actions, resources), &OWNERS);
        assert!(found.is_empty(), "{actions} {resources}: {found:?}");
    }
}

#[test]
fn a_pattern_that_reaches_others_is_named_with_whom_it_reaches() {
    for (actions, resources, victims) in [
        // `ana` is a prefix of `ana-b`.
        ("dynamodb:PutItem", "\"${t.arn}*\"", 1),
        ("dynamodb:PutItem", "\"${t.arn}-?\"", 1),
        ("s3:GetObject", "\"arn:aws:s3:::lab-photos-*/*\"", 12),
        ("s3:GetObject", "\"*\"", 12),
        ("\"*\"", "\"${q.arn}*\"", 1),
        ("sqs:*", "\"arn:aws:sqs:*:*:lab-q-b*\"", 7),
    ] {
        let found = found(&with_allow(actions, resources), &OWNERS);
        let count: usize = found.iter().map(|one| one.count).sum();
        let mine: Vec<_> = found
            .iter()
            .filter(|one| one.owner == "ana" || one.owner == "b")
            .collect();
        assert!(
            !mine.is_empty() && count >= victims,
            "{actions} {resources}: {found:#?}"
        );
        assert!(found.iter().all(|one| one.owner != one.victim));
    }
    let found = found(
        &with_allow("dynamodb:PutItem", "\"${t.arn}*\""),
        &["ana", "ana-b"],
    );
    let expected = Violation {
        owner: "ana".into(),
        address: Address::from_tag("role.r"),
        policy: Some("treino".into()),
        pattern: "arn:aws:dynamodb:us-east-1:111122223333:table/lab-t-ana*".into(),
        victim: "ana-b".into(),
        reached: "arn:aws:dynamodb:us-east-1:111122223333:table/lab-t-ana-b".into(),
        count: 1,
        place: None,
    };
    assert_eq!(found, [expected]);
}

#[test]
fn one_name_for_two_resources_is_found() {
    let text = "stack: lab\ntables: { x: { partition_key: id }, x-b: { partition_key: id } }\n";
    let found = found(text, &["c", "b-c"]);
    let names: Vec<&str> = found.iter().map(|one| one.pattern.as_str()).collect();
    assert_eq!(names, ["lab-x-b-c"]);
    assert_eq!(found[0].policy, None);
}

/// The labs of this repository are for classes.
#[test]
fn no_lab_reaches_another_students_copy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        let given = Given {
            missing: stack::Missing::Later,
            ..Given::default()
        };
        let (loaded, _) = stack::load(&path, given).unwrap();
        let of = |owner: &str| {
            let target = Target {
                owner: Some(owner.into()),
                ..loaded.example_target(Some("us-east-1"))
            };
            loaded.expand(&target).unwrap().0
        };
        let all: Vec<DesiredState> = OWNERS.map(of).into();
        let stacks = all.iter().zip(OWNERS);
        let stacks: Vec<_> = stacks
            .map(|(desired, owner)| StackOfStudent { owner, desired })
            .collect();
        let found = violations(&stacks);
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1_508), ..ProptestConfig::default() })]

    /// Whatever the owners, a policy for whole ARNs reaches nobody, and one with `*` after the owner reaches those whose
    /// names go on from there.
    #[test]
    fn prefixes_of_owners_are_reached_by_open_patterns_alone(
        one in "[a-b](-?[a-b]){0,3}", other in "[a-b](-?[a-b]){0,3}",
    ) {
        prop_assume!(one != other);
        let owners = [one.as_str(), other.as_str()];
        let closed = with_allow("dynamodb:PutItem, s3:PutObject", "\"${t.arn}\", \"${photos.arn}/*\"");
        prop_assert!(found(&closed, &owners).is_empty());
        let open = with_allow("dynamodb:PutItem", "\"${t.arn}*\"");
        let reached = found(&open, &owners);
        let expected = usize::from(other.starts_with(&one)) + usize::from(one.starts_with(&other));
        prop_assert_eq!(reached.len(), expected, "{:?}", reached);
    }
}
