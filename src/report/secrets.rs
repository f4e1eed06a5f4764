//! What is never printed.

use std::borrow::Cow;
use std::sync::RwLock;

/// What stands in place of a secret.
const HIDDEN: &str = "(secret)";

/// Shorter values would be found in the middle of words that have nothing to do with them.
const SHORTEST: usize = 4;

static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Hides these values in all that is printed from now on; those of fewer than four characters
/// cannot be.
pub fn hide<'a>(values: impl Iterator<Item = &'a str>) {
    // Nothing can panic while it is held; if ever, the list is as good as before.
    let mut secrets = SECRETS
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for value in values.filter(|value| value.chars().count() >= SHORTEST) {
        let escaped = serde_json::Value::from(value).to_string();
        let escaped = escaped.trim_matches('"');
        for form in [value, escaped] {
            if !secrets.iter().any(|known| known == form) {
                secrets.push(form.to_owned());
            }
        }
    }
    // The longest first: one may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
}

/// The text as it may be printed.
#[must_use]
pub fn redacted(text: &str) -> Cow<'_, str> {
    let secrets = SECRETS
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut shown = Cow::Borrowed(text);
    for secret in secrets.iter() {
        if shown.contains(secret.as_str()) {
            shown = Cow::Owned(shown.replace(secret.as_str(), HIDDEN));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_in_the_text() {
        hide(["k-71\"x", "k-71", "abc"].into_iter());
        assert_eq!(redacted("a k-71 b"), "a (secret) b");
        assert_eq!(redacted("a k-71\"x b"), "a (secret) b");
        assert_eq!(redacted(r#"{"a":"k-71\"x"}"#), r#"{"a":"(secret)"}"#);
        assert_eq!(redacted("abc"), "abc");
    }
}
