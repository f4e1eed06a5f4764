//! Values that are never shown: secret parameters, the authorization of connections, and function variables
//! that contain either or come from the environment.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use super::reference::{self, ReferenceValues};
use super::{Kind, StackFile, Target};
use crate::source::{Diagnostic, Diagnostics};

/// A value from the environment of at most this length may be an ordinary word, such as a log level or a
/// region: it is kept out of specs, but not masked elsewhere.
const MAX_WORD_LENGTH: usize = 7;

/// Shown instead of a secret.
pub const HIDDEN: &str = "(secret)";

/// The minimum length of a masked value: shorter ones occur inside unrelated words.
pub const MIN_LENGTH: usize = 4;

/// A resource's secrets, by field.
type Fields = BTreeMap<String, String>;

/// The secrets of one stack, kept apart from the specs, which are shown and compared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The secret fields, by kind and physical name.
    by_resource: BTreeMap<(Kind, String), Fields>,
    /// Every value to hide.
    values: BTreeSet<String>,
}

/// Debug output shows no values.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

impl Secrets {
    /// The values of the stack's secret parameters.
    pub(super) fn of(file: &StackFile, resolved: &ReferenceValues) -> Self {
        let secret = file.params.iter().filter(|(_, param)| param.secret);
        Self {
            by_resource: BTreeMap::new(),
            values: secret
                .filter_map(|(name, _)| resolved.get(&format!("param.{name}")))
                .collect(),
        }
    }

    /// Adds a secret field of a resource.
    pub fn keep(&mut self, kind: Kind, name: &str, field: &str, value: String) {
        let fields = self.by_resource.entry((kind, name.to_owned())).or_default();
        fields.insert(field.to_owned(), value);
    }

    /// Masks a value wherever it is printed.
    pub fn hide(&mut self, value: &str) {
        self.values.insert(value.to_owned());
    }

    /// Masks the environment variables a text refers to, except values that are not confidential, such as the
    /// region.
    pub(super) fn hide_environment(&mut self, text: &str, target: &Target) {
        let words = [&target.account, &target.region, &target.stack];
        for found in reference::find(text) {
            let name = found.path.strip_prefix("env:");
            let value = name.and_then(|name| std::env::var(name).ok());
            let to_hide =
                |value: &String| value.chars().count() > MAX_WORD_LENGTH && !words.contains(&value);
            self.values.extend(value.filter(to_hide));
        }
    }

    /// A secret field of a resource; empty if it has none.
    #[must_use]
    pub fn get(&self, kind: Kind, name: &str, field: &str) -> &str {
        let mut fields = self.fields(kind, name);
        let found = fields.find(|(known, _)| *known == field);
        found.map_or("", |(_, value)| value)
    }

    /// A resource's secret fields.
    pub fn fields(&self, kind: Kind, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.by_resource.get(&(kind, name.to_owned()));
        let fields = fields.into_iter().flatten();
        fields.map(|(field, value)| (field.as_str(), value.as_str()))
    }

    /// All the values to hide.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Masks the secrets in diagnostics.
    pub(super) fn redact_diagnostics(&self, diagnostics: Diagnostics) -> Diagnostics {
        redact_diagnostics(diagnostics, &self.values)
    }

    /// Detects changes of secrets that AWS never shows: 16 bits of a hash over all secrets of a resource.
    /// Enough to detect a change, far too few to confirm a guess.
    #[must_use]
    pub fn fingerprint(&self, target: &Target, kind: Kind, name: &str) -> String {
        let mut hasher = Sha256::new();
        let texts = self
            .fields(kind, name)
            .flat_map(|(field, value)| [field, value]);
        for text in [target.account.as_str(), &target.region, name]
            .into_iter()
            .chain(texts)
        {
            hasher.update(text.as_bytes());
            hasher.update([0]);
        }
        let digest = hasher.finalize();
        format!("{:02x}{:02x}", digest[0], digest[1])
    }
}

/// Masks secrets in a text. They must be sorted by length, longest first: one may be a part of another.
#[must_use]
pub fn redact<'t, S: AsRef<str>>(text: &'t str, secrets: &[S]) -> Cow<'t, str> {
    let found = |secret: &S| text.contains(secret.as_ref());
    let Some(first) = secrets.iter().position(found) else {
        return Cow::Borrowed(text);
    };
    // The replacement of one secret is not searched for the next.
    let parts = text.split(secrets[first].as_ref());
    let parts: Vec<Cow<str>> = parts
        .map(|part| redact(part, &secrets[first + 1..]))
        .collect();
    Cow::Owned(parts.join(HIDDEN))
}

/// Masks these values in diagnostics.
pub(super) fn redact_diagnostics(
    diagnostics: Diagnostics,
    values: &BTreeSet<String>,
) -> Diagnostics {
    let values = values.iter();
    let to_hide = values.filter(|value| value.chars().count() >= MIN_LENGTH);
    let mut to_hide: Vec<&String> = to_hide.collect();
    to_hide.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let without = |text: String| redact(&text, &to_hide).into_owned();
    let of = |diagnostic: Diagnostic| Diagnostic {
        message: without(diagnostic.message),
        label: diagnostic.label.map(without),
        help: diagnostic.help.map(without),
        ..diagnostic
    };
    diagnostics.into_iter().map(of).collect()
}

/// Whether a text refers to a secret: an environment variable or a secret parameter.
#[must_use]
pub fn is_secret(text: &str, file: &StackFile) -> bool {
    reference::find(text)
        .iter()
        .any(|found| found.path.starts_with("env:") || secret_param(&found.path, file).is_some())
}

/// The name of the secret parameter that a reference means, if any.
pub(super) fn secret_param<'a>(path: &'a str, file: &StackFile) -> Option<&'a str> {
    let name = path.strip_prefix("param.")?;
    file.params.get(name)?.secret.then_some(name)
}
