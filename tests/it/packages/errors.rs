use std::path::Path;

use super::{planned, stack, wheels};
use crate::support::{CommandResult, World};

/// A plan for AWS as a person sees it.
fn shown(world: &World, file: &Path) -> CommandResult {
    let mut command = world.command();
    command
        .env("XDG_CACHE_HOME", world.folder.path().join("cache"))
        .env("AWS_ACCESS_KEY_ID", &world.account)
        .env("AWS_SECRET_ACCESS_KEY", world.secret())
        .args([
            "plan",
            "--region",
            "us-east-1",
            "--endpoint-url",
            &world.endpoint,
        ])
        .arg(file);
    CommandResult::of(&mut command)
}

/// Each is one error, before anything is made.
#[tokio::test]
async fn what_cannot_be_installed_is_one_clear_error() {
    let world = World::new("what_cannot_be_installed_is_one_clear_error");
    let index = world.folder.path().join("index");
    wheels::write(&index, &[("there", "py3-none-any", &[])]);
    world.set("PIP_FIND_LINKS", index.to_str().unwrap());
    world.set("PIP_NO_INDEX", "1");
    world.file("code/app.py", b"def handler(event, context):\n    pass\n");
    let file = stack(
        &world,
        "wrong",
        "code: code, handler: app.handler, runtime: python3.13",
    );
    for (requirements, message, line) in [
        (
            "there\nnowhere==1\n",
            "pip finds no wheel of `nowhere` for python3.13 x86_64",
            2,
        ),
        ("there==2\n", "pip finds no wheel of `there==2`", 1),
        ("there 1.0\n", "requirements.txt: 'there 1.0'", 1),
        (
            "there\ngit+https://127.0.0.1/a.git\n",
            "`git+https://127.0.0.1/a.git` is not a wheel",
            2,
        ),
        (
            "there\n--extra-index-url https://${TOKEN}@host/\n",
            "`${TOKEN}`",
            2,
        ),
    ] {
        world.file("code/requirements.txt", requirements.as_bytes());
        let ran = shown(&world, &file)
            .ends(2)
            .says(message)
            .says("1 error; nothing was changed");
        let place = format!("requirements.txt:{line}:1");
        assert!(ran.err.contains(&place), "{place} is not in\n{}", ran.err);
    }
    world.file("code/requirements.txt", b"there\n");
    let arguments = ["plan", file.to_str().unwrap()];
    let with = |name: &str, value: &str| {
        let mut command = world.command_at(&world.endpoint, &arguments);
        let cache = world.folder.path().join("fresh");
        CommandResult::of(command.env("XDG_CACHE_HOME", cache).env(name, value))
    };
    with("TREINO_PYTHON", "/no/such/python")
        .ends(2)
        .says("requirements.txt needs pip 21 or newer: TREINO_PYTHON names `/no/such/python`, which has no pip");
    world.file("node/index.js", b"exports.handler = async () => 1");
    world.file(
        "node/package.json",
        br#"{"dependencies":{"is-odd":"3.0.1"}}"#,
    );
    stack(
        &world,
        "wrong",
        "code: node, handler: index.handler, runtime: nodejs22.x",
    );
    with("PATH", "/no/such/folder")
        .ends(2)
        .says("package.json needs npm on the PATH");
    let clients = world.clients().await;
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

/// The address of an index may have a password.
#[test]
fn the_password_of_an_index_is_not_shown() {
    let world = World::new("the_password_of_an_index_is_not_shown");
    world.file("code/app.py", b"def handler(event, context):\n    pass\n");
    world.file("code/requirements.txt", b"nowhere==1\n");
    let file = stack(
        &world,
        "index",
        "code: code, handler: app.handler, runtime: python3.13",
    );
    world.set(
        "PIP_INDEX_URL",
        "http://somebody:open-sesame@127.0.0.1:9/simple",
    );
    world.set("PIP_RETRIES", "1");
    world.set("PIP_FIND_LINKS", "");
    let ran = planned(&world, "cache", &file)
        .ends(2)
        .says("the package index at `http://127.0.0.1:9/simple` cannot be reached");
    assert!(
        !format!("{}{}", ran.out, ran.err).contains("sesame"),
        "{}",
        ran.out
    );
}
