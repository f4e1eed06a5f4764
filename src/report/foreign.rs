//! What stands in the way of a plan, as text.

use super::style::{bold, error};
use crate::plan::Foreign;

/// What stands in the way, each with its place, its name, whose it is and the way out.
#[must_use]
pub fn foreign(foreign: &[Foreign]) -> String {
    let help = bold("help:");
    let mut lines = Vec::new();
    for one in foreign {
        lines.push(format!(
            "{} {} wants the {} {}, which stands already: {}",
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
        "{help} treino changes nothing it did not make. To have your own beside what stands, change the key or the \
         `name:`, or use `--owner`. What is taken over is the stack's from then on: a destroy deletes it with all it \
         holds"
    ));
    lines.join("\n")
}

/// What takes it over.
fn flags(one: &Foreign) -> String {
    let adopt = format!("--adopt {}", word(one.address.as_str()));
    match one.whose.others() {
        Some(others) => format!("`{adopt} --take-from {}`", word(&others)),
        None => format!("`{adopt}`"),
    }
}

/// A text as a shell reads it as one word: what stands in a tag may be anything.
#[must_use]
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_to_a_shell() {
        assert_eq!(word("lab:bob"), "lab:bob");
        assert_eq!(word("two words"), "'two words'");
        assert_eq!(word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(word(""), "''");
    }
}
