//! What stands, as text.

use std::time::SystemTime;

use serde::Serialize;

use super::style::{bold, dim, error};
use crate::plan::Owned;

/// One stack that stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Its name.
    pub stack: String,
    /// Its owner.
    pub owner: Option<String>,
    /// Since when, as an RFC 3339 time.
    pub since: Option<String>,
    /// Until when it is meant to stand.
    pub expires: Option<String>,
    /// What it owns.
    pub resources: Vec<Owned>,
}

/// One stack; each of its resources with `whole`.
#[must_use]
pub fn standing(stack: &Standing, whole: bool, now: SystemTime) -> String {
    let owner = stack
        .owner
        .as_ref()
        .map(|owner| format!(" of {owner}"))
        .unwrap_or_default();
    let since = stack
        .since
        .as_ref()
        .map(|since| format!(", up since {since}"))
        .unwrap_or_default();
    let expiry = stack
        .expires
        .as_ref()
        .map(|at| expiry(at, now))
        .unwrap_or_default();
    let head = format!(
        "{}{owner}: {} resource{}{since}{expiry}",
        bold(&stack.stack),
        stack.resources.len(),
        if stack.resources.len() == 1 { "" } else { "s" }
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
        Ok(left) => format!(", expires in {} ({at})", minutes(left)),
        Err(over) => error(&format!(
            ", overdue by {}: destroy it",
            minutes(over.duration())
        )),
    }
}
