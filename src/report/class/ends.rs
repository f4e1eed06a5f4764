//! When the stacks of a class end, as text.

use std::time::{Duration, SystemTime};

use crate::ops::{PlannedStack, StackStatus};
use crate::report::status::{end, minutes};
use crate::report::time::local;

/// When the stacks of a class end: the first of them, and the last where it ends later.
pub(super) fn end_of_class(students: &[&PlannedStack], now: SystemTime) -> Option<String> {
    let planned = students.iter().filter(|one| one.refused.is_none());
    let planned: Vec<_> = planned.collect();
    let times = planned.iter().filter_map(|one| one.expires.as_ref());
    let Some((first, last)) = times.clone().min().zip(times.clone().max()) else {
        return (!planned.is_empty()).then(|| {
            "the stacks stay until destroyed (`--expires 8h` lets AWS delete them)".to_owned()
        });
    };
    // Planning takes some seconds of what was written.
    let left = |at: &str| {
        let time = humantime::parse_rfc3339(at).ok();
        let left = time.and_then(|time| time.duration_since(now).ok());
        minutes(left.unwrap_or_default() + Duration::from_secs(30))
    };
    let (soonest, latest) = (left(first), left(last));
    let when = if soonest == latest {
        format!("in {soonest} ({})", local(first))
    } else {
        format!(
            "in {soonest} ({}) to {latest} ({})",
            local(first),
            local(last)
        )
    };
    let text = if planned.iter().any(|one| one.self_destruct == Some(false)) {
        format!(
            "the stacks expire {when}: AWS does not delete them then (`self_destruct: off`); `treino sweep` does"
        )
    } else {
        format!("the stacks end {when}: AWS then deletes them and their data")
    };
    Some(match planned.len() - times.count() {
        0 => text,
        1 => format!("{text}; 1 stays until destroyed"),
        stay => format!("{text}; {stay} stay until destroyed"),
    })
}

/// When one stack of a class ends, as `status` says it.
pub(super) fn ending(
    expires: Option<&String>,
    ends: Option<&String>,
    reaper_missing: Option<bool>,
    now: SystemTime,
) -> String {
    if expires.is_none() {
        return "no end: stays until destroyed".to_owned();
    }
    let stack = StackStatus {
        expires: expires.cloned(),
        ends: ends.cloned(),
        reaper_missing,
        ..StackStatus::default()
    };
    end(&stack, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::StudentStatus;
    use crate::report::class::status::status;

    #[test]
    fn a_class_says_when_its_stacks_end() {
        let now = humantime::parse_rfc3339("2026-11-28T12:00:00Z").unwrap();
        let of = |ends: &[Option<&str>], self_destruct| {
            let stack = |expires: Option<&str>| PlannedStack {
                stack: "lab".to_owned(),
                owner: Some("ana".to_owned()),
                account: "111122223333".to_owned(),
                region: "us-east-1".to_owned(),
                create: 1,
                update: 0,
                replace: 0,
                delete: 0,
                keep: 0,
                changed: Vec::new(),
                contents: Vec::new(),
                expires: expires.map(String::from),
                self_destruct: Some(self_destruct),
                refused: None,
            };
            let stacks: Vec<PlannedStack> = ends.iter().copied().map(stack).collect();
            end_of_class(&stacks.iter().collect::<Vec<_>>(), now)
        };
        let (soon, later) = (Some("2026-11-28T13:59:50Z"), Some("2026-11-28T15:59:50Z"));
        for (ends, self_destruct, begin, end) in [
            (
                &[None, None][..],
                true,
                "the stacks stay until destroyed",
                "(`--expires 8h` lets AWS delete them)",
            ),
            (
                &[soon, soon],
                true,
                "the stacks end in 2h (",
                "AWS then deletes them and their data",
            ),
            (
                &[soon, later],
                true,
                "the stacks end in 2h (",
                "and their data",
            ),
            (
                &[soon, None],
                true,
                "the stacks end in 2h (",
                "data; 1 stays until destroyed",
            ),
            (
                &[soon],
                false,
                "the stacks expire in 2h (",
                "`treino sweep` does",
            ),
        ] {
            let text = of(ends, self_destruct).unwrap();
            assert!(text.starts_with(begin) && text.ends_with(end), "{text}");
        }
        assert!(of(&[later, soon], true).unwrap().contains(" to 4h ("));
        assert_eq!(of(&[], true), None);
    }

    #[test]
    fn a_student_is_not_told_to_destroy_what_aws_deletes() {
        let now = humantime::parse_rfc3339("2026-11-28T12:00:01Z").unwrap();
        let shown = |ends: Option<&str>, reaper_missing| {
            let student = StudentStatus {
                owner: "ana".to_owned(),
                name: None,
                resources: 1,
                missing: Vec::new(),
                account: None,
                region: None,
                since: None,
                expires: Some("2026-11-28T12:00:00Z".to_owned()),
                ends: ends.map(String::from),
                reaper_missing,
                runs: None,
                cost: None,
                failed: None,
            };
            let text = status("lab", &[student], &[], now);
            anstream::adapter::strip_str(&text).to_string()
        };
        for (ends, missing, wanted) in [
            (Some("2026-11-28T12:01:01Z"), Some(false), "ends in 1m"),
            (
                Some("2026-11-28T12:00:00Z"),
                Some(false),
                "AWS is deleting it",
            ),
            (None, None, "expired 1s ago: AWS may be deleting it"),
            (
                None,
                Some(true),
                "overdue by 1s, and no execution of AWS waits to delete it",
            ),
        ] {
            let text = shown(ends, missing);
            assert!(text.contains(wanted), "{text}");
            assert!(!text.contains("destroy it"), "{text}");
        }
    }
}
