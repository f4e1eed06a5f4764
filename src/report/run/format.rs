//! The texts that the lines of a run are made of.

use serde_json::Value;

use super::run_renderer::{COUNT_ABOVE, MapProgress};
use super::{cause, shortened};
use crate::history::{PathSegment, StatePath, WaitTime};
use crate::report::style::{bold, dim};
use crate::source::counted;

/// The most characters of a cause on a line.
const LONGEST_CAUSE: usize = 300;
/// The most characters of a stack frame on a line.
const LONGEST_FRAME: usize = 64;

/// The line with the output of an execution.
#[must_use]
pub fn output(output: &Value, verbose: bool) -> String {
    let text = output.to_string();
    let text = if verbose { text } else { shortened(&text, 200) };
    format!("{} {text}", bold("output"))
}

/// The path of what is inside a state.
pub(super) fn path_into(path: &StatePath, state: &str) -> StatePath {
    let mut path = path.clone();
    path.push(PathSegment::State(state.to_owned()));
    path
}

/// A line that begins with the numbers of its branch and iterations.
pub(super) fn line(path: &[PathSegment], text: &str) -> String {
    let numbers = path.iter().filter_map(|segment| match segment {
        PathSegment::Number(number) => Some(format!("| [{number}] ")),
        PathSegment::State(_) => None,
    });
    let numbers: String = numbers.collect();
    if numbers.is_empty() {
        return format!("  {text}");
    }
    format!("  {}{text}", dim(&numbers))
}

/// The stack frames of a cause, a line each.
pub(super) fn frames(path: &StatePath, text: &str) -> Vec<String> {
    let frames = cause::parse(text).frames.into_iter();
    let shown = frames.map(|frame| shortened(&frame, LONGEST_FRAME).replace(" (-v shows all)", ""));
    shown
        .map(|frame| line(path, &dim(&format!("    at {frame}"))))
        .collect()
}

/// What stands after the name of an error.
pub(super) fn cause_suffix(text: Option<&str>, verbose: bool) -> String {
    let message = cause::parse(text.unwrap_or_default()).message;
    match (message.is_empty(), verbose) {
        (true, _) => String::new(),
        (false, true) => format!(": {message}"),
        (false, false) => format!(": {}", shortened(&message, LONGEST_CAUSE)),
    }
}

/// What stands after the time of a state that was retried.
pub(super) fn retries_suffix(retries: u32) -> String {
    match retries {
        0 => String::new(),
        retries => format!(", {}", counted(retries, "retry")),
    }
}

/// What stands after the time of a Map whose iterations were counted.
pub(super) fn map_suffix(map: Option<&MapProgress>) -> String {
    match map {
        Some(map) if map.items > COUNT_ABOVE && map.failed > 0 => {
            format!(", {}, {} failed", counted(map.items, "item"), map.failed)
        }
        Some(map) if map.items > COUNT_ABOVE => format!(", {}", counted(map.items, "item")),
        _ => String::new(),
    }
}

/// When a Wait ends, in seconds since 1970, if that is known.
pub(super) fn wait_end(waits: &WaitTime, at: f64) -> Option<f64> {
    match waits {
        WaitTime::Seconds(seconds) => Some(at + seconds),
        WaitTime::Until(time) => {
            let time = humantime::parse_rfc3339_weak(time).ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(since.as_secs_f64())
        }
    }
}

/// A time in seconds, from two minutes on with its larger units.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds} s");
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds.floor());
    whole.map_or_else(
        |_| format!("{seconds} s"),
        |whole| humantime::format_duration(whole).to_string(),
    )
}
