//! The one differ: two values of the same shape to the fields that differ.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Where in the spec: `definition.States.Resize.Retry[0].MaxAttempts`, `tags.course`.
    pub path: String,
    /// What it is; null where the field is new.
    pub from: Option<Value>,
    /// What it will be; null where the field goes.
    pub to: Option<Value>,
}

impl Change {
    /// The first part of the path: the spec's field.
    #[must_use]
    pub fn field(&self) -> &str {
        self.path.split(['.', '[']).next().unwrap_or(&self.path)
    }
}

/// What an absent key is.
const NULL: &Value = &Value::Null;

/// The fields in which `want` differs from `live`, in the order of `want`.
///
/// Mappings are compared key by key, whatever their order; lists of mappings item by item between
/// what they begin and end with alike; other lists as wholes. `null` and an absent key are the same.
#[must_use]
pub fn changes(live: &Value, want: &Value) -> Vec<Change> {
    let mut out = Vec::new();
    compare(&mut String::new(), live, want, &mut out);
    out
}

/// The path is one for all: what goes deeper adds to it, and takes away again what it added.
fn compare(path: &mut String, live: &Value, want: &Value, out: &mut Vec<Change>) {
    match (live, want) {
        (Value::Object(live), Value::Object(want)) => {
            let gone = live.keys().filter(|key| !want.contains_key(*key));
            let length = path.len();
            for key in want.keys().chain(gone) {
                let (live, want) = (live.get(key), want.get(key));
                join(path, key);
                compare(path, live.unwrap_or(NULL), want.unwrap_or(NULL), out);
                path.truncate(length);
            }
        }
        (Value::Array(live), Value::Array(want))
            if !live.is_empty()
                && !want.is_empty()
                && live.iter().chain(want).any(Value::is_object) =>
        {
            items(path, live, want, out);
        }
        (live, want) if same(live, want) => {}
        (live, want) => out.push(Change {
            path: path.clone(),
            from: Some(live).filter(|v| !v.is_null()).cloned(),
            to: Some(want).filter(|v| !v.is_null()).cloned(),
        }),
    }
}

/// Items have the same index on both sides where they are compared, so that a path says the same of
/// either.
fn items(path: &mut String, live: &[Value], want: &[Value], out: &mut Vec<Change>) {
    let (head, tail) = alike(live, want);
    let (live, want) = (
        &live[head..live.len() - tail],
        &want[head..want.len() - tail],
    );
    let length = path.len();
    for index in 0..live.len().max(want.len()) {
        let _ = write!(path, "[{}]", head + index);
        match (live.get(index), want.get(index)) {
            (Some(live), Some(want)) => compare(path, live, want, out),
            (from, to) => out.push(Change {
                path: path.clone(),
                from: from.cloned(),
                to: to.cloned(),
            }),
        }
        path.truncate(length);
    }
}

/// How many items two lists begin and end with alike.
///
/// Of lists of one length nothing is said: their items have the same index anyhow, and to look at all
/// of them at every level of lists in lists is a look for each level.
fn alike(live: &[Value], want: &[Value]) -> (usize, usize) {
    if live.len() == want.len() {
        return (0, 0);
    }
    let alike = |(live, want): &(&Value, &Value)| same(live, want);
    let head = live.iter().zip(want).take_while(alike).count();
    let tail = live.iter().rev().zip(want.iter().rev());
    let shorter = live.len().min(want.len());
    let tail = tail.take(shorter - head).take_while(alike).count();
    (head, tail)
}

/// Numbers are equal by value: AWS may answer 1.0 where 1 was sent.
fn same(live: &Value, want: &Value) -> bool {
    match (live, want) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        // Looked at once, however deep: to look for changes would look at each level several times.
        (Value::Object(live), Value::Object(want)) => {
            let gone = live.keys().filter(|key| !want.contains_key(*key));
            want.keys().chain(gone).all(|key| {
                let (live, want) = (live.get(key), want.get(key));
                same(live.unwrap_or(NULL), want.unwrap_or(NULL))
            })
        }
        _ => live == want,
    }
}

/// Keys that are no plain words are quoted, so that a path can be read back by eye.
fn join(path: &mut String, key: &str) {
    let plain = !key.is_empty() && !key.contains(['.', '[', ' ']);
    match (path.is_empty(), plain) {
        (true, true) => path.push_str(key),
        (false, true) => path.extend([".", key]),
        (_, false) => {
            let _ = write!(path, "[{key:?}]");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(live: &Value, want: &Value) -> Vec<String> {
        changes(live, want).into_iter().map(|c| c.path).collect()
    }

    #[test]
    fn equal_values_have_no_changes() {
        let a = json!({"a": 1, "b": [1, {"c": null}], "d": null});
        let b = json!({"b": [1.0, {}], "a": 1.0});
        assert_eq!(paths(&a, &b), Vec::<String>::new());
    }

    #[test]
    fn deep_values_are_compared_in_no_time() {
        let deep =
            |leaf: Value| (0..40).fold(leaf, |inner, _| json!([{ "n": [inner, {}], "m": 1 }]));
        let found = changes(&deep(json!(1)), &deep(json!(2)));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path.matches("[0].n").count(), 40);
        assert_eq!(changes(&deep(json!(1)), &deep(json!(1))), []);
    }

    #[test]
    fn an_item_more_is_one_change() {
        let item = |n: u32| json!({"n": n});
        let live = json!([item(1), item(2), item(4), item(5)]);
        let want = json!([item(1), item(2), item(3), item(4), item(5)]);
        assert_eq!(paths(&live, &want), ["[2]"]);
        assert_eq!(paths(&want, &live), ["[2]"]);
        assert_eq!(
            paths(&json!([item(1), item(1)]), &json!([item(1)])),
            ["[1]"]
        );
        assert_eq!(paths(&json!([]), &json!([item(1)])), [""]);
    }

    #[test]
    fn each_field_is_named() {
        let live = json!({"a": 1, "s": {"x y": 1, "gone": 2}, "l": [{"m": 1}], "w": [1, 2]});
        let want = json!({"a": 2, "s": {"x y": 2, "new": 3}, "l": [{"m": 2}], "w": [1]});
        assert_eq!(
            paths(&live, &want),
            ["a", "s[\"x y\"]", "s.new", "s.gone", "l[0].m", "w"]
        );
    }
}
