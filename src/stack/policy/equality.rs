//! When two policy documents are the same to AWS.
//!
//! AWS answers a policy with the same meaning in other words: statements and lists in another order, a list of
//! one item as text, an account as the ARN of its root.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::as_list;
use crate::stack::Facts;

/// The version of a document that names none.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
const DEFAULT_VERSION: &str = "2008-10-17";

/// A policy document. Two are equal if they mean the same to AWS, however they are written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(pub Value);

impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        is_same(&self.0, &other.0)
    }
}

/// The document as JSON, without white space.
impl fmt::Display for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether two documents mean the same to AWS.
#[must_use]
pub fn is_same(one: &Value, other: &Value) -> bool {
    one == other || comparable(one) == comparable(other)
}

/// `live`, in the words of `want` wherever the two mean the same: a diff then shows only what differs.
#[must_use]
pub fn aligned(live: &Value, want: &Value) -> Value {
    if is_same(live, want) {
        return want.clone();
    }
    let (Value::Object(fields), Value::Object(wanted)) = (live, want) else {
        return live.clone();
    };
    let mut out = aligned_fields(fields, wanted, |fields| comparable(&Value::Object(fields)));
    if let (Some(live), Some(want)) = (fields.get("Statement"), wanted.get("Statement")) {
        let statements = aligned_statements(as_list(live), &as_list(want));
        out.insert("Statement".into(), Value::Array(statements));
    }
    Value::Object(out)
}

/// A live spec with its policies in the words of `want` wherever they mean the same.
#[must_use]
pub fn aligned_fields_of(facts: &Facts, live: &Value, want: &Value) -> Value {
    let mut out = live.clone();
    for path in facts.policies {
        let field = path.trim_end_matches(".*");
        let (Some(live), Some(want)) = (out.get_mut(field), want.get(field)) else {
            continue;
        };
        match (live, want) {
            (Value::Object(live), Value::Object(want)) if field != *path => {
                for (name, live) in live {
                    if let Some(want) = want.get(name) {
                        *live = aligned(live, want);
                    }
                }
            }
            (live, want) => *live = aligned(live, want),
        }
    }
    out
}

/// A statement that is wanted stands where it is wanted; the others fill the places between.
fn aligned_statements(live: Vec<Value>, want: &[Value]) -> Vec<Value> {
    let mut places: Vec<Option<Value>> = vec![None; want.len()];
    let mut others = Vec::new();
    for statement in live {
        let same = comparable_statement(&statement);
        let place = (0..want.len())
            .find(|&at| places[at].is_none() && comparable_statement(&want[at]) == same);
        match place {
            Some(at) => places[at] = Some(want[at].clone()),
            None => others.push(statement),
        }
    }
    let mut others = others.into_iter();
    for (place, want) in places.iter_mut().zip(want) {
        if place.is_some() {
            continue;
        }
        *place = others.next().map(|live| match (&live, want) {
            (Value::Object(live), Value::Object(want)) => {
                Value::Object(aligned_fields(live, want, |fields| {
                    comparable_statement(&Value::Object(fields))
                }))
            }
            _ => live,
        });
    }
    places.into_iter().flatten().chain(others).collect()
}

/// The fields of `live`, each as in `want` if it is the same there.
fn aligned_fields(
    live: &Map<String, Value>,
    want: &Map<String, Value>,
    comparable: impl Fn(Map<String, Value>) -> Value,
) -> Map<String, Value> {
    let alone =
        |key: &str, value: &Value| comparable(Map::from_iter([(key.to_owned(), value.clone())]));
    let mut out = Map::new();
    for (key, value) in live {
        let wanted = want
            .get(key)
            .filter(|wanted| alone(key, wanted) == alone(key, value));
        out.insert(key.clone(), wanted.unwrap_or(value).clone());
    }
    out
}

/// A form that is equal for documents that mean the same. It is no policy.
fn comparable(document: &Value) -> Value {
    let Value::Object(fields) = document else {
        return document.clone();
    };
    let mut out = BTreeMap::from([("Version".to_owned(), json!(DEFAULT_VERSION))]);
    for (key, value) in fields {
        let value = match (key.as_str(), value) {
            ("Id", Value::String(id)) if id.is_empty() => continue,
            ("Version", Value::Null) => continue,
            ("Statement", _) => {
                let list = as_list(value);
                let mut list: Vec<Value> = list.iter().map(comparable_statement).collect();
                list.sort_by_cached_key(ToString::to_string);
                Value::Array(list)
            }
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    out.into_iter().collect()
}

fn comparable_statement(statement: &Value) -> Value {
    let Value::Object(fields) = statement else {
        return statement.clone();
    };
    let mut out = BTreeMap::new();
    for (key, value) in fields {
        let value = match (key.as_str(), value) {
            ("Sid", Value::String(sid)) if sid.is_empty() => continue,
            // IAM ignores letter case in actions.
            ("Action" | "NotAction", _) => set(value, |action| match action {
                Value::String(text) => Value::String(text.to_lowercase()),
                other => other,
            }),
            ("Resource" | "NotResource", _) => set(value, |resource| resource),
            ("Principal" | "NotPrincipal", _) => comparable_principal(value),
            ("Condition", _) => match comparable_condition(value) {
                Value::Array(none) if none.is_empty() => continue,
                condition => condition,
            },
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    out.into_iter().collect()
}

/// `*` is everyone, as `{"AWS": "*"}` is; an account is the root of the account.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn comparable_principal(principal: &Value) -> Value {
    match principal {
        Value::Object(fields) => {
            let of_type = fields.iter().map(|(of_type, who)| {
                let who = match of_type.as_str() {
                    "AWS" => set(who, without_root),
                    _ => set(who, |who| who),
                };
                (of_type.clone(), who)
            });
            let of_type: BTreeMap<String, Value> = of_type.collect();
            of_type.into_iter().collect()
        }
        Value::String(everyone) if everyone == "*" => json!({ "AWS": ["*"] }),
        other => other.clone(),
    }
}

/// An account's id for the ARN of its root.
fn without_root(principal: Value) -> Value {
    let account = principal.as_str().and_then(|text| {
        let [arn, _, iam, "", account, "root"] = text.split(':').collect::<Vec<_>>()[..] else {
            return None;
        };
        let is_root = arn == "arn" && iam == "iam" && super::is_account(account);
        is_root.then(|| account.to_owned())
    });
    account.map_or(principal, Value::String)
}

/// Keys of conditions are the same in small and capital letters, values are not.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>
fn comparable_condition(condition: &Value) -> Value {
    let Value::Object(operators) = condition else {
        return condition.clone();
    };
    let mut out = Vec::new();
    for (operator, keys) in operators {
        match keys {
            Value::Object(keys) => out.extend(keys.iter().map(|(key, values)| {
                json!([operator, key.to_lowercase(), set(values, |value| value)])
            })),
            other => out.push(json!([operator, other])),
        }
    }
    out.sort_by_cached_key(ToString::to_string);
    Value::Array(out)
}

/// The items of a list, or the one that stands alone, without order.
fn set(value: &Value, of: impl Fn(Value) -> Value) -> Value {
    let items = as_list(value).into_iter();
    let mut items: Vec<Value> = items.map(super::as_text).map(of).collect();
    items.sort_by_cached_key(ToString::to_string);
    items.dedup();
    Value::Array(items)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
