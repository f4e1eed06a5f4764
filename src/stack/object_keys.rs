//! Which objects of a bucket a rule hears of, by the filter of their keys in its event pattern.

use serde_json::{Value, json};

use super::event_pattern::may_be;
use super::text_pattern::TextPattern;

/// A filter of keys in an event pattern; without one, every key matches.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFilter {
    /// The alternatives, each as in the pattern; any of them may match.
    alternatives: Vec<Value>,
}

/// The matcher of an event pattern for keys that begin and end so; `None` without either.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>: the values of a list
/// are alternatives, so that both together are one `wildcard`.
#[must_use]
pub fn matcher(prefix: Option<&str>, suffix: Option<&str>) -> Option<Value> {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
    Some(match (prefix, suffix) {
        (None, None) => return None,
        (Some(prefix), None) => json!([{ "prefix": prefix }]),
        (None, Some(suffix)) => json!([{ "suffix": suffix }]),
        (Some(prefix), Some(suffix)) => {
            json!([{ "wildcard": format!("{}*{}", escaped(prefix), escaped(suffix)) }])
        }
    })
}

/// The names of the buckets that an event pattern of S3 or CloudTrail names; none if it is about something else.
#[must_use]
pub fn buckets(pattern: &Value) -> Vec<&str> {
    let detail = &pattern["detail"];
    let names = [
        &detail["bucket"]["name"],
        &detail["requestParameters"]["bucketName"],
    ];
    let names = names.into_iter().filter_map(Value::as_array).flatten();
    names.filter_map(Value::as_str).collect()
}

impl KeyFilter {
    /// The filter of an event pattern of S3 or CloudTrail.
    #[must_use]
    pub fn of(pattern: &Value) -> Self {
        let detail = &pattern["detail"];
        let keys = [
            &detail["object"]["key"],
            &detail["requestParameters"]["key"],
        ];
        let alternatives = keys.into_iter().find_map(Value::as_array);
        Self {
            alternatives: alternatives.map_or_else(|| vec![json!({ "prefix": "" })], Clone::clone),
        }
    }

    /// Whether an object with this key matches.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        self.may_match(&TextPattern::exactly(key))
    }

    /// Whether one of these keys may match.
    #[must_use]
    pub fn may_match(&self, keys: &TextPattern) -> bool {
        self.alternatives.iter().any(|one| may_be(one, keys))
    }

    /// A key that matches, for a file of this name: the name itself, or with the beginning that the filter asks for,
    /// or the one key it asks for. The end of a name says what is in a file, so that none is added.
    #[must_use]
    pub fn key_for(&self, name: &str) -> Option<String> {
        let asked = self.alternatives.iter().map(pattern_of);
        let mut keys = std::iter::once(name.to_owned()).chain(asked.flat_map(|pattern| {
            let beginning = pattern.beginning();
            let only = pattern.is_one_text().then(|| beginning.clone());
            std::iter::once(format!("{beginning}{name}")).chain(only)
        }));
        keys.find(|key| self.matches(key))
    }

    /// The filter for people: `photos/*.jpg`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let each = self.alternatives.iter().map(|one| match one {
            Value::Object(operators) if operators.contains_key("anything-but") => one.to_string(),
            _ => pattern_of(one).to_string(),
        });
        each.collect::<Vec<_>>().join(" or ")
    }
}

fn pattern_of(matcher: &Value) -> TextPattern {
    let of = |name: &str| matcher[name].as_str();
    if let Some(key) = matcher.as_str() {
        TextPattern::exactly(key)
    } else if let Some(prefix) = of("prefix") {
        TextPattern::beginning_with(prefix)
    } else if let Some(suffix) = of("suffix") {
        TextPattern::ending_with(suffix)
    } else if let Some(wildcard) = of("wildcard") {
        TextPattern::of_wildcard(wildcard)
    } else {
        TextPattern::any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(prefix: Option<&str>, suffix: Option<&str>) -> KeyFilter {
        let key = matcher(prefix, suffix).unwrap_or(Value::Null);
        KeyFilter::of(&json!({ "detail": { "object": { "key": key } } }))
    }

    #[test]
    fn filters_match_keys() {
        let all = filter(None, None);
        assert!(all.matches("") && all.matches("a/b.jpg"));
        let prefix = filter(Some("in/"), None);
        assert!(prefix.matches("in/a") && !prefix.matches("a") && !prefix.matches("out/in/a"));
        let suffix = filter(None, Some(".jpg"));
        assert!(suffix.matches("a.jpg") && !suffix.matches("a.jpg.txt"));
        let both = filter(Some("in*/"), Some(".jpg"));
        assert!(both.matches("in*/a.jpg") && !both.matches("into/a.jpg") && !both.matches("in*/a"));
    }

    #[test]
    fn a_file_is_given_a_key_that_matches() {
        let key = |prefix, suffix, name: &str| filter(prefix, suffix).key_for(name);
        assert_eq!(key(None, None, "a.jpg"), Some("a.jpg".into()));
        assert_eq!(key(Some("in/"), None, "a.jpg"), Some("in/a.jpg".into()));
        assert_eq!(
            key(Some("in/"), Some(".jpg"), "a.jpg"),
            Some("in/a.jpg".into())
        );
        assert_eq!(key(None, Some(".jpg"), "a.png"), None);
        assert_eq!(filter(Some("in/"), Some(".jpg")).in_words(), "in/*.jpg");
        let of = |key: Value| KeyFilter::of(&json!({ "detail": { "object": { "key": key } } }));
        let but = of(json!([{ "anything-but": { "prefix": "out/" } }]));
        assert_eq!(but.key_for("a.jpg"), Some("a.jpg".into()));
        assert!(!but.matches("out/a.jpg"));
        let only = of(json!(["config.json"]));
        assert_eq!(only.key_for("a.json"), Some("config.json".into()));
    }
}
