//! An execution in lines: a state of a branch or an iteration stands behind its numbers, so that what
//! runs at the same time is not mixed up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{cause, shortened};
use crate::engine::{Path, Told, Waits, Went, Within};
use crate::report::style::{bold, dim, error, good, warning};

/// From so many items on, a Map's iterations are counted and not shown.
const COUNTED: u64 = 10;
/// The most failed iterations of a counted Map that are named.
const NAMED: u64 = 10;
/// How long a text may be on a line.
const MOST: usize = 300;

/// Tells an execution. It holds what is under way, and nothing of what has ended.
#[derive(Debug, Default)]
pub struct Story {
    verbose: bool,
    live: bool,
    maps: BTreeMap<Path, Counted>,
    running: BTreeMap<(Path, String), Running>,
}

/// A Map state under way.
#[derive(Debug, Default)]
struct Counted {
    items: u64,
    ended: u64,
    failed: u64,
    retries: u32,
    /// How many have to have ended for the next line.
    next: u64,
}

/// A state under way.
#[derive(Debug)]
struct Running {
    since: f64,
    until: Option<f64>,
}

impl Story {
    /// A story in full with `verbose`; `live` where what is under way is drawn besides.
    #[must_use]
    pub fn new(verbose: bool, live: bool) -> Self {
        Self {
            verbose,
            live,
            ..Self::default()
        }
    }

    /// The lines for what is told, often none.
    pub fn tell(&mut self, told: &Told) -> Vec<String> {
        match told {
            Told::StateEntered {
                state,
                kind,
                path,
                at,
                waits,
                branches,
                input,
            } => {
                if self.is_counted(path) {
                    return Vec::new();
                }
                let until = waits.as_ref().and_then(|waits| until(waits, *at));
                let running = Running { since: *at, until };
                self.running.insert((path.clone(), state.clone()), running);
                let more = match (kind.as_str(), waits, branches) {
                    ("Wait", Some(Waits::Seconds(seconds)), _) => {
                        format!(" (waiting {})", spoken(*seconds))
                    }
                    ("Wait", Some(Waits::Until(time)), _) => format!(" (waiting until {time})"),
                    ("Wait", None, _) => " (waiting)".to_owned(),
                    ("Parallel", _, Some(1)) => " (1 branch)".to_owned(),
                    ("Parallel", _, Some(branches)) => format!(" ({branches} branches)"),
                    ("Parallel", ..) => String::new(),
                    ("Map", ..) => return Vec::new(),
                    _ if self.verbose => String::new(),
                    _ => return Vec::new(),
                };
                let mut lines = vec![line(path, &dim(&format!("> {state}{more}")))];
                lines.extend(self.data(path, "input", input.as_ref()));
                lines
            }
            Told::AttemptFailed {
                state,
                path,
                attempt,
                error,
                cause,
            } => {
                if self.is_counted(path) {
                    return Vec::new();
                }
                self.attempt_failed(path, state, *attempt, error, cause)
            }
            Told::StateExited {
                state,
                kind,
                path,
                seconds,
                retries,
                caught,
                next,
                output,
            } => {
                let map = self.maps.remove(&inside(path, state));
                if self.is_counted(path) {
                    return Vec::new();
                }
                self.running.remove(&(path.clone(), state.clone()));
                let sign = match caught {
                    Some(error) => warning(&format!("caught {error} in")),
                    None => good("ok"),
                };
                let mut about = match next {
                    Some(next) if kind == "Choice" => format!("-> {next}"),
                    _ => format!("{seconds:.1} s"),
                };
                let within = map.as_ref().map_or(0, |map| map.retries);
                about.push_str(&of_map(map.as_ref()));
                about.push_str(&retried(*retries + within));
                let mut lines = vec![line(path, &format!("{sign} {state} {}", dim(&about)))];
                lines.extend(self.data(path, "output", output.as_ref()));
                lines
            }
            Told::StateAborted {
                state,
                path,
                seconds,
            } => {
                self.running.remove(&(path.clone(), state.clone()));
                if self.is_counted(path) {
                    return Vec::new();
                }
                let text = format!("interrupted {state} after {seconds:.1} s");
                vec![line(path, &dim(&text))]
            }
            Told::ExecutionEnded {
                status,
                error,
                cause,
                seconds,
                ..
            } => {
                self.running.clear();
                self.maps.clear();
                vec![self.ended(status, error.as_deref(), cause.as_deref(), *seconds)]
            }
            map => self.map(map),
        }
    }

