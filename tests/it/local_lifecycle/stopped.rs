//! A local AWS that runs but does not answer, as on a busy or suspended machine.

use super::{Local, Watched};

const WAITS: &str = "waiting for it (`treino local down` ends it";

#[test]
fn every_verb_waits_for_it() {
    let local = Local::new("every_verb_waits_for_it");
    local.deploy();
    let before = local.record();
    let stack = local.stack.as_str();

    local.signal("-STOP");
    let verbs: [&[&str]; 8] = [
        &["plan", stack, "--local"],
        &["deploy", stack, "--local", "--yes"],
        &["run", "kept", "--input", "{\"it\": \"goes on\"}", "--local"],
        &["logs", "kept", "--local"],
        &["status", "--local"],
        &["local", "status"],
        &["local", "up"],
        &["local", "env"],
    ];
    let mut waiting: Vec<Watched> = verbs.map(|verb| Watched::of(local.command(verb))).into();
    for verb in &mut waiting {
        verb.says(WAITS);
        assert!(
            verb.said.contains(&format!("(pid {})", before["pid"])),
            "{}",
            verb.said
        );
    }
    local.signal("-CONT");
    let said: Vec<String> = waiting.into_iter().map(|verb| verb.ends(0)).collect();
    assert!(said[1].contains("nothing to change"), "{}", said[1]);
    assert!(said[2].contains("goes on"), "{}", said[2]);
    assert!(said[4].contains("kept: "), "{}", said[4]);

    local.signal("-STOP");
    let mut destroy = Watched::of(local.command(&["destroy", "kept", "--local", "--yes"]));
    destroy.says(WAITS);
    local.signal("-CONT");
    destroy.ends(0);
    assert_eq!(local.record(), before, "it is still the same one");
}

#[test]
fn a_wait_times_out_and_loses_nothing() {
    let local = Local::new("a_wait_times_out_and_loses_nothing");
    local.deploy();
    let before = local.record();
    local.signal("-STOP");
    for verb in [["status", "--local"], ["local", "up"], ["local", "env"]] {
        let mut command = local.command(&verb);
        let ran = crate::support::CommandResult::of(command.env("TREINO_LOCAL_TIMEOUT", "1"));
        ran.ends(1)
            .says("is alive, but has not answered within 1 s")
            .says("treino local down")
            .says("TREINO_LOCAL_TIMEOUT");
    }
    local.signal("-CONT");
    local.treino(&["status", "--local"]).ends(0).says("kept: ");
    assert_eq!(local.record(), before);
    let mut command = local.command(&["status", "--local"]);
    let ran = crate::support::CommandResult::of(command.env("TREINO_LOCAL_TIMEOUT", "soon"));
    ran.ends(1).says("TREINO_LOCAL_TIMEOUT is `soon`");
}

#[test]
fn down_stops_it_even_if_it_does_not_answer() {
    let local = Local::new("down_stops_it_even_if_it_does_not_answer");
    local.deploy();
    local.signal("-STOP");
    local
        .treino(&["local", "down"])
        .ends(0)
        .says("its data deleted");
    assert!(!local.state.join("data").exists());
    #[cfg(target_os = "linux")]
    {
        let mark = format!("STATE_DIR={}", local.state.join("data/state").display());
        assert_eq!(super::with_variable(&mark), Vec::<String>::new());
    }
    local.treino(&["local", "up"]).ends(0);
    local
        .treino(&["status", "--local"])
        .ends(0)
        .says("no stack is deployed");
}
