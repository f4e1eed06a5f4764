//! Renders the events of an execution as lines. A line of a branch or iteration begins with its numbers,
//! as the lines of those that run at the same time are mixed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::format::{
    cause_suffix, duration, frames, line, map_suffix, path_into, retries_suffix, wait_end,
};
use crate::history::{ExecutionEvent, PathSegment, StatePath, WaitTime};
use crate::report::style::{dim, error, success, warning};
use crate::report::time;
use crate::source::counted;

/// The iterations of a Map with more items than this are counted and not shown.
pub(super) const COUNT_ABOVE: u64 = 10;

/// Renders one execution. It holds the running states, and nothing of those that have ended.
#[derive(Debug, Default)]
pub struct RunRenderer {
    pub(super) verbose: bool,
    pub(super) live: bool,
    pub(super) maps: BTreeMap<StatePath, MapProgress>,
    pub(super) running: BTreeMap<(StatePath, String), RunningState>,
    /// Whether a stack trace of a function was shown.
    frames_shown: bool,
    /// How many failures were caught, and the first of them.
    handled: usize,
    first_handled: Option<String>,
}

/// The progress of a running Map state.
#[derive(Debug, Default)]
pub(super) struct MapProgress {
    pub items: u64,
    pub ended: u64,
    pub failed: u64,
    pub retries: u32,
    /// How many iterations have to have ended for the next line.
    pub next: u64,
}

/// A running state: since when, and until when if that is known, in seconds since 1970.
#[derive(Debug)]
pub(super) struct RunningState {
    since: f64,
    until: Option<f64>,
}

impl RunRenderer {
    /// Shows all with `verbose`; `live` where a [`super::StatusLine`] shows the running states.
    #[must_use]
    pub fn new(verbose: bool, live: bool) -> Self {
        Self {
            verbose,
            live,
            ..Self::default()
        }
    }

