//! References: `${name.attribute}`, and the few words that need no resource.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Site;

/// What stands between `${` and `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The bytes of the whole `${...}` in its text.
    pub start: usize,
    /// One past them.
    pub end: usize,
    /// The words inside.
    pub path: String,
}

/// The references in a text, in order. `$${` is a literal `${`.
#[must_use]
pub fn find(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| from + at) {
        let Some(length) = text[at..].find('}') else {
            break;
        };
        let escaped = text[..at].ends_with('$');
        if !escaped {
            found.push(Reference {
                start: at,
                end: at + length + 1,
                path: text[at + 2..at + length].trim().to_owned(),
            });
        }
        from = if escaped { at + 2 } else { at + length + 1 };
    }
    found
}

/// What references stand for.
#[derive(Debug, Clone, Default)]
pub struct Known {
    values: BTreeMap<String, String>,
}

impl Known {
    /// The words every stack has.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let mut known = Self::default();
        known.set("account", &site.account);
        known.set("region", &site.region);
        known.set("partition", &site.partition);
        known.set("stack", &site.stack);
        known
    }

    /// Makes a path known.
    pub fn set(&mut self, path: impl Into<String>, value: &str) {
        self.values.insert(path.into(), value.to_owned());
    }

    /// The value of a path: a known one, or `env:NAME` from the environment.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<String> {
        match path.strip_prefix("env:") {
            Some(name) => std::env::var(name).ok(),
            None => self.values.get(path).cloned(),
        }
    }

    /// The paths that are known, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The text with every known reference replaced; unknown ones stay.
    #[must_use]
    pub fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for reference in find(text) {
            if let Some(value) = self.get(&reference.path) {
                out.push_str(&text[from..reference.start]);
                out.push_str(&value);
                from = reference.end;
            }
        }
        out.push_str(&text[from..]);
        out.replace("$${", "${")
    }

    /// The same in every text of a value, keys of mappings left alone.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_references_and_leaves_escapes() {
        let paths = |text| find(text).into_iter().map(|r| r.path).collect::<Vec<_>>();
        assert_eq!(paths("a ${b.c} ${ d } $${e} ${f"), ["b.c", "d"]);
        assert_eq!(paths("$.x $$.y {% $z %}"), Vec::<String>::new());
    }

    #[test]
    fn replaces_what_is_known() {
        let mut known = Known::default();
        known.set("a.arn", "A");
        assert_eq!(
            known.replace("${a.arn}/* $${a.arn} ${b}"),
            "A/* ${a.arn} ${b}"
        );
    }
}
