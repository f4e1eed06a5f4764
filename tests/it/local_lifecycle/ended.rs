//! A local AWS that ends during a verb: the verb reports it and ends.

use super::{Local, Watched};

/// A state machine with a very long wait.
const WAITING: &str =
    r#"{ "StartAt": "S", "States": { "S": { "Type": "Wait", "Seconds": 100000, "End": true } } }"#;

#[test]
fn a_run_ends_with_the_local_aws() {
    let local = Local::new("a_run_ends_with_the_local_aws");
    local.world.file("echo.asl.json", WAITING.as_bytes());
    local.deploy();
    // With --json, messages go to standard error.
    let following = || {
        let run = ["run", "kept", "--input", "{}", "--local", "--json"];
        let mut run = Watched::of(local.command(&run));
        run.says("execution ");
        run
    };

    let mut killed = following();
    local.signal("-KILL");
    killed.says("ended meanwhile");
    killed.says("`treino local up`");
    killed.ends(1);

    local.treino(&["local", "up"]).ends(0);
    let mut down = following();
    local.treino(&["local", "down"]).ends(0);
    down.says("taken down meanwhile");
    down.says("its data is deleted: deploy again");
    down.ends(1);
}
