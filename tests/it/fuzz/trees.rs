//! JSON made from other JSON.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::texts::of_pieces;
use crate::properties::value;

/// One change of a tree, at one of its nodes.
#[derive(Debug, Clone)]
pub enum Edit {
    Put(Index, Value),
    Text(Index, String),
    Remove(Index),
    Move(Index, Index),
    Key(Index, String),
    Nest(Index, usize, bool),
    Many(Index, usize),
}

/// Changes of a tree.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = any::<Index>;
    let edit = prop_oneof![
        (at(), value()).prop_map(|(at, value)| Edit::Put(at, value)),
        (at(), of_pieces()).prop_map(|(at, text)| Edit::Text(at, text)),
        at().prop_map(Edit::Remove),
        (at(), at()).prop_map(|(from, to)| Edit::Move(from, to)),
        (at(), of_pieces()).prop_map(|(at, key)| Edit::Key(at, key)),
        (at(), 1..50_usize, any::<bool>()).prop_map(|(at, deep, list)| Edit::Nest(at, deep, list)),
        (at(), 2..40_usize).prop_map(|(at, times)| Edit::Many(at, times)),
    ];
    prop::collection::vec(edit, 0..6)
}

fn count(value: &Value) -> usize {
    let inner: usize = match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    };
    inner + 1
}

/// The node of this number, from the root on.
fn node(value: &mut Value, number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    let mut left = number - 1;
    let children: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.iter_mut().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    for child in children {
        let inner = count(child);
        if left < inner {
            return node(child, left);
        }
        left -= inner;
    }
    None
}

fn at(tree: &mut Value, at: Index) -> &mut Value {
    let number = at.index(count(tree));
    node(tree, number).expect("it was counted")
}

/// The tree after these changes.
pub fn changed(tree: &Value, edits: &[Edit]) -> Value {
    let mut tree = tree.clone();
    for edit in edits {
        match edit {
            Edit::Put(place, value) => *at(&mut tree, *place) = value.clone(),
            Edit::Text(place, text) => *at(&mut tree, *place) = Value::from(text.as_str()),
            Edit::Remove(place) => match at(&mut tree, *place) {
                Value::Array(items) => drop(items.pop()),
                Value::Object(fields) => {
                    let last = fields.keys().next_back().cloned();
                    last.and_then(|key| fields.remove(&key));
                }
                other => *other = Value::Null,
            },
            Edit::Move(from, to) => {
                let moved = at(&mut tree, *from).clone();
                *at(&mut tree, *to) = moved;
            }
            Edit::Key(place, key) => match at(&mut tree, *place) {
                Value::Object(fields) => {
                    let last = fields.keys().next_back().cloned();
                    let value = last.and_then(|key| fields.remove(&key));
                    fields.insert(key.clone(), value.unwrap_or_default());
                }
                other => *other = json!({ key.as_str(): other.clone() }),
            },
            Edit::Nest(place, deep, list) => {
                let place = at(&mut tree, *place);
                for _ in 0..*deep {
                    *place = match list {
                        true => json!([{ "a": place.take() }]),
                        false => json!({ "a": place.take() }),
                    };
                }
            }
            Edit::Many(place, times) => {
                let place = at(&mut tree, *place);
                *place = Value::from(vec![place.clone(); *times]);
            }
        }
        if tree.to_string().len() > 64 * 1024 {
            return Value::Null;
        }
    }
    tree
}
