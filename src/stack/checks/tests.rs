//! What `check` says of wrong checks, each with its place.

use std::path::Path;

use crate::source::Source;
use crate::stack::{Given, Missing, read};

const STACK: &str = r"
stack: lab
buckets: { photos: {} }
tables: { metadata: { partition_key: id } }
queues: { events: {} }
topics: { news: {} }
functions:
  work: { code: lambdas/confirm-order, handler: app.handler, runtime: python3.13 }
state_machines:
  main:
    definition:
      StartAt: Work
      States:
        Work: { Type: Pass, Next: Done }
        Done: { Type: Succeed }
checks:
";

/// The messages of a stack file with these checks, each with its line below `checks:` and its help.
fn said(stack: &str, checks: &str) -> Vec<String> {
    let lines = stack.lines().count();
    let source = Source::new("lab.yaml", format!("{stack}{checks}"));
    // Tests run in the folder of the package.
    let given = Given {
        missing: Missing::Later,
        ..Given::default()
    };
    let found = match read(source, Path::new("."), given) {
        Ok((_, warnings)) => warnings,
        Err(errors) => errors,
    };
    let line =
        |at: &crate::source::Place| at.source.text[..at.span.start].matches('\n').count() + 1;
    let text = |one: &crate::source::Diagnostic| {
        let at = one
            .place
            .as_ref()
            .map_or(0, |place| line(place).saturating_sub(lines));
        format!(
            "{at}: {}; {}",
            one.message,
            one.help.as_deref().unwrap_or_default()
        )
    };
    found.0.iter().map(text).collect()
}

fn one(checks: &str) -> String {
    let said = said(STACK, checks);
    assert_eq!(said.len(), 1, "{checks}: {said:#?}");
    said.concat()
}

#[test]
fn what_is_right_is_taken() {
    let checks = r#"
  photo:
    put: tests/samples/astronaut.jpg
    within: 3m
    points: 2
    expect:
      status: SUCCEEDED
      visits: [Work, Done]
      item: { table: metadata, where: { size: 5, key: "{% $output.key %}", arn: "${photos.arn}" } }
      that: "{% $count($item.faces) >= 1 %}"
      log: 'took \d+ ms'
  order:
    input: { orderId: "1" }
    machine: main
    expect: { fails: OrderInvalid, not_visits: [Done], that: ["{% $exists($history) %}", "{% $output = null %}"] }
  news:
    send: { to: news, message: { a: 1 } }
    expect: { message: { queue: events, where: { a: 1 } } }
  event:
    event: { source: lab.orders, detail-type: order, detail: { n: 1 } }
    expect: { log: order }
  gone: { empty_after_destroy: true }
  also-gone: { expect: { empty_after_destroy: true } }
"#;
    assert_eq!(said(STACK, checks), Vec::<String>::new());
}

#[test]
fn names_that_are_unknown_are_said_with_what_is_meant() {
    let put = "\n  a:\n    put: tests/samples/astronaut.jpg\n";
    let with = |expect: &str| one(&format!("{put}    expect: {expect}\n"));
    assert_eq!(
        with("{ item: { table: metdata, where: { a: 1 } } }"),
        "4: there is no table `metdata` in this stack; did you mean `metadata`?"
    );
    assert!(
        with("{ item: { table: photos, where: { a: 1 } } }")
            .contains("`photos` is a bucket, and a table is meant")
    );
    assert_eq!(
        with("{ visits: [Work, Wrok] }"),
        "4: the state machine `main` has no state `Wrok`; did you mean `Work`?"
    );
    assert!(with("{ not_visits: [done] }").contains("did you mean `Done`?"));
    assert!(with("{ message: { queue: evnts } }").contains("did you mean `events`?"));
    assert!(one("\n  a: { input: {}, machine: mian }").contains("did you mean `main`?"));
    assert!(one("\n  a: { send: { to: nwes, message: hi } }").contains("did you mean `news`?"));
    assert!(one(&format!("{put}    bucket: photo\n")).contains("did you mean `photos`?"));
    assert!(one("\n  a: { input: {}, expct: {} }").contains("did you mean `expect`?"));
    assert!(one("\n  a: { input: {}, expect: { status: SUCCEDED } }").contains("SUCCEEDED"));
}

