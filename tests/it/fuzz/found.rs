//! What was found, and inputs at the limit of size: none takes more than moments.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use treino::engine::Schedule;
use treino::plan::{self, Action, ActualState, Orphan, changes};
use treino::source::Source;
use treino::stack::{self, DesiredState, Given};

use super::files::definition;
use crate::model_world::target;
use crate::properties::look_in;
use crate::support::repository;

/// About the largest file anybody writes; and one that is long enough to see where it would lead.
const LARGEST: usize = 64 * 1024;
const LARGE: usize = 16 * 1024;

/// So much of something, each with its number.
fn filled(most: usize, begin: &str, one: impl Fn(usize) -> String, end: &str) -> String {
    let mut text = begin.to_owned();
    for number in 0.. {
        let next = one(number);
        if text.len() + next.len() + end.len() > most {
            break;
        }
        text += &next;
    }
    text + end
}

/// What takes far longer than a file of this size can is a circle somebody goes in.
#[track_caller]
fn quick(what: &str, work: impl FnOnce()) {
    let began = Instant::now();
    work();
    let took = began.elapsed();
    if std::env::var_os("TREINO_FUZZ_TIMES").is_some() {
        println!("{took:>10.1?} {what}");
    }
    assert!(took < Duration::from_secs(20), "{what} took {took:?}");
}

#[test]
fn large_stack_files_take_no_time() {
    stack_files(LARGE);
}

#[test]
fn large_definitions_take_no_time() {
    definitions(LARGE);
}

