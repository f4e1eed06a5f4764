use std::process::Command;

use super::wheels::{self, wheel};
use super::{built_for, hash, installed, planned, stack, told};
use crate::support::{CommandResult, World};

const ANY: &str = "py3-none-any";
const APP: &[u8] = b"import greet\n\n\ndef handler(event, context):\n    return greet.TAGS\n";

/// A world in which pip finds only the wheels of the folder `index`.
fn with_wheels(test: &str, wheels: &[(&str, &str, &[&str])]) -> World {
    let world = World::new(test);
    let index = world.folder.path().join("index");
    wheels::write(&index, wheels);
    world.set("PIP_FIND_LINKS", index.to_str().unwrap());
    world.set("PIP_NO_INDEX", "1");
    world
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_function_on_the_local_aws_has_what_its_requirements_name() {
    let world = World::new("a_function_on_the_local_aws_has_what_its_requirements_name");
    let (file, bytes) = wheel("greet", ANY, &[]);
    world.file(&format!("code/wheels/{file}"), &bytes);
    world.file("code/app.py", APP);
    let requirements = format!("--no-index\n./wheels/{file}\n");
    world.file("code/requirements.txt", requirements.as_bytes());
    let stack_file = stack(
        &world,
        "greeted",
        "code: code, handler: app.handler, runtime: python3.13",
    );
    let deploy = ["deploy", stack_file.to_str().unwrap(), "--yes"];
    let run = ["run", "greeted", "--input", "{}"];
    world
        .treino(&deploy)
        .ends(0)
        .says("function.f: 1 package by pip, for Python ");
    world.treino(&run).ends(0).says(ANY);
    world.treino(&deploy).ends(0).says("nothing to change");
    let code = world.folder.path().join("code");
    assert_eq!(
        names(&code),
        ["app.py", "requirements.txt", "wheels"],
        "nothing is written there"
    );
    stack(
        &world,
        "greeted",
        "code: code, handler: app.handler, runtime: python3.13, build: none",
    );
    let ran = world.treino(&deploy).ends(0);
    assert!(!ran.out.contains("by pip"), "{}", ran.out);
    world.treino(&run).ends(1).says("No module named 'greet'");
    world.treino(&["destroy", "greeted", "--yes"]).ends(0);
}

#[test]
fn packages_are_those_of_the_runtime_and_not_of_this_machine() {
    let world = with_wheels(
        "packages_are_those_of_the_runtime_and_not_of_this_machine",
        &[
            ("native", "cp313-cp313-manylinux_2_34_x86_64", &[]),
            ("native", "cp313-cp313-manylinux_2_28_aarch64", &[]),
            ("native", "cp311-cp311-manylinux_2_17_x86_64", &[]),
            ("native", "cp313-cp313-macosx_11_0_arm64", &[]),
            ("native", "cp311-cp311-win_amd64", &[]),
            ("newglibc", "cp311-cp311-manylinux_2_28_x86_64", &[]),
            ("newglibc", "cp313-cp313-manylinux_2_28_x86_64", &[]),
            ("old", ANY, &[]),
            (
                "new",
                ANY,
                &[
                    "win ; sys_platform == 'win32'",
                    "arm ; platform_machine == 'aarch64'",
                ],
            ),
            ("win", ANY, &[]),
            ("arm", ANY, &[]),
        ],
    );
    world.file("code/app.py", APP);
    let requirements = "native\nold; python_version < '3.12'\nnew; python_version >= '3.12'\n";
    world.file("code/requirements.txt", requirements.as_bytes());
    for (of, expected, target) in [
        (
            "runtime: python3.13",
            &["native 1.0", "new 1.0"][..],
            "python3.13 x86_64",
        ),
        (
            "runtime: python3.13, architecture: arm64",
            &["arm 1.0", "native 1.0", "new 1.0"],
            "python3.13 arm64",
        ),
        (
            "runtime: python3.11",
            &["native 1.0", "old 1.0"],
            "python3.11 x86_64",
        ),
    ] {
        let file = stack(
            &world,
            "targets",
            &format!("code: code, handler: app.handler, {of}"),
        );
        let ran = planned(&world, "cache", &file).ends(0);
        assert_eq!(installed(&ran), expected, "{of}");
        assert_eq!(built_for(&ran), target);
    }
    world.file("code/requirements.txt", b"newglibc\n");
    let file = stack(
        &world,
        "targets",
        "code: code, handler: app.handler, runtime: python3.13",
    );
    assert_eq!(
        installed(&planned(&world, "cache", &file).ends(0)),
        ["newglibc 1.0"]
    );
    let file = stack(
        &world,
        "targets",
        "code: code, handler: app.handler, runtime: python3.11",
    );
    planned(&world, "cache", &file)
        .ends(2)
        .says("pip finds no wheel of `newglibc` for python3.11 x86_64");
}

#[test]
fn two_machines_give_one_package() {
    let world = with_wheels(
        "two_machines_give_one_package",
        &[("greet", ANY, &["more"]), ("more", ANY, &[])],
    );
    world.file("code/app.py", APP);
    let requirements = world.file("code/requirements.txt", b"greet==1.0\n");
    let file = stack(
        &world,
        "hashed",
        "code: code, handler: app.handler, runtime: python3.13",
    );
    let first = planned(&world, "one", &file).ends(0);
    assert!(
        told(&first).contains("installing the packages of "),
        "{}",
        told(&first)
    );
    let again = planned(&world, "one", &file).ends(0);
    assert!(
        !told(&again).contains("installing"),
        "it is in the cache: {}",
        told(&again)
    );
    assert_eq!(hash(&again), hash(&first));
    // Every file of a Windows disk under WSL is executable.
    for path in [world.folder.path().join("code/app.py"), requirements] {
        assert!(
            Command::new("chmod")
                .arg("755")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        assert!(
            Command::new("touch")
                .args(["-d", "2001-01-01"])
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
    }
    assert_eq!(
        hash(&planned(&world, "two", &file).ends(0)),
        hash(&first),
        "another machine"
    );

    // A damaged entry, and what an interrupted installation left, are made again.
    let cache = world.folder.path().join("one/treino/packages");
    let entry = std::fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let zip = entry
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "zip"))
        .unwrap();
    let mut bytes = std::fs::read(&zip).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&zip, bytes).unwrap();
    let left = zip.with_extension("installing");
    std::fs::create_dir_all(left.join("python")).unwrap();
    std::fs::write(left.join("python/half.py"), "").unwrap();
    let repaired = planned(&world, "one", &file).ends(0);
    assert!(told(&repaired).contains("installing the packages of "));
    assert_eq!(hash(&repaired), hash(&first));
    assert!(!left.exists(), "nothing is left of it");

    // Two at once.
    let cache = world.folder.path().join("three");
    let start = || {
        let mut command = world.command_at(&world.endpoint, &["plan", file.to_str().unwrap()]);
        let command = command.env("XDG_CACHE_HOME", &cache);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both =
        [start(), start()].map(|child| CommandResult::from(child.wait_with_output().unwrap()));
    for ran in both {
        assert_eq!(hash(&ran.ends(0)), hash(&first));
    }
}
