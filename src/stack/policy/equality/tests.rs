use super::*;

/// A document of one statement with these fields beside what every statement has.
fn with(fields: &Value) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" });
    for (key, value) in fields.as_object().unwrap() {
        statement[key] = value.clone();
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn equal(one: &Value, other: &Value) {
    let (one, other) = (with(one), with(other));
    assert!(is_same(&one, &other), "{one} and {other}");
    assert_eq!(aligned(&one, &other).to_string(), other.to_string());
}

fn differ(one: &Value, other: &Value) {
    let (one, other) = (with(one), with(other));
    assert!(!is_same(&one, &other), "{one} and {other}");
    assert_ne!(aligned(&one, &other), other);
}

#[test]
fn an_account_is_the_root_of_the_account_in_every_partition() {
    let principal = |who: &str| json!({ "Principal": { "AWS": who } });
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-eusc"] {
        let root = principal(&format!("arn:{partition}:iam::123456789012:root"));
        equal(&root, &principal("123456789012"));
        differ(&root, &principal("123456789013"));
        let role = principal(&format!("arn:{partition}:iam::123456789012:role/root"));
        differ(&role, &root);
    }
    // Elsewhere the two are different texts.
    differ(
        &json!({ "Condition": { "StringEquals": { "aws:PrincipalArn": "arn:aws:iam::123456789012:root" } } }),
        &json!({ "Condition": { "StringEquals": { "aws:PrincipalArn": "123456789012" } } }),
    );
    equal(
        &json!({ "NotPrincipal": { "AWS": ["b", "123456789012"] } }),
        &json!({ "NotPrincipal": { "AWS": ["arn:aws:iam::123456789012:root", "b"] } }),
    );
    equal(&json!({ "Principal": "*" }), &principal("*"));
    differ(
        &json!({ "Principal": "*" }),
        &json!({ "Principal": { "Service": "*" } }),
    );
}

#[test]
fn letter_case_has_a_meaning_where_aws_looks_at_it() {
    equal(
        &json!({ "Action": ["S3:getobject", "s3:PutObject"] }),
        &json!({ "Action": ["s3:putobject", "s3:GetObject"] }),
    );
    differ(
        &json!({ "Resource": "arn:aws:s3:::b/A" }),
        &json!({ "Resource": "arn:aws:s3:::b/a" }),
    );
    let condition =
        |key: &str, value: Value| json!({ "Condition": { "StringEquals": { key: value } } });
    equal(
        &condition("AWS:SourceArn", json!("a")),
        &condition("aws:sourcearn", json!(["a"])),
    );
    differ(
        &condition("aws:SourceArn", json!("a")),
        &condition("aws:SourceArn", json!("A")),
    );
}

#[test]
fn values_of_conditions_are_texts() {
    let condition =
        |value: Value| json!({ "Condition": { "Bool": { "aws:SecureTransport": value } } });
    equal(&condition(json!(true)), &condition(json!(["true"])));
    equal(&condition(json!(5)), &condition(json!("5")));
    differ(&condition(json!(true)), &condition(json!(false)));
    equal(&json!({ "Condition": {} }), &json!({}));
    differ(&json!({ "Condition": { "Bool": { "k": [] } } }), &json!({}));
}

#[test]
fn what_is_left_out_is_the_default() {
    let of = |document: Value| document;
    let statement = || json!([{ "Effect": "Deny", "Sid": "" }]);
    assert!(is_same(
        &of(json!({ "Statement": [{ "Effect": "Deny" }] })),
        &of(json!({ "Version": "2008-10-17", "Id": "", "Statement": statement() })),
    ));
    assert!(!is_same(
        &of(json!({ "Statement": statement() })),
        &of(json!({ "Version": "2012-10-17", "Statement": statement() })),
    ));
    differ(&json!({ "Sid": "a" }), &json!({}));
}

#[test]
fn only_what_differs_is_left_in_other_words() {
    let statement = |action: &str, who: &str| json!({ "Effect": "Allow", "Action": action, "Principal": { "AWS": who }, "Resource": "*" });
    let root = "arn:aws:iam::123456789012:root";
    let live =
        json!({ "Statement": [statement("sqs:sendmessage", root), statement("SQS:Old", root)] });
    let want = json!({ "Statement": [
        statement("sqs:New", "123456789012"), statement("sqs:SendMessage", "123456789012"),
    ] });
    let expected = json!({ "Statement": [
        statement("SQS:Old", "123456789012"), statement("sqs:SendMessage", "123456789012"),
    ] });
    assert_eq!(aligned(&live, &want), expected);
    let more = json!({ "Statement": [statement("sqs:SendMessage", root)] });
    let expected = json!({ "Statement": [statement("sqs:SendMessage", "123456789012")] });
    assert_eq!(aligned(&more, &want), expected);
}