#[test]
#[ignore = "as the one above, with files four times as large"]
fn the_largest_files_take_no_time() {
    stack_files(LARGEST);
    definitions(LARGEST);
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn stack_files(most: usize) {
    let many =
        |begin: &str, one: &dyn Fn(usize) -> String, end: &str| filled(most, begin, one, end);
    let folder = repository("tests/it/cases/bad");
    let function = "{ code: code, handler: app.handler, runtime: python3.13 }";
    let cases = [
        (
            "buckets",
            many("stack: lab\nbuckets:\n", &|n| format!("  b{n}: {{}}\n"), ""),
        ),
        (
            "functions",
            many(
                "stack: lab\nfunctions:\n",
                &|n| format!("  f{n}: {function}\n"),
                "",
            ),
        ),
        (
            "connections",
            many(
                "stack: lab\nconnections:\n",
                &|n| format!("  c{n}: {{ api_key: {{ header: h, value: secret-{n} }} }}\n"),
                "",
            ),
        ),
        (
            "machines",
            many(
                "stack: lab\nstate_machines:\n",
                &|n| format!("  m{n}: {{ definition: asl/fine.asl.json }}\n"),
                "",
            ),
        ),
        (
            "vaults",
            many("stack: lab\nvaults:\n", &|n| format!("  v{n}: {{}}\n"), ""),
        ),
        (
            "directory buckets",
            many(
                "stack: lab\ndirectory_buckets:\n",
                &|n| format!("  d{n}: {{ zone: xyz1-az1 }}\n"),
                "",
            ),
        ),
        (
            "secret parameters",
            many(
                "stack: lab\nbuckets: { b: {} }\nparams:\n",
                &|n| format!("  p{n}: {{ secret: true, default: secret-{n} }}\n"),
                "",
            ),
        ),
        (
            "references to nothing",
            many(
                "stack: lab\nbuckets: { b: {} }\ndescription: \"",
                &|n| format!("${{n{n}}}"),
                "\"\n",
            ),
        ),
        (
            "references to something",
            many(
                "stack: lab\nbuckets: { b: {} }\ndescription: \"",
                &|_| "${b.arn}".to_owned(),
                "\"\n",
            ),
        ),
        (
            "references unclosed",
            many(
                "stack: lab\nbuckets: { b: {} }\ndescription: \"",
                &|_| "${".to_owned(),
                "}\"\n",
            ),
        ),
        (
            "dollars",
            many(
                "stack: lab\nbuckets: { b: {} }\ndescription: \"",
                &|_| "$".to_owned(),
                "{x}\"\n",
            ),
        ),
        (
            "references near to many keys",
            many(
                "stack: lab\ntables:\n",
                &|n| format!("  table{n}: {{ partition_key: \"${{tabel{n}.arn}}\" }}\n"),
                "",
            ),
        ),
        (
            "unknown keys",
            many(
                "stack: lab\nbuckets: { b: {} }\n",
                &|n| format!("k{n}: 1\n"),
                "",
            ),
        ),
        (
            "unknown keys of one",
            many(
                "stack: lab\nbuckets:\n  b:\n",
                &|n| format!("    k{n}: 1\n"),
                "",
            ),
        ),
        (
            "a key again and again",
            many("stack: lab\nbuckets:\n", &|_| "  b: {}\n".to_owned(), ""),
        ),
        (
            "texts where numbers should be",
            many("stack: lab\ntables:\n", &|n| format!("  t{n}: 1\n"), ""),
        ),
        (
            "names alike",
            many(
                "stack: lab\ntables:\n",
                &|n| format!("  t{n}: {{ partition_key: id, name: same }}\n"),
                "",
            ),
        ),
        (
            "names that refer to names",
            many(
                "stack: lab\ntables:\n",
                &|n| {
                    format!(
                        "  t{n}: {{ partition_key: id, name: \"${{t{}.name}}\" }}\n",
                        n + 1
                    )
                },
                "",
            ),
        ),
        (
            "rules of one machine",
            many(
                "stack: lab\nstate_machines: { m: { definition: asl/fine.asl.json } }\nrules:\n",
                &|n| format!("  r{n}: {{ schedule: rate(1 day), start: m }}\n"),
                "",
            ),
        ),
        (
            "rules of none",
            many(
                "stack: lab\nrules:\n",
                &|n| format!("  r{n}: {{ schedule: rate(1 day), start: m{n} }}\n"),
                "",
            ),
        ),
        (
            "one line",
            many(
                "stack: lab\nbuckets: {",
                &|n| format!("b{n}: {{}}, "),
                "x: [}\n",
            ),
        ),
        (
            "one text",
            many(
                "stack: lab\ndescription: ",
                &|_| "a".to_owned(),
                "\nbuckets: 1\n",
            ),
        ),
        (
            "a secret in what is no YAML",
            many(
                "stack: lab\nbuckets: { x: [ }\n",
                &|_| "value: ".to_owned(),
                "",
            ),
        ),
        (
            "tags",
            many(
                "stack: lab\nbuckets: { b: {} }\ntags:\n",
                &|n| format!("  !x k{n}: v\n"),
                "",
            ),
        ),
        (
            "tags of values",
            many(
                "stack: lab\nbuckets: { b: {} }\nlist: [",
                &|_| "!x ".to_owned(),
                "]\n",
            ),
        ),
        (
            "aliases",
            many(
                "stack: lab\nbuckets:\n  a: &a { versioning: yes }\n",
                &|n| format!("  b{n}: *a\n"),
                "",
            ),
        ),
        (
            "outputs",
            many(
                "stack: lab\nbuckets: { b: {} }\noutputs:\n",
                &|n| format!("  o{n}: \"${{b.name}}\"\n"),
                "",
            ),
        ),
        (
            "statements",
            many(
                "stack: lab\nbuckets:\n  b:\n    policy:\n      Statement:\n",
                &|n| {
                    format!(
                        "        - {{ Effect: Deny, Action: \"s3:*\", Sid: s{n}, Resource: \"${{b.arn}}\" }}\n"
                    )
                },
                "",
            ),
        ),
        (
            "permissions",
            many(
                &format!(
                    "stack: lab\nfunctions:\n  f:\n    {}\n    allow:\n",
                    "code: code\n    handler: app.handler\n    runtime: python3.13"
                ),
                &|n| format!("      - {{ actions: [s3:Get{n}], resources: [\"*\"] }}\n"),
                "",
            ),
        ),
        (
            "variables",
            many(
                &format!(
                    "stack: lab\nfunctions:\n  f:\n    {}\n    environment:\n",
                    "code: code\n    handler: app.handler\n    runtime: python3.13"
                ),
                &|n| format!("      V{n}: x\n"),
                "",
            ),
        ),
    ];
    for (what, text) in cases {
        quick(what, || look_in(&folder, &text));
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn definitions(most: usize) {
    let many =
        |begin: &str, one: &dyn Fn(usize) -> String, end: &str| filled(most, begin, one, end);
    let machine =
        |states: String, more: &str| format!("{{{more}\"StartAt\":\"A\",\"States\":{{{states}}}}}");
    let nested =
        |open: &str, close: &str, depth: usize| open.repeat(depth) + "1" + &close.repeat(depth);
    let pass = |text: &str| {
        machine(
            format!(
                "\"A\":{{\"Type\":\"Pass\",\"End\":true,\"Parameters\":{{\"x.$\":\"{text}\"}}}}"
            ),
            "",
        )
    };
    let query = |text: &str| {
        machine(
            format!("\"A\":{{\"Type\":\"Pass\",\"End\":true,\"Output\":\"{{% {text} %}}\"}}"),
            "\"QueryLanguage\":\"JSONata\",",
        )
    };
    let maps = (0..30).fold("{\"Type\":\"Pass\",\"End\":true}".to_owned(), |inner, n| {
        format!("{{\"Type\":\"Map\",\"End\":true,\"ItemProcessor\":{{\"StartAt\":\"S{n}\",\"States\":{{\"S{n}\":{inner}}}}}}}")
    });
    let cases = [
        (
            "states in a row",
            many(
                "{\"StartAt\":\"S0\",\"States\":{",
                &|n| format!("\"S{n}\":{{\"Type\":\"Pass\",\"Next\":\"S{}\"}},", n + 1),
                "\"Z\":{\"Type\":\"Succeed\"}}}",
            ),
        ),
        (
            "states nobody reaches",
            many(
                "{\"StartAt\":\"Z\",\"States\":{",
                &|n| format!("\"S{n}\":{{\"Type\":\"Succeed\"}},"),
                "\"Z\":{\"Type\":\"Succeed\"}}}",
            ),
        ),
        (
            "states of one name",
            many(
                "{\"StartAt\":\"S\",\"States\":{",
                &|_| "\"S\":{\"Type\":\"Succeed\"},".to_owned(),
                "\"Z\":{\"Type\":\"Succeed\"}}}",
            ),
        ),
        (
            "choices",
            many(
                "{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Choice\",\"Choices\":[",
                &|n| format!("{{\"Variable\":\"$.a\",\"IsNull\":true,\"Next\":\"S{n}\"}},"),
                "{\"Variable\":\"$.a\",\"IsNull\":true,\"Next\":\"C\"}]}}}",
            ),
        ),
        (
            "choices in choices",
            machine(
                format!(
                    "\"A\":{{\"Type\":\"Choice\",\"Choices\":[{{\"Next\":\"A\",\"Not\":{}}}]}}",
                    nested("{\"And\":[{\"Not\":", "}]}", 14)
                ),
                "",
            ),
        ),
        (
            "tasks",
            many(
                "{\"StartAt\":\"S0\",\"States\":{",
                &|n| {
                    format!(
                        "\"S{n}\":{{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::sqs:sendMessage\",\"End\":true,\"Parameters\":{{\"QueueUrl\":\"q{n}\"}}}},"
                    )
                },
                "\"Z\":{\"Type\":\"Succeed\"}}}",
            ),
        ),
        ("maps in maps", machine(format!("\"A\":{maps}"), "")),
        (
            "a path of many steps",
            pass(&many("$", &|_| ".a".to_owned(), "")),
        ),
        (
            "a path of brackets",
            pass(&many("$", &|_| "[0]".to_owned(), "")),
        ),
        (
            "a path with a filter",
            pass(&many("$[?(", &|_| "@.a&&".to_owned(), ")]")),
        ),
        (
            "intrinsics in intrinsics",
            pass(&(many("", &|_| "States.Array(".to_owned(), ""))),
        ),
        (
            "intrinsics closed",
            pass(&nested("States.Array(", ")", 3_000)),
        ),
        (
            "an intrinsic of many",
            pass(&many("States.Array(", &|n| format!("{n},"), "1)")),
        ),
        (
            "an intrinsic of quotes",
            pass(&many("States.Format('", &|_| "{}\\\\'".to_owned(), "')")),
        ),
        ("parentheses", query(&nested("(", ")", 20_000))),
        ("open parentheses", query(&"(".repeat(60_000))),
        ("sums", query(&many("1", &|_| "+1".to_owned(), ""))),
        ("minuses", query(&many("", &|_| "-".to_owned(), "1"))),
        (
            "functions in functions",
            query(&nested("function(){", "}", 4_000)),
        ),
        ("objects in objects", query(&nested("{'a':", "}", 9_000))),
        ("arrays in arrays", query(&nested("[", "]", 20_000))),
        ("conditions", query(&many("", &|_| "a?b:".to_owned(), "c"))),
        (
            "paths of expressions",
            query(&many("a", &|_| ".b".to_owned(), "")),
        ),
        (
            "a regular expression",
            query(&many("$match(a,/", &|_| "(a+)+".to_owned(), "/)")),
        ),
        ("strings", query(&many("", &|_| "'a'&".to_owned(), "'b'"))),
        ("references", pass(&many("", &|_| "${a.b}".to_owned(), ""))),
        ("lists in lists", nested("[", "]", 30_000)),
        ("objects that nest", nested("{\"a\":", "}", 10_000)),
        ("escapes", pass(&many("", &|_| "\\u00e9".to_owned(), ""))),
    ];
    for (what, text) in cases {
        quick(what, || definition(&text));
    }
}

#[test]
fn large_differences_take_no_time() {
    let items =
        |from: usize| -> Value { (from..from + 4_000).map(&|n| json!({ "n": n })).collect() };
    quick("items moved by one", || drop(changes(&items(0), &items(1))));
    let text: Value = json!({ "a": "x".repeat(LARGEST) });
    quick("a long text", || {
        drop(changes(&text, &json!({ "a": "y".repeat(LARGEST) })));
    });
    let deep =
        |leaf: u8| (0..60).fold(json!(leaf), |inner, _| json!([{ "a": inner }, { "b": [] }]));
    quick("lists in lists", || drop(changes(&deep(1), &deep(2))));
}

/// So many tables, each with a key of its own, so that each is told from all others.
fn tables(many: usize) -> DesiredState {
    let lines = (0..many).map(|n| format!("  t{n}: {{ partition_key: k{n} }}\n"));
    let text = format!("stack: lab\ntables:\n{}", lines.collect::<String>());
    let source = Source::new("stack.yaml", text);
    let folder = repository("tests/it/cases/bad");
    let (loaded, _) = stack::read(source, &folder, Given::default()).unwrap();
    loaded.expand(&target()).unwrap().0
}

#[test]
fn large_plans_take_no_time() {
    const MANY: usize = 1_000;
    let desired = tables(MANY);
    // All keys of the stack file were changed: each table takes the place of another.
    let renamed = |want: &stack::Resource| Orphan {
        address: stack::Address::from_tag(&format!("{}-before", want.address)),
        kind: want.kind,
        name: format!("{}-before", want.name),
        spec: Some(want.spec.clone()),
    };
    let actual = ActualState {
        orphans: desired.resources.values().map(renamed).collect(),
        ..ActualState::default()
    };
    quick("a stack whose keys all changed", || {
        let plan = plan::deploy(&desired, &actual, &BTreeSet::new());
        let why = |step: &plan::Step| match step.action {
            Action::Create => step
                .why
                .starts_with(&format!("replaces {}-before", step.address)),
            Action::Delete => step
                .why
                .contains(" takes its place; its items are not moved"),
            _ => false,
        };
        assert!(plan.steps.iter().all(why));
        assert_eq!(plan.count("create"), MANY);
        assert_eq!(plan.count("delete"), MANY);
        let mut schedule = Schedule::new(plan.steps.into_iter().map(|step| step.after).collect());
        assert_eq!(schedule.ready().len(), MANY);
    });
}

/// Lists in lists, each as long on both sides: what is alike is not sought anew on every level.
#[test]
fn nested_values_are_looked_at_once() {
    let wide: Value = (0..20_000).map(|n| json!({ "n": n })).collect();
    let deep =
        |leaf: &Value| (0..100).fold(json!([wide, leaf]), |inner, _| json!([{ "a": inner }]));
    let (one, other) = (deep(&json!({ "n": 1 })), deep(&json!({ "n": 2 })));
    quick("much under many levels", || {
        assert_eq!(changes(&one, &other).len(), 1);
        assert_eq!(changes(&one, &one), []);
    });
    let key = "k".repeat(LARGEST);
    let many = |value: u8| -> Value {
        let fields = (0..10_000).map(|n| (format!("f{n}"), json!([value, n])));
        json!({ key.clone(): fields.collect::<serde_json::Map<_, _>>() })
    };
    quick("a long key over many", || {
        assert_eq!(changes(&many(1), &many(1)), []);
    });
}
