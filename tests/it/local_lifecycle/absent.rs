//! What each verb does where no local AWS runs: none but `up`, `deploy` and `plan` starts one.

use super::Local;

#[test]
fn only_up_deploy_and_plan_start_one() {
    let local = Local::new("only_up_deploy_and_plan_start_one");
    let ways = "treino local up, or treino deploy STACK.yaml --local";
    for (arguments, code) in [
        (&["status", "--local"][..], 0),
        (&["status", "kept", "--local"], 0),
        (&["destroy", "kept", "--local", "--yes"], 0),
        (&["local", "status"], 0),
        (&["local", "down"], 0),
        (&["run", "kept", "--input", "{}", "--local"], 1),
        (&["logs", "kept", "--local"], 1),
        (&["local", "env"], 1),
    ] {
        let ran = local.treino(arguments).ends(code).says("not running");
        if code == 1 {
            ran.says(ways);
        }
        assert!(!local.state.join("data").exists(), "{arguments:?}");
    }
    local
        .treino(&["plan", &local.stack, "--local"])
        .ends(0)
        .says("starting the local AWS");
    local
        .treino(&["status", "--local"])
        .ends(0)
        .says("no stack stands in us-east-1");
    local
        .treino(&["local", "env"])
        .ends(0)
        .says("AWS_ENDPOINT_URL");
    // Everything goes with it.
    local
        .treino(&["local", "down"])
        .ends(0)
        .says("its data deleted");
    let left = std::fs::read_dir(&local.state).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn what_is_no_record_is_said_and_deleted() {
    let local = Local::new("what_is_no_record_is_said_and_deleted");
    std::fs::create_dir(&local.state).unwrap();
    std::fs::write(local.state.join("local.json"), "{\"pid\": 1").unwrap();
    let arguments: [&[&str]; 3] = [&["status", "--local"], &["local", "up"], &["local", "env"]];
    for arguments in arguments {
        local
            .treino(arguments)
            .ends(1)
            .says("is no record of a local AWS")
            .says("treino local down");
    }
    local
        .treino(&["local", "down"])
        .ends(0)
        .says("what it had left is deleted");
    local
        .treino(&["local", "status"])
        .ends(0)
        .says("holds nothing");
}