    /// The lines of an event, often none.
    pub fn render(&mut self, event: &ExecutionEvent) -> Vec<String> {
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
                if self.is_inside_counted_map(path) {
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
                if self.is_inside_counted_map(path) {
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
                let mut lines = self.failed_maps();
                lines.push(self.ended(status, error.as_deref(), cause.as_deref(), *seconds));
                // Of an express execution this is the only event.
                if !std::mem::take(&mut self.frames_shown) {
                    lines.extend(frames(
                        &StatePath::new(),
                        cause.as_deref().unwrap_or_default(),
                    ));
                }
                lines
            }
            ExecutionEvent::ExecutionRedriven { .. } => vec![dim("taken up again where it failed")],
            event => self.map_event(event),
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
        if self.is_inside_counted_map(path) {
            return Vec::new();
        }
        let until = waits.as_ref().and_then(|waits| wait_end(waits, *at));
        let running = RunningState { since: *at, until };
        self.running.insert((path.clone(), state.clone()), running);
        let details = match (kind.as_str(), waits, branches) {
            ("Wait", Some(WaitTime::Seconds(seconds)), _) => {
                format!(" (waiting {})", duration(*seconds))
            }
            ("Wait", Some(WaitTime::Until(time)), _) => {
                format!(" (waiting until {})", time::local(time))
            }
            ("Wait", None, _) => " (waiting)".to_owned(),
            ("Parallel", _, Some(branches)) => format!(" ({})", counted(*branches, "branch")),
            ("Parallel", ..) => String::new(),
            // Such a state has no end of its own: the execution, the branch or the iteration fails with it.
            ("Fail", ..) => {
                let mut lines = vec![line(path, &format!("{} {state}", error("fail")))];
                lines.extend(self.data(path, "input", input.as_ref()));
                return lines;
            }
            // It is shown when the number of its items is known.
            ("Map", ..) => return Vec::new(),
            _ if self.verbose => String::new(),
            _ => return Vec::new(),
        };
        let mut lines = vec![line(path, &dim(&format!("> {state}{details}")))];
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
        let map = self.maps.remove(&path_into(path, state));
        if let Some(error) = caught {
            self.handled += 1;
            self.first_handled
                .get_or_insert_with(|| format!("{error} in {state}"));
        }
        if self.is_inside_counted_map(path) {
            return Vec::new();
        }
        self.running.remove(&(path.clone(), state.clone()));
        let sign = match caught {
            Some(error) => warning(&format!("caught {error} in")),
            None => success("ok"),
        };
        let mut result = match next {
            Some(next) if kind == "Choice" => format!("-> {next}"),
            _ => format!("{seconds:.1} s"),
        };
        let of_iterations = map.as_ref().map_or(0, |map| map.retries);
        result.push_str(&map_suffix(map.as_ref()));
        result.push_str(&retries_suffix(*retries + of_iterations));
        let mut lines = vec![line(path, &format!("{sign} {state} {}", dim(&result)))];
        lines.extend(self.data(path, "output", output.as_ref()));
        lines
    }

    /// A line for each Map state that was running when the execution ended and had failed iterations.
    fn failed_maps(&mut self) -> Vec<String> {
        let maps = std::mem::take(&mut self.maps);
        let failed = maps
            .iter()
            .filter(|(_, map)| map.items > COUNT_ABOVE && map.failed > 0);
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
        let suffix = cause_suffix(Some(cause), self.verbose);
        let text = format!("{} {state}: {error}{suffix}{nth}", warning("!"));
        let mut lines = vec![line(path, &text)];
        // Later attempts mostly fail at the same place.
        if attempt == 1 || self.verbose {
            lines.extend(frames(path, cause));
        }
        self.frames_shown = true;
        lines
    }

    fn ended(&self, status: &str, name: Option<&str>, cause: Option<&str>, seconds: f64) -> String {
        if status == "SUCCEEDED" {
            let head = format!("succeeded in {seconds:.1} s");
            return match (&self.first_handled, self.handled) {
                (None, _) => success(&head),
                (Some(first), 1) => warning(&format!("{head}, after a handled failure: {first}")),
                (Some(first), many) => {
                    let failures = counted(many, "handled failure");
                    warning(&format!("{head}, after {failures}, the first {first}"))
                }
            };
        }
        let status = status.to_lowercase().replace('_', " ");
        let head = format!("{status} after {seconds:.1} s");
        match (name, cause) {
            (None, None) => error(&head),
            (name, cause) => {
                let name = name.unwrap_or("no error name");
                let cause = cause_suffix(cause, self.verbose);
                format!("{} {name}{cause}", error(&format!("{head}:")))
            }
        }
    }

    fn data(&self, path: &StatePath, what: &str, data: Option<&Value>) -> Option<String> {
        let data = data.filter(|_| self.verbose)?;
        Some(line(path, &dim(&format!("    {what} {data}"))))
    }

    /// Whether a path is inside a Map whose iterations are only counted.
    pub(super) fn is_inside_counted_map(&self, path: &StatePath) -> bool {
        !self.verbose
            && (1..path.len()).any(|end| {
                let map = path.get(..end).and_then(|map| self.maps.get(map));
                map.is_some_and(|map| map.items > COUNT_ABOVE)
            })
    }

    /// The running states in a few words; `now` is in seconds since 1970.
    #[must_use]
    pub fn running_summary(&self, now: f64) -> String {
        let has_running_states = |path: &StatePath, state: &str| {
            let part = path_into(path, state);
            self.running.keys().any(|(path, _)| path.starts_with(&part))
        };
        let mut parts: Vec<String> = Vec::new();
        let mut more = 0;
        for ((path, state), running) in &self.running {
            let map = self.maps.get(&path_into(path, state));
            let progress = match map {
                Some(map) if map.items > 0 && map.failed > 0 => {
                    format!(" {} of {}, {} failed", map.ended, map.items, map.failed)
                }
                Some(map) if map.items > 0 => format!(" {} of {}", map.ended, map.items),
                _ if has_running_states(path, state) => continue,
                _ => match running.until {
                    Some(until) => format!(" {:.0} s left", (until - now).max(0.0).ceil()),
                    None => format!(" {:.0} s", (now - running.since).max(0.0).floor()),
                },
            };
            if parts.len() < 3 {
                parts.push(format!("{state}{progress}"));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            parts.push(format!("and {more} more"));
        }
        parts.join(", ")
    }
}
