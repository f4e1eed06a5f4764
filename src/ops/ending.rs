//! A stack that ends soon: what users put in is told while it can still be kept.

use std::time::{Duration, SystemTime};

use super::contents::put_in;
use super::frontend::Reporter;
use super::{EndingStack, Event, reaper};
use crate::aws::AwsProvider;
use crate::plan::Owned;
use crate::stack::{Guards, TAG_EXPIRES};

/// How long before its end a stack is near it.
const NEAR: Duration = Duration::from_hours(1);

/// When a stack expires, as its resources say.
pub(super) fn expires(resources: &[Owned]) -> Option<&String> {
    let said = resources.iter();
    said.filter_map(|owned| owned.tags.get(TAG_EXPIRES)).min()
}

/// Whether a time is within the hour, or has passed.
pub(super) fn is_near(at: &str, now: SystemTime) -> bool {
    humantime::parse_rfc3339(at).is_ok_and(|at| at <= now + NEAR)
}

/// Whether a time has passed.
pub(super) fn has_passed(at: &str, now: SystemTime) -> bool {
    humantime::parse_rfc3339(at).is_ok_and(|at| at <= now)
}

/// Tells of a stack that ends within the hour, or should have. No other is asked about; what cannot be seen is not told.
pub(super) async fn tell(provider: &AwsProvider, resources: &[Owned], out: &Reporter<'_>) {
    let Some(expires) = expires(resources) else {
        return;
    };
    if !is_near(expires, SystemTime::now()) {
        return;
    }
    let aws = &provider.0;
    let Ok(ends) = reaper::end_of(aws).await else {
        return;
    };
    let contents = put_in(provider, resources, &out.silent()).await;
    let until = humantime::parse_rfc3339(expires).ok();
    out.send(Event::Ending(EndingStack {
        stack: aws.target.stack.clone(),
        owner: aws.target.owner.clone(),
        expires: expires.clone(),
        ends,
        contents,
        extend: until
            .and_then(|until| extending(until, out))
            .unwrap_or_default(),
    }));
}

/// The command that gives a stack that ends then a later end, of the time that guards allow; nothing where they allow none.
pub(super) fn extending(until: SystemTime, out: &Reporter<'_>) -> Option<String> {
    let guards = Guards::of_folder(&out.folder()).ok()?;
    let more = fitting(&guards, until, SystemTime::now())?;
    Some(out.commands().write("extend", &[more]))
}

fn fitting(guards: &Guards, until: SystemTime, now: SystemTime) -> Option<&'static str> {
    let left = until.duration_since(now).unwrap_or_default();
    let times = [("2h", 120), ("1h", 60), ("30m", 30), ("10m", 10)];
    let mut allowed = times.into_iter().filter(|(_, minutes)| {
        let after = left + Duration::from_mins(*minutes);
        guards.check_extension(Some(after)).0.is_empty()
    });
    allowed.next().map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_end_that_is_named_is_one_that_guards_allow() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let fits = |minutes| {
            let guards = Guards::of_folder(folder.path()).unwrap();
            fitting(&guards, now + Duration::from_mins(minutes), now)
        };
        assert_eq!(fits(600), Some("2h"));
        std::fs::write(folder.path().join("treino.yaml"), "require_expiry: 1h\n").unwrap();
        assert_eq!(fits(60), None);
        assert_eq!(fits(30), Some("30m"));
        assert_eq!(fits(5), Some("30m"));
    }

    #[test]
    fn the_last_hour_is_near() {
        let now = humantime::parse_rfc3339("2026-11-28T12:00:00Z").unwrap();
        for (at, near) in [
            ("2026-11-28T13:00:00Z", true),
            ("2026-11-28T13:00:01Z", false),
            ("2026-11-28T11:00:00Z", true),
            ("soon", false),
        ] {
            assert_eq!(is_near(at, now), near, "{at}");
        }
    }
}
