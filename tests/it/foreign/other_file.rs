//! Two stack files that give their stacks one name: what the first made is not deleted by the second
//! without that being said.

use super::Scene;
use crate::support::at_a_terminal;

const FIRST: &str = "tables: { t: { partition_key: id } }\nbuckets: { b: {} }\n";
const SECOND: &str = "buckets: { c: {} }\nlog_groups: { g: {} }\n";
const SAID: &str = "this stack was last deployed from another file";

#[tokio::test]
async fn another_file_of_the_same_name_needs_more_than_yes() {
    let scene = Scene::of("another_file_of_the_same_name_needs_more_than_yes", FIRST).await;
    scene.deploy(&[]).ends(0);
    let stands = ["bucket.b", "table.t"];
    let before = scene.seen(&stands).await;
    scene.proxy.take();
    scene.has(SECOND);
    let ran = scene.plan(&["--exit-code"]).ends(2).says(SAID);
    assert_eq!(ran.event("plan")["another_file"], true);
    // Neither without anybody to ask, nor by the name of another stack.
    for more in [&["--yes"][..], &[], &["--yes", "--replace-stack", "other"]] {
        scene.verb("deploy", more).ends(2).says("--replace-stack");
    }
    let words = ["deploy", &scene.file()];
    let treino = scene.world.command_at(&scene.proxy.endpoint, &words);
    at_a_terminal(&treino, "n", || {})
        .ends(1)
        .says("and delete all that was deployed as lab from another file?");
    let meant = ["--replace-stack", "lab"];
    scene.verb("deploy", &meant).ends(2).says("add --yes");
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&stands).await);

    scene.deploy(&meant).ends(0).says(SAID);
    let again = scene.deploy(&meant).ends(0).says("is not needed");
    assert_eq!(again.event("plan")["another_file"], false);
    scene.destroy().ends(0);
}

/// What people do to their own file: each by `--yes` alone.
#[tokio::test]
async fn edits_of_one_file_need_yes_alone() {
    let function = |key: &str| {
        format!(
            "functions: {{ {key}: {{ code: code, handler: app.handler, runtime: python3.13 }} }}\n"
        )
    };
    let scene = Scene::of("edits_of_one_file_need_yes_alone", FIRST).await;
    for sections in [
        FIRST,
        // Renamed, added, all but one removed.
        "tables: { t: { partition_key: id } }\nbuckets: { b2: {} }\n",
        "tables: { t: { partition_key: id } }\nbuckets: { b2: {}, b3: {} }\n",
        "buckets: { b3: {} }\n",
        // Its physical name changed, then its key.
        "buckets: { b3: { name: another-name-for-b3 } }\n",
        "buckets: { b4: { name: another-name-for-b3 } }\n",
        // A function alone under another key.
        &format!(
            "buckets: {{ b4: {{ name: another-name-for-b3 }} }}\n{}",
            function("f")
        ),
        &function("f"),
        &function("g"),
    ] {
        scene.has(sections);
        let ran = scene.deploy(&[]).ends(0);
        assert_eq!(ran.event("plan")["another_file"], false, "{sections}");
    }
    scene.destroy().ends(0);
    // And nothing stands that anything could be in common with.
    scene.has(SECOND);
    scene.deploy(&[]).ends(0);
    scene.destroy().ends(0);
}
