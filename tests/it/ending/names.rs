//! Names and values that are not UTF-8: they work, or the message names them with a fix.
#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::{Lab, no_panic};
use crate::support::{CommandResult, World};

/// `café` in Latin-1.
const CAFE: &[u8] = b"caf\xe9";

fn text(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}

/// A file of this name in the world's folder.
fn file(world: &World, name: &[u8], contents: &[u8]) -> PathBuf {
    let path = world.folder.path().join(text(name));
    std::fs::write(&path, contents).unwrap();
    path
}

fn ran(world: &World, words: &[&OsStr]) -> CommandResult {
    let ran = CommandResult::of(world.command().arg("--local").args(words));
    no_panic(&ran, &format!("{words:?}"));
    ran
}

/// Arguments, some of which are paths.
macro_rules! words {
    ($($word:expr),* $(,)?) => { &[$(AsRef::<OsStr>::as_ref(&$word)),*] };
}

#[tokio::test]
async fn a_stack_file_may_have_any_name() {
    let lab = Lab::of("a_stack_file_may_have_any_name");
    let world = &lab.world;
    let stack = std::fs::read(&lab.file).unwrap();
    let stack = file(world, &[CAFE, b".yaml"].concat(), &stack);
    let input = file(world, &[CAFE, b".json"].concat(), b"{}");
    let receipt = world
        .folder
        .path()
        .join(text(&[CAFE, b".receipt"].concat()));
    ran(world, words!["check", stack]).ends(0);
    ran(world, words!["check", world.folder.path()]).ends(0);
    ran(world, words!["plan", stack]).ends(0);
    ran(world, words!["deploy", stack, "--yes"]).ends(0);
    let mut of_file = text(b"@");
    of_file.push(&input);
    ran(world, words!["run", stack, "--input", of_file]).ends(0);
    ran(world, words!["logs", stack]).ends(0);
    ran(world, words!["status", stack]).ends(0).says("lab");
    ran(
        world,
        words!["destroy", stack, "--yes", "--receipt", receipt],
    )
    .ends(0);
    assert!(receipt.is_file());
    let missing = text(&[CAFE, b"-missing.yaml"].concat());
    for verb in [
        "check", "plan", "deploy", "run", "logs", "status", "destroy",
    ] {
        let mut words = vec![OsStr::new(verb), missing.as_os_str()];
        words.extend(
            (verb == "run")
                .then_some([OsStr::new("--input"), OsStr::new("{}")])
                .into_iter()
                .flatten(),
        );
        ran(world, &words)
            .ends(2)
            .says("there is no file `caf\u{fffd}-missing.yaml`");
    }
}

#[test]
fn non_utf_8_arguments_are_reported() {
    let world = World::new("non_utf_8_arguments_are_reported");
    let cafe = text(CAFE);
    let [owner, one, two] = [
        &b"--owner=caf\xe9"[..],
        b"token=hunter2\xe9",
        b"--set=token=hunter2\xe9",
    ]
    .map(text);
    let cases: [(&[&OsStr], &str); 5] = [
        (
            words!["status", "--owner", cafe],
            "`--owner caf\u{fffd}` is not UTF-8",
        ),
        (
            words!["status", owner],
            "`--owner=caf\u{fffd}` is not UTF-8",
        ),
        (
            words!["logs", "lab", "--function", cafe],
            "`--function caf\u{fffd}` is not UTF-8",
        ),
        (
            words!["plan", "a.yaml", "--set", one],
            "`--set token=...` is not UTF-8",
        ),
        (
            words!["plan", "a.yaml", two],
            "`--set=token=...` is not UTF-8",
        ),
    ];
    for (words, says) in cases {
        let ran = ran(&world, words).ends(2).says(says);
        assert!(!ran.err.contains("hunter2"), "{ran:?}");
    }
    ran(
        &world,
        words!["run", "lab", "--input", text(b"{\"a\": \"\xe9\"}")],
    )
    .ends(2)
    .says("--input is not UTF-8 text");
}

#[test]
fn non_utf_8_variables_are_reported() {
    let lab = Lab::of("non_utf_8_variables_are_reported");
    for (name, shown) in [
        ("TREINO_OWNER", true),
        ("TREINO_LOCAL_DIR", true),
        ("TREINO_LOCAL_ACCOUNT", true),
        ("AWS_PROFILE", true),
        ("AWS_REGION", true),
        ("HOME", true),
        ("XDG_CACHE_HOME", true),
        ("AWS_SECRET_ACCESS_KEY", false),
    ] {
        let mut command = lab.world.command();
        command.args(["--local", "status"]).env(name, text(CAFE));
        let ran = CommandResult::of(&mut command);
        no_panic(&ran, name);
        let says = format!("the environment variable {name} is not UTF-8 text");
        let ran = ran.ends(2).says(&says);
        assert_eq!(ran.err.contains("caf\u{fffd}"), shown, "{ran:?}");
    }
    let stack = "stack: lab\nfunctions:\n  f: { code: code, handler: a.b, runtime: python3.13, environment: { A: \"${env:LAB_ODD}\" } }\n";
    lab.world.file("lab.yaml", stack.as_bytes());
    let mut command = lab.world.command();
    command.args(["--local", "plan", &lab.file]);
    CommandResult::of(command.env("LAB_ODD", text(CAFE)))
        .ends(2)
        .says("the environment variable `LAB_ODD` is not UTF-8 text");
}

#[test]
fn names_of_code_files_and_objects_must_be_utf_8() {
    let lab = Lab::of("names_of_code_files_and_objects_must_be_utf_8");
    let stack =
        "stack: lab\nbuckets:\n  b: {}\nstate_machines:\n  m: { definition: machine.asl.json }\n";
    lab.world.file("lab.yaml", stack.as_bytes());
    lab.world.treino(&["deploy", &lab.file, "--yes"]).ends(0);
    let photo = file(&lab.world, &[CAFE, b".jpg"].concat(), b"x");
    ran(&lab.world, words!["run", "lab", photo])
        .ends(2)
        .says("caf\u{fffd}.jpg is not UTF-8 text")
        .says("give a --key");
    let stack =
        "stack: lab\nfunctions:\n  f: { code: code, handler: app.handler, runtime: python3.13 }\n";
    lab.world.file("lab.yaml", stack.as_bytes());
    file(&lab.world, &[&b"code/"[..], CAFE, b".py"].concat(), b"");
    for verb in ["check", "plan"] {
        ran(&lab.world, words![verb, lab.file])
            .ends(2)
            .says("caf\u{fffd}.py is not UTF-8 text")
            .says("rename it");
    }
}
