//! What is never printed.

use std::borrow::Cow;
use std::sync::RwLock;

use serde_json::{Map, Value};

use crate::stack::{HIDDEN, SHORTEST_SECRET};

/// Keys are that long at the least; what emulators take for one is a word such as `test`.
const SHORTEST_CREDENTIAL: usize = 16;

/// A line of a longer secret, such as a certificate's, that is told by itself.
const TELLING_LINE: usize = 8;

static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Hides these values in all that is printed from now on; those of fewer than four characters
/// cannot be.
pub fn hide<'a>(values: impl Iterator<Item = &'a str>) {
    // Nothing can panic while it is held; if ever, the list is as good as before.
    let mut secrets = SECRETS
        .write()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for value in values.filter(|value| value.chars().count() >= SHORTEST_SECRET) {
        let escaped = Value::from(value).to_string();
        let escaped = &escaped[1..escaped.len() - 1];
        let lines = value.lines().map(str::trim);
        let lines = lines.filter(|line| line.chars().count() >= TELLING_LINE);
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
pub fn hide_credential(value: &str) {
    hide(
        Some(value)
            .filter(|value| value.len() >= SHORTEST_CREDENTIAL)
            .into_iter(),
    );
}

/// The text as it may be printed.
#[must_use]
pub fn redacted(text: &str) -> Cow<'_, str> {
    let secrets = SECRETS
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    struck(text, &secrets)
}

/// The event as it may be printed: still JSON, whatever the secrets are.
#[must_use]
pub fn redacted_event(event: Value) -> Value {
    let secrets = SECRETS
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if secrets.is_empty() {
        return event;
    }
    let name = event.get("event").cloned();
    let mut event = without(event, &secrets);
    // Its name is treino's own word.
    if let (Some(name), Some(fields)) = (name, event.as_object_mut()) {
        fields.insert("event".into(), name);
    }
    event
}

fn without(value: Value, secrets: &[String]) -> Value {
    match value {
        Value::String(text) => struck(&text, secrets).into(),
        Value::Number(number) => {
            if secrets.contains(&number.to_string()) {
                HIDDEN.into()
            } else {
                number.into()
            }
        }
        Value::Array(items) => items
            .into_iter()
            .map(|item| without(item, secrets))
            .collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let fields =
                fields.map(|(key, value)| (key_without(key, secrets), without(value, secrets)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// The keys treino writes itself are of small letters, and a program looks for them.
fn key_without(key: String, secrets: &[String]) -> String {
    if key.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return key;
    }
    struck(&key, secrets).into_owned()
}

fn struck<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    let mut shown = Cow::Borrowed(text);
    for secret in secrets {
        if shown.contains(secret.as_str()) {
            shown = Cow::Owned(shown.replace(secret.as_str(), HIDDEN));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_hidden_is_not_in_the_text() {
        hide(["k-71\"x", "k-71", "abc"].into_iter());
        assert_eq!(redacted("a k-71 b"), "a (secret) b");
        assert_eq!(redacted("a k-71\"x b"), "a (secret) b");
        assert_eq!(redacted(r#"{"a":"k-71\"x"}"#), r#"{"a":"(secret)"}"#);
        assert_eq!(redacted("abc"), "abc");
    }

    #[test]
    fn a_secret_of_several_lines_is_hidden_line_by_line() {
        hide(["first-7c1\nsecond-7c1\nend"].into_iter());
        assert_eq!(redacted("x second-7c1 end"), "x (secret) end");
        assert_eq!(redacted("\"first-7c1\\nsecond-7c1\\nend\""), "\"(secret)\"");
    }

    #[test]
    fn an_event_stays_json_whatever_is_hidden() {
        let secrets = ["true", "plan", "9911", "a\"b!", "steps"].map(String::from);
        let event =
            json!({ "event": "plan", "steps": [true, 9911, 99110, "x true"], "a\"b!": "a\"b!" });
        let shown = without(event, &secrets);
        assert_eq!(
            shown,
            json!({ "event": HIDDEN, "steps": [true, HIDDEN, 99110, format!("x {HIDDEN}")], HIDDEN: HIDDEN })
        );
    }

    #[test]
    fn what_emulators_take_for_a_key_is_a_word() {
        hide_credential("tested");
        hide_credential("tested/0123456789");
        assert_eq!(redacted("tested/0123456789 tested"), "(secret) tested");
    }
}
