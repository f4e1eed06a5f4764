//! What is never printed.

use std::borrow::Cow;
use std::sync::RwLock;

use serde_json::{Map, Value};

use crate::stack::{HIDDEN, MIN_SECRET_LENGTH, redact};

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
    for value in values.filter(|value| value.chars().count() >= MIN_SECRET_LENGTH) {
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
    redact(text, &secrets)
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
        Value::String(text) => redact(&text, secrets).into_owned().into(),
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
    redact(&key, secrets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
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

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(8_128), ..ProptestConfig::default() })]

        /// Whatever is hidden and said, what is said is still JSON and holds nothing hidden.
        #[test]
        fn nothing_hidden_is_in_any_event(
            secrets in prop::collection::vec("[a-zA-Z0-9\"\\\\é{}:,-]{4,9}", 1..5),
            said in prop::collection::vec((0..5_usize, "[a-zA-Z\"\\\\ é]{0,6}", any::<bool>()), 0..8),
        ) {
            prop_assume!(secrets.iter().all(|secret| !HIDDEN.contains(secret.as_str())));
            let mut secrets = secrets;
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            let text = |(which, more, after): (usize, String, bool)| {
                let secret = &secrets[which % secrets.len()];
                let text = if after { format!("{secret}{more}") } else { format!("{more}{secret}") };
                (text.clone(), json!([text, { text.as_str(): [secret] }]))
            };
            let said: Map<String, Value> = said.into_iter().map(text).collect();
            let shown = without(Value::Object(said), &secrets);
            let words = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let mut left = vec![&shown];
            while let Some(value) = left.pop() {
                match value {
                    Value::Object(fields) => for (key, value) in fields {
                        prop_assert!(words(key) || secrets.iter().all(|secret| !key.contains(secret.as_str())), "{key}");
                        left.push(value);
                    },
                    Value::Array(items) => left.extend(items),
                    Value::String(text) => {
                        let parts = text.split(HIDDEN);
                        for part in parts {
                            prop_assert!(secrets.iter().all(|secret| !part.contains(secret.as_str())), "{text}");
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn what_emulators_take_for_a_key_is_a_word() {
        hide_credential("tested");
        hide_credential("tested/0123456789");
        assert_eq!(redacted("tested/0123456789 tested"), "(secret) tested");
    }
}
