//! Why a sweep deletes a stack.

use std::time::{Duration, SystemTime};

use super::SweepOptions;
use crate::engine::is_journal_name;
use crate::ops::{StackStatus, SweepReason};
use crate::plan::Owned;

/// Why a stack is to go; nothing for one that stays.
pub(super) fn reasons(
    stack: &StackStatus,
    options: &SweepOptions,
    now: SystemTime,
) -> Vec<SweepReason> {
    let is_past = |time: Option<&String>, ago: Duration| {
        let time = time.and_then(|time| humantime::parse_rfc3339_weak(time).ok());
        time.is_some_and(|time| now.duration_since(time).is_ok_and(|past| past >= ago))
    };
    let is_journal = |owned: &&Owned| is_journal_name(owned.kind, &owned.name);
    let is_unfinished = stack.resources.iter().any(|owned| is_journal(&owned));
    let mut reasons = Vec::new();
    if options.expired && is_past(stack.expires.as_ref(), Duration::ZERO) {
        reasons.push(SweepReason::Expired);
    }
    if options.expired && is_unfinished {
        reasons.push(SweepReason::Unfinished);
    }
    if let Some(age) = options.older_than
        && is_past(stack.since.as_ref(), age)
    {
        reasons.push(SweepReason::Old);
    }
    if reasons.is_empty() && options.all {
        reasons.push(SweepReason::All);
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(expires: Option<&str>, since: Option<&str>) -> StackStatus {
        StackStatus {
            stack: "lab".to_owned(),
            owner: None,
            since: since.map(String::from),
            expires: expires.map(String::from),
            ..StackStatus::default()
        }
    }

    #[test]
    fn a_stack_goes_for_a_reason() {
        let now = humantime::parse_rfc3339("2026-11-28T12:00:00Z").unwrap();
        let why = |stack: &StackStatus, options: SweepOptions| reasons(stack, &options, now);
        let expired = SweepOptions {
            expired: true,
            ..SweepOptions::default()
        };
        let old = SweepOptions {
            older_than: Some(Duration::from_hours(1)),
            ..SweepOptions::default()
        };
        let all = SweepOptions {
            all: true,
            ..SweepOptions::default()
        };
        let over = stack(Some("2026-11-28T11:59:59Z"), Some("2026-11-28T10:00:00.5Z"));
        let fresh = stack(Some("2026-11-28T12:00:01Z"), Some("2026-11-28T11:30:00Z"));
        let unknown = stack(None, None);
        assert_eq!(why(&over, expired.clone()), [SweepReason::Expired]);
        assert_eq!(why(&over, old.clone()), [SweepReason::Old]);
        assert_eq!(why(&over, SweepOptions::default()), []);
        for one in [&fresh, &unknown] {
            assert_eq!(why(one, expired.clone()), []);
            // What has no known age is not old.
            assert_eq!(why(one, old.clone()), []);
            assert_eq!(why(one, all.clone()), [SweepReason::All]);
        }
        let garbled = stack(Some("tomorrow"), Some("yesterday"));
        assert_eq!(why(&garbled, expired), []);
        assert_eq!(why(&garbled, old), []);
    }
}
