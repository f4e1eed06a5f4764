//! Lambda's runtimes, with the days on which AWS stops supporting, creating and updating functions of each.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::DataSource;

/// A runtime that Lambda's API has a name for. Days are texts such as `2027-02-01`, in UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// Its identifier: `python3.13`.
    #[serde(skip)]
    pub name: String,
    /// From when AWS no longer supports it.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// From when no function can be created with it.
    #[serde(default)]
    pub no_create: Option<String>,
    /// From when no function with it can be updated.
    #[serde(default)]
    pub no_update: Option<String>,
    /// What to use instead.
    #[serde(default)]
    pub successor: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuntimesFile {
    sources: Vec<DataSource>,
    /// In AWS's order.
    runtimes: Map<String, Value>,
}

static FILE: LazyLock<RuntimesFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("runtimes.json")).unwrap_or_default());

static ALL: LazyLock<Vec<Runtime>> = LazyLock::new(|| {
    let entries = FILE.runtimes.iter();
    let runtimes = entries.map(|(name, dates)| Runtime {
        name: name.clone(),
        ..Runtime::deserialize(dates).unwrap_or_default()
    });
    runtimes.collect()
});

/// Every runtime, in the order in which AWS lists them.
#[must_use]
pub fn all() -> &'static [Runtime] {
    &ALL
}

/// The latest day of which the data is.
#[must_use]
pub fn date() -> &'static str {
    let dates = FILE.sources.iter().map(|source| source.date.as_str());
    dates.max().unwrap_or_default()
}

/// Whether a day has come. Days in this form are in order as texts.
fn has_come(day: Option<&String>, today: &str) -> bool {
    day.is_some_and(|day| day.as_str() <= today)
}

impl Runtime {
    /// Whether AWS no longer supports it.
    #[must_use]
    pub fn is_deprecated(&self, today: &str) -> bool {
        has_come(self.deprecated.as_ref(), today) || self.refuses_creation(today)
    }

    /// Whether no function can be created with it.
    #[must_use]
    pub fn refuses_creation(&self, today: &str) -> bool {
        has_come(self.no_create.as_ref(), today) || self.refuses_updates(today)
    }

    /// Whether no function with it can be updated.
    #[must_use]
    pub fn refuses_updates(&self, today: &str) -> bool {
        has_come(self.no_update.as_ref(), today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runtime_can_be_read() {
        let all = all();
        assert!(all.len() > 40 && date() > "2026");
        for (name, dates) in &FILE.runtimes {
            Runtime::deserialize(dates).expect(name);
        }
        let is_day = |day: &String| day.len() == 10 && day.starts_with("20");
        let days = |one: &Runtime| {
            [
                one.deprecated.clone(),
                one.no_create.clone(),
                one.no_update.clone(),
            ]
        };
        let mut given = all.iter().flat_map(days).flatten();
        assert!(given.all(|day| is_day(&day)));
        let named = |name: &str| all.iter().any(|one| one.name == name);
        let mut successors = all.iter().filter_map(|one| one.successor.as_deref());
        assert!(successors.all(named));
    }
}
