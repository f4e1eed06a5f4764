//! Rules that may start themselves again, and what keeps them from it.

mod circles;
mod messages;

use serde_json::json;
use treino::source::{Diagnostic, Source};
use treino::stack::{self, Address, Kind};

use crate::one_fault::folder_with;

const WRITES: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
    "Parameters": {"Bucket": "${BUCKET.name}", "Key.$": "States.Format('thumb/{}', $.detail.object.key)", "Body": "x"}, "End": true}}}"#;
const TASK: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::CALL",
    "Parameters": PARAMETERS, "End": true}}}"#;

/// A definition that is one call.
fn task(call: &str, parameters: &str) -> String {
    TASK.replace("CALL", call).replace("PARAMETERS", parameters)
}

/// A definition that writes one object.
fn writes(bucket: &str, key: &str) -> String {
    task(
        "aws-sdk:s3:putObject",
        &format!(r#"{{"Bucket": "${{{bucket}.name}}", "Key": "{key}", "Body": "x"}}"#),
    )
}

/// The warnings of a stack with these sections that are about loops, and its rule's pattern.
fn warnings(sections: &str) -> (Vec<String>, serde_json::Value) {
    let (found, pattern) = found(sections);
    let loops = found
        .iter()
        .filter(|one| one.message.contains("a loop is possible"));
    (loops.map(|one| one.message.clone()).collect(), pattern)
}

/// The diagnostics of a stack with these sections, and its rule's pattern.
fn found(sections: &str) -> (Vec<Diagnostic>, serde_json::Value) {
    let entries = r#"{"Entries": [{"Source": "my.app", "DetailType": "x", "Detail": {"a": "b"}}]}"#;
    let of_context = r#"{"StateMachineArn.$": "$$.StateMachine.Id"}"#;
    let folder = folder_with(&[
        ("b.json", &WRITES.replace("BUCKET", "b")),
        ("c.json", &WRITES.replace("BUCKET", "c")),
        ("b_in.json", &writes("b", "in/x")),
        (
            "b_any.json",
            &writes("b", "x").replace("\"Key\": \"x\"", "\"Key.$\": \"$.key\""),
        ),
        ("b_out.json", &writes("b", "out/x")),
        (
            "calls.json",
            &task(
                "lambda:invoke",
                r#"{"FunctionName": "${f.arn}", "Payload.$": "$"}"#,
            ),
        ),
        (
            "starts.json",
            &task(
                "states:startExecution.sync:2",
                r#"{"StateMachineArn": "${m2.arn}"}"#,
            ),
        ),
        (
            "self.json",
            &task(
                "aws-sdk:sfn:startExecution",
                r#"{"StateMachineArn": "${m.arn}"}"#,
            ),
        ),
        ("again.json", &task("states:startExecution", of_context)),
        (
            "lists.json",
            &task(
                "aws-sdk:sfn:listExecutions",
                r#"{"StateMachineArn": "${m.arn}"}"#,
            ),
        ),
        ("puts.json", &task("events:putEvents", entries)),
        (
            "numbers.json",
            &task("events:putEvents", &entries.replace("\"b\"", "{\"k\": 2}")),
        ),
        (
            "pass.json",
            r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#,
        ),
        (
            "code/app.py",
            "def handler(event, context):\n    return event\n",
        ),
    ]);
    let source = Source::new("stack.yaml", format!("stack: lab\n{sections}"));
    let (loaded, found) = stack::read(source, folder.path(), None)
        .unwrap_or_else(|wrong| panic!("{sections}\n{}", treino::report::diagnostics(&wrong)));
    let target = stack::Target {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "111122223333".into(),
        stack: "lab".into(),
        owner: None,
    };
    let (desired, _) = loaded.expand(&target).expect("it is right");
    let rule = desired.resources.get(&Address::new(Kind::Rule, "r"));
    let pattern = rule.map(|rule| rule.spec["pattern"].clone());
    (found.0, pattern.unwrap_or_default())
}

fn machine(definition: &str, rule: &str) -> String {
    format!(
        "buckets: {{ b: {{}}, c: {{}} }}\nstate_machines: {{ m: {{ definition: {definition} }} }}\nrules: {{ r: {{ start: m, {rule} }} }}\n"
    )
}

fn function(resource: &str) -> String {
    format!(
        "functions: {{ f: {{ code: code, handler: app.handler, runtime: python3.13, allow: [{{ actions: ['s3:Put*'], resources: [\"{resource}\"] }}] }} }}\n"
    )
}

#[test]
fn a_machine_that_writes_to_the_bucket_of_its_rule_is_a_loop() {
    let (loops, _) = warnings(&machine("b.json", "put_object_in: b, via: s3"));
    let [only] = &loops[..] else {
        panic!("{loops:?}");
    };
    assert!(
        only.contains(
            "bucket `b` -> rule `r` -> state machine `m` -> bucket `b`, where `m` writes `thumb/*`"
        ),
        "{only}"
    );
    for (definition, rule, is_loop) in [
        (
            "b.json",
            "pattern: { source: [aws.s3], detail: { bucket: { name: [\"${b.name}\"] } } }",
            false,
        ),
        ("b.json", "put_object_in: b, via: s3, suffix: .jpg", true),
        (
            "b.json",
            "put_object_in: b, via: s3, prefix: thumb/, suffix: .jpg",
            true,
        ),
        (
            "b.json",
            "put_object_in: b, via: s3, prefix: incoming/",
            false,
        ),
        (
            "b.json",
            "put_object_in: b, via: s3, prefix: incoming/, suffix: .jpg",
            false,
        ),
        ("b.json", "put_object_in: b, via: s3, enabled: false", false),
        ("b.json", "put_object_in: c, via: s3", false),
        ("c.json", "put_object_in: b, via: s3", false),
        ("b.json", "schedule: rate(1 hour)", false),
    ] {
        let (loops, _) = warnings(&machine(definition, rule));
        assert_eq!(
            loops.len(),
            usize::from(is_loop),
            "{definition}, {rule}: {loops:?}"
        );
    }
}

#[test]
fn what_a_machine_or_topic_starts_counts_too() {
    let rule = "put_object_in: b, via: s3, prefix: in/";
    for (resource, is_loop) in [
        ("${b.arn}/*", true),
        ("*", true),
        ("${b.arn}/in/*", true),
        ("${b.arn}/out/*", false),
        ("${c.arn}/*", false),
    ] {
        let called = machine("calls.json", rule) + &function(resource);
        let (loops, _) = warnings(&called);
        assert_eq!(loops.len(), usize::from(is_loop), "{resource}: {loops:?}");
        if let [only] = &loops[..] {
            assert!(
                only.contains("state machine `m` -> function `f` -> bucket `b`, where `f` may"),
                "{only}"
            );
        }
        let topic = format!(
            "buckets: {{ b: {{}}, c: {{}} }}\ntopics: {{ t: {{ subscriptions: [{{ to: f }}] }} }}\nrules: {{ r: {{ start: t, {rule} }} }}\n{}",
            function(resource)
        );
        assert_eq!(warnings(&topic).0.len(), usize::from(is_loop), "{resource}");
        let direct = topic.replace("start: t", "start: f");
        assert_eq!(
            warnings(&direct).0.len(),
            usize::from(is_loop),
            "{resource}"
        );
    }
}

#[test]
fn prefix_and_suffix_filter_the_keys_of_either_event() {
    let trail = "trails: { t: { objects_of: [b], record: write } }\n";
    let key = |rule: &str| {
        let (_, pattern) = warnings(&(machine("c.json", rule) + trail));
        let detail = &pattern["detail"];
        let of_s3 = detail["object"]["key"].clone();
        let of_trail = detail["requestParameters"]["key"].clone();
        (of_s3, of_trail)
    };
    let none = serde_json::Value::Null;
    let wildcard = json!([{ "wildcard": "in/*.jpg" }]);
    let both = "put_object_in: b, prefix: in/, suffix: .jpg";
    assert_eq!(key(both), (none.clone(), wildcard.clone()));
    assert_eq!(key(&format!("{both}, via: s3")), (wildcard, none.clone()));
    assert_eq!(
        key("put_object_in: b, prefix: in/"),
        (none.clone(), json!([{ "prefix": "in/" }]))
    );
    assert_eq!(
        key("put_object_in: b, suffix: .jpg"),
        (none.clone(), json!([{ "suffix": ".jpg" }]))
    );
    assert_eq!(key("put_object_in: b"), (none.clone(), none));

    for (rule, help) in [
        ("schedule: rate(1 hour)", "leave it out"),
        (
            "pattern: { source: [aws.s3] }",
            "in the pattern: `detail: { object: { key: [{ prefix: in/ }] } }`",
        ),
    ] {
        let wrong = machine("c.json", &format!("{rule}, prefix: in/"));
        let source = Source::new("stack.yaml", format!("stack: lab\n{wrong}"));
        let found = stack::read(source, std::path::Path::new(""), None).expect_err("no bucket");
        let message = "`prefix` is for keys of objects, and the rule `r` has no `put_object_in`";
        let found = found.0.iter().find(|one| one.message == message);
        let given = found.and_then(|one| one.help.clone()).unwrap_or_default();
        assert!(given.contains(help), "{rule}: {given}");
    }
}
