//! The words a story is made of.

use serde_json::Value;

use super::story::{COUNTED, Counted};
use super::{cause, shortened};
use crate::history::{PathSegment, StatePath, WaitTime};
use crate::report::style::{bold, dim};

/// How long a text may be on a line.
const MOST: usize = 300;
/// How long a place in a function's code may be.
const FRAME: usize = 64;

/// What an execution came to.
#[must_use]
pub fn output(output: &Value, verbose: bool) -> String {
    let text = output.to_string();
    let text = if verbose { text } else { shortened(&text, 200) };
    format!("{} {text}", bold("output"))
}

/// The way to what is inside a state.
pub(super) fn inside(path: &StatePath, state: &str) -> StatePath {
    let mut path = path.clone();
    path.push(PathSegment::State(state.to_owned()));
    path
}

/// A line behind the numbers of its branch and iterations.
pub(super) fn line(path: &[PathSegment], text: &str) -> String {
    let numbers = path.iter().filter_map(|step| match step {
        PathSegment::Number(number) => Some(format!("| [{number}] ")),
        PathSegment::State(_) => None,
    });
    let numbers: String = numbers.collect();
    if numbers.is_empty() {
        return format!("  {text}");
    }
    format!("  {}{text}", dim(&numbers))
}

/// Where in a function it happened, a line each.
pub(super) fn frames(path: &StatePath, text: &str) -> Vec<String> {
    let frames = cause::read(text).frames.into_iter();
    let shown = frames.map(|frame| shortened(&frame, FRAME).replace(" (-v shows all)", ""));
    shown
        .map(|frame| line(path, &dim(&format!("    at {frame}"))))
        .collect()
}

pub(super) fn because(text: Option<&str>, verbose: bool) -> String {
    let message = cause::read(text.unwrap_or_default()).message;
    match (message.is_empty(), verbose) {
        (true, _) => String::new(),
        (false, true) => format!(": {message}"),
        (false, false) => format!(": {}", shortened(&message, MOST)),
    }
}

pub(super) fn retried(retries: u32) -> String {
    match retries {
        0 => String::new(),
        1 => ", 1 retry".to_owned(),
        n => format!(", {n} retries"),
    }
}

pub(super) fn of_map(map: Option<&Counted>) -> String {
    match map {
        Some(map) if map.items > COUNTED && map.failed > 0 => {
            format!(", {} items, {} failed", map.items, map.failed)
        }
        Some(map) if map.items > COUNTED => format!(", {} items", map.items),
        _ => String::new(),
    }
}

/// When a Wait ends, counted from 1970, if that can be told.
pub(super) fn until(waits: &WaitTime, at: f64) -> Option<f64> {
    match waits {
        WaitTime::Seconds(seconds) => Some(at + seconds),
        WaitTime::Until(time) => {
            let time = humantime::parse_rfc3339_weak(time).ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(since.as_secs_f64())
        }
    }
}

pub(super) fn spoken(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds} s");
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds.floor());
    whole.map_or_else(
        |_| format!("{seconds} s"),
        |whole| humantime::format_duration(whole).to_string(),
    )
}
