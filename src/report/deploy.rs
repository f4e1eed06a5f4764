//! What a deploy came to, as text.

use std::collections::BTreeMap;

use super::Out;
use super::style::{bold, dim};
use super::time::local;
use crate::ops::CreatedStack;

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
pub(super) fn next_steps(created: &CreatedStack) -> String {
    let mut lines = Vec::new();
    let run = created.run.iter();
    lines.extend(run.map(|run| format!("try it:     {run}")));
    lines.push(format!("delete it:  {}", created.destroy));
    if let Some((ends, extend)) = created.ends.as_ref().zip(created.extend.as_ref()) {
        lines.push(format!("it ends:    {}; later: {extend}", local(ends)));
    }
    format!("\n{}", dim(&lines.join("\n")))
}