    /// What is told of Map states and their iterations.
    fn map(&mut self, told: &Told) -> Vec<String> {
        match told {
            Told::MapStarted { state, path, items } => {
                let counted = Counted {
                    items: *items,
                    next: items.div_ceil(10),
                    ..Counted::default()
                };
                self.maps.insert(inside(path, state), counted);
                if self.is_counted(path) {
                    return Vec::new();
                }
                let noun = if *items == 1 { "item" } else { "items" };
                vec![line(path, &dim(&format!("> {state} ({items} {noun})")))]
            }
            Told::IterationEnded {
                state,
                path,
                index,
                outcome,
                retries,
                error,
                cause,
                ..
            } => {
                let part = inside(path, state);
                let mut within = part.clone();
                within.push(Within::Number(*index));
                self.running
                    .retain(|(path, _), _| !path.starts_with(&within));
                let is_counted = self.is_counted(&within);
                let is_hidden = self.is_counted(path);
                let Some(map) = self.maps.get_mut(&part) else {
                    return Vec::new();
                };
                map.ended += 1;
                let mut lines = Vec::new();
                if is_counted {
                    map.retries += retries;
                }
                if *outcome == Went::Failed {
                    map.failed += 1;
                    let name = error.as_deref().unwrap_or("no error name");
                    let mut text = format!("{} {name}", self::error("failed:"));
                    if is_counted {
                        text.push_str(&because(cause.as_deref(), self.verbose));
                    }
                    if !is_counted || map.failed <= NAMED {
                        lines.push(line(&within, &text));
                    } else if map.failed == NAMED + 1 {
                        lines.push(line(
                            path,
                            &dim("| more fail and are counted (-v shows all)"),
                        ));
                    }
                }
                let is_due = is_counted && !self.live && map.ended >= map.next;
                if is_due && map.ended < map.items {
                    map.next = map.ended + map.items.div_ceil(10);
                    lines.push(line(
                        path,
                        &dim(&format!("| {} of {}", map.ended, map.items)),
                    ));
                }
                if is_hidden { Vec::new() } else { lines }
            }
            Told::MapRunStarted { state, path, arn } => {
                let text =
                    format!("> {state} (a map run: its iterations are executions of their own)");
                let mut lines = vec![line(path, &dim(&text))];
                if self.verbose {
                    lines.push(line(path, &dim(&format!("  {arn}"))));
                }
                lines
            }
            Told::MapRunEnded {
                state,
                path,
                outcome: Went::Failed,
                error,
                cause,
                ..
            } => {
                let name = error.as_deref().unwrap_or("no error name");
                let because = because(cause.as_deref(), self.verbose);
                let text = format!(
                    "{} {state}: the map run failed: {name}{because}",
                    warning("!")
                );
                vec![line(path, &text)]
            }
            _ => Vec::new(),
        }
    }

    fn attempt_failed(
        &self,
        path: &Path,
        state: &str,
        attempt: u32,
        error: &str,
        text: &str,
    ) -> Vec<String> {
        let nth = match attempt {
            1 => String::new(),
            n => dim(&format!(" (attempt {n})")),
        };
        let why = because(Some(text), self.verbose);
        let mut lines = vec![line(
            path,
            &format!("{} {state}: {error}{why}{nth}", warning("!")),
        )];
        let frames = cause::read(text).frames.into_iter();
        lines.extend(frames.map(|frame| line(path, &dim(&format!("    at {frame}")))));
        lines
    }

    fn ended(&self, status: &str, name: Option<&str>, cause: Option<&str>, seconds: f64) -> String {
        if status == "SUCCEEDED" {
            return good(&format!("succeeded in {seconds:.1} s"));
        }
        let status = status.to_lowercase().replace('_', " ");
        let head = format!("{status} after {seconds:.1} s");
        match (name, cause) {
            (None, None) => error(&head),
            (name, cause) => {
                let name = name.unwrap_or("no error name");
                let because = because(cause, self.verbose);
                format!("{} {name}{because}", error(&format!("{head}:")))
            }
        }
    }

