//! Rules that may start themselves again, and what keeps them from it.

use serde_json::json;
use treino::source::Source;
use treino::stack::{self, Address, Kind};

use crate::one_fault::folder_with;

const WRITES: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
    "Parameters": {"Bucket": "${BUCKET.name}", "Key.$": "States.Format('thumb/{}', $.detail.object.key)", "Body": "x"}, "End": true}}}"#;
const CALLS: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "${f.arn}", "Payload.$": "$"}, "End": true}}}"#;

/// The warnings of a stack with these sections that are about loops, and its rule's pattern.
fn warnings(sections: &str) -> (Vec<String>, serde_json::Value) {
    let folder = folder_with(&[
        ("b.json", &WRITES.replace("BUCKET", "b")),
        ("c.json", &WRITES.replace("BUCKET", "c")),
        ("calls.json", CALLS),
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
    let pattern = desired.resources[&Address::new(Kind::Rule, "r")].spec["pattern"].clone();
    let loops = found
        .0
        .iter()
        .filter(|one| one.message.contains("a loop is possible"));
    (loops.map(|one| one.message.clone()).collect(), pattern)
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
        only.contains("`m`, which `r` starts, may put objects into `b`"),
        "{only}"
    );
    for (definition, rule, is_loop) in [
        (
            "b.json",
            "pattern: { source: [aws.s3], detail: { bucket: { name: [\"${b.name}\"] } } }",
            true,
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
            assert!(only.contains("`f`, which `r` starts through `m`"), "{only}");
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

    let wrong = machine("c.json", "schedule: rate(1 hour), prefix: in/");
    let source = Source::new("stack.yaml", format!("stack: lab\n{wrong}"));
    let found = stack::read(source, std::path::Path::new(""), None).expect_err("no bucket");
    let messages: Vec<&str> = found.0.iter().map(|one| one.message.as_str()).collect();
    assert!(
        messages
            .contains(&"`prefix` is for keys of objects, and the rule `r` has no `put_object_in`"),
        "{messages:?}"
    );
}
