//! A stack that ends soon: what users put in is told while it can still be kept.

use std::time::{Duration, SystemTime};

use super::contents::put_in;
use super::frontend::Reporter;
use super::{EndingStack, Event, reaper};
use crate::aws::AwsProvider;
use crate::plan::Owned;
use crate::stack::TAG_EXPIRES;

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
    out.send(Event::Ending(EndingStack {
        stack: aws.target.stack.clone(),
        owner: aws.target.owner.clone(),
        expires: expires.clone(),
        ends,
        contents,
        extend: out.commands().write("extend", &["2h"]),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

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
