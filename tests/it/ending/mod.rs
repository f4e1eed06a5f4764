//! Every verb ends, and says why: where its output leads nowhere, where too few files may be open, where names
//! are not UTF-8, and where there is too much of something.
//!
//! - `output`: full disks, closed pipes and closed streams.
//! - `following`: readers that go away while there is nothing to write.
//! - `descriptors`: few open files.
//! - `names`: names and values that are not UTF-8.
//! - `size`: stacks and definitions of thousands of whatever there is.

mod descriptors;
mod following;
mod names;
mod output;
mod size;

use std::process::{Command, Stdio};

use crate::support::parts::{MACHINE, lab_of};
use crate::support::{Ran, World};

/// A stack that is deployed, with a machine that ends at once.
struct Lab {
    world: World,
    file: String,
}

/// What each verb is called with so that it would succeed.
struct Verb {
    words: Vec<String>,
    /// Whether it speaks to AWS.
    speaks: bool,
    /// How it may end where nobody reads its output.
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

    /// Every verb, each in text and those that have events in JSON; only what changes nothing.
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
                // Whether the execution succeeds is not known then.
                unread: if words[0] == "run" { &[0, 141] } else { &[0] },
            }
        };
        let offline = offline.iter().map(of(false));
        offline.chain(speaking.iter().map(of(true))).collect()
    }

    /// Runs treino by a shell that first does something with its streams or limits.
    fn by_shell(&self, script: &str, words: &[String]) -> Ran {
        Ran::from(self.command(script, words).output().unwrap())
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
fn no_panic(ran: &Ran, what: &str) {
    assert_ne!(ran.code, 101, "{what}: {ran:?}");
    assert!(!ran.err.contains("panicked"), "{what}: {ran:?}");
}
