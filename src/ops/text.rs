//! Phrases that both errors and the text renderer use.

use crate::source::counted;

/// A text as a shell reads it as one word: what stands in a tag may be anything.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// That a deploy deletes what another file made.
#[must_use]
pub fn another_file(stack: &str) -> String {
    format!(
        "this stack was last deployed from another file: nothing of what is deployed as {stack} is in this one, and all of \
         it would be deleted"
    )
}

/// A number of bytes, as a person says it.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000 => {
            let tenths = bytes / 100_000;
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// The day, as stack files are read for it: `2026-11-28`, in UTC.
pub(super) fn today() -> String {
    let now = humantime::format_rfc3339(std::time::SystemTime::now()).to_string();
    now.chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_to_a_shell() {
        assert_eq!(shell_word("lab:bob"), "lab:bob");
        assert_eq!(shell_word("two words"), "'two words'");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(shell_word(""), "''");
    }
}
