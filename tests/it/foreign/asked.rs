//! How `--adopt` is asked for: what it may name, and what it needs beside it.

use super::{NOBODYS, OTHER_OWNER, OTHER_STACK, Scene, in_the_way};
use crate::kinds::{role, table};
use crate::support::{CommandResult, at_a_terminal};

const TABLE: &str = "tables: { t: { partition_key: id } }\n";

/// Deploys with these arguments at a terminal.
fn asked(scene: &Scene, answer: &str, more: &[&str]) -> CommandResult {
    let file = scene.file();
    let words = ["deploy", file.as_str()];
    let words: Vec<&str> = words.iter().chain(more).copied().collect();
    let treino = scene.world.command_at(&scene.proxy.endpoint, &words);
    at_a_terminal(&treino, answer, || {})
}

#[tokio::test]
async fn what_is_somebodys_is_not_taken_by_yes_alone() {
    let test = "what_is_somebodys_is_not_taken_by_yes_alone";
    let scene = Scene::of(test, TABLE).await;
    scene.holds(&["table.t"], OTHER_OWNER).await;
    let before = scene.seen(&["table.t"]).await;
    for more in [
        &["--adopt", "table.t"][..],
        &["--adopt", "table.t", "--take-from", "lab"],
        &["--adopt", "table.t", "--take-from", "bob"],
    ] {
        scene
            .deploy(more)
            .ends(2)
            .says("table.t (table lab-t): it belongs to the stack lab of bob")
            .says("add --take-from lab:bob");
        // Nor where nobody can be asked.
        scene
            .verb("deploy", more)
            .ends(2)
            .says("add --take-from lab:bob");
    }
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&["table.t"]).await);
    let mine = ["--adopt", "table.t", "--take-from", "lab:bob"];
    scene
        .verb("deploy", &mine)
        .ends(2)
        .says("add --yes if you mean it");
    scene.changed_nothing();
    scene.deploy(&mine).ends(0);
    scene.plan(&["--exit-code"]).ends(0);
}

#[tokio::test]
async fn the_question_names_from_whom_it_is_taken() {
    let test = "the_question_names_from_whom_it_is_taken";
    let scene = Scene::of(test, TABLE).await;
    scene.holds(&["table.t"], OTHER_OWNER).await;
    let before = scene.seen(&["table.t"]).await;
    let question = "make these changes, and take table.t from the stack lab of bob?";
    for answer in ["n", "", "take it"] {
        let ran = asked(&scene, answer, &["--adopt", "table.t"]);
        ran.ends(1).says(question).says("nothing was changed");
    }
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&["table.t"]).await);
    let ran = asked(&scene, "y", &["--adopt", "table.t"]);
    ran.ends(0).says(question);
    scene.plan(&["--exit-code"]).ends(0);
}

#[tokio::test]
async fn what_adopt_cannot_mean_is_said() {
    let test = "what_adopt_cannot_mean_is_said";
    let scene = Scene::of(test, TABLE).await;
    let unknown = ["--adopt", "table.tt", "--adopt", "lab-t"];
    for verb in ["plan", "deploy"] {
        scene
            .verb(verb, &unknown)
            .ends(2)
            .says("--adopt table.tt: the stack has no such address")
            .says("did you mean `table.t`?")
            .says("--adopt lab-t: the stack has no such address");
        scene
            .verb(verb, &["--adopt", "table.t"])
            .ends(2)
            .says("--adopt table.t: there is no table lab-t in us-east-1, account")
            .says("leave it out to have a new one made");
        scene
            .verb(verb, &["--take-from", "other"])
            .ends(2)
            .says("--adopt");
    }
    scene.changed_nothing();
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());

    // What was right once may be said again.
    scene.holds(&["table.t"], OTHER_STACK).await;
    let mine = [
        "--adopt",
        "table.t",
        "--adopt",
        "table.t",
        "--take-from",
        "other",
    ];
    let given = "--adopt table.t is given more than once";
    scene.deploy(&mine).ends(0).says(given);
    let before = scene.seen(&["table.t"]).await;
    scene.proxy.take();
    scene
        .deploy(&mine[2..])
        .ends(0)
        .says("--adopt table.t is not needed: it is this stack's already")
        .says("--take-from other: nothing of it is taken over")
        .says("nothing to change");
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&["table.t"]).await);
}

/// To take over is never to delete: what AWS cannot change in place stays what it is.
#[tokio::test]
async fn what_would_have_to_be_deleted_is_not_taken_over() {
    let test = "what_would_have_to_be_deleted_is_not_taken_over";
    let stack = "\
tables: { t: { partition_key: id } }
roles: { r: { assumed_by: [lambda.amazonaws.com] } }
state_machines: { m: { definition: machine.asl.json, type: express } }
";
    let addresses = ["role.r", "state_machine.m", "table.t"];
    let scene = Scene::of(test, stack).await;
    table::with_key(&scene.clients, "lab-t", "another", NOBODYS).await;
    let name = &scene.names["role.r"];
    role::at_path(&scene.clients, name, "/theirs/", OTHER_STACK).await;
    scene.holds(&["state_machine.m"], NOBODYS).await;
    let before = scene.seen(&addresses).await;
    let account = &scene.world.account;
    let as_it_is = format!("use it as it is by `role: arn:aws:iam::{account}:role/theirs/{name}`");
    let all = super::adopt(&addresses);
    for ran in [scene.plan(&[]), scene.plan(&all), scene.deploy(&all)] {
        let ran = ran.ends(1);
        let left: Vec<String> = in_the_way(&ran).into_keys().collect();
        assert_eq!(left, addresses);
        ran.says("it cannot be taken over: AWS cannot change its partition_key in place")
            .says("it cannot be taken over: AWS cannot change its type in place")
            .says("it cannot be taken over: AWS cannot move a role to another path")
            .says(&as_it_is);
    }
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&addresses).await);
    // The way out that was said.
    scene.has("tables: { t: { partition_key: another } }\n");
    scene.deploy(&["--adopt", "table.t"]).ends(0);
    scene.plan(&["--exit-code"]).ends(0);
}
