//! The ways out of loops, and filters that no object matches.

use treino::source::Source;
use treino::stack;

use super::{WRITES, found, function, machine, warnings};
use crate::one_fault::folder_with;

#[test]
fn the_way_out_fits_the_rule() {
    let event = "source: [aws.s3]";
    let key = "detail: { object: { key: [{ prefix: in/ }] } }";
    for (definition, rule, help) in [
        (
            "b.json",
            "put_object_in: b, via: s3",
            "let `m` write to another bucket, or filter by `prefix: incoming/`",
        ),
        (
            "b.json",
            "put_object_in: b, via: s3, suffix: .jpg",
            "or filter by `prefix: incoming/`",
        ),
        (
            "b_in.json",
            "put_object_in: b, via: s3, prefix: in/",
            "or let it write other keys, such as `done/...`",
        ),
        (
            "pass.json",
            "pattern: { source: [aws.states], detail: { stateMachineArn: ['${m.arn}'] } }",
            "leave `m` out of `stateMachineArn` in the pattern, or start another machine",
        ),
        (
            "b_in.json",
            &format!("pattern: {{ {event} }}"),
            "or filter in the pattern, `detail: { object: { key: [{ prefix: incoming/ }] } }`",
        ),
        (
            "b_in.json",
            &format!("pattern: {{ {event}, {key} }}"),
            "or let it write other keys, such as `done/...`",
        ),
        (
            "b_in.json",
            "pattern: { source: [aws.s3], detail: { requestParameters: { bucketName: ['${b.name}'] } } }",
            "`detail: { requestParameters: { key: [{ prefix: incoming/ }] } }`",
        ),
        (
            "calls.json",
            "put_object_in: b, via: s3",
            "or filter by `prefix: incoming/` and allow it other keys only: `${b.arn}/done/*` in `resources`",
        ),
        (
            "calls.json",
            "put_object_in: b, via: s3, suffix: .jpg",
            "or filter by `prefix: incoming/` and allow it",
        ),
        (
            "calls.json",
            "put_object_in: b, via: s3, prefix: done/",
            "or allow it other keys only: `${b.arn}/results/*`",
        ),
    ] {
        let sections = machine(definition, rule).replace("b: {}", "b: { events: true }");
        let sections = if definition == "calls.json" {
            sections + &function("${b.arn}/*")
        } else {
            sections
        };
        let (found, _) = found(&sections);
        let found = found
            .iter()
            .find(|one| one.message.contains("a loop is possible"));
        let found = found.unwrap_or_else(|| panic!("{definition}, {rule}"));
        let given = found.help.clone().unwrap_or_default();
        assert!(given.contains(help), "{definition}, {rule}: {given}");
    }
    // What is counted may be limited; of what is, nothing more is said.
    let of = |sections: &str| {
        let (found, _) = found(sections);
        let found = found
            .into_iter()
            .find(|one| one.message.contains("a loop is possible"));
        found.and_then(|one| one.help).unwrap_or_default()
    };
    let standard = machine("b.json", "put_object_in: b, via: s3");
    let limited = "; where it is meant, let `limits: { runs: 100 }` end it";
    assert!(of(&standard).ends_with(limited), "{}", of(&standard));
    let help = of(&format!("limits: {{ runs: 5 }}\n{standard}"));
    assert!(!help.is_empty() && !help.contains("limits"), "{help}");
    let express = standard.replace("definition: b.json", "type: express, definition: b.json");
    assert_ne!(express, standard);
    let help = of(&express);
    assert!(!help.is_empty() && !help.contains("limits"), "{help}");
    for (definition, end) in [
        ("b_in.json", "writes `in/x`, which `prefix: in/` matches"),
        (
            "b_any.json",
            "writes any key, some of which `prefix: in/` matches",
        ),
    ] {
        let (loops, _) = warnings(&machine(
            definition,
            "put_object_in: b, via: s3, prefix: in/",
        ));
        assert!(loops[0].ends_with(end), "{loops:?}");
    }
}

