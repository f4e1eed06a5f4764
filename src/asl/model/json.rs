//! JSON as the model reads it: with the place of every value, or without.

use serde_json::Value as Json;

use crate::source::{Node, Span, Value};

/// A JSON value that a model is built from.
pub trait JsonValue: Sized {
    /// The value of a field, if this is an object that has it.
    fn field(&self, name: &str) -> Option<&Self>;
    /// The fields of an object in the order written; none of anything else.
    fn fields(&self) -> impl Iterator<Item = (SpannedStr<'_>, &Self)>;
    /// The items of a list; none of anything else.
    fn list(&self) -> &[Self];
    /// The text, if this is a string.
    fn text(&self) -> Option<SpannedStr<'_>>;
    /// Whether this is `true`.
    fn is_true(&self) -> bool;
}

/// A text of a definition and where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpannedStr<'a> {
    /// The text.
    pub text: &'a str,
    /// Its bytes in the file; empty where the JSON has no places.
    pub span: Span,
}

impl JsonValue for Node {
    fn field(&self, name: &str) -> Option<&Self> {
        self.get(name)
    }

    fn fields(&self) -> impl Iterator<Item = (SpannedStr<'_>, &Self)> {
        self.entries().iter().map(|entry| {
            let (text, span) = (entry.key.as_str(), entry.key_span);
            (SpannedStr { text, span }, &entry.value)
        })
    }

    fn list(&self) -> &[Self] {
        self.items()
    }

    fn text(&self) -> Option<SpannedStr<'_>> {
        let text = self.as_str()?;
        let span = self.span;
        Some(SpannedStr { text, span })
    }

    fn is_true(&self) -> bool {
        self.value == Value::Bool(true)
    }
}

impl JsonValue for Json {
    fn field(&self, name: &str) -> Option<&Self> {
        self.get(name)
    }

    fn fields(&self) -> impl Iterator<Item = (SpannedStr<'_>, &Self)> {
        let fields = self.as_object().into_iter().flatten();
        fields.map(|(name, value)| (unplaced(name), value))
    }

    fn list(&self) -> &[Self] {
        self.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn text(&self) -> Option<SpannedStr<'_>> {
        self.as_str().map(unplaced)
    }

    fn is_true(&self) -> bool {
        *self == Json::Bool(true)
    }
}

fn unplaced(text: &str) -> SpannedStr<'_> {
    let span = Span::default();
    SpannedStr { text, span }
}
