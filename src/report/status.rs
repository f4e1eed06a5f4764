//! What is deployed, as text.

use std::time::{Duration, SystemTime};

use super::contents::{amount, in_all};
use super::cost::idle_a_day;
use super::ending::short;
use super::local::not_running;
use super::style::{bold, dim, error, warning};
use super::time::local;
use crate::ops::{Event, LimitStatus, OtherOwners, SeenStack, StackStatus, in_words};
use crate::source::counted;
use crate::stack::AfterLimit;
use crate::stack::usage::Quantity;

/// One stack; each of its resources with `whole`.
#[must_use]
pub fn status(stack: &StackStatus, whole: bool, now: SystemTime) -> String {
    let owner = stack
        .owner
        .as_ref()
        .map(|owner| format!(" of {owner}"))
        .unwrap_or_default();
    let since = stack
        .since
        .as_ref()
        .map(|since| format!(", up since {}", local(since)))
        .unwrap_or_default();
    let head = format!(
        "{}{owner}: {}{since}, {}",
        bold(&stack.stack),
        counted(stack.resources.len(), "resource"),
        end(stack, now)
    );
    let help = stack.help.iter().map(|help| format!("  {help}"));
    let head = std::iter::once(head).chain(help).collect::<Vec<_>>();
    let mut head = head.join("\n");
    if let Some(limits) = &stack.limits {
        head = format!("{head}\n  {}", limits_in_words(limits));
    }
    if !whole {
        return head;
    }
    let width = stack
        .resources
        .iter()
        .map(|owned| owned.address.as_str().len())
        .max()
        .unwrap_or(0);
    let lines = stack.resources.iter().map(|owned| {
        let contents = stack.contents.iter();
        let contents = contents.filter(|one| one.address == owned.address);
        let amounts: Vec<String> = contents.map(amount).collect();
        let contents = match amounts.join(", ") {
            none if none.is_empty() => none,
            amounts => format!("  {amounts}"),
        };
        let (address, name) = (owned.address.as_str(), dim(&owned.name));
        format!("  {address:width$}  {name}{contents}")
    });
    std::iter::once(head)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// How near the limit of a stack is, or that it was passed.
fn limits_in_words(of: &LimitStatus) -> String {
    let grouped = |count: u64| Quantity::of(count.into(), 1).in_words();
    let runs = of
        .runs
        .map_or_else(|| "an unknown number of".to_owned(), grouped);
    let limit = of.limit.map(grouped);
    if let Some(at) = &of.stopped {
        let limit = limit.map_or_else(String::new, |limit| format!(", limit {limit}"));
        let text = format!(
            "stopped by its limit: {runs} runs{limit} ({}); its rules are disabled; deploy it to start it again",
            local(at)
        );
        return warning(&text);
    }
    let more = if of.more { "over " } else { "" };
    let since = of
        .since
        .as_ref()
        .map_or_else(String::new, |at| format!(" since {}", local(at)));
    let then = match of.then {
        AfterLimit::End => "stops and deletes",
        AfterLimit::Stop => "stops",
    };
    let is_passed = of
        .runs
        .zip(of.limit)
        .is_some_and(|(runs, limit)| runs > limit);
    let when = if is_passed { "passed" } else { "with more" };
    format!(
        "limit: {more}{runs} of {} runs{since}; {when}, AWS {then} it",
        limit.unwrap_or_default()
    )
}

/// When a stack ends by itself, or is meant to be gone; with what users put in, within the hour.
fn end(stack: &StackStatus, now: SystemTime) -> String {
    let (at, time) = match (&stack.ends, &stack.expires) {
        (Some(at), _) | (None, Some(at)) => (at, humantime::parse_rfc3339(at).ok()),
        (None, None) => {
            let cost = stack.idle_a_day.map(idle_a_day);
            let cost = cost.map_or_else(String::new, |cost| format!(", costs {cost}"));
            return format!("stays until destroyed{cost}");
        }
    };
    let left = time.and_then(|time| time.duration_since(now).ok());
    if stack.ends.is_none() {
        return match left {
            None if stack.reaper_missing => {
                let over = time.and_then(|time| now.duration_since(time).ok());
                let over = minutes(over.unwrap_or_default());
                error(&format!("overdue by {over}, and nothing deletes it"))
            }
            _ if stack.reaper_missing => expiry(at, now) + ", and nothing deletes it then",
            _ => expiry(at, now),
        };
    }
    let contents = match in_all(&stack.contents) {
        contents if contents.is_empty() => contents,
        contents => format!(" with {contents}"),
    };
    match left {
        Some(left) if left < Duration::from_mins(1) => format!("ends in {}{contents}", short(left)),
        Some(left) if left <= Duration::from_hours(1) => {
            format!("ends in {}{contents} ({})", short(left), local(at))
        }
        Some(left) => format!("ends in {} ({})", minutes(left), local(at)),
        None => "AWS is deleting it".to_owned(),
    }
}

/// A duration in whole minutes; in seconds below one.
pub(super) fn minutes(duration: Duration) -> String {
    let whole = match duration.as_secs() {
        seconds @ 0..60 => Duration::from_secs(seconds.max(1)),
        seconds => Duration::from_secs(seconds / 60 * 60),
    };
    humantime::format_duration(whole).to_string()
}

/// For how long a stack should have been gone.
pub(super) fn expired(at: &str, now: SystemTime) -> String {
    let time = humantime::parse_rfc3339(at).ok();
    let past = time.and_then(|time| now.duration_since(time).ok());
    past.map_or_else(
        || format!("expired at {at}"),
        |past| format!("expired {} ago", minutes(past)),
    )
}

/// When a stack expires, or since when it should be gone.
pub(super) fn expiry(at: &str, now: SystemTime) -> String {
    let Ok(time) = humantime::parse_rfc3339(at) else {
        return format!("expires {at}");
    };
    match time.duration_since(now) {
        Ok(left) => format!("expires in {} ({})", minutes(left), local(at)),
        Err(over) => error(&format!(
            "overdue by {}: destroy it",
            minutes(over.duration())
        )),
    }
}

/// That no stack is deployed, or not the one that is asked for.
pub(super) fn no_stack(event: &Event) -> String {
    let Event::NoStack {
        stack,
        region,
        account,
        complete,
        seen,
        known,
        other_owners,
        ..
    } = event
    else {
        return String::new();
    };
    let what = match (stack, complete) {
        (Some(name), true) => format!("{name} is not deployed"),
        (Some(name), false) => format!("{name} was not found"),
        (None, true) => other_owners
            .as_ref()
            .map_or_else(|| "no stack is deployed".to_owned(), of_owner),
        (None, false) => "no stack was found".to_owned(),
    };
    let (Some(region), Some(account)) = (region, account) else {
        return format!("{what}: {}", not_running());
    };
    let head = format!("{what} in {region}, account {account}");
    let name = stack.as_deref().unwrap_or_default();
    with_seen(head, name, region, (*known, seen))
}

/// That an owner has no stack, and how many others have.
pub(super) fn of_owner(OtherOwners { owner, stacks }: &OtherOwners) -> String {
    let others = match stacks {
        0 => "none".to_owned(),
        more => more.to_string(),
    };
    format!("no stack of owner {owner} is deployed ({others} of other owners)")
}

/// How many stacks that were seen elsewhere are shown.
const SHOWN: usize = 10;

/// A line, and what was seen in place of the stack.
pub(super) fn with_seen(
    head: String,
    stack: &str,
    region: &str,
    (known, seen): (bool, &[SeenStack]),
) -> String {
    let mut lines = vec![head];
    let shown = seen.iter().take(SHOWN);
    lines.extend(shown.map(|one| format!("  {}", in_words(one, stack, region))));
    if seen.len() > SHOWN {
        lines.push(format!("  and {} more", seen.len() - SHOWN));
    }
    if !known && seen.is_empty() {
        lines.push(dim(
            "  nothing of this name was seen in any region (in others, only roles and buckets are seen; a destroyed stack \
             leaves none)",
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::ResourceContents;
    use crate::plan::Owned;
    use crate::stack::usage::Usd;
    use crate::stack::{Address, Kind, Tags};

    #[test]
    fn a_status_says_how_a_stack_ends() {
        let now = humantime::parse_rfc3339("2026-11-28T12:00:00Z").unwrap();
        let address = Address::new(Kind::Table, "t");
        let of = |expires: Option<&str>, ends: Option<&str>| StackStatus {
            stack: "lab".to_owned(),
            expires: expires.map(String::from),
            ends: ends.map(String::from),
            contents: vec![ResourceContents {
                address: address.clone(),
                kind: Kind::Table,
                name: "lab-t".to_owned(),
                what: "item",
                count: 12,
                bytes: None,
                more: false,
                about: false,
            }],
            resources: vec![Owned {
                address: address.clone(),
                kind: Kind::Table,
                name: "lab-t".to_owned(),
                tags: Tags::new(),
            }],
            ..StackStatus::default()
        };
        let shown = |stack: &StackStatus| {
            let text = anstream::adapter::strip_str(&status(stack, true, now)).to_string();
            let body = text.strip_prefix("lab: 1 resource, ").unwrap();
            let body = body.strip_suffix("\n  table.t  lab-t  12 items").unwrap();
            // The zone is the machine's.
            let parts: Vec<&str> = body.split(['(', ')']).collect();
            match parts[..] {
                [before, _, after] => format!("{before}(){after}"),
                _ => body.to_owned(),
            }
        };
        let (soon, later, past) = (
            Some("2026-11-28T12:52:30Z"),
            Some("2026-11-28T15:00:30Z"),
            Some("2026-11-28T11:00:00Z"),
        );
        assert_eq!(shown(&of(later, later)), "ends in 3h ()");
        assert_eq!(shown(&of(soon, soon)), "ends in 52 min with 12 items ()");
        let seconds = Some("2026-11-28T12:00:20Z");
        assert_eq!(shown(&of(soon, seconds)), "ends in 20 s with 12 items");
        assert_eq!(shown(&of(past, past)), "AWS is deleting it");
        // Whether a reaper waits is not known.
        assert_eq!(shown(&of(later, None)), "expires in 3h ()");
        let missing = |expires| StackStatus {
            reaper_missing: true,
            help: Some("to delete it now: `treino destroy lab`".to_owned()),
            ..of(expires, None)
        };
        let help = "\n  to delete it now: `treino destroy lab`";
        assert_eq!(
            shown(&missing(later)),
            format!("expires in 3h (), and nothing deletes it then{help}")
        );
        assert_eq!(
            shown(&missing(past)),
            format!("overdue by 1h, and nothing deletes it{help}")
        );
        assert_eq!(shown(&of(None, None)), "stays until destroyed");
        let costs = StackStatus {
            idle_a_day: Usd::parse("1.446"),
            ..of(None, None)
        };
        assert_eq!(
            shown(&costs),
            "stays until destroyed, costs about 1.45 USD a day idle"
        );
    }

    #[test]
    fn less_than_a_minute_is_said_in_seconds() {
        let at = "2026-11-28T12:00:00Z";
        let time = humantime::parse_rfc3339(at).unwrap();
        for (seconds, left, over) in [
            (12, "12s", "12s"),
            (150, "2m", "2m"),
            (3665, "1h 1m", "1h 1m"),
        ] {
            let distance = Duration::from_secs(seconds);
            let expires = expiry(at, time - distance);
            assert!(
                expires.starts_with(&format!("expires in {left} (")),
                "{expires}"
            );
            assert_eq!(expired(at, time + distance), format!("expired {over} ago"));
        }
        assert_eq!(expired(at, time), "expired 1s ago");
    }
}
