//! The only diff: compares two values of the same shape and returns the fields that differ.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The path in the spec: `definition.States.Resize.Retry[0].MaxAttempts`, `tags.course`.
    pub path: String,
    /// The actual value; `None` for a new field.
    pub from: Option<Value>,
    /// The desired value; `None` for a removed field.
    pub to: Option<Value>,
}

impl Change {
    /// The top-level field of the path.
    #[must_use]
    pub fn field(&self) -> &str {
        self.path.split(['.', '[']).next().unwrap_or(&self.path)
    }
}

/// An absent key counts as null.
const NULL: &Value = &Value::Null;

/// The fields in which `want` differs from `live`, in the order of `want`.
///
/// Mappings are compared by key, in any order. Of lists that hold mappings, common items at both ends are
/// skipped and the rest is compared by index. Other lists are compared as a whole. `null` equals an absent
/// key.
#[must_use]
pub fn changes(live: &Value, want: &Value) -> Vec<Change> {
    let mut out = Vec::new();
    compare(&mut String::new(), live, want, &mut out);
    out
}

/// All levels share one path: each appends its part and truncates it afterwards.
fn compare(path: &mut String, live: &Value, want: &Value, out: &mut Vec<Change>) {
    match (live, want) {
        (Value::Object(live), Value::Object(want)) => {
            let gone = live.keys().filter(|key| !want.contains_key(*key));
            let length = path.len();
            for key in want.keys().chain(gone) {
                let (live, want) = (live.get(key), want.get(key));
                push_key(path, key);
                compare(path, live.unwrap_or(NULL), want.unwrap_or(NULL), out);
                path.truncate(length);
            }
        }
        (Value::Array(live), Value::Array(want))
            if !live.is_empty()
                && !want.is_empty()
                && live.iter().chain(want).any(Value::is_object) =>
        {
            compare_items(path, live, want, out);
        }
        (live, want) if is_equal(live, want) => {}
        (live, want) => out.push(Change {
            path: path.clone(),
            from: Some(live).filter(|v| !v.is_null()).cloned(),
            to: Some(want).filter(|v| !v.is_null()).cloned(),
        }),
    }
}

/// Compares items by index, so that a path means the same item on both sides.
fn compare_items(path: &mut String, live: &[Value], want: &[Value], out: &mut Vec<Change>) {
    let (head, tail) = common_ends(live, want);
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

/// How many items two lists have in common at the start and at the end.
///
/// Zero for lists of equal length: their items are compared by index anyway, and comparing all items at each
/// nesting level would cost exponential time.
fn common_ends(live: &[Value], want: &[Value]) -> (usize, usize) {
    if live.len() == want.len() {
        return (0, 0);
    }
    let alike = |(live, want): &(&Value, &Value)| is_equal(live, want);
    let head = live.iter().zip(want).take_while(alike).count();
    let tail = live.iter().rev().zip(want.iter().rev());
    let shorter = live.len().min(want.len());
    let tail = tail.take(shorter - head).take_while(alike).count();
    (head, tail)
}

/// Numbers are compared by value: AWS may answer 1.0 where 1 was sent.
fn is_equal(live: &Value, want: &Value) -> bool {
    match (live, want) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        // Each level is visited once. Using `changes` here would visit each level several times.
        (Value::Object(live), Value::Object(want)) => {
            let gone = live.keys().filter(|key| !want.contains_key(*key));
            want.keys().chain(gone).all(|key| {
                let (live, want) = (live.get(key), want.get(key));
                is_equal(live.unwrap_or(NULL), want.unwrap_or(NULL))
            })
        }
        _ => live == want,
    }
}

/// Keys with dots, brackets or spaces are quoted.
fn push_key(path: &mut String, key: &str) {
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
    fn deeply_nested_values_are_compared_fast() {
        let deep =
            |leaf: Value| (0..40).fold(leaf, |inner, _| json!([{ "n": [inner, {}], "m": 1 }]));
        let found = changes(&deep(json!(1)), &deep(json!(2)));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path.matches("[0].n").count(), 40);
        assert_eq!(changes(&deep(json!(1)), &deep(json!(1))), []);
    }

    #[test]
    fn an_additional_item_is_one_change() {
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
    fn each_changed_field_has_its_path() {
        let live = json!({"a": 1, "s": {"x y": 1, "gone": 2}, "l": [{"m": 1}], "w": [1, 2]});
        let want = json!({"a": 2, "s": {"x y": 2, "new": 3}, "l": [{"m": 2}], "w": [1]});
        assert_eq!(
            paths(&live, &want),
            ["a", "s[\"x y\"]", "s.new", "s.gone", "l[0].m", "w"]
        );
    }
}
