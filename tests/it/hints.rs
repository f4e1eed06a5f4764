//! Each command that treino prints works as it is printed.

use regex::Regex;
use serde_json::Value;

use crate::support::hints::{hints, named, words, wrong};
use crate::support::proxy::Proxy;
use crate::support::{CommandResult, World, repository};

/// A stack of a bucket alone: nothing tells of it but the bucket.
const BUCKET: &str = "stack: hint\nbuckets: { b: {} }\n";

/// Runs a command as it was printed, in the shell that it was printed in.
#[track_caller]
fn pasted(world: &World, hint: &str) -> CommandResult {
    let words = words(hint).unwrap_or_else(|| panic!("{hint}"));
    assert_eq!(words[0], "treino");
    let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    world.as_written(&words)
}

/// The one command of a verb in the output of a run.
#[track_caller]
fn hint_of(ran: &CommandResult, verb: &str) -> String {
    let begin = format!("treino {verb} ");
    let all = [hints(&ran.out), hints(&ran.err)].concat();
    let mut found = all.into_iter().filter(|hint| hint.starts_with(&begin));
    let hint = found
        .next()
        .unwrap_or_else(|| panic!("no `{begin}` in\n{}\n{}", ran.out, ran.err));
    assert_eq!(found.next(), None);
    hint
}

/// `shared/cases/05-hint-region`: the last line of a deploy, pasted, deletes what the deploy made.
#[tokio::test]
async fn the_last_line_of_a_deploy_deletes_what_it_made() {
    let world = World::new("the_last_line_of_a_deploy_deletes_what_it_made");
    let clients = world.clients().await;
    let file = world.file("my labs/it's a stack.yaml", BUCKET.as_bytes());
    let file = file.to_str().unwrap();
    let more: [&[&str]; 4] = [
        &["--region", "sa-east-1"],
        &["--owner", "ana"],
        &["--owner", "ana", "--region", "eu-west-1"],
        &[],
    ];
    for more in more {
        let deploy = [&["deploy", file, "--yes"][..], more].concat();
        let deployed = world.treino(&deploy).ends(0);
        assert_eq!(clients.everything().await.len(), 1, "{more:?}");
        let hint = hint_of(&deployed, "destroy");
        pasted(&world, &format!("{hint} --yes"))
            .ends(0)
            .says("deleted");
        assert_eq!(clients.everything().await, Vec::<String>::new(), "{hint}");
    }
    let endpoint = world
        .treino_at(&world.endpoint, &["deploy", file, "--yes"])
        .ends(0);
    let command = endpoint.event("created")["destroy"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        command.contains("--endpoint-url http://127.0.0.1:"),
        "{command}"
    );
    assert!(!command.contains("--local"), "{command}");
}

/// A stack that is only deployed elsewhere is said to be, with a command that finds it; by a name that nothing has, a
/// destroy fails.
#[tokio::test]
async fn a_destroy_says_where_the_stack_is() {
    let world = World::new("a_destroy_says_where_the_stack_is");
    let clients = world.clients().await;
    let file = world.file("stack.yaml", BUCKET.as_bytes());
    let file = file.to_str().unwrap();
    for verb in ["destroy", "status"] {
        let never = world.treino(&[verb, "hint"]).ends(1);
        never.says("nothing of this name was seen");
        world.treino(&[verb, file]).ends(0);
    }
    for more in [["--region", "sa-east-1"], ["--owner", "ana"]] {
        let deploy = [&["deploy", file, "--yes"][..], &more].concat();
        world.treino(&deploy).ends(0);
        for verb in ["status", "logs", "destroy"] {
            let code = i32::from(verb == "logs");
            let elsewhere = world.treino(&[verb, "hint"]).ends(code);
            // Without an owner, a status shows the copies of all.
            if verb == "status" && more[0] == "--owner" {
                elsewhere.says("hint of ana: 1 resource");
                continue;
            }
            let hint = hint_of(&elsewhere, verb);
            assert!(hint.contains(&more.join(" ")), "{hint}");
            if verb == "status" {
                pasted(&world, &hint).ends(0).says("1 resource");
            }
            if verb == "destroy" {
                pasted(&world, &format!("{hint} --yes")).ends(0);
                assert_eq!(clients.everything().await, Vec::<String>::new(), "{hint}");
            }
        }
    }
    // A misspelt name is found in other regions, too: of a bucket by its mark, of a role by its path.
    let role = "stack: hint\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }\n";
    let role = world.file("role.yaml", role.as_bytes());
    for (file, more) in [
        (file, &[][..]),
        (file, &["--region", "sa-east-1", "--owner", "ana"]),
        (
            role.to_str().unwrap(),
            &["--region", "sa-east-1", "--owner", "ana"],
        ),
    ] {
        world
            .treino(&[&["deploy", file, "--yes"][..], more].concat())
            .ends(0);
        let misspelt = world
            .treino(&["destroy", "hnt"])
            .ends(1)
            .says("did you mean hint");
        // Another stack is shown, not offered to be deleted.
        let hint = hint_of(&misspelt, "status");
        pasted(&world, &hint).ends(0);
        let destroy = hint.replace("treino status", "treino destroy");
        pasted(&world, &format!("{destroy} --yes")).ends(0);
        assert_eq!(clients.everything().await, Vec::<String>::new());
    }
}

