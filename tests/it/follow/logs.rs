//! `treino logs`.

use super::{RunningTreino, deployed};
use crate::support::{CommandResult, World};

fn say(world: &World, words: &str, name: &str) {
    let input = format!("{{\"words\": \"{words}\"}}");
    let run = [
        "run",
        "following",
        "--machine",
        "saying",
        "--name",
        name,
        "--input",
        &input,
    ];
    world.treino(&run).ends(0);
}

fn messages(ran: &CommandResult) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let events = ran.events("log");
    events.iter().map(|event| text(&event["message"])).collect()
}

#[test]
fn lines_of_functions_are_shown_and_lambdas_own_are_not() {
    let world = deployed("lines_of_functions_are_shown_and_lambdas_own_are_not");
    let nothing = world.treino(&["logs", "following"]).ends(0);
    nothing.says("nothing was logged in the last hour");

    say(&world, "good morning", "first");
    say(&world, "good night", "second");
    let items = r#"{"items": [{"n": 5}]}"#;
    let run = ["run", "following", "--machine", "failing", "--input", items];
    world.treino(&run).ends(0);

    let shown = world.treino(&["logs", "following"]).ends(0);
    let columns: Vec<&str> = shown
        .out
        .lines()
        .skip(1)
        .filter_map(|line| line.get(13..))
        .collect();
    assert_eq!(
        columns,
        [
            "talker talker says good morning",
            "talker first line",
            "talker second line",
            "talker talker says good night",
            "talker first line",
            "talker second line",
            "worker worker got 5",
        ],
        "{}",
        shown.out
    );
    assert!(shown.out.lines().next().unwrap().ends_with(" (UTC)"));
    let full = world.treino(&["logs", "following", "-v"]).ends(0);
    let full = full.says("START RequestId: ").says("took ");
    full.says(" MB");
    let worker = ["logs", "following", "--function", "worker"];
    let worker = world.treino(&worker).ends(0);
    assert!(worker.out.contains("worker got 5"), "{}", worker.out);
    assert!(!worker.out.contains("talker"), "{}", worker.out);
    let unknown = ["logs", "following", "--function", "baker"];
    let unknown = world.treino(&unknown).ends(2);
    unknown.says("no function `baker`; it has talker, worker");
    let later = ["logs", "following", "--since", "2199-01-01T00:00:00Z"];
    world
        .treino(&later)
        .ends(0)
        .says("nothing was logged since then");

    // The lines of one execution, found by the request ids in its history.
    let one = ["logs", "following", "--execution", "first"];
    let said = messages(&world.treino_json(&one).ends(0));
    assert!(
        said.contains(&"talker says good morning".to_owned()),
        "{said:?}"
    );
    assert!(said.contains(&"second line".to_owned()), "{said:?}");
    assert!(
        !said.iter().any(|message| message.contains("night")),
        "{said:?}"
    );
    let nobody = ["logs", "following", "--execution", "nobody"];
    world.treino(&nobody).ends(1).says("no execution `nobody`");
    let elsewhere = world.treino(&["logs", "elsewhere"]).ends(1);
    elsewhere.says("elsewhere is not deployed in ");
}

#[test]
fn following_shows_each_line_once_until_ctrl_c() {
    let world = deployed("following_shows_each_line_once_until_ctrl_c");
    say(&world, "before", "first");
    let mut running = RunningTreino::start(&world, &["logs", "following", "-f"]);
    running.read_until("talker says before");
    for number in 1..=3 {
        say(&world, &format!("number {number}"), &format!("n{number}"));
        running.read_until(&format!("talker says number {number}"));
    }
    running.interrupt();
    let (code, out, err) = running.end();
    assert_eq!(code, 130, "{out}{err}");
    for words in ["before", "number 1", "number 2", "number 3"] {
        let line = format!("talker says {words}\n");
        assert_eq!(out.matches(&line).count(), 1, "{out}");
    }
    // A survey that takes more than two seconds says so.
    let mut rest = err.lines().filter(|line| !line.starts_with("looking at "));
    assert_eq!(rest.next(), None, "{err}");
}

#[test]
fn a_call_without_logged_lines_is_reported() {
    let world = deployed("a_call_without_logged_lines_is_reported");
    let run = ["run", "following", "--machine", "quick", "--input"];
    let input = r#"{"quiet": true}"#;
    world.treino(&[&run[..], &[input]].concat()).ends(0);
    let shown = world.treino(&["logs", "following"]).ends(0);
    assert_eq!(shown.out, "");
    shown.says("functions were called, and logged nothing of their own");
}
