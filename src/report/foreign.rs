//! Foreign resources that block a plan, as text.

use super::style::{bold, error};
use crate::ops::shell_word;
use crate::plan::Foreign;

/// The foreign resources, each with its address, name, owner and help.
#[must_use]
pub fn foreign(foreign: &[Foreign]) -> String {
    let help = bold("help:");
    let mut lines = Vec::new();
    for one in foreign {
        lines.push(format!(
            "{} {} cannot be created: {} {} already exists: {}",
            error("error:"),
            bold(one.address.as_str()),
            one.kind,
            bold(&one.name),
            one.whose
        ));
        lines.push(match &one.not_adoptable {
            Some(why) => format!("  {help} it cannot be taken over: {why}"),
            None => format!("  {help} to take it over on purpose, {}", flags(one)),
        });
    }
    lines.push(format!(
        "{help} treino changes nothing it did not make. To have your own beside what exists, change the key or the \
         `name:`, or use `--owner`. What is taken over is the stack's from then on: a destroy deletes it \
         with everything in it"
    ));
    lines.join("\n")
}

/// The options that adopt it.
fn flags(one: &Foreign) -> String {
    let adopt = format!("--adopt {}", shell_word(one.address.as_str()));
    match one.whose.take_from_argument() {
        Some(others) => format!("`{adopt} --take-from {}`", shell_word(&others)),
        None => format!("`{adopt}`"),
    }
}