/// A name that no stack can have is bad usage, before anything is looked for.
#[test]
fn a_name_that_no_stack_can_have_is_bad_usage() {
    let world = World::new("a_name_that_no_stack_can_have_is_bad_usage");
    world.keep();
    for verb in ["destroy", "status", "logs"] {
        for name in ["", "-", "Hint", "a_b"] {
            let ran = world.treino(&[verb, name]).ends(2);
            let words = if name.is_empty() {
                "is empty"
            } else {
                "cannot be a stack's name"
            };
            ran.says(words);
        }
    }
    assert!(world.kept().is_empty());
}

/// A command about a file that is there names it, and the parameters that it needs.
#[test]
fn a_command_names_the_file_that_is_there() {
    let world = World::new("a_command_names_the_file_that_is_there");
    let stack = "stack: near\nparams: { key: {}, more: { default: x } }\nbuckets: { b: {} }\n";
    world.file("other.yaml", b"stack: other\nbuckets: { b: {} }\n");
    let path = world.file("near-by.yaml", stack.as_bytes());
    let folder = path.parent().unwrap();
    let here = |arguments: &[&str]| {
        let mut command = world.command();
        CommandResult::of(command.current_dir(folder).arg("--local").args(arguments))
    };
    for (named, file) in [("near", "near-by.yaml"), ("near-by.yaml", "near-by.yaml")] {
        let ran = here(&["run", named, "--input", "{}"]).ends(1);
        ran.says(&format!("`treino deploy {file} --set key=... --local`"));
    }
    let unknown = here(&["run", "nothing", "--input", "{}"]).ends(1);
    unknown.says("`treino deploy STACK.yaml --local`");
    here(&["deploy", "near-by.yaml", "--set", "key=x", "--yes"]).ends(0);
    // Without a region, and in another account.
    let mut forgotten = world.command();
    let forgotten = CommandResult::of(forgotten.args(["status", "near"])).ends(1);
    forgotten.says("near is deployed on the local AWS: `treino status near --local`");
    for verb in ["status", "destroy"] {
        let mut elsewhere = world.command();
        elsewhere
            .env("AWS_ENDPOINT_URL", &world.endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "999988887777")
            .env("AWS_SECRET_ACCESS_KEY", world.secret());
        let elsewhere = CommandResult::of(elsewhere.args([verb, "near", "--json"])).ends(0);
        let event = if verb == "status" {
            "no_stack"
        } else {
            "nothing_owned"
        };
        let seen = elsewhere.event(event)["seen"][0].clone();
        assert_eq!(seen["local"], Value::Bool(true), "{}", elsewhere.out);
        assert_eq!(seen["command"], format!("treino {verb} near --local"));
    }
    here(&["destroy", "near", "--yes"]).ends(0);
}

