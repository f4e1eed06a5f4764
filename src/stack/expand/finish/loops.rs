//! Rules that start themselves: what a rule on a bucket starts may put objects into that bucket.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::stack::expand::Expansion;
use crate::stack::object_keys::{KeyFilter, buckets};
use crate::stack::{Address, Kind, Resource};

/// Managed policies of AWS that allow putting objects into any bucket.
const WRITING_POLICIES: [&str; 3] = [
    "AdministratorAccess",
    "AmazonS3FullAccess",
    "PowerUserAccess",
];

impl Expansion<'_> {
    /// Warns of each rule on a bucket that starts, directly or through what that calls, what may put objects into the
    /// bucket which match the rule again.
    pub(super) fn check_loops(&mut self) {
        let mut found = Vec::new();
        let rules = self.resources.values().filter(|one| one.kind == Kind::Rule);
        for rule in rules.filter(|rule| rule.spec["enabled"] != false) {
            let pattern = &rule.spec["pattern"];
            let filter = KeyFilter::of(pattern);
            let targets = rule.spec["targets"].as_array().into_iter().flatten();
            let started: Vec<&str> = targets.filter_map(|one| one["arn"].as_str()).collect();
            for name in buckets(pattern) {
                let Some(bucket) = self.bucket_named(name) else {
                    continue;
                };
                let writer = self.reached(&started).into_iter().find(|address| {
                    let resource = self.resources.get(*address);
                    resource.is_some_and(|one| self.may_put(one, &bucket.arn, &filter))
                });
                if let Some(writer) = writer {
                    found.push((rule.address.clone(), bucket.address.clone(), writer.clone()));
                }
            }
        }
        for (rule, bucket, writer) in found {
            let (key, bucket) = (rule.key(), bucket.key());
            let starts = self
                .file
                .rules
                .get(key)
                .map_or("", |rule| rule.start.as_str());
            let through = if writer.key() == starts {
                format!("`{starts}`, which `{key}` starts,")
            } else {
                format!(
                    "`{}`, which `{key}` starts through `{starts}`,",
                    writer.key()
                )
            };
            let field = ["put_object_in", "pattern"]
                .into_iter()
                .find(|field| self.node(&["rules", key, field]).is_some());
            self.warning_at(
                &["rules", key, field.unwrap_or("start")],
                format!("a loop is possible: {through} may put objects into `{bucket}`, and each of them starts it again"),
                "write to another bucket; or let the rule hear of a part of the keys (`prefix: incoming/`, `suffix: .jpg`) and \
                 the role write to another (`${KEY.arn}/done/*` in `resources`)",
            );
        }
    }

    fn bucket_named(&self, name: &str) -> Option<&Resource> {
        let mut buckets = self
            .resources
            .values()
            .filter(|one| one.kind == Kind::Bucket);
        buckets.find(|bucket| bucket.name == name)
    }

    /// The resources of the stack that these ARNs start, nearest first: what machines call, and what topics deliver to.
    fn reached(&self, started: &[&str]) -> Vec<&Address> {
        let mut reached: Vec<&Address> = Vec::new();
        let mut seen: BTreeSet<&Address> = BTreeSet::new();
        let mut next: Vec<&Resource> = self.named_by(started);
        while !next.is_empty() {
            let mut further = Vec::new();
            for resource in next {
                if !seen.insert(&resource.address) {
                    continue;
                }
                reached.push(&resource.address);
                further.extend(self.started_by(resource));
            }
            next = further;
        }
        reached
    }

    fn named_by(&self, arns: &[&str]) -> Vec<&Resource> {
        let all = self.resources.values();
        all.filter(|one| arns.contains(&one.arn.as_str())).collect()
    }

    /// What a resource starts: a machine what its definition names, a topic its subscribers.
    fn started_by(&self, resource: &Resource) -> Vec<&Resource> {
        match resource.kind {
            Kind::StateMachine => {
                let definition = resource.spec["definition"].to_string();
                let started = [Kind::Function, Kind::StateMachine, Kind::Topic];
                let all = self.resources.values();
                let all = all
                    .filter(|one| one.address != resource.address && started.contains(&one.kind));
                all.filter(|one| names(&definition, one)).collect()
            }
            Kind::Topic => {
                let subscriptions = resource.spec["subscriptions"].as_array();
                let endpoints = subscriptions.into_iter().flatten();
                let endpoints: Vec<&str> = endpoints
                    .filter_map(|one| one["endpoint"].as_str())
                    .collect();
                self.named_by(&endpoints)
            }
            _ => Vec::new(),
        }
    }

    /// Whether the role of a resource may put an object into a bucket that matches the filter.
    fn may_put(&self, resource: &Resource, bucket_arn: &str, filter: &KeyFilter) -> bool {
        let Some(role) = resource.spec["role"].as_str() else {
            return false;
        };
        let mut roles = self.resources.values().filter(|one| one.kind == Kind::Role);
        let Some(role) = roles.find(|one| one.arn == role) else {
            return false;
        };
        let managed = role.spec["managed_policies"]
            .as_array()
            .into_iter()
            .flatten();
        let mut managed = managed.filter_map(Value::as_str);
        if managed.any(|arn| WRITING_POLICIES.iter().any(|name| arn.ends_with(name))) {
            return true;
        }
        let policies = role.spec["policies"].as_object().into_iter().flatten();
        let mut statements = policies.flat_map(|(_, policy)| list(&policy["Statement"]));
        statements.any(|statement| {
            statement["Effect"] == "Allow"
                && list(&statement["Action"]).iter().any(|one| is_put(one))
                && list(&statement["Resource"])
                    .iter()
                    .filter_map(|one| one.as_str())
                    .any(|resource| filter.overlaps(bucket_arn, resource))
        })
    }
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Whether an action, which may have `*`, covers putting an object: `CopyObject` and multipart uploads need it too.
fn is_put(action: &Value) -> bool {
    let action = action.as_str().unwrap_or_default().to_lowercase();
    let put = "s3:putobject";
    match action.split_once('*') {
        Some((start, _)) => put.starts_with(start),
        None => action == put,
    }
}

/// Whether a definition names a resource, by its ARN or its name alone.
fn names(definition: &str, resource: &Resource) -> bool {
    definition.contains(&format!("{}\"", resource.arn))
        || definition.contains(&format!("{}:", resource.arn))
        || definition.contains(&format!("\"{}\"", resource.name))
}
