//! A question that stands while another run works: what was agreed to is done only if it is still what
//! was shown.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::{SMALL, Scene, Verb};
use crate::support::Ran;

/// Gives a program a terminal; types `y` into it when a line comes from standard input.
const TERMINAL: &str = r#"
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen, answered = b"", False
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:
        break
    if not more:
        break
    seen += more
    os.write(1, more)
    if not answered and b"[y/N]" in seen:
        answered = True
        sys.stdin.readline()
        os.write(terminal, b"y\n")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// Runs treino in a terminal, does something while its question stands, and agrees.
fn agreed(scene: &Scene, arguments: &[&str], meanwhile: impl FnOnce()) -> Ran {
    let mut treino = scene.world.command_at(&scene.world.endpoint, &[]);
    treino.args(arguments);
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL]).arg(treino.get_program());
    python.args(treino.get_args());
    for (name, value) in treino.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    python.current_dir(env!("CARGO_MANIFEST_DIR"));
    let python = python.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.stderr(Stdio::piped()).spawn().unwrap();
    let mut out = python.stdout.take().unwrap();
    let (mut shown, mut more) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&shown).contains("[y/N]") {
        let read = out.read(&mut more).unwrap();
        assert!(read > 0, "no question: {}", String::from_utf8_lossy(&shown));
        shown.extend(&more[..read]);
    }
    meanwhile();
    python.stdin.take().unwrap().write_all(b"\n").unwrap();
    out.read_to_end(&mut shown).unwrap();
    let mut ended = python.wait_with_output().unwrap();
    ended.stdout = shown;
    Ran::from(ended)
}

/// What was to be destroyed is gone, and under its name stands another stack's.
#[tokio::test]
async fn an_old_agreement_destroys_nothing_of_anothers() {
    let scene = Scene::of(
        "races_asked_destroy",
        "stack: lab\ntables:\n  t: { partition_key: id }\n",
    )
    .await;
    scene.runs(Verb::Deploy).ends(0);
    let text = b"stack: other\ntables:\n  t: { name: lab-t, partition_key: id }\n";
    let other = scene.world.file("other.yaml", text);
    let deploy = ["deploy", other.to_str().unwrap(), "--yes"];
    let ran = agreed(&scene, &["destroy", "lab"], || {
        scene.runs(Verb::Destroy).ends(0);
        scene
            .world
            .treino_at(&scene.world.endpoint, &deploy)
            .ends(0);
    });
    let ran = ran.ends(1);
    assert!(
        ran.out.contains("has changed since it was shown"),
        "{ran:#?}"
    );
    let stands = scene.dump().await;
    assert_eq!(stands["table lab-t"]["tags"]["treino:stack"], "other");

    // Undisturbed, it is done.
    agreed(&scene, &["destroy", "other"], || {}).ends(0);
    assert!(scene.is_empty().await);
}

/// What was to be made stands already.
#[tokio::test]
async fn an_old_agreement_deploys_nothing() {
    let scene = Scene::of("races_asked_deploy", SMALL).await;
    let deploy = ["deploy", scene.file.as_str()];
    let ran = agreed(&scene, &deploy, || drop(scene.runs(Verb::Deploy).ends(0)));
    let ran = ran.ends(1);
    assert!(
        ran.out.contains("has changed since it was shown"),
        "{ran:#?}"
    );
    scene.ends_empty("after the question").await;
    agreed(&scene, &deploy, || {}).ends(0);
    scene.ends_empty("after the deploy").await;
}
