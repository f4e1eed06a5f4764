//! Whom a policy names exists before it.

use treino::stack::{Address, Kind};

use super::{expanded, right};

#[test]
fn a_policy_comes_after_the_role_it_names() {
    let policy = |service: &str| {
        format!(
            "policy: {{ Statement: {{ Effect: Allow, Principal: {{ AWS: \"${{r.arn}}\" }}, Action: \"{service}:Get*\", Resource: \"*\" }} }}"
        )
    };
    let text = format!(
        "stack: lab\nroles: {{ r: {{ assumed_by: [lambda.amazonaws.com] }}, s: {{ assumed_by: [\"${{r.arn}}\", lambda.amazonaws.com] }} }}\n\
         buckets: {{ b: {{ {} }} }}\ndirectory_buckets: {{ d: {{ zone: use1-az4, {} }} }}\nqueues: {{ q: {{ {} }} }}\n\
         topics: {{ t: {{ {} }} }}\nvaults: {{ v: {{ {} }} }}\n",
        policy("s3"),
        policy("s3express"),
        policy("sqs"),
        policy("sns"),
        policy("glacier"),
    );
    let text = text.replace("use1-az4", "euw1-az1");
    let desired = right(&text);
    let role = Address::new(Kind::Role, "r");
    for resource in desired.resources.values().filter(|one| one.address != role) {
        assert!(
            resource.after.contains(&role),
            "{}: {:?}",
            resource.address,
            resource.after
        );
    }
    let principal = &desired.resources[&Address::new(Kind::Role, "s")].spec["trust"]["Statement"]
        [0]["Principal"];
    assert_eq!(
        principal["Service"],
        serde_json::json!(["lambda.amazonaws.com"])
    );
    assert_eq!(
        principal["AWS"],
        serde_json::json!([desired.resources[&role].arn])
    );
}

#[test]
fn a_role_that_only_allows_something_on_another_does_not_wait_for_it() {
    let allow = |key: &str| {
        format!(
            "assumed_by: [lambda.amazonaws.com], allow: [{{ actions: [\"sts:AssumeRole\"], resources: [\"${{{key}.arn}}\"] }}]"
        )
    };
    let desired = right(&format!(
        "stack: lab\nroles:\n  a: {{ {} }}\n  b: {{ {} }}\n",
        allow("b"),
        allow("a")
    ));
    assert!(desired.resources.values().all(|role| role.after.is_empty()));
}

#[test]
fn roles_that_trust_each_other_are_refused() {
    for (text, count) in [
        ("a: { assumed_by: [\"${a.arn}\"] }", 1),
        (
            "a: { assumed_by: [\"${b.arn}\"] }\n  b: { assumed_by: [\"${c.arn}\"] }\n  c: { assumed_by: [\"${a.arn}\"] }",
            1,
        ),
        (
            "a: { assumed_by: [\"${b.arn}\"] }\n  b: { assumed_by: [\"${a.arn}\"] }\n  c: { assumed_by: [\"${a.arn}\"] }",
            1,
        ),
        (
            "a: { assumed_by: [lambda.amazonaws.com] }\n  b: { assumed_by: [\"${a.arn}\", \"123456789012\", \"${account}\"] }",
            0,
        ),
    ] {
        let wrong = expanded(&format!("stack: lab\nroles:\n  {text}\n"))
            .err()
            .unwrap_or_default();
        assert_eq!(
            wrong.matches("IAM takes only roles that exist").count(),
            count,
            "{wrong}"
        );
    }
}