#[test]
fn filters_and_patterns_that_no_object_matches_are_told() {
    let long = "x".repeat(1024);
    for (rule, message, help) in [
        (
            "put_object_in: b, via: s3, prefix: '*.jpg'",
            "`*` in `prefix` is no wildcard",
            "write `suffix: .jpg` instead",
        ),
        (
            "put_object_in: b, via: s3, prefix: in/*.jpg",
            "`*` in `prefix` is no wildcard",
            "write `prefix: in/` and `suffix: .jpg`",
        ),
        (
            "put_object_in: b, via: s3, suffix: '*.jpg'",
            "`*` in `suffix` is no wildcard",
            "write `suffix: .jpg` instead",
        ),
        (
            "put_object_in: b, via: s3, prefix: 'in?/'",
            "`?` in `prefix` is no wildcard",
            "the literal beginning",
        ),
        (
            "put_object_in: b, via: s3, prefix: /in/",
            "do not begin with a slash",
            "write `prefix: in/`",
        ),
        (
            "put_object_in: b, via: s3, prefix: 's3://b/in/'",
            "do not begin with a URI",
            "write `prefix: in/`",
        ),
        (
            "pattern: { source: [aws.s3], detail: { bucket: { name: ['${b.name}'] } } }",
            "S3 sends no events of `b`",
            "add `events: true` to `b`",
        ),
        (
            "put_object_in: b, via: s3, prefix: in/, suffix: .jpg",
            "",
            "",
        ),
        (
            &format!("put_object_in: b, via: s3, suffix: {long}"),
            "",
            "",
        ),
    ] {
        let (found, _) = found(&machine("c.json", rule));
        match &found[..] {
            [] => assert_eq!(message, "", "{rule}"),
            [only] => {
                assert!(
                    !message.is_empty() && only.message.contains(message),
                    "{rule}: {only:?}"
                );
                let given = only.help.clone().unwrap_or_default();
                assert!(given.contains(help), "{rule}: {given}");
            }
            many => panic!("{rule}: {many:?}"),
        }
    }
    for (rule, message) in [
        (
            format!("put_object_in: b, via: s3, prefix: {long}x"),
            "the `prefix` has 1025 bytes",
        ),
        (
            format!("put_object_in: b, via: s3, suffix: {long}é"),
            "the `suffix` has 1026 bytes",
        ),
        (
            format!("put_object_in: b, via: s3, prefix: in/, suffix: {long}"),
            "`prefix` and `suffix` together have 1027 bytes",
        ),
    ] {
        let folder = folder_with(&[("c.json", &WRITES.replace("BUCKET", "c"))]);
        let source = Source::new(
            "stack.yaml",
            format!("stack: lab\n{}", machine("c.json", &rule)),
        );
        let found = stack::read(source, folder.path(), None).expect_err("too long");
        let messages: Vec<&str> = found.0.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages, [message]);
    }
}

#[test]
fn the_error_of_a_filter_is_all_that_is_told() {
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket": "${b.name}", "Key": "in/x", "Body": "x"}}}}"#;
    for filter in [
        "prefix: 5",
        "prefix: ''",
        "suffix: [.jpg]",
        "pattern: {}",
        "pattern: { source: aws.s3 }",
        "pattern: { detail: { object: { key: [{ startswith: in/ }] } } }",
        "pattern: { detail: { object: { key: [{ anything-but: [1, a] }] } } }",
        "",
    ] {
        let bucket = if filter.starts_with("pattern") {
            ""
        } else {
            "put_object_in: b, via: s3, "
        };
        let sections = machine(definition, &format!("{bucket}{filter}"));
        let source = Source::new("stack.yaml", format!("stack: lab\n{sections}"));
        let read = stack::read(source, std::path::Path::new(""), None);
        let (Ok((_, found)) | Err(found)) = read;
        let loops = found.0.iter().filter(|one| one.message.contains("loop"));
        let (loops, all) = (loops.count(), found.0.len());
        let expected = if filter.is_empty() { (1, 1) } else { (0, 1) };
        assert_eq!((loops, all), expected, "{filter}: {found:?}");
    }
}

#[test]
fn a_key_of_jsonata_is_compared_as_far_as_it_is_known() {
    let definition = r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": "${b.name}", "Key": "{% KEY %}", "Body": "x"}}}}"#;
    for (key, filter, is_loop) in [
        ("$uuid() & '.json'", "suffix: .jpg", false),
        ("$uuid() & '.jpg'", "suffix: .jpg", true),
        ("('out/' & $uuid())", "prefix: in/", false),
        ("'OUT/' & $uuid() ~> $lowercase", "prefix: in/", true),
        (
            "'out/' & $uuid() ~> $replace('out/', 'in/')",
            "prefix: in/",
            true,
        ),
    ] {
        let rule = format!("put_object_in: b, via: s3, {filter}");
        let (loops, _) = warnings(&machine(&definition.replace("KEY", key), &rule));
        assert_eq!(!loops.is_empty(), is_loop, "{key}: {loops:?}");
    }
}
