//! What is never shown: the values of secret parameters, and what connections authorise with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use super::reference::{self, Known};
use super::{Site, StackFile};

/// The secrets of one stack, apart from the specs, which are shown and compared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// By the physical name of the resource and the field.
    of: BTreeMap<String, BTreeMap<String, String>>,
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
    pub fn keep(&mut self, name: &str, field: &str, value: String) {
        self.values.insert(value.clone());
        let fields = self.of.entry(name.to_owned()).or_default();
        fields.insert(field.to_owned(), value);
    }

    /// A resource's secret field; empty where it has none.
    #[must_use]
    pub fn get(&self, name: &str, field: &str) -> &str {
        let value = self.of.get(name).and_then(|fields| fields.get(field));
        value.map_or("", String::as_str)
    }

    /// All the values to hide.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// By what a change of a resource's secrets is noticed, though AWS never shows them: 16 bits of
    /// a hash over all of them. Enough for that, and far too little to confirm a guess with.
    #[must_use]
    pub fn fingerprint(&self, site: &Site, name: &str) -> String {
        let mut hasher = Sha256::new();
        let fields = self.of.get(name).into_iter().flatten();
        let texts = fields.flat_map(|(field, value)| [field.as_str(), value]);
        for text in [site.account.as_str(), &site.region, name]
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

/// Whether a text holds what is to be hidden: an environment variable, or a secret parameter.
#[must_use]
pub fn is_secret(text: &str, file: &StackFile) -> bool {
    reference::find(text).iter().any(|found| {
        let param = found.path.strip_prefix("param.");
        found.path.starts_with("env:")
            || param.is_some_and(|name| file.params.get(name).is_some_and(|param| param.secret))
    })
}
