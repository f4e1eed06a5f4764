//! What AWS's API models say of single values: lengths, ranges and patterns, by the name of a shape.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::DataSource;

/// What a model says of a value: a text's length in characters, a list's or a mapping's length, or a number's
/// range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The least length, or number.
    #[serde(default)]
    pub min: Option<usize>,
    /// The greatest length, or number.
    #[serde(default)]
    pub max: Option<usize>,
    /// A regular expression that the whole text matches. Services may be stricter, and some are not as strict.
    #[serde(default)]
    pub pattern: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    sources: Vec<DataSource>,
    /// By service, then by shape.
    limits: BTreeMap<String, BTreeMap<String, Limit>>,
}

static FILE: LazyLock<LimitsFile> =
    LazyLock::new(|| serde_json::from_str(include_str!("limits.json")).unwrap_or_default());

/// What was read to make the data.
#[must_use]
pub fn sources() -> &'static [DataSource] {
    &FILE.sources
}

/// The limit of a shape, by service and name as botocore has them: `lambda.Handler`.
#[must_use]
pub fn of(shape: &str) -> Option<&'static Limit> {
    let (service, name) = shape.split_once('.')?;
    FILE.limits.get(service)?.get(name)
}

/// The greatest length or number that a shape takes, such as 128 for `lambda.Handler`. A test asks for every
/// shape that the source names, so that none is without one.
#[must_use]
pub fn max(shape: &str) -> usize {
    of(shape).and_then(|limit| limit.max).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_found() {
        assert_eq!(max("lambda.Handler"), 128);
        assert_eq!(max("events.TargetInput"), 8192);
        assert_eq!(
            of("lambda.Handler").unwrap().pattern.as_deref(),
            Some("[^\\s]+")
        );
        assert_eq!(of("lambda.Nothing"), None);
        assert!(sources().iter().any(|source| source.package == "botocore"));
    }
}