    fn data(&self, path: &Path, what: &str, data: Option<&Value>) -> Option<String> {
        let data = data.filter(|_| self.verbose)?;
        Some(line(path, &dim(&format!("    {what} {data}"))))
    }

    /// Whether a place is inside a Map whose iterations are only counted.
    fn is_counted(&self, path: &Path) -> bool {
        !self.verbose
            && (1..path.len()).any(|end| {
                let map = path.get(..end).and_then(|map| self.maps.get(map));
                map.is_some_and(|map| map.items > COUNTED)
            })
    }

    /// What is under way, in a few words; `now` counts from 1970.
    #[must_use]
    pub fn under_way(&self, now: f64) -> String {
        let busy = |path: &Path, state: &str| {
            let part = inside(path, state);
            self.running.keys().any(|(path, _)| path.starts_with(&part))
        };
        let mut words: Vec<String> = Vec::new();
        let mut more = 0;
        for ((path, state), running) in &self.running {
            let map = self.maps.get(&inside(path, state));
            let progress = match map {
                Some(map) if map.items > 0 => format!(" {} of {}", map.ended, map.items),
                _ if busy(path, state) => continue,
                _ => match running.until {
                    Some(until) => format!(" {:.0} s left", (until - now).max(0.0).ceil()),
                    None => format!(" {:.0} s", (now - running.since).max(0.0).floor()),
                },
            };
            if words.len() < 3 {
                words.push(format!("{state}{progress}"));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            words.push(format!("and {more} more"));
        }
        words.join(", ")
    }
}

/// What an execution came to.
#[must_use]
pub fn output(output: &Value, verbose: bool) -> String {
    let text = output.to_string();
    let text = if verbose { text } else { shortened(&text, 200) };
    format!("{} {text}", bold("output"))
}

/// The way to what is inside a state.
fn inside(path: &Path, state: &str) -> Path {
    let mut path = path.clone();
    path.push(Within::State(state.to_owned()));
    path
}

/// A line behind the numbers of its branch and iterations.
fn line(path: &Path, text: &str) -> String {
    let numbers = path.iter().filter_map(|step| match step {
        Within::Number(number) => Some(format!("| [{number}] ")),
        Within::State(_) => None,
    });
    let numbers: String = numbers.collect();
    if numbers.is_empty() {
        return format!("  {text}");
    }
    format!("  {}{text}", dim(&numbers))
}

fn because(text: Option<&str>, verbose: bool) -> String {
    let message = cause::read(text.unwrap_or_default()).message;
    match (message.is_empty(), verbose) {
        (true, _) => String::new(),
        (false, true) => format!(": {message}"),
        (false, false) => format!(": {}", shortened(&message, MOST)),
    }
}

fn retried(retries: u32) -> String {
    match retries {
        0 => String::new(),
        1 => ", 1 retry".to_owned(),
        n => format!(", {n} retries"),
    }
}

fn of_map(map: Option<&Counted>) -> String {
    match map {
        Some(map) if map.items > COUNTED && map.failed > 0 => {
            format!(", {} items, {} failed", map.items, map.failed)
        }
        Some(map) if map.items > COUNTED => format!(", {} items", map.items),
        _ => String::new(),
    }
}

/// When a Wait ends, counted from 1970, if that can be told.
fn until(waits: &Waits, at: f64) -> Option<f64> {
    match waits {
        Waits::Seconds(seconds) => Some(at + seconds),
        Waits::Until(time) => {
            let time = humantime::parse_rfc3339_weak(time).ok()?;
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(since.as_secs_f64())
        }
    }
}

fn spoken(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds} s");
    }
    let whole = std::time::Duration::try_from_secs_f64(seconds.floor());
    whole.map_or_else(
        |_| format!("{seconds} s"),
        |whole| humantime::format_duration(whole).to_string(),
    )
}
