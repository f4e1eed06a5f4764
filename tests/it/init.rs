//! `treino init`: from an empty folder, each lab is written, deployed, run and deleted by the commands it prints.

use serde_json::Value;

use crate::support::{Api, CommandResult, World, repository};

/// The public API of one lab; no test calls it.
const API: &str = "https://jsonplaceholder.typicode.com/users/1";

#[cfg(unix)]
#[test]
fn each_lab_works_by_the_commands_it_prints() {
    let api = Api::answering(|_| (200, r#"{"id":1,"name":"Leanne Graham"}"#.to_owned()));
    let here = format!("{}/users/1", api.address);
    let listed = World::new("the list of init");
    let empty = listed.folder.path();
    let labs = listed
        .shell(empty, "treino init --json")
        .ends(0)
        .event("labs");
    let labs = labs["labs"].as_array().unwrap().clone();
    let files = std::fs::read_dir(repository("stacks")).unwrap();
    assert_eq!(labs.len(), files.count());
    for (number, lab) in labs.iter().enumerate() {
        let name = lab["name"].as_str().unwrap();
        let world = World::new(&format!("init {name}"));
        let folder = world.folder.path();
        // A folder whose name a shell would take apart; another time the default.
        let (argument, at) = if number == 0 {
            ("'my first lab'", "my first lab")
        } else {
            ("", name)
        };
        let written = world.shell(folder, &format!("treino init {name} {argument} --json"));
        let written = written.ends(0).event("initialized");
        assert_eq!(written["folder"], at);
        for file in written["files"].as_array().unwrap() {
            assert!(
                folder.join(at).join(file.as_str().unwrap()).is_file(),
                "{file}"
            );
        }
        let commands: Vec<&str> = written["next"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        let verbs = commands
            .iter()
            .filter_map(|command| command.strip_prefix("treino "));
        let verbs: Vec<&str> = verbs
            .filter_map(|command| command.split(' ').next())
            .collect();
        assert_eq!(verbs, ["deploy", "run", "destroy"], "{name}");
        let script = commands.join("\n").replace(API, &here);
        world
            .shell(folder, &script)
            .ends(0)
            .says("succeeded")
            .says("verified: all ");
    }
}

#[test]
fn the_stack_file_of_a_folder_needs_no_name() {
    let world = World::new("the_stack_file_of_a_folder_needs_no_name");
    let folder = world.folder.path();
    let in_lab = |arguments: &[&str]| {
        let mut command = world.command();
        command.arg("--local").args(arguments);
        CommandResult::of(command.current_dir(folder.join("lab")))
    };
    let init = |arguments: &[&str]| {
        let mut command = world.command();
        CommandResult::of(command.arg("init").args(arguments).current_dir(folder))
    };
    init(&["order-processing", "lab"]).ends(0).says("cd lab");
    in_lab(&["plan"]).ends(0).says("11 to create");
    in_lab(&["deploy", "--yes"]).ends(0).says("try it:");
    in_lab(&["logs"]).ends(0);
    in_lab(&["plan", "."]).ends(0).says("nothing to change");
    in_lab(&["status", "."])
        .ends(0)
        .says("order-processing: 11 ");
    in_lab(&["run", ".", "--list"]).ends(0);
    in_lab(&["destroy", "--yes"]).ends(0).says("verified: all ");
    // Again into the same folder: nothing is touched.
    let stack = folder.join("lab/stack.yaml");
    std::fs::write(&stack, "# mine").unwrap();
    let again = init(&["order-processing", "lab"]).ends(2);
    again
        .says("lab/stack.yaml exists already")
        .says("nothing was changed");
    assert_eq!(std::fs::read_to_string(&stack).unwrap(), "# mine");
    let unknown = init(&["order-procesing"]).ends(2);
    unknown.says("did you mean `order-processing`?");
    for verb in ["plan", "deploy", "destroy", "logs"] {
        let mut command = world.command();
        command.args([verb, "--local"]).current_dir(folder);
        let ran = CommandResult::of(&mut command).ends(2);
        ran.says("this folder has no stack.yaml")
            .says("treino init");
    }
    // One verb, one event, as documented.
    let json = init(&["--json"]).ends(0);
    let event: Value = serde_json::from_str(json.out.lines().next().unwrap()).unwrap();
    assert_eq!(event["event"], "labs");
}
