//! Every verb ends with a message: where output cannot be written, with few open files, with names that are
//! not UTF-8, and with very large inputs.
//!
//! - `output`: full disks, closed pipes and closed streams.
//! - `following`: readers that disconnect while there is nothing to write.
//! - `descriptors`: a low limit of open files.
//! - `names`: names and values that are not UTF-8.
//! - `size`: stacks and definitions with thousands of elements.

mod descriptors;
mod following;
mod names;
mod output;
mod size;

use std::process::{Command, Stdio};

use crate::support::parts::{MACHINE, lab_of};
use crate::support::{CommandResult, World};

/// A deployed stack with a state machine that ends at once.
struct Lab {
    world: World,
    file: String,
}

/// The arguments with which each verb would succeed.
struct Verb {
    words: Vec<String>,
    /// Whether it calls AWS.
    speaks: bool,
    /// The exit codes allowed if nobody reads its output.
    unread: &'static [i32],
}

impl Lab {
    fn of(test: &str) -> Self {
        let world = World::new(test);
        let file = lab_of(&world, &[MACHINE]);
        let definition =
            br#"{"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}"#;
        world.file("machine.asl.json", definition);
        Self { world, file }
    }

    fn deployed(test: &str) -> Self {
        let lab = Self::of(test);
        lab.world.treino(&["deploy", &lab.file, "--yes"]).ends(0);
        lab
    }

    /// Every verb, in text and, if it has events, in JSON; only read-only runs.
    fn verbs(&self) -> Vec<Verb> {
        let file = self.file.as_str();
        let offline: [&[&str]; 8] = [
            &["--help"],
            &["--version"],
            &["help", "run"],
            &["schema"],
            &["completions", "bash"],
            &["completions", "zsh"],
            &["check", file],
            &["check", file, "--json"],
        ];
        let speaking: [&[&str]; 14] = [
            &["plan", file],
            &["plan", file, "--json"],
            &["plan", file, "--explain", "-v"],
            &["deploy", file, "--yes"],
            &["deploy", file, "--yes", "--json"],
            &["status"],
            &["status", "lab"],
            &["status", "--json"],
            &["run", "lab", "--input", "{}"],
            &["run", "lab", "--input", "{}", "--json"],
            &["run", "lab", "--stop"],
            &["local", "status"],
            &["local", "status", "--json"],
            &["local", "env"],
        ];
        let of = |speaks: bool| {
            move |words: &&[&str]| Verb {
                words: words.iter().map(|&word| word.to_owned()).collect(),
                speaks,
                // The result of the execution is then unknown.
                unread: if words[0] == "run" { &[0, 141] } else { &[0] },
            }
        };
        let offline = offline.iter().map(of(false));
        offline.chain(speaking.iter().map(of(true))).collect()
    }

    /// Runs treino in a shell that first changes its streams or limits.
    fn by_shell(&self, script: &str, words: &[String]) -> CommandResult {
        CommandResult::from(self.command(script, words).output().unwrap())
    }

    fn command(&self, script: &str, words: &[String]) -> Command {
        let treino = self.world.command();
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(treino.get_program());
        shell.arg("--local").args(words);
        for (name, value) in treino.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null());
        shell
    }
}

#[track_caller]
fn no_panic(ran: &CommandResult, what: &str) {
    assert_ne!(ran.code, 101, "{what}: {ran:?}");
    assert!(!ran.err.contains("panicked"), "{what}: {ran:?}");
}
