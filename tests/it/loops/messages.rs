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
