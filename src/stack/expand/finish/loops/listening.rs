//! Which rules an event has to be compared with.

use std::collections::BTreeMap;

use serde_json::Value;

use super::emitted::EventCause;
use crate::stack::expand::Expansion;
use crate::stack::{Address, Kind, Resource};

/// The rules with a pattern, so that each event is compared with few of them.
pub(super) struct Listening<'r> {
    all: Vec<&'r Resource>,
    /// Those that name buckets, by the addresses of these.
    of_bucket: BTreeMap<&'r Address, Vec<&'r Resource>>,
    /// Those that name none.
    of_any: Vec<&'r Resource>,
    /// The buckets whose events may be heard.
    pub buckets: Vec<&'r Resource>,
}

impl<'r> Listening<'r> {
    /// Those of a stack.
    pub fn of(expansion: &'r Expansion<'_>) -> Self {
        let resources = || expansion.resources.values();
        let rules = resources().filter(|one| one.kind == Kind::Rule);
        let rules = rules.filter(|one| one.spec["enabled"] != false);
        let all: Vec<&Resource> = rules
            .filter(|one| one.spec["pattern"].is_object())
            .collect();
        let buckets = resources().filter(|one| one.kind == Kind::Bucket);
        let mut buckets: Vec<&Resource> = buckets.collect();
        let by_name: BTreeMap<&str, &Address> = buckets
            .iter()
            .map(|one| (one.name.as_str(), &one.address))
            .collect();
        let mut of_bucket: BTreeMap<&Address, Vec<&Resource>> = BTreeMap::new();
        let mut of_any = Vec::new();
        for rule in &all {
            match only_buckets(&rule.spec["pattern"]) {
                Some(names) => {
                    for address in names.iter().filter_map(|name| by_name.get(name)) {
                        of_bucket.entry(address).or_default().push(rule);
                    }
                }
                None => of_any.push(*rule),
            }
        }
        buckets.retain(|one| !of_any.is_empty() || of_bucket.contains_key(&one.address));
        Self {
            all,
            of_bucket,
            of_any,
            buckets,
        }
    }

    /// The rules that may match an event of this cause.
    pub fn hearing(&self, cause: &EventCause) -> Vec<&'r Resource> {
        let EventCause::Object { bucket, .. } = cause else {
            return self.all.clone();
        };
        let named = self.of_bucket.get(bucket).into_iter().flatten();
        named.chain(&self.of_any).copied().collect()
    }
}

/// The buckets of which alone a pattern takes events; `None` if that is not plain.
fn only_buckets(pattern: &Value) -> Option<Vec<&str>> {
    let detail = &pattern["detail"];
    let names = [
        &detail["bucket"]["name"],
        &detail["requestParameters"]["bucketName"],
    ];
    let names = names.into_iter().find_map(Value::as_array)?;
    names.iter().map(Value::as_str).collect()
}