/// A machine that does not log is not said to be missing.
#[test]
fn logs_of_a_machine_that_does_not_log_say_how_to_have_some() {
    let world = World::new("logs_of_a_machine_that_does_not_log_say_how_to_have_some");
    world.file(
        "sm.json",
        br#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#,
    );
    let file = world.file(
        "stack.yaml",
        b"stack: quiet\nstate_machines: { m: { definition: sm.json } }\n",
    );
    let file = file.to_str().unwrap();
    world.treino(&["deploy", file, "--yes"]).ends(0);
    let quiet = world.treino(&["logs", "quiet", "--machine", "m"]).ends(2);
    quiet
        .says("`logging: all`")
        .says("`treino run quiet --list --machine=m --local`");
    world
        .treino(&["logs", "quiet", "--machine", "n"])
        .ends(2)
        .says("no state machine `n`; it has m");
    world
        .treino(&["logs", "quiet"])
        .ends(0)
        .says("`logging: all`");
    let nobody = world
        .treino(&["run", "quiet", "--follow", "nobody"])
        .ends(1);
    let list = hint_of(&nobody, "run");
    pasted(&world, &list).ends(0).says("no execution of m");
    world.treino(&["destroy", "quiet", "--yes"]).ends(0);
}

/// Where there is nothing, each list is asked for once, and no proof is made of nothing.
#[test]
fn nothing_is_looked_for_twice_where_there_is_nothing() {
    let world = World::new("nothing_is_looked_for_twice_where_there_is_nothing");
    let proxy = Proxy::before(&world.endpoint);
    let ran = world
        .treino_at(&proxy.endpoint, &["destroy", "never"])
        .ends(1);
    assert_eq!(ran.events("verifying"), Vec::<Value>::new());
    for (list, times) in [
        ("dynamodb:ListTables", 1),
        ("events:ListRules", 1),
        ("lambda:ListFunctions", 1),
        ("sns:ListTopics", 1),
        ("sqs:ListQueues", 1),
        ("states:ListStateMachines", 1),
        // Once for the stack's, once for those of other regions and stacks.
        ("iam:ListRoles", 2),
        ("s3:ListBuckets", 2),
    ] {
        assert_eq!(proxy.count(list), times, "{list}");
    }
}

/// What is written in the source as a command is marked as one: in backticks, so that operations complete it.
#[test]
fn commands_in_the_source_are_marked() {
    let literal = Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap();
    let continued = Regex::new(r"\\\n\s*").unwrap();
    let (mut faults, mut count) = (Vec::new(), 0);
    for path in sources(&repository("src")) {
        // Tests read commands as they are printed.
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        let code = continued.replace_all(&code, "");
        for text in literal.find_iter(&code).map(|found| found.as_str()) {
            let marked = text.matches("`treino ").count();
            count += marked;
            // A usage of clap, a caution for AWS's console, and what the tests of hints read themselves.
            let known =
                text.contains("[OPTIONS]") || text.contains("stopped with treino run --stop");
            if !known && named(text) > marked {
                faults.push(format!("{}: {text}", path.display()));
            }
        }
    }
    assert!(count > 15, "{count}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn wrong_commands_are_found() {
    assert_eq!(
        wrong("`treino destroy lab --local`\n  stop it: treino run lab --stop a"),
        Vec::<String>::new()
    );
    assert_eq!(wrong("run `treino destroy` now").len(), 1, "no stack");
    assert_eq!(wrong("try: treino run lab").len(), 1, "no input");
    assert_eq!(wrong("`treino destroy 'lab`").len(), 1, "an open quote");
    assert_eq!(wrong("`treino destroy lab; rm x`").len(), 1, "two commands");
    assert_eq!(
        wrong("stop it by treino local down (data goes)").len(),
        1,
        "not marked"
    );
    assert_eq!(
        wrong("{\"event\":\"error\",\"message\":\"m\",\"help\":\"`treino plan`\"}").len(),
        1
    );
    assert_eq!(
        wrong("Usage: treino deploy [OPTIONS] <STACK.yaml>"),
        Vec::<String>::new()
    );
}
