//! Readers that disconnect while a verb waits: it notices without writing a line.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use super::Lab;
use crate::support::eventually;
use crate::support::parts::{FUNCTION, MACHINE, lab_of};

/// Starts treino, reads one line if there is one, and disconnects.
fn left(lab: &Lab, words: &[&str], line: Option<&str>) -> Child {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let mut command = lab.command(r#"exec "$0" "$@""#, &words);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    if let Some(wanted) = line {
        let mut read = String::new();
        out.read_line(&mut read).unwrap();
        assert!(read.contains(wanted), "{read}");
    }
    child
}

/// The exit status, once it has ended.
async fn ended(mut child: Child, what: &str) -> (i32, String) {
    let child = std::sync::Mutex::new(&mut child);
    let status = eventually(what, async || child.lock().unwrap().try_wait().unwrap()).await;
    let mut err = String::new();
    let stderr = child.lock().unwrap().stderr.take();
    std::io::Read::read_to_string(&mut stderr.unwrap(), &mut err).unwrap();
    (status.code().unwrap_or(-1), err)
}

#[tokio::test]
async fn following_ends_when_its_reader_disconnects() {
    let test = "following_ends_when_its_reader_disconnects";
    let lab = Lab::of(test);
    // A machine that waits for ten minutes, and a function that logs nothing.
    lab_of(&lab.world, &[MACHINE, FUNCTION]);
    let file = lab.file.as_str();
    lab.world.treino(&["deploy", file, "--yes"]).ends(0);
    for words in [&["logs", "lab", "-f"][..], &["logs", "lab", "-f", "--json"]] {
        let child = left(&lab, words, None);
        let (code, err) = ended(child, "the end of logs").await;
        assert_eq!(code, 0, "{words:?}: {err}");
        assert!(!err.contains("error"), "{err}");
    }
    for (words, line) in [
        (&["run", "lab", "--input", "{}"][..], "execution"),
        (&["run", "lab", "--input", "{}", "--json"], "execution"),
    ] {
        let child = left(&lab, words, Some(line));
        let (code, err) = ended(child, "the end of run").await;
        assert_eq!(code, 141, "{words:?}: {err}");
        assert!(!err.contains("error"), "{err}");
    }
    // The executions continue.
    let stopped = lab.world.treino_json(&["run", "lab", "--stop"]).ends(0);
    assert_eq!(stopped.events("stopped").len(), 2, "{stopped:?}");
    // A reader that stays sees that it continues.
    let mut child = left_open(&lab);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
}

fn left_open(lab: &Lab) -> Child {
    let words = ["logs", "lab", "-f", "--json"].map(String::from);
    let mut command = lab.command(r#"exec "$0" "$@""#, &words);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}
