//! Ends that are added, and what is told of them.

use super::*;
use crate::stack::{Address, Kind, Tags};

#[test]
fn an_end_that_a_deploy_does_not_keep_is_told() {
    let now = SystemTime::now();
    let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
    for (until, told) in [
        (Some(now + hour), false),
        (Some(now + hour + minute), true),
        (None, true),
    ] {
        let text = undone(hour, until, now);
        assert_eq!(text.is_some(), told);
        assert!(text.is_none_or(|text| text.contains("`expires: 1h`")));
    }
    let added = too_long(Some(now)).to_string();
    assert!(added.contains("added to its present end") && added.contains("`--until`"));
    assert!(!too_long(None).to_string().contains("--until"));
}

#[test]
fn an_extension_counts_from_the_end_that_was_said() {
    let now = humantime::parse_rfc3339("2026-11-28T20:00:00Z").unwrap();
    let hour = Duration::from_hours(1);
    let stack = |at: Option<&str>| {
        let tags = at.map(|at| (TAG_EXPIRES.to_owned(), at.to_owned()));
        [Owned {
            address: Address::new(Kind::Table, "t"),
            kind: Kind::Table,
            name: "t".into(),
            tags: tags.into_iter().collect::<Tags>(),
        }]
    };
    for (said, expected) in [
        (Some("2026-11-28T21:00:00Z"), now + 2 * hour),
        (Some("2026-11-28T12:00:00Z"), now + hour),
        (Some("soon"), now + hour),
        (None, now + hour),
    ] {
        assert_eq!(
            until(super::said(&stack(said)), Extension::By(hour), now),
            Some(expected)
        );
    }
    assert_eq!(
        until(super::said(&stack(None)), Extension::Never, now),
        None
    );
}
