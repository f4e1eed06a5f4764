//! Fewer statements that allow the same.

use serde_json::{Map, Value};

use super::{as_list, sorted};

/// The statements, merged where that neither allows nor denies anything else: those that differ only in their
/// resources, then those that differ only in their actions. The order is that of the first of each.
#[must_use]
pub fn merged(statements: &[Value]) -> Vec<Value> {
    merged_in("Action", merged_in("Resource", statements.to_vec()))
}

fn merged_in(field: &str, statements: Vec<Value>) -> Vec<Value> {
    let mut out: Vec<(Option<Value>, Value)> = Vec::new();
    for statement in statements {
        let rest = without(field, &statement);
        let same = rest.as_ref().and_then(|rest| {
            let mut known = out.iter_mut();
            known.find(|(known, _)| known.as_ref() == Some(rest))
        });
        match same {
            Some((_, known)) => {
                let mut items = as_list(&known[field]);
                items.extend(as_list(&statement[field]));
                known[field] = sorted(&Value::Array(items));
            }
            None => out.push((rest, statement)),
        }
    }
    out.into_iter().map(|(_, statement)| statement).collect()
}

/// What has to be equal for a merge, lists in any order; `None` for a statement that lacks the field or has a
/// name of its own.
fn without(field: &str, statement: &Value) -> Option<Value> {
    let fields = statement.as_object()?;
    if !fields.contains_key(field) || fields.contains_key("Sid") {
        return None;
    }
    let rest = fields.iter().filter(|(key, _)| *key != field);
    let rest = rest.map(|(key, value)| (key.clone(), value.clone()));
    Some(super::normal_statement(&Value::Object(
        rest.collect::<Map<_, _>>(),
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allow(actions: &[&str], resources: &[&str]) -> Value {
        json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
    }

    #[test]
    fn statements_that_differ_in_one_field_are_one() {
        let read = allow(&["s3:GetObject"], &["b/*"]);
        assert_eq!(
            merged(&[
                read.clone(),
                allow(&["s3:GetObject"], &["a/*"]),
                allow(&["sqs:SendMessage"], &["q"]),
                allow(&["s3:PutObject"], &["b/*", "a/*"]),
                json!({ "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "p" }),
            ]),
            [
                allow(&["s3:GetObject", "s3:PutObject"], &["a/*", "b/*"]),
                allow(&["sqs:SendMessage"], &["p", "q"]),
            ]
        );
        assert_eq!(merged(std::slice::from_ref(&read)), [read]);
    }

    #[test]
    fn statements_that_differ_otherwise_stay_apart() {
        let of = |other: Value| {
            let mut statement = allow(&["s3:GetObject"], &["a"]);
            let fields = statement.as_object_mut().unwrap();
            fields.extend(other.as_object().unwrap().clone());
            statement
        };
        let apart = [
            of(json!({})),
            of(json!({ "Effect": "Deny" })),
            of(json!({ "Condition": { "Bool": { "aws:SecureTransport": ["true"] } } })),
            of(json!({ "Sid": "one" })),
            of(json!({ "Sid": "two" })),
            // Neither what it allows it on nor what it allows is the same.
            allow(&["s3:PutObject"], &["b"]),
            json!({ "Effect": "Allow", "NotAction": ["s3:GetObject"], "Resource": ["a"] }),
            json!({ "Effect": "Allow", "Action": ["s3:GetObject"], "NotResource": ["a"] }),
        ];
        assert_eq!(merged(&apart), apart);
    }
}
