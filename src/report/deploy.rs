//! What a deploy came to, as text.

use std::collections::BTreeMap;

use super::Out;
use super::style::{bold, dim};
use crate::ops::Event;

/// Prints a stack's outputs.
pub(super) fn outputs(outputs: &BTreeMap<String, String>, out: Out) {
    let width = outputs.keys().map(String::len).max().unwrap_or(0);
    if !outputs.is_empty() {
        out.say(format!("\n{}", bold("outputs")));
    }
    for (name, value) in outputs {
        out.say(format!("  {name:width$} = {value}"));
    }
}

/// What to do next, after a stack's first deploy.
pub(super) fn next_steps(event: &Event) -> String {
    let Event::Created { run, destroy, .. } = event else {
        return String::new();
    };
    let mut lines = Vec::new();
    lines.extend(run.iter().map(|run| format!("try it:     {run}")));
    lines.push(format!("delete it:  {destroy}"));
    format!("\n{}", dim(&lines.join("\n")))
}