#[test]
fn what_cannot_be_done_or_judged_is_refused() {
    for (check, message) in [
        ("{ put: tests/samples/astronot.jpg }", "there is no file `"),
        ("{ put: tests/samples }", "is not a file"),
        ("{ put: /etc/passwd }", "leads out of"),
        ("{ put: \"${photos.name}\" }", "`put` takes no references"),
        (
            "{ expect: { status: SUCCEEDED } }",
            "the check does nothing",
        ),
        ("{ within: 3m }", "the check does nothing"),
        (
            "{ input: {}, put: tests/samples/astronaut.jpg }",
            "the check has `put` and `input`: one of them",
        ),
        (
            "{ input: {}, key: a.jpg }",
            "`key` is of a file that is put",
        ),
        (
            "{ input: {}, bucket: photos }",
            "`bucket` is of a file that is put",
        ),
        ("{ input: {}, within: 0s }", "within no time"),
        (
            "{ input: {}, within: 3 minuten }",
            "`3 minuten` is not a time",
        ),
        (
            "{ input: {}, within: 2days }",
            "is longer than a check may take",
        ),
        (
            "{ input: {}, expect: { fails: Bad, status: SUCCEEDED } }",
            "does not end SUCCEEDED",
        ),
        (
            "{ input: {}, expect: { visits: [Work], not_visits: [Work] } }",
            "`Work` is in `visits`, too",
        ),
        (
            "{ input: {}, expect: { item: { table: metadata, where: {} } } }",
            "any item would do",
        ),
        (
            "{ input: {}, expect: { log: '(' } }",
            "is not a regular expression: ",
        ),
        (
            "{ input: {}, expect: { that: \"$output.a = 1\" } }",
            "between `{%` and `%}`",
        ),
        (
            "{ input: {}, expect: { that: \"{% $count( %}\" } }",
            "not valid JSONata",
        ),
        (
            "{ input: {}, expect: { that: \"{% $outptu.a = 1 %}\" } }",
            "no variable `$outptu`",
        ),
        (
            "{ input: {}, expect: { that: \"{% $item.a = 1 %}\" } }",
            "`$item` has no value",
        ),
        (
            "{ input: {}, expect: { item: { table: metadata, where: { a: \"{% $itm %}\" } } } }",
            "no variable `$itm`",
        ),
        (
            "{ event: { source: aws.s3, detail-type: x } }",
            "AWS keeps sources that begin with `aws.`",
        ),
        (
            "{ empty_after_destroy: true, expect: { log: x } }",
            "the check does nothing that `log` could come of",
        ),
    ] {
        let said = one(&format!("\n  a: {check}\n"));
        assert!(
            said.starts_with("2: ") && said.contains(message),
            "{check}: {said}"
        );
        assert!(!said.ends_with("; "), "without help: {said}");
    }
}

