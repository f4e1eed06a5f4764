//! A local AWS that ended without `treino local down`.

use std::process::Command;

use super::Local;
use crate::support::eventually;

#[tokio::test]
async fn it_restarts_with_its_data() {
    let local = Local::new("it_restarts_with_its_data");
    local.treino(&["local", "up", "--enforce"]).ends(0);
    local.deploy();
    let before = local.record();
    eventually("what was deployed is written down", async || {
        let written = |service: &str| {
            let text = local.state.join(format!("data/state/{service}.json"));
            std::fs::read_to_string(text).is_ok_and(|text| text.contains("kept"))
        };
        (written("stepfunctions") && written("iam")).then_some(())
    })
    .await;
    local.signal("-KILL");

    let kept = local.state.join("data");
    let kept = format!("is kept in {}", kept.display());
    for (verb, code) in [
        (&["status", "--local"][..], 1),
        (&["run", "kept", "--input", "{}", "--local"], 1),
        (&["logs", "kept", "--local"], 1),
        (&["destroy", "kept", "--local", "--yes"], 1),
        (&["local", "env"], 1),
        (&["local", "status"], 0),
    ] {
        let ran = local
            .treino(verb)
            .ends(code)
            .says("not running")
            .says(&kept);
        ran.says("`treino local up` brings it back");
    }
    let stack = local.stack.as_str();
    let plan = local.treino(&["plan", stack, "--local"]).ends(0);
    plan.says("it comes back with what it held")
        .says("nothing to change");
    let after = local.record();
    assert_ne!(after["pid"], before["pid"]);
    for same in ["endpoint", "enforced"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    local.treino(&["status", "--local"]).ends(0).says("kept: ");

    local.signal("-KILL");
    let down = local.treino(&["local", "down"]).ends(0);
    down.says("what it had left is deleted");
    let up = local.treino(&["local", "up", "--json"]).ends(0);
    assert!(!up.err.contains("comes back"), "{}", up.err);
    local
        .treino(&["status", "--local"])
        .ends(0)
        .says("no stack is deployed");
}

/// The pid in the record belongs to another program by now.
#[test]
fn another_program_with_its_pid_is_left_alone() {
    let local = Local::new("another_program_with_its_pid_is_left_alone");
    local.deploy();
    let mut record = local.record();
    local.signal("-KILL");
    let mut other = Command::new("sleep").arg("600").spawn().unwrap();
    record["pid"] = other.id().into();
    std::fs::write(local.state.join("local.json"), record.to_string()).unwrap();

    local
        .treino(&["local", "status"])
        .ends(0)
        .says("not running");
    local
        .treino(&["local", "down"])
        .ends(0)
        .says("what it had left is deleted");
    let ended = other.try_wait().unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(ended.is_none(), "{ended:?}");
}
