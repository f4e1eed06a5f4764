//! An execution in lines: a state of a branch or an iteration stands behind its numbers, so that what
//! runs at the same time is not mixed up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::words::{because, frames, inside, line, of_map, retried, spoken, until};
use crate::history::{ExecutionEvent, PathSegment, StatePath, WaitTime};
use crate::report::style::{dim, error, good, warning};

/// From so many items on, a Map's iterations are counted and not shown.
pub(super) const COUNTED: u64 = 10;

/// Tells an execution. It holds what is under way, and nothing of what has ended.
#[derive(Debug, Default)]
pub struct Story {
    pub(super) verbose: bool,
    pub(super) live: bool,
    pub(super) maps: BTreeMap<StatePath, Counted>,
    pub(super) running: BTreeMap<(StatePath, String), Running>,
    /// Whether it was said where in a function something failed.
    placed: bool,
}

/// A Map state under way.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub items: u64,
    pub ended: u64,
    pub failed: u64,
    pub retries: u32,
    /// How many have to have ended for the next line.
    pub next: u64,
}

/// A state under way.
#[derive(Debug)]
pub(super) struct Running {
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
    pub fn tell(&mut self, event: &ExecutionEvent) -> Vec<String> {
        match event {
            ExecutionEvent::StateEntered { .. } => self.entered(event),
            ExecutionEvent::StateExited { .. } => self.exited(event),
            ExecutionEvent::AttemptFailed {
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
            ExecutionEvent::StateAborted {
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
            ExecutionEvent::ExecutionEnded {
                status,
                error,
                cause,
                seconds,
                ..
            } => {
                self.running.clear();
                let mut lines = self.unfinished();
                lines.push(self.ended(status, error.as_deref(), cause.as_deref(), *seconds));
                // Of an express machine it is all that is known.
                if !std::mem::take(&mut self.placed) {
                    lines.extend(frames(
                        &StatePath::new(),
                        cause.as_deref().unwrap_or_default(),
                    ));
                }
                lines
            }
            ExecutionEvent::ExecutionRedriven { .. } => vec![dim("taken up again where it failed")],
            map => self.map(map),
        }
    }

    fn entered(&mut self, event: &ExecutionEvent) -> Vec<String> {
        let ExecutionEvent::StateEntered {
            state,
            kind,
            path,
            at,
            waits,
            branches,
            input,
        } = event
        else {
            return Vec::new();
        };
        if self.is_counted(path) {
            return Vec::new();
        }
        let until = waits.as_ref().and_then(|waits| until(waits, *at));
        let running = Running { since: *at, until };
        self.running.insert((path.clone(), state.clone()), running);
        let more = match (kind.as_str(), waits, branches) {
            ("Wait", Some(WaitTime::Seconds(seconds)), _) => {
                format!(" (waiting {})", spoken(*seconds))
            }
            ("Wait", Some(WaitTime::Until(time)), _) => format!(" (waiting until {time})"),
            ("Wait", None, _) => " (waiting)".to_owned(),
            ("Parallel", _, Some(1)) => " (1 branch)".to_owned(),
            ("Parallel", _, Some(branches)) => format!(" ({branches} branches)"),
            ("Parallel", ..) => String::new(),
            // It is shown once its items are counted.
            ("Map", ..) => return Vec::new(),
            _ if self.verbose => String::new(),
            _ => return Vec::new(),
        };
        let mut lines = vec![line(path, &dim(&format!("> {state}{more}")))];
        lines.extend(self.data(path, "input", input.as_ref()));
        lines
    }

    fn exited(&mut self, event: &ExecutionEvent) -> Vec<String> {
        let ExecutionEvent::StateExited {
            state,
            kind,
            path,
            seconds,
            retries,
            caught,
            next,
            output,
        } = event
        else {
            return Vec::new();
        };
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

    /// The Maps that an execution ended in, if some of their items failed.
    fn unfinished(&mut self) -> Vec<String> {
        let maps = std::mem::take(&mut self.maps);
        let failed = maps
            .iter()
            .filter(|(_, map)| map.items > COUNTED && map.failed > 0);
        failed
            .filter_map(|(part, map)| {
                let (name, path) = part.split_last()?;
                let PathSegment::State(name) = name else {
                    return None;
                };
                let text = format!("{name}: {} of {} failed", map.failed, map.items);
                Some(line(path, &dim(&text)))
            })
            .collect()
    }

    fn attempt_failed(
        &mut self,
        path: &StatePath,
        state: &str,
        attempt: u32,
        error: &str,
        cause: &str,
    ) -> Vec<String> {
        let nth = match attempt {
            1 => String::new(),
            n => dim(&format!(" (attempt {n})")),
        };
        let why = because(Some(cause), self.verbose);
        let text = format!("{} {state}: {error}{why}{nth}", warning("!"));
        let mut lines = vec![line(path, &text)];
        // Another attempt fails at the same place more often than not.
        if attempt == 1 || self.verbose {
            lines.extend(frames(path, cause));
        }
        self.placed = true;
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

    fn data(&self, path: &StatePath, what: &str, data: Option<&Value>) -> Option<String> {
        let data = data.filter(|_| self.verbose)?;
        Some(line(path, &dim(&format!("    {what} {data}"))))
    }

    /// Whether a place is inside a Map whose iterations are only counted.
    pub(super) fn is_counted(&self, path: &StatePath) -> bool {
        !self.verbose
            && (1..path.len()).any(|end| {
                let map = path.get(..end).and_then(|map| self.maps.get(map));
                map.is_some_and(|map| map.items > COUNTED)
            })
    }

    /// What is under way, in a few words; `now` counts from 1970.
    #[must_use]
    pub fn under_way(&self, now: f64) -> String {
        let busy = |path: &StatePath, state: &str| {
            let part = inside(path, state);
            self.running.keys().any(|(path, _)| path.starts_with(&part))
        };
        let mut words: Vec<String> = Vec::new();
        let mut more = 0;
        for ((path, state), running) in &self.running {
            let map = self.maps.get(&inside(path, state));
            let progress = match map {
                Some(map) if map.items > 0 && map.failed > 0 => {
                    format!(" {} of {}, {} failed", map.ended, map.items, map.failed)
                }
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
