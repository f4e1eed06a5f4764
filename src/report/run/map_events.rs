//! The events of Map states: a line for each iteration, or a count where there are many.

use super::format::{cause_suffix, line, path_into};
use super::run_renderer::{MapProgress, RunRenderer};
use crate::history::{ExecutionEvent, PathSegment, StateOutcome};
use crate::report::style::{self, dim, warning};
use crate::source::counted;

/// The most failed iterations that are shown of a Map whose iterations are counted.
const SHOWN_FAILURES: u64 = 10;

impl RunRenderer {
    /// The lines of an event of a Map state or its iterations.
    pub(super) fn map_event(&mut self, event: &ExecutionEvent) -> Vec<String> {
        match event {
            ExecutionEvent::MapStarted { state, path, items } => {
                let progress = MapProgress {
                    items: *items,
                    next: items.div_ceil(10),
                    ..MapProgress::default()
                };
                self.maps.insert(path_into(path, state), progress);
                if self.is_inside_counted_map(path) {
                    return Vec::new();
                }
                let items = counted(*items, "item");
                vec![line(path, &dim(&format!("> {state} ({items})")))]
            }
            ExecutionEvent::IterationEnded {
                state,
                path,
                index,
                outcome,
                retries,
                error,
                cause,
                ..
            } => {
                let map_path = path_into(path, state);
                let mut iteration = map_path.clone();
                iteration.push(PathSegment::Number(*index));
                self.running
                    .retain(|(path, _), _| !path.starts_with(&iteration));
                let is_counted = self.is_inside_counted_map(&iteration);
                let is_hidden = self.is_inside_counted_map(path);
                let Some(map) = self.maps.get_mut(&map_path) else {
                    return Vec::new();
                };
                map.ended += 1;
                let mut lines = Vec::new();
                if is_counted {
                    map.retries += retries;
                }
                if *outcome == StateOutcome::Failed {
                    map.failed += 1;
                    let name = error.as_deref().unwrap_or("no error name");
                    let mut text = format!("{} {name}", style::error("failed:"));
                    if is_counted {
                        text.push_str(&cause_suffix(cause.as_deref(), self.verbose));
                    }
                    if !is_counted || map.failed <= SHOWN_FAILURES {
                        lines.push(line(&iteration, &text));
                    } else if map.failed == SHOWN_FAILURES + 1 {
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
            ExecutionEvent::MapRunStarted { state, path, arn } => {
                let text =
                    format!("> {state} (a map run: its iterations are executions of their own)");
                let mut lines = vec![line(path, &dim(&text))];
                if self.verbose {
                    lines.push(line(path, &dim(&format!("  {arn}"))));
                }
                lines
            }
            ExecutionEvent::MapRunEnded {
                state,
                path,
                outcome: StateOutcome::Failed,
                error,
                cause,
                ..
            } => {
                let name = error.as_deref().unwrap_or("no error name");
                let cause = cause_suffix(cause.as_deref(), self.verbose);
                let text = format!(
                    "{} {state}: the map run failed: {name}{cause}",
                    warning("!")
                );
                vec![line(path, &text)]
            }
            _ => Vec::new(),
        }
    }
}
