//! The README's commands, as they are written there, and the labs it names.

#[cfg(unix)]
mod guides;
mod translated;

use std::collections::BTreeMap;

use treino::stack::{self, Given, Missing};

use crate::support::{Api, World, repository};

/// The public API of the README's example; no test calls it.
const API: &str = "https://jsonplaceholder.typicode.com/users/1";

const BEGINNING: &str = "cargo run -- ";

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

/// The commands for somebody who has installed treino, in an empty folder.
#[cfg(unix)]
#[test]
fn the_first_commands_work_in_an_empty_folder() {
    let text = std::fs::read_to_string(repository("README.md")).unwrap();
    let mut blocks = text.split("```sh\n").skip(1);
    let block = blocks
        .find(|block| block.starts_with("treino init "))
        .unwrap();
    let commands = block.split("```").next().unwrap();
    let verbs: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    assert_eq!(
        verbs,
        ["init", "image-metadata", "deploy", "run", "destroy"]
    );
    let world = World::new("the_first_commands_work_in_an_empty_folder");
    let ran = world.shell(world.folder.path(), commands).ends(0);
    ran.says("succeeded in")
        .says("verified: all 14 resources are deleted");
}

/// Every stack file is right, with nothing to warn of, and has its deploy in the section of the labs.
#[test]
fn every_lab_is_right_and_in_the_readme() {
    let shown: BTreeMap<String, Vec<String>> = labs()
        .into_iter()
        .map(|commands| (commands[0][1].clone(), commands[1].clone()))
        .collect();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(repository("stacks")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let given = Given {
            missing: Missing::Later,
            ..Given::default()
        };
        let loaded = stack::load(&path, given);
        let (loaded, warnings) =
            loaded.unwrap_or_else(|diagnostics| panic!("{stem}: {diagnostics:?}"));
        assert_eq!(warnings.0, [], "{stem}");
        assert_eq!(loaded.file.stack, stem);
        assert!(loaded.expires.is_some(), "{stem} does not expire");
        let file = format!("stacks/{stem}.yaml");
        // What a deploy shows as an example is what the README runs.
        for machine in loaded.file.state_machines.values() {
            let Some(input) = machine.example.as_ref().map(ToString::to_string) else {
                assert!(!loaded.file.rules.is_empty(), "{stem} has no example");
                continue;
            };
            let run = shown.get(&file);
            assert!(run.is_some_and(|words| words.contains(&input)), "{stem}");
        }
        files.push(file);
    }
    files.sort();
    assert_eq!(files, shown.into_keys().collect::<Vec<_>>());
}

/// Each lab of the README deploys and runs by the two commands it shows.
#[test]
fn the_commands_of_the_labs_work() {
    let api = Api::answering(|_| (200, r#"{"id":1,"name":"Leanne Graham"}"#.to_owned()));
    let here = format!("{}/users/1", api.address);
    for commands in labs() {
        let verbs: Vec<&str> = commands.iter().map(|words| words[0].as_str()).collect();
        assert_eq!(verbs, ["deploy", "run"]);
        let world = World::new(&format!("the lab {}", commands[0][1]));
        world.set("API_KEY", "none-is-asked-for");
        for arguments in &commands {
            let arguments = arguments.iter().map(|word| word.replace(API, &here));
            let arguments: Vec<String> = arguments.collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            world.as_written(&arguments).ends(0);
        }
    }
}

/// The commands of each lab in the section of the labs, as their words after `treino`.
fn labs() -> Vec<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(repository("README.md")).unwrap();
    let section = text.split("\n## The labs\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .map(|block| {
            let commands = block.split("```").next().unwrap().lines();
            commands
                .filter(|command| !command.starts_with("export "))
                .map(|command| words(command.strip_prefix("treino ").unwrap()))
                .collect()
        })
        .collect()
}

/// The words of a command as a shell reads them. The README quotes with ' only, and whole words.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
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
