//! Stacks and definitions with thousands of elements: limits are reported, and the work grows linearly.

use std::fmt::Write;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::support::{CommandResult, World};

/// The maximum number of resources of a stack.
const MOST: usize = 1000;

fn stack(section: &str, count: usize, resource: &str) -> String {
    let mut text = format!("stack: big\n{section}:\n");
    for number in 0..count {
        writeln!(text, "  k{number:06}: {resource}").unwrap();
    }
    text
}

/// Checks a file of the world, and plans it if it is a stack.
#[track_caller]
fn checked(world: &World, name: &str, text: &str, code: i32) -> CommandResult {
    let file = world.file(name, text.as_bytes());
    let ran = CommandResult::of(world.command().arg("check").arg(file));
    assert!(!ran.err.contains("panicked"), "{ran:?}");
    assert_eq!(
        ran.code,
        code,
        "{}\n{}",
        &ran.out[..ran.out.len().min(2000)],
        ran.err
    );
    ran
}

#[test]
fn too_many_resources_are_refused_first() {
    let world = World::new("too_many_resources_are_refused_first");
    let group = "{ retention_days: 7 }";
    checked(&world, "most.yaml", &stack("log_groups", MOST, group), 0);
    for count in [MOST + 1, 10_000, 100_000] {
        let text = stack("log_groups", count, group);
        let ran = checked(&world, "more.yaml", &text, 2);
        let says = format!("the stack has {count} resources, and at most {MOST} are one stack");
        let ran = ran.says(&says).says("split it").says("1 file, 1 error");
        assert!(!ran.out.contains("alias"), "{ran:?}");
        // No call is made before.
        let file = world.folder.path().join("more.yaml");
        let mut plan = Command::new(env!("CARGO_BIN_EXE_treino"));
        plan.args(["--endpoint-url", "http://127.0.0.1:1", "plan"]);
        CommandResult::of(plan.arg(file)).ends(2).says(&says);
    }
    // Each implies a role and a log group.
    world.file("code/app.py", b"def handler(event, context): ...\n");
    let function = "{ code: code, handler: app.handler, runtime: python3.13 }";
    checked(
        &world,
        "implied.yaml",
        &stack("functions", 334, function),
        2,
    )
    .says("1002 resources with the roles and log groups it implies");
    checked(
        &world,
        "implied.yaml",
        &stack("functions", 333, function),
        0,
    );
}

#[test]
fn an_exceeded_quota_is_reported() {
    let world = World::new("an_exceeded_quota_is_reported");
    let trails = |count| stack("trails", count, "{ objects_of: [b] }") + "buckets:\n  b: {}\n";
    checked(&world, "trails.yaml", &trails(5), 0);
    checked(&world, "trails.yaml", &trails(6), 2)
        .says("the stack has 6 trails, and an account takes 5 in a region")
        .says("AWS does not raise this quota");
    let zone = "{ zone: use1-az4 }";
    let buckets = |count| stack("directory_buckets", count, zone);
    let ran = checked(&world, "buckets.yaml", &buckets(100), 0);
    assert!(!ran.out.contains("an account takes"), "{ran:?}");
    checked(&world, "buckets.yaml", &buckets(101), 0)
        .says("the stack has 101 directory buckets")
        .says("unless AWS has raised it");
}

#[test]
fn exceeded_limits_of_a_file_are_named() {
    let world = World::new("exceeded_limits_of_a_file_are_named");
    let many = format!("stack: big\ntags: [{}]\n", "a,".repeat(600_000));
    let ran = checked(&world, "values.yaml", &many, 2).says("over 500000 values");
    assert!(!ran.out.contains("alias"), "{ran:?}");
    let mut bomb = "stack: big\na0: &a0 [x]\n".to_owned();
    for level in 1..9 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{inner}]").unwrap();
    }
    checked(&world, "bomb.yaml", &bomb, 2).says("the aliases multiply too much");
    // Many aliases of one anchor are no attack.
    let shared = stack("log_groups", 900, "*same").replacen(
        "  k000000: *same",
        "  k000000: &same { retention_days: 7 }",
        1,
    );
    checked(&world, "shared.yaml", &shared, 0);
    let deep = format!(
        "stack: big\ntags: {}x{}\n",
        "[".repeat(100),
        "]".repeat(100)
    );
    checked(&world, "deep.yaml", &deep, 2).says("nest too deep");
    checked(
        &world,
        "long.yaml",
        &format!("stack: {}\n", "x".repeat(5_000_000)),
        2,
    )
    .says("at most 4 MiB are read");
    checked(
        &world,
        "long.asl.json",
        &format!("\"{}\"", "x".repeat(3_000_000)),
        2,
    )
    .says("Step Functions takes 1048576 bytes");
    let result = "x".repeat(1_100_000);
    let machine =
        json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": true}}});
    checked(&world, "large.asl.json", &machine.to_string(), 2).says("Step Functions takes 1048576");
}

/// What makes a file of so many.
type Of<'a> = Box<dyn Fn(usize) -> String + 'a>;

/// A definition of so many states, the last of which ends it.
fn states(state: &dyn Fn(usize) -> Value) -> Of<'_> {
    Box::new(move |count| {
        let of = |number| (format!("S{number}"), state(number));
        let mut states: Map<String, Value> = (0..count).map(of).collect();
        states.insert(format!("S{count}"), json!({ "Type": "Succeed" }));
        serde_json::to_string_pretty(&json!({ "StartAt": "S0", "States": states })).unwrap()
    })
}

/// A table with so many unknown keys; `#` is a number.
fn keys(key: &'static str) -> Of<'static> {
    Box::new(move |count| {
        let mut text = "stack: big\ntables:\n  t:\n    partition_key: id\n".to_owned();
        for number in 0..count {
            writeln!(text, "    {}: 1", key.replace('#', &number.to_string())).unwrap();
        }
        text
    })
}

/// Ten times the input is not a hundred times the work, measured in processor time.
#[test]
fn work_grows_linearly() {
    let world = World::new("work_grows_linearly");
    let next = |number: usize| json!({ "Type": "Pass", "Next": format!("S{}", number + 1) });
    let misspelt = |number: usize| json!({ "Type": "Pass", "Nextt": format!("S{}", number + 1) });
    let nowhere = |number: usize| json!({ "Type": "Pass", "Next": format!("T{number}") });
    let cases: [(&str, Of); 5] = [
        ("right.asl.json", states(&next)),
        ("misspelt.asl.json", states(&misspelt)),
        ("nowhere.asl.json", states(&nowhere)),
        ("unknown.yaml", keys("unknown#")),
        ("twice.yaml", keys("twice")),
    ];
    for (name, of) in cases {
        let took = |count: usize| {
            let file = world.file(name, of(count).as_bytes());
            let script =
                r#""$0" check --json "$1" >/dev/null 2>&1; "$0" check "$1" >/dev/null 2>&1; times"#;
            let mut shell = Command::new("sh");
            shell.args(["-c", script]).arg(env!("CARGO_BIN_EXE_treino"));
            let ran = CommandResult::of(shell.arg(file));
            children(&ran.out)
        };
        let (few, many) = (took(800), took(8000));
        assert!(
            many < 25.0 * few.max(0.05),
            "{name}: {few} s, then {many} s"
        );
    }
}

/// The processor time of a shell's children, as `times` prints it: `0m0.01s 0m0.00s` on its second line.
fn children(times: &str) -> f64 {
    let line = times.lines().nth(1).unwrap();
    let seconds = |text: &str| {
        let (minutes, seconds) = text.trim_end_matches('s').split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    line.split_whitespace().map(seconds).sum()
}
