//! Slow and hostile answers, and crowds: whatever answers in AWS's place, and however much there is, every
//! verb ends in bounded time and memory with one sentence that names the call and a way out; it never
//! takes what it could not read for nothing.
//!
//! - `wire`: sockets that are silent, endless, or speak no HTTP; no call gets an answer. Nothing is waited
//!   for in full: `TREINO_TIMEOUT` is a second (the 30 seconds are waited in a test that is ignored).
//! - `bodies`: answers of success that hold nothing, or what cannot be, for every kind and call, in
//!   process and on paused time.
//! - `lists`: lists that lead in circles, or on for ever.
//! - `verbs`: one wrong answer among right ones, as each verb meets it.
//! - `terminal`: what a terminal would take for a command, in all that AWS can say.
//! - `values`: times, sizes and numbers that cannot be.
//! - `crowds`: thousands of whatever there is.

mod answering;
mod bodies;
mod crowds;
mod lists;
mod measured;
mod terminal;
mod values;
mod verbs;
mod wire;

use crate::support::parts::{
    BUCKET, CONNECTION, FUNCTION, MACHINE, RULE, TABLE, TRAIL, VAULT, lab_of,
};
use crate::support::proxy::Proxy;
use crate::support::{Clients, Ran, World};
use measured::measured;

/// The most memory a run may take, in MB.
const MEMORY: u64 = 100;
/// The most lines a run may print that ends badly.
const LINES: usize = 12;

/// A stack of a few resources, before a proxy.
struct Scene {
    world: World,
    proxy: Proxy,
    clients: Clients,
}

impl Scene {
    /// A stack of these parts, for the test of this name.
    async fn of(test: &str, parts: &[&str]) -> Self {
        let world = World::new(test);
        // What is not answered is not asked again here: that is seen in process, where it takes no time.
        world.set("AWS_MAX_ATTEMPTS", "1");
        world.set("TREINO_TIMEOUT", "5");
        lab_of(&world, parts);
        // Its executions end.
        let definition =
            br#"{"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}"#;
        world.file("machine.asl.json", definition);
        let proxy = Proxy::before(&world.endpoint);
        let clients = world.clients().await;
        Self {
            world,
            proxy,
            clients,
        }
    }

    fn file(&self) -> String {
        let file = self.world.folder.path().join("lab.yaml");
        file.to_str().unwrap().to_owned()
    }

    /// Runs treino through the proxy, as text.
    fn treino(&self, arguments: &[&str]) -> Ran {
        let mut command = self.world.command();
        command
            .env("AWS_ACCESS_KEY_ID", &self.world.account)
            .env("AWS_SECRET_ACCESS_KEY", self.world.secret())
            .env("AWS_REGION", crate::support::REGION)
            .args(["--endpoint-url", &self.proxy.endpoint])
            .args(arguments);
        measured(&mut command).modest()
    }

    /// Runs treino on the local AWS, where it does not keep AWS's pace.
    fn local(&self, arguments: &[&str]) -> Ran {
        let mut command = self.world.command();
        measured(command.arg("--local").args(arguments)).modest()
    }

    fn deploy(&self) -> Ran {
        self.treino(&["deploy", &self.file(), "--yes"])
    }

    fn plan(&self) -> Ran {
        self.treino(&["plan", &self.file(), "--exit-code"])
    }

    fn status(&self) -> Ran {
        self.treino(&["status", "lab"])
    }

    fn destroy(&self) -> Ran {
        self.treino(&["destroy", "lab", "--yes"])
    }

    /// Deploys past the proxy, to begin from.
    fn deployed(&self) {
        let file = self.file();
        self.world.treino(&["deploy", &file, "--yes"]).ends(0);
    }

    /// The bucket of the stack.
    fn bucket(&self) -> String {
        format!("lab-b-{}-us-east-1", self.world.account)
    }

    /// Nothing stands after a destroy through whatever rules are left.
    async fn is_gone_after_destroy(&self) {
        self.destroy().ends(0).says("seen empty");
        assert_eq!(self.clients.everything().await, Vec::<String>::new());
    }
}

/// Asserts that a run failed as a program should: with its exit code, in few words, one of them the way
/// out, and without a panic.
#[track_caller]
fn fails_well(ran: &Ran, what: &str) {
    let Ran { code, out, err } = ran;
    let told = format!("{what}\n--- out\n{out}\n--- err\n{err}");
    assert!([1, 3].contains(code), "exit {code}: {told}");
    assert!(!err.contains("panicked"), "{told}");
    assert!(
        err.contains("error:") || err.contains("still") || *code == 3,
        "{told}"
    );
    assert!(err.lines().count() <= LINES, "{told}");
    let longest = err.lines().map(|line| line.chars().count()).max();
    assert!(longest.unwrap_or_default() < 1500, "{told}");
    for never in [
        "nothing to change",
        "seen empty",
        "owns nothing",
        "no stack stands",
        "does not stand",
    ] {
        assert!(!out.contains(never) && !err.contains(never), "{told}");
    }
}

/// What a terminal would take for a command, colours apart.
#[track_caller]
fn is_harmless(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let mut rest = text.as_str();
        while let Some(at) = rest.find(|c: char| c.is_control() && c != '\n' && c != '\t') {
            let here = &rest[at..];
            let colour = here.strip_prefix("\u{1b}[").and_then(|numbers| {
                let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
                (numbers[end..].starts_with('m') && !numbers[..end].contains('8'))
                    .then_some(end + 3)
            });
            let length =
                colour.unwrap_or_else(|| panic!("{:?} in\n{text:?}", &here[..here.len().min(20)]));
            rest = &here[length..];
        }
        assert!(!text.contains(['\u{202e}', '\u{9b}']), "{text:?}");
    }
}