#[test]
fn what_can_never_pass_is_refused() {
    let stack = r"
stack: lab
buckets: { photos: {} }
tables: { metadata: { partition_key: id } }
state_machines:
  main:
    definition:
      StartAt: Work
      States:
        Work: { Type: Choice, Choices: [{ Variable: $.a, IsPresent: true, Next: Done }], Default: Empty }
        Done: { Type: Succeed }
        Empty: { Type: Fail, Error: Empty }
rules:
  photo: { put_object_in: photos, via: s3, suffix: .jpg, start: main }
  order: { pattern: { source: [lab.orders], detail-type: [order], detail: { n: [1] } }, start: main }
checks:
";
    let passing = [
        "{ put: tests/samples/astronaut.jpg }",
        "{ put: tests/samples/astronaut.jpg, key: a/b.jpg }",
        "{ put: Cargo.toml, expect: { item: { table: metadata, where: { a: 1 } } } }",
        "{ event: { source: lab.orders, detail-type: order, detail: { n: 1, other: x } } }",
        "{ input: {}, expect: { visits: [Empty], fails: Empty } }",
        "{ input: {}, expect: { visits: [Empty], status: FAILED } }",
        "{ input: {}, expect: { not_visits: [Done], fails: Empty } }",
        "{ input: {}, expect: { that: \"{% 'a' = 'b' or $output = 1 %}\" } }",
    ];
    for check in passing {
        assert_eq!(
            said(stack, &format!("\n  a: {check}\n")),
            Vec::<String>::new(),
            "{check}"
        );
    }
    for (check, message) in [
        (
            "{ put: Cargo.toml }",
            "`photo` matches keys like *.jpg, not Cargo.toml",
        ),
        (
            "{ put: tests/samples/astronaut.jpg, key: a.png }",
            "not a.png",
        ),
        (
            "{ event: { source: my.app, detail-type: order } }",
            "no rule that starts `main` matches this event: there is `order`, `photo`",
        ),
        (
            "{ event: { source: lab.orders, detail-type: order, detail: { n: 2 } } }",
            "no rule that starts `main`",
        ),
        (
            "{ input: {}, expect: { not_visits: [Work] } }",
            "every execution enters `Work`",
        ),
        (
            "{ input: {}, expect: { visits: [Empty] } }",
            "the Fail state `Empty` does not succeed",
        ),
        (
            "{ input: {}, expect: { that: \"{% false %}\" } }",
            "the condition reads nothing",
        ),
        (
            "{ input: {}, expect: { that: \"{% 'yes' %}\" } }",
            "the condition reads nothing",
        ),
        (
            "{ input: {}, expect: { item: { table: metadata, where: { id: \"{% $output.id\" } } } }",
            "begins with `{%` and ends",
        ),
    ] {
        let said = said(stack, &format!("\n  a: {check}\n"));
        assert_eq!(said.len(), 1, "{check}: {said:#?}");
        assert!(
            said[0].starts_with("2: ") && said[0].contains(message),
            "{check}: {said:?}"
        );
    }
}

#[test]
fn everything_is_said_at_once() {
    let checks = r#"
  a:
    put: missing.jpg
    within: 0s
    expect:
      visits: [Wrok]
      item: { table: metdata, where: { a: 1 } }
      that: "{% $outptu = 1 %}"
      log: "("
  -b: { input: {} }
"#;
    let said = said(STACK, checks);
    assert_eq!(said.len(), 7, "{said:#?}");
}

#[test]
fn what_a_stack_lacks_cannot_be_expected() {
    let bare = "stack: lab\nbuckets: { one: {}, two: {} }\nqueues: { events: {} }\nchecks:\n";
    let one = |check: &str| said(bare, &format!("  a: {check}\n")).join("\n");
    assert!(one("{ input: {} }").contains("no state machine to start"));
    assert!(
        one("{ put: Cargo.toml, bucket: one, expect: { status: SUCCEEDED } }")
            .contains("`status` is of an execution")
    );
    assert!(one("{ put: Cargo.toml, bucket: one }").contains("the check expects nothing"));
    let several = one("{ put: Cargo.toml, expect: { message: { queue: events } } }");
    assert!(
        several.contains("several buckets; add `bucket:` with one of: one, two"),
        "{several}"
    );
    assert!(
        one("{ put: Cargo.toml, bucket: one, expect: { log: x } }")
            .contains("no function that logs")
    );
    let machine = "definition: { StartAt: A, States: { A: { Type: Succeed } } }";
    let two = format!(
        "stack: lab\nstate_machines: {{ a: {{ {machine} }}, b: {{ {machine} }} }}\nchecks:\n"
    );
    let said_of_two = said(&two, "  a: { input: {} }\n").join("\n");
    assert!(
        said_of_two.contains("add `machine:` with one of: a, b"),
        "{said_of_two}"
    );
    let express =
        format!("stack: lab\nstate_machines: {{ a: {{ type: express, {machine} }} }}\nchecks:\n");
    let visits = said(&express, "  a: { input: {}, expect: { visits: [A] } }\n").join("\n");
    assert!(
        visits.contains("no history of an express machine"),
        "{visits}"
    );
    assert_eq!(
        said(
            &express,
            "  a: { input: {}, expect: { status: SUCCEEDED } }\n"
        ),
        Vec::<String>::new()
    );
}
