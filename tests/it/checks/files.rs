//! What is refused before anything runs, the files of results, and the exit codes.

use std::fs;

use serde_json::Value;

use super::result;
use crate::support::World;

const STACK: &str = r#"
stack: passing
state_machines:
  main:
    definition:
      StartAt: Choose
      States:
        Choose:
          Type: Choice
          Choices: [{ Variable: $.n, NumericGreaterThan: 5, Next: TooMany }]
          Default: Done
        TooMany: { Type: Fail, Error: TooMany, Cause: more than 5 }
        Done: { Type: Pass, End: true }
checks:
  few-pass:
    input: { n: 1 }
    points: 3
    expect: { visits: [Done], not_visits: [TooMany], that: "{% $output.n = 1 %}" }
  many-fail:
    input: { n: 7 }
    expect: { fails: TooMany }
  wrong:
    input: { n: 7 }
    expect: { status: SUCCEEDED }
"#;

#[test]
fn results_are_written_whole_and_refused_before_anything_runs() {
    let world = World::new("results_are_written_whole_and_refused_before_anything_runs");
    let stack = world.file("stack.yaml", STACK.as_bytes());
    let stack = stack.to_str().unwrap();
    // Nothing is deployed for a test.
    world
        .treino(&["test", stack])
        .ends(1)
        .says("passing is not deployed")
        .says("treino deploy");
    world.treino(&["deploy", stack, "--yes"]).ends(0);
    let folder = world.folder.path().join("results");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let refused = world
        .treino(&["test", stack, "--junit", &path("junit.xml")])
        .ends(2);
    refused.says("--junit: ").says("no check was run");
    fs::create_dir(&folder).unwrap();
    world
        .treino(&["test", stack, "fwe-pass"])
        .ends(2)
        .says("did you mean `few-pass`?");
    world
        .treino(&["test", stack, "--destroy"])
        .ends(2)
        .says("--yes");

    let (junit, marks) = (path("junit.xml"), path("result.json"));
    let test = ["test", stack, "--junit", &junit, "--marks", &marks];
    let tested = world.treino_json(&test).ends(1);

    let wrong = result(&tested, "wrong");
    assert_eq!(
        wrong["mismatches"][0]["message"],
        "expected the execution to end SUCCEEDED, it ended FAILED with TooMany at TooMany"
    );
    assert_eq!(wrong["visited"], serde_json::json!(["Choose", "TooMany"]));
    let ended = tested.event("tests_ended");
    assert_eq!(
        (&ended["passed"], &ended["failed"], &ended["score"]),
        (&2.into(), &1.into(), &4.into())
    );
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(
        xml.contains("<testsuite name=\"passing\" tests=\"3\" failures=\"1\""),
        "{xml}"
    );
    let marks: Value = serde_json::from_str(&fs::read_to_string(&marks).unwrap()).unwrap();
    assert_eq!(
        (&marks["score"], &marks["max_score"]),
        (&4.into(), &5.into())
    );
    let left = fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, 2, "nothing else is left");
    // One alone, as text.
    world
        .treino(&["test", stack, "few-pass"])
        .ends(0)
        .says("ok   few-pass")
        .says("1 check passed");
    world
        .treino(&["test", stack, "wrong"])
        .ends(1)
        .says("fail wrong")
        .says("ended FAILED with TooMany");
}
