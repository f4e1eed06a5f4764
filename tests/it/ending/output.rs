//! Output that cannot be written, and output that nobody reads.

use std::process::Stdio;

use super::{Lab, no_panic};
use crate::support::CommandResult;

/// The last message.
const SAID: &str = "error: standard output could not be written: ";

#[test]
fn failed_writes_are_reported_and_fail() {
    let lab = Lab::deployed("failed_writes_are_reported_and_fail");
    for verb in lab.verbs() {
        for (script, why) in [
            (r#"exec "$0" "$@" >/dev/full"#, "No space left on device"),
            (r#"exec "$0" "$@" >&-"#, "Bad file descriptor"),
        ] {
            let ran = lab.by_shell(script, &verb.words);
            let what = format!("{script} {:?}", verb.words);
            no_panic(&ran, &what);
            assert_eq!(ran.code, 1, "{what}: {ran:?}");
            assert_eq!(ran.err.matches(SAID).count(), 1, "{what}: {ran:?}");
            assert!(ran.err.contains(why), "{what}: {ran:?}");
            assert!(ran.err.contains("help: "), "{what}: {ran:?}");
        }
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let lab = Lab::deployed("a_closed_pipe_is_no_error");
    for verb in lab.verbs() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = lab.command(r#"exec "$0" "$@""#, &verb.words);
        let output = command.stdout(writer).stderr(Stdio::piped()).output();
        let ran = CommandResult::from(output.unwrap());
        no_panic(&ran, &format!("{:?}", verb.words));
        assert!(verb.unread.contains(&ran.code), "{:?}: {ran:?}", verb.words);
        assert!(!ran.err.contains("error:"), "{:?}: {ran:?}", verb.words);
    }
}

/// Messages go to standard error, and so do the events' texts with `--json`.
#[test]
fn standard_error_may_be_closed_too() {
    let lab = Lab::deployed("standard_error_may_be_closed_too");
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    for (words, code) in [
        (words(&["plan", "no-such.yaml"]), 1),
        (words(&["check"]), 1),
        (words(&["no-such-verb"]), 1),
        (words(&[]), 1),
        (words(&["status", "--json"]), 1),
        // It writes nothing to this stream.
        (words(&["schema"]), 0),
        (words(&["--version"]), 0),
    ] {
        for script in [
            r#"exec "$0" "$@" 2>/dev/full"#,
            r#"exec "$0" "$@" 2>&-"#,
            r#"exec "$0" "$@" >/dev/full 2>/dev/full"#,
            r#"exec "$0" "$@" >&- 2>&-"#,
        ] {
            let both = script.contains(" >");
            let ran = lab.by_shell(script, &words);
            no_panic(&ran, script);
            let wanted = if both { 1 } else { code };
            assert_eq!(ran.code, wanted, "{script} {words:?}: {ran:?}");
        }
    }
    // A disconnected reader of messages changes nothing.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = lab.command(r#"exec "$0" "$@""#, &words(&["plan", "no-such.yaml"]));
    let output = command.stderr(writer).stdout(Stdio::piped()).output();
    assert_eq!(CommandResult::from(output.unwrap()).code, 2);
}

/// A half-made stack is worse than a complete one whose output was lost.
#[tokio::test]
async fn a_deploy_and_a_destroy_continue_without_a_reader() {
    let lab = Lab::of("a_deploy_and_a_destroy_continue_without_a_reader");
    let clients = lab.world.clients().await;
    let file = lab.file.as_str();
    for (script, code) in [
        (r#"exec "$0" "$@" | true"#, 0),
        (r#"exec "$0" "$@" >/dev/full"#, 1),
        (r#"exec "$0" "$@" >&- 2>&-"#, 1),
    ] {
        for json in [false, true] {
            let run = |words: &[&str]| {
                let mut words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
                words.extend(json.then(|| "--json".to_owned()));
                let ran = lab.by_shell(script, &words);
                no_panic(&ran, script);
                assert_eq!(ran.code, code, "{script}: {ran:?}");
            };
            run(&["deploy", file, "--yes"]);
            lab.world.treino(&["plan", file, "--exit-code"]).ends(0);
            run(&["destroy", "lab", "--yes"]);
            assert_eq!(clients.everything().await, Vec::<String>::new());
        }
    }
}

/// Of a terminal's colours nothing is left in a pipe, and a line is one line.
#[test]
fn events_are_complete_lines() {
    let lab = Lab::deployed("events_are_complete_lines");
    let words = ["run", "lab", "--input", "{}", "--json", "-v"].map(String::from);
    // Both streams in one file: messages stand between events, never inside one.
    let ran = lab.by_shell(r#"exec "$0" "$@" 2>&1"#, &words).ends(0);
    let events = ran.out.lines().filter(|line| line.starts_with('{'));
    let events: Vec<serde_json::Value> = events
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(events.len() > 3, "{ran:?}");
    assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
}
