//! The README's commands, as they are written there.

use crate::support::{World, repository};

const BEGINNING: &str = "cargo run --release -- ";

#[test]
fn the_commands_of_the_readme_work() {
    let text = std::fs::read_to_string(repository("README.md")).unwrap();
    let commands: Vec<Vec<&str>> = text
        .lines()
        .filter_map(|line| line.strip_prefix(BEGINNING))
        .map(|arguments| arguments.split_whitespace().collect())
        .collect();
    let verbs: Vec<&str> = commands.iter().map(|words| words[0]).collect();
    assert_eq!(verbs, ["deploy", "run", "destroy"]);
    let world = World::new("the_commands_of_the_readme_work");
    for arguments in &commands {
        world.as_written(arguments).ends(0);
    }
}

#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let ci = std::fs::read_to_string(repository(".ci/run")).unwrap();
    assert!(readme.contains("\ncargo test\n"));
    assert!(ci.lines().any(|line| line == "cargo test --locked"));
}

/// The stack file shown is one that can be deployed, but for the paths of its code.
#[test]
fn the_stack_file_of_the_readme_is_right() {
    let text = std::fs::read_to_string(repository("README.md")).unwrap();
    let shown = text.split("```yaml\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let world = World::new("the_stack_file_of_the_readme_is_right");
    // Beside the lab's own, whose folders it names.
    let lab = crate::support::Lab::copy(&world);
    std::fs::write(
        lab.path("stacks/shown.yaml"),
        without_second_function(shown),
    )
    .unwrap();
    let one = r#"{ "StartAt": "A", "States": { "A": { "Type": "Task", "End": true,
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": { "FunctionName": "${extract-metadata.arn}", "Payload.$": "$" } } } }"#;
    std::fs::write(lab.path("stacks/one.asl.json"), one).unwrap();
    let stack = lab.path("stacks/shown.yaml");
    world.treino(&["plan", &stack]).ends(0).says("11 to create");
}

/// The README shows one function of two; the definition is cut to it.
fn without_second_function(shown: &str) -> String {
    shown.replace(
        "definition: ../definitions/image-metadata.asl.json   # references work inside it too",
        "definition: one.asl.json",
    )
}
