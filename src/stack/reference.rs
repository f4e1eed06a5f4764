//! References `${name.attribute}`, and the built-in ones such as `${region}`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Target;
use super::environment::is_credential;
use super::validate_names::is_key;

/// One reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The byte offset of `${`.
    pub start: usize,
    /// The byte offset after `}`.
    pub end: usize,
    /// The text between the braces.
    pub path: String,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Plain,
    /// `${...}`
    Reference,
    /// `$${`
    Escape,
    /// `${` with no `}` of its own
    Unclosed,
}

/// The pieces of a text, in order and without gaps, with start and end offsets.
fn pieces(text: &str) -> Vec<(Piece, usize, usize)> {
    let mut found = Vec::new();
    let mut plain = 0;
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| from + at) {
        let inside = &text[at + 2..];
        let close = inside.find('}');
        let (piece, start, end) = if at > plain && text[..at].ends_with('$') {
            (Piece::Escape, at - 1, at + 2)
        } else if let Some(close) = close.filter(|close| !inside[..*close].contains("${")) {
            (Piece::Reference, at, at + 2 + close + 1)
        } else {
            (Piece::Unclosed, at, at + 2)
        };
        if start > plain {
            found.push((Piece::Plain, plain, start));
        }
        found.push((piece, start, end));
        plain = end;
        from = end;
    }
    if text.len() > plain {
        found.push((Piece::Plain, plain, text.len()));
    }
    found
}

/// The references in a text, in order. `$${` is a literal `${`.
#[must_use]
pub fn find(text: &str) -> Vec<Reference> {
    pieces(text)
        .into_iter()
        .filter(|(piece, ..)| *piece == Piece::Reference)
        .map(|(_, start, end)| Reference {
            start,
            end,
            path: text[start + 2..end - 1].trim().to_owned(),
        })
        .collect()
}

/// The offsets of each `${` without a `}`.
#[must_use]
pub fn unclosed(text: &str) -> Vec<usize> {
    pieces(text)
        .into_iter()
        .filter(|(piece, ..)| *piece == Piece::Unclosed)
        .map(|(_, start, _)| start)
        .collect()
}

/// The values of references.
#[derive(Debug, Clone, Default)]
pub struct ReferenceValues {
    values: BTreeMap<String, String>,
}

impl ReferenceValues {
    /// The built-in references of every stack.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        let mut known = Self::default();
        known.set("account", &target.account);
        known.set("region", &target.region);
        known.set("partition", &target.partition);
        known.set("stack", &target.stack);
        known
    }

    /// Sets the value of a path.
    pub fn set(&mut self, path: impl Into<String>, value: &str) {
        self.values.insert(path.into(), value.to_owned());
    }

    /// The value of a path, or of the environment variable for `env:NAME`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<String> {
        match path.strip_prefix("env:") {
            // Refused variables are reported by `environment`.
            Some(name) if is_credential(name) => None,
            Some(name) => std::env::var(name).ok(),
            None => self.values.get(path).cloned(),
        }
    }

    /// The known paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Replaces every known reference; unknown ones stay.
    #[must_use]
    pub fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for (piece, start, end) in pieces(text) {
            let written = &text[start..end];
            match piece {
                Piece::Reference => match self.get(text[start + 2..end - 1].trim()) {
                    Some(value) => out.push_str(&value),
                    None => out.push_str(written),
                },
                Piece::Escape => out.push_str("${"),
                Piece::Plain | Piece::Unclosed => out.push_str(written),
            }
        }
        out
    }

    /// Replaces references in every text of a value, except in keys.
    #[must_use]
    pub fn replace_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.replace(text)),
            Value::Array(items) => {
                Value::Array(items.iter().map(|v| self.replace_all(v)).collect())
            }
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, value)| (key.clone(), self.replace_all(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}

/// Replaces the references that are one of these names; others, and escapes, stay.
#[must_use]
pub fn substitute(text: &str, values: &BTreeMap<String, String>) -> String {
    let replaced = pieces(text).into_iter().map(|(piece, start, end)| {
        let written = &text[start..end];
        let value = (piece == Piece::Reference)
            .then(|| text[start + 2..end - 1].trim())
            // Another name is reported.
            .filter(|name| is_key(name))
            .and_then(|name| values.get(name));
        value.map_or(written, String::as_str)
    });
    replaced.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_references_and_leaves_escapes() {
        let paths = |text| find(text).into_iter().map(|r| r.path).collect::<Vec<_>>();
        assert_eq!(paths("a ${b.c} ${ d } $${e} ${f"), ["b.c", "d"]);
        assert_eq!(paths("$.x $$.y {% $z %}"), Vec::<String>::new());
        assert_eq!(paths("${a ${b}"), ["b"]);
        assert_eq!(unclosed("é ${a ${b} $${ ${"), [3, 16]);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(8_128),
            ..Default::default()
        })]

        /// Every byte belongs to one piece; text that is no reference stays unchanged.
        #[test]
        fn pieces_cover_the_whole_text(text in "[${}a. é]{0,24}") {
            let (mut end, mut escapes) = (0, 0);
            for (piece, from, to) in pieces(&text) {
                proptest::prop_assert!(from == end && to > from && text.is_char_boundary(to));
                escapes += usize::from(piece == Piece::Escape);
                end = to;
            }
            proptest::prop_assert_eq!(end, text.len());
            let replaced = ReferenceValues::default().replace(&text);
            proptest::prop_assert_eq!(replaced.len() + escapes, text.len());
        }
    }

    #[test]
    fn replaces_known_references() {
        let mut known = ReferenceValues::default();
        known.set("a.arn", "A");
        assert_eq!(
            known.replace("${a.arn}/* $${a.arn} ${b}"),
            "A/* ${a.arn} ${b}"
        );
        known.set("b", "$${c}");
        assert_eq!(known.replace("${b} $$${b}"), "$${c} $${b}");
    }
}
