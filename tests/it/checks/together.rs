//! Two at the same time: a file that is put twice under one key, and two executions that log.

use std::thread;

use super::result;
use crate::support::World;

fn written(world: &World, name: &str, text: &str) -> String {
    let path = world.file(name, text.as_bytes());
    path.to_str().unwrap().to_owned()
}

/// The lab, whose check puts this file.
fn lab(file: &str, via: &str, of: &str) -> String {
    format!(
        "stack: lab\nbuckets: {{ photos: {{}} }}\n\
         trails: {{ uploads: {{ objects_of: [photos] }} }}\n\
         state_machines: {{ m: {{ definition: {{ StartAt: A, States: {{ A: {{ Type: Pass, End: true }} }} }} }} }}\n\
         rules: {{ r: {{ put_object_in: photos, via: {via}, start: m }} }}\n\
         checks:\n  own:\n    put: {file}\n    key: photo.jpg\n    within: 30s\n    expect:\n      that: \"{{% $output.detail.{of} = {} %}}\"\n",
        file.len()
    )
}

#[test]
fn each_of_two_who_put_one_key_at_the_same_time_judges_the_execution_of_ones_own() {
    let world = World::new("each_of_two_who_put_one_key");
    // The size of a file is the length of its name.
    for file in ["a.txt", "longer.txt"] {
        world.file(file, file.as_bytes());
    }
    let by_trail = "additionalEventData.bytesTransferredIn";
    let stacks = ["a.txt", "longer.txt"].map(|file| {
        let name = format!("{file}.yaml");
        written(&world, &name, &lab(file, "cloudtrail", by_trail))
    });
    world.treino(&["deploy", &stacks[0], "--yes"]).ends(0);
    for _ in 0..3 {
        thread::scope(|scope| {
            for stack in &stacks {
                let world = &world;
                scope.spawn(move || {
                    let tested = world.treino_json(&["test", stack]).ends(0);
                    assert_eq!(result(&tested, "own")["outcome"], "passed");
                });
            }
        });
    }
    world.treino(&["destroy", "lab", "--yes"]).ends(0);
    // The events of S3 itself name other requests on the local AWS.
    let alone = written(&world, "s3.yaml", &lab("a.txt", "s3", "object.size"));
    world.treino(&["deploy", &alone, "--yes"]).ends(0);
    world
        .treino(&["test", &alone])
        .ends(0)
        .says("1 check passed");
    world.treino(&["destroy", "lab", "--yes"]).ends(0);
}

const LOGGING: &str = "stack: logging\n\
    functions:\n  \
      one: { code: code, handler: app.one, runtime: python3.13 }\n  \
      two: { code: code, handler: app.two, runtime: python3.13 }\n\
    state_machines:\n  \
      first: { definition: { StartAt: A, States: { A: { Type: Task, Resource: \"${one.arn}\", End: true } } } }\n  \
      second: { definition: { StartAt: A, States: { A: { Type: Task, Resource: \"${two.arn}\", End: true } } } }\n\
    checks:\n  \
      first: { machine: first, input: {}, expect: { log: \"one was called\" } }\n  \
      not-the-other-s: { machine: first, input: { slowly: true }, expect: { log: \"two was called\" } }\n";

const CODE: &str = "import time\n\n\ndef one(event, context):\n    print('one was called')\n    time.sleep(3 if event.get('slowly') else 0)\n\n\n\
    def two(event, context):\n    print('two was called')\n";

#[test]
fn the_lines_of_a_function_whose_arn_is_a_tasks_resource_are_those_of_its_call() {
    let world = World::new("the_lines_of_a_function_whose_arn");
    std::fs::create_dir(world.folder.path().join("code")).unwrap();
    world.file("code/app.py", CODE.as_bytes());
    let stack = written(&world, "logging.yaml", LOGGING);
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    // While one is under way, another machine calls another function.
    let tested = thread::scope(|scope| {
        let testing = scope.spawn(|| world.treino_json(&["test", &stack]).ends(1));
        for _ in 0..4 {
            let run = ["run", "logging", "--machine", "second", "--input", "{}"];
            world.treino(&run).ends(0);
        }
        testing.join().unwrap()
    });
    assert_eq!(result(&tested, "first")["outcome"], "passed");
    let other = result(&tested, "not-the-other-s");
    assert_eq!(other["mismatches"][0]["of"], "log");
    let lines = other["log"].to_string();
    assert!(
        lines.contains("one was called") && !lines.contains("two was called"),
        "{lines}"
    );
    world.treino(&["destroy", "logging", "--yes"]).ends(0);
}
