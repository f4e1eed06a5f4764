//! The masking of secrets in all that leaves a session: events, questions, results, errors.

mod class;
mod handout;
mod mask;
mod types;

use std::sync::{PoisonError, RwLock};

use serde_json::Value;

pub use mask::Mask;

use crate::stack::MIN_SECRET_LENGTH;

/// A credential has at least so many characters; what emulators take for one is a word such as `test`.
const SHORTEST_CREDENTIAL: usize = 16;

/// The shortest line of a longer secret, such as a certificate's, that is hidden by itself.
const SHORTEST_LINE: usize = 8;

/// The secrets one session knows. More may become known while it works.
#[derive(Default)]
pub struct Masker(RwLock<Vec<String>>);

/// A secret that is printed by mistake says nothing.
impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Masker")
    }
}

impl Masker {
    /// Hides these values from now on; those of fewer than four characters cannot be.
    pub fn hide<'a>(&self, values: impl Iterator<Item = &'a str>) {
        // Nothing can panic while it is held; if ever, the list is as good as before.
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for value in values.filter(|value| value.chars().count() >= MIN_SECRET_LENGTH) {
            let escaped = Value::from(value).to_string();
            let escaped = &escaped[1..escaped.len() - 1];
            let lines = value.lines().map(str::trim);
            let lines = lines.filter(|line| line.chars().count() >= SHORTEST_LINE);
            for form in [value, escaped].into_iter().chain(lines) {
                if !secrets.iter().any(|known| known == form) {
                    secrets.push(form.to_owned());
                }
            }
        }
        // The longest first: one may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Hides what a caller signs with.
    pub fn hide_credential(&self, value: &str) {
        let value = Some(value).filter(|value| value.len() >= SHORTEST_CREDENTIAL);
        self.hide(value.into_iter());
    }

    /// The same value without the secrets known by now.
    #[must_use]
    pub fn masked<T: Mask>(&self, mut value: T) -> T {
        let secrets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if !secrets.is_empty() {
            value.mask(&secrets);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(hidden: &[&str], text: &str) -> String {
        let masker = Masker::default();
        masker.hide(hidden.iter().copied());
        masker.masked(text.to_owned())
    }

    #[test]
    fn what_is_hidden_is_not_in_the_text() {
        let hidden = ["k-71\"x", "k-71", "abc"];
        assert_eq!(masked(&hidden, "a k-71 b"), "a (secret) b");
        assert_eq!(masked(&hidden, "a k-71\"x b"), "a (secret) b");
        assert_eq!(masked(&hidden, r#"{"a":"k-71\"x"}"#), r#"{"a":"(secret)"}"#);
        assert_eq!(masked(&hidden, "abc"), "abc");
    }

    #[test]
    fn a_secret_of_several_lines_is_hidden_line_by_line() {
        let hidden = ["first-7c1\nsecond-7c1\nend"];
        assert_eq!(masked(&hidden, "x second-7c1 end"), "x (secret) end");
        assert_eq!(
            masked(&hidden, "\"first-7c1\\nsecond-7c1\\nend\""),
            "\"(secret)\""
        );
    }

    #[test]
    fn what_emulators_take_for_a_key_is_a_word() {
        let masker = Masker::default();
        masker.hide_credential("tested");
        masker.hide_credential("tested/0123456789");
        assert_eq!(
            masker.masked("tested/0123456789 tested".to_owned()),
            "(secret) tested"
        );
    }

    #[test]
    fn two_maskers_know_nothing_of_each_other() {
        let (one, other) = (Masker::default(), Masker::default());
        one.hide(["first-secret"].into_iter());
        other.hide(["second-secret"].into_iter());
        let text = "first-secret second-secret".to_owned();
        assert_eq!(one.masked(text.clone()), "(secret) second-secret");
        assert_eq!(other.masked(text), "first-secret (secret)");
    }
}
