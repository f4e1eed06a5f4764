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
    let Event::Created {
        stack,
        owner,
        local,
        state_machines,
        rules,
        example,
    } = event
    else {
        return String::new();
    };
    let local = if *local { " --local" } else { "" };
    let owner = owner.as_ref();
    let owner = owner
        .map(|owner| format!(" --owner {owner}"))
        .unwrap_or_default();
    let mut lines = Vec::new();
    if *state_machines > 0 {
        let what = match example {
            _ if *rules > 0 => "FILE".to_owned(),
            Some(input) => format!("--input '{}'", input.to_string().replace('\'', r"'\''")),
            None => "--input '{}'".to_owned(),
        };
        let which = if *state_machines > 1 {
            " --machine KEY"
        } else {
            ""
        };
        lines.push(format!(
            "try it:     treino run {stack} {what}{which}{owner}{local}"
        ));
    }
    lines.push(format!("delete it:  treino destroy {stack}{owner}{local}"));
    format!("\n{}", dim(&lines.join("\n")))
}
