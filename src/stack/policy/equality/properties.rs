//! Whatever has no meaning to AWS is no difference, and every other change is one.

use proptest::prelude::*;

use super::*;

const ACCOUNT: &str = "123456789012";

fn texts(words: &'static str) -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(words.prop_map(Value::from), 1..4);
    list.prop_map(Value::from)
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    let principal = prop_oneof![
        Just(json!("*")),
        Just(json!({ "AWS": [ACCOUNT, "arn:aws:iam::210987654321:role/r"] })),
        (texts("[a-c]\\.amazonaws\\.com"), texts("[0-2]{12}"))
            .prop_map(|(services, accounts)| json!({ "Service": services, "AWS": accounts })),
    ];
    let condition = (texts("[a-c]{1,2}"), texts("(true|5)")).prop_map(|(texts, others)| {
        json!({ "StringLike": { "aws:SourceArn": texts, "aws:userid": ["x"] }, "Bool": { "aws:SecureTransport": others } })
    });
    let statement = (
        prop_oneof![Just("Allow"), Just("Deny")],
        principal,
        texts("s3:(Get|Put)[A-C]{1,2}"),
        texts("arn:aws:s3:::[a-c]"),
        prop::option::of(condition),
        prop::option::of("[a-c]{1,3}"),
    );
    let statement = statement.prop_map(|(effect, principal, actions, resources, condition, sid)| {
        let mut statement = json!({ "Effect": effect, "Principal": principal, "Action": actions, "Resource": resources });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        if let Some(sid) = sid {
            statement["Sid"] = json!(sid);
        }
        statement
    });
    prop::collection::vec(statement, 1..5)
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Id": "id", "Statement": statements })
}

/// The same in other words: every choice is one byte of `noise`.
fn reworded(value: &Value, key: &str, noise: &mut impl Iterator<Item = u8>) -> Value {
    let mut choice = || noise.next().unwrap_or(0);
    match value {
        Value::Array(items) => {
            let turn = usize::from(choice()) % items.len().max(1);
            let mut items: Vec<Value> = items
                .iter()
                .map(|item| reworded(item, key, noise))
                .collect();
            items.rotate_left(turn);
            if noise.next().unwrap_or(0) % 2 == 0 {
                items.reverse();
            }
            match items.as_slice() {
                [only] if noise.next().unwrap_or(0) % 2 == 0 => only.clone(),
                _ => Value::Array(items),
            }
        }
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields
                .iter()
                .map(|(key, value)| (key.clone(), reworded(value, key, noise)))
                .collect();
            if noise.next().unwrap_or(0) % 2 == 0 {
                fields.reverse();
            }
            fields.into_iter().collect()
        }
        Value::String(text) if key == "Action" && choice() % 2 == 0 => json!(text.to_uppercase()),
        Value::String(text)
            if key == "AWS" && super::super::is_account(text) && choice() % 2 == 0 =>
        {
            json!(format!("arn:aws-cn:iam::{text}:root"))
        }
        Value::String(text) if key == "Principal" && text == "*" && choice() % 2 == 0 => {
            json!({ "AWS": "*" })
        }
        Value::String(text) if key == "aws:SecureTransport" && choice() % 2 == 0 => {
            serde_json::from_str(text).unwrap_or_default()
        }
        other => other.clone(),
    }
}

/// Changes the leaf of this number; answers how many there are.
fn with_leaf_changed(value: &mut Value, number: usize, seen: &mut usize) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| with_leaf_changed(item, number, seen)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|item| with_leaf_changed(item, number, seen)),
        leaf => {
            if *seen == number {
                *leaf = json!(format!("{}x", leaf.as_str().unwrap_or_default()));
            }
            *seen += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn other_words_are_no_difference(statements in statements(), noise in prop::collection::vec(any::<u8>(), 200)) {
        let document = document(statements);
        let other = reworded(&document, "", &mut noise.into_iter());
        prop_assert!(is_same(&document, &other), "{document}\n{other}");
        prop_assert_eq!(aligned(&other, &document), document.clone());
        let normal = super::super::normal(&other);
        prop_assert!(is_same(&document, &normal), "{document}\n{normal}");
    }

    #[test]
    fn another_value_is_a_difference(statements in statements(), at in any::<prop::sample::Index>()) {
        let document = document(statements);
        let (mut other, mut leaves) = (document.clone(), 0);
        with_leaf_changed(&mut other, usize::MAX, &mut leaves);
        with_leaf_changed(&mut other, at.index(leaves), &mut 0);
        prop_assert!(!is_same(&document, &other), "{document}\n{other}");
        prop_assert_ne!(aligned(&other, &document), document);
    }

    #[test]
    fn another_number_of_statements_is_a_difference(statements in statements()) {
        let fewer = document(statements[1..].to_vec());
        prop_assert!(!is_same(&document(statements), &fewer));
    }
}
