//! A question that stands while another run works: what was agreed to is done only if it is still what
//! was shown.

use super::{SMALL, Scene, Verb};
use crate::support::{CommandResult, at_a_terminal};

/// Runs treino in a terminal, does something while its question stands, and agrees.
fn agreed(scene: &Scene, arguments: &[&str], meanwhile: impl FnOnce()) -> CommandResult {
    let mut treino = scene.world.command_at(&scene.world.endpoint, &[]);
    treino.args(arguments);
    let mut asked = false;
    let ran = at_a_terminal(&treino, "y", || {
        asked = true;
        meanwhile();
    });
    assert!(asked, "no question: {ran:?}");
    ran
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
