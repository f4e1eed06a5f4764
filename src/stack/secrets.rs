//! What is never shown: the values of secret parameters, what connections authorise with, and the
//! variables of functions that hold either or come from the environment.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use super::reference::{self, Known};
use super::{Kind, StackFile, Target};
use crate::source::{Diagnostic, Diagnostics};

/// What comes from the environment and is no longer than this may be a word such as a log level or a
/// region: it is kept out of specs, but not struck out wherever else such a word stands.
const LONGEST_WORD: usize = 7;

/// What stands in place of a secret.
pub const HIDDEN: &str = "(secret)";

/// Shorter values would be found in the middle of words that have nothing to do with them.
pub const SHORTEST: usize = 4;

/// A resource's secrets, by field.
type Fields = BTreeMap<String, String>;

/// The secrets of one stack, apart from the specs, which are shown and compared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// By the resource's kind and physical name.
    of: BTreeMap<(Kind, String), Fields>,
    /// Every value to hide.
    values: BTreeSet<String>,
}

/// A secret that is printed by mistake says nothing.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

impl Secrets {
    /// The values of the stack's secret parameters.
    pub(super) fn of(file: &StackFile, settled: &Known) -> Self {
        let secret = file.params.iter().filter(|(_, param)| param.secret);
        Self {
            of: BTreeMap::new(),
            values: secret
                .filter_map(|(name, _)| settled.get(&format!("param.{name}")))
                .collect(),
        }
    }

    /// Keeps a secret field of a resource.
    pub fn keep(&mut self, kind: Kind, name: &str, field: &str, value: String) {
        let fields = self.of.entry((kind, name.to_owned())).or_default();
        fields.insert(field.to_owned(), value);
    }

    /// Hides a value wherever it stands.
    pub fn hide(&mut self, value: &str) {
        self.values.insert(value.to_owned());
    }

    /// Hides what a text has from the environment, words aside that say nothing of anybody.
    pub(super) fn hide_environment(&mut self, text: &str, target: &Target) {
        let words = [&target.account, &target.region, &target.stack];
        for found in reference::find(text) {
            let name = found.path.strip_prefix("env:");
            let value = name.and_then(|name| std::env::var(name).ok());
            let telling =
                |value: &String| value.chars().count() > LONGEST_WORD && !words.contains(&value);
            self.values.extend(value.filter(telling));
        }
    }

    /// A resource's secret field; empty where it has none.
    #[must_use]
    pub fn get(&self, kind: Kind, name: &str, field: &str) -> &str {
        let mut fields = self.fields(kind, name);
        let found = fields.find(|(known, _)| *known == field);
        found.map_or("", |(_, value)| value)
    }

    /// A resource's secret fields.
    pub fn fields(&self, kind: Kind, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.of.get(&(kind, name.to_owned()));
        let fields = fields.into_iter().flatten();
        fields.map(|(field, value)| (field.as_str(), value.as_str()))
    }

    /// All the values to hide.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Problems that quote none of them.
    pub(super) fn struck(&self, diagnostics: Diagnostics) -> Diagnostics {
        struck(diagnostics, &self.values)
    }

    /// By what a change of a resource's secrets is noticed where AWS never shows them: 16 bits of
    /// a hash over all of them. Enough for that, and far too little to confirm a guess with.
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

/// The text without these, which stand the longest first: one may be a part of another.
#[must_use]
pub fn strike<'t, S: AsRef<str>>(text: &'t str, secrets: &[S]) -> Cow<'t, str> {
    let found = |secret: &S| text.contains(secret.as_ref());
    let Some(first) = secrets.iter().position(found) else {
        return Cow::Borrowed(text);
    };
    // What stands in place of one is not looked through for the next.
    let parts = text.split(secrets[first].as_ref());
    let parts: Vec<Cow<str>> = parts
        .map(|part| strike(part, &secrets[first + 1..]))
        .collect();
    Cow::Owned(parts.join(HIDDEN))
}

/// Problems that quote none of these.
pub(super) fn struck(diagnostics: Diagnostics, values: &BTreeSet<String>) -> Diagnostics {
    let values = values.iter();
    let telling = values.filter(|value| value.chars().count() >= SHORTEST);
    let mut telling: Vec<&String> = telling.collect();
    telling.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let without = |text: String| strike(&text, &telling).into_owned();
    let of = |diagnostic: Diagnostic| Diagnostic {
        message: without(diagnostic.message),
        label: diagnostic.label.map(without),
        help: diagnostic.help.map(without),
        ..diagnostic
    };
    diagnostics.into_iter().map(of).collect()
}

/// Whether a text holds what is to be hidden: an environment variable, or a secret parameter.
#[must_use]
pub fn is_secret(text: &str, file: &StackFile) -> bool {
    reference::find(text)
        .iter()
        .any(|found| found.path.starts_with("env:") || secret_param(&found.path, file).is_some())
}

/// The name of the secret parameter a reference means, if it does.
pub(super) fn secret_param<'a>(path: &'a str, file: &StackFile) -> Option<&'a str> {
    let name = path.strip_prefix("param.")?;
    file.params.get(name)?.secret.then_some(name)
}
