//! Map states: each iteration by its number, or where there are many, how many.

use super::story::{Counted, Story};
use super::words::{because, inside, line};
use crate::history::{ExecutionEvent, PathSegment, StateOutcome};
use crate::report::style::{self, dim, warning};

/// The most failed iterations of a counted Map that are named.
const NAMED: u64 = 10;

impl Story {
    /// What is told of Map states and their iterations.
    pub(super) fn map(&mut self, event: &ExecutionEvent) -> Vec<String> {
        match event {
            ExecutionEvent::MapStarted { state, path, items } => {
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
                let part = inside(path, state);
                let mut within = part.clone();
                within.push(PathSegment::Number(*index));
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
                if *outcome == StateOutcome::Failed {
                    map.failed += 1;
                    let name = error.as_deref().unwrap_or("no error name");
                    let mut text = format!("{} {name}", style::error("failed:"));
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
}
