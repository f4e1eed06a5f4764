//! What is deployed, as text.

use std::time::SystemTime;

use super::local::not_running;
use super::style::{bold, dim, error};
use super::time::local;
use crate::ops::{Event, StackStatus};
use crate::source::counted;

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
    let expiry = stack
        .expires
        .as_ref()
        .map(|at| expiry(at, now))
        .unwrap_or_default();
    let head = format!(
        "{}{owner}: {}{since}{expiry}",
        bold(&stack.stack),
        counted(stack.resources.len(), "resource")
    );
    if !whole {
        return head;
    }
    let width = stack
        .resources
        .iter()
        .map(|owned| owned.address.as_str().len())
        .max()
        .unwrap_or(0);
    let lines = stack
        .resources
        .iter()
        .map(|owned| format!("  {:width$}  {}", owned.address.as_str(), dim(&owned.name)));
    std::iter::once(head)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

fn expiry(at: &str, now: SystemTime) -> String {
    let Ok(time) = humantime::parse_rfc3339(at) else {
        return format!(", expires {at}");
    };
    let minutes = |duration: std::time::Duration| {
        humantime::format_duration(std::time::Duration::from_secs(duration.as_secs() / 60 * 60))
            .to_string()
    };
    match time.duration_since(now) {
        Ok(left) => format!(", expires in {} ({})", minutes(left), local(at)),
        Err(over) => error(&format!(
            ", overdue by {}: destroy it",
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
        ..
    } = event
    else {
        return String::new();
    };
    let what = stack.as_ref().map_or_else(
        || "no stack is deployed".to_owned(),
        |name| format!("{name} is not deployed"),
    );
    match (region, account) {
        (Some(region), Some(account)) => format!("{what} in {region}, account {account}"),
        _ => format!("{what}: {}", not_running()),
    }
}
