//! Slow and hostile answers, and large accounts: every verb ends in bounded time and memory, with one
//! sentence that names the call and a fix. An unreadable answer is never taken for an empty one.
//!
//! - `wire`: sockets that are silent, endless, or speak no HTTP. `TREINO_TIMEOUT` is one second; an ignored
//!   test waits the default 30 seconds.
//! - `bodies`: successful answers with empty or invalid bodies, for every kind and call, in process with
//!   paused time.
//! - `lists`: lists that lead in circles, or never end.
//! - `verbs`: one wrong answer among right ones, for each verb.
//! - `terminal`: terminal control sequences in everything AWS can return.
//! - `values`: impossible times, sizes and numbers.
//! - `crowds`: thousands of resources.

pub mod answering;
mod bodies;
mod crowds;
mod lists;
pub mod measured;
mod terminal;
mod values;
mod verbs;
mod wire;

use crate::support::parts::{
    BUCKET, CONNECTION, FUNCTION, MACHINE, RULE, TABLE, TRAIL, VAULT, lab_of,
};
use crate::support::proxy::Proxy;
use crate::support::{Clients, CommandResult, World};
use measured::measured;

/// The memory limit of a run, in MB.
const MEMORY: u64 = 100;
/// The maximum lines of output of a failed run.
const LINES: usize = 12;

/// A stack of a few resources, behind a proxy.
struct Scene {
    world: World,
    proxy: Proxy,
    clients: Clients,
}

impl Scene {
    /// A stack of these parts, for the test of this name.
    async fn of(test: &str, parts: &[&str]) -> Self {
        let world = World::new(test);
        // No retries here: they are tested in process, with paused time.
        world.set("AWS_MAX_ATTEMPTS", "1");
        world.set("TREINO_TIMEOUT", "5");
        lab_of(&world, parts);
        // Its executions end at once.
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
    fn treino(&self, arguments: &[&str]) -> CommandResult {
        let mut command = self.world.command();
        command
            .env("AWS_ACCESS_KEY_ID", &self.world.account)
            .env("AWS_SECRET_ACCESS_KEY", self.world.secret())
            .env("AWS_REGION", crate::support::REGION)
            .args(["--endpoint-url", &self.proxy.endpoint])
            .args(arguments);
        measured(&mut command).modest()
    }

    /// Runs treino on the local AWS, without AWS's rate limits.
    fn local(&self, arguments: &[&str]) -> CommandResult {
        let mut command = self.world.command();
        measured(command.arg("--local").args(arguments)).modest()
    }

    fn deploy(&self) -> CommandResult {
        self.treino(&["deploy", &self.file(), "--yes"])
    }

    fn plan(&self) -> CommandResult {
        self.treino(&["plan", &self.file(), "--exit-code"])
    }

    fn status(&self) -> CommandResult {
        self.treino(&["status", "lab"])
    }

    fn destroy(&self) -> CommandResult {
        self.treino(&["destroy", "lab", "--yes"])
    }

    /// Deploys without the proxy, as the starting state.
    fn deployed(&self) {
        let file = self.file();
        self.world.treino(&["deploy", &file, "--yes"]).ends(0);
    }

    /// The bucket of the stack.
    fn bucket(&self) -> String {
        format!("lab-b-{}-us-east-1", self.world.account)
    }

    /// Asserts that nothing is left after a destroy, with the remaining rules of the proxy.
    async fn is_gone_after_destroy(&self) {
        self.destroy().ends(0).says("verified:");
        assert_eq!(self.clients.everything().await, Vec::<String>::new());
    }
}

/// Asserts that a run failed properly: with its exit code, a short message with a fix, and without a panic.
#[track_caller]
fn fails_well(ran: &CommandResult, what: &str) {
    let CommandResult { code, out, err } = ran;
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
        "verified:",
        "has no resources",
        "no stack is deployed",
        "is not deployed",
    ] {
        assert!(!out.contains(never) && !err.contains(never), "{told}");
    }
}

/// Terminal control sequences, except colours.
#[track_caller]
fn is_harmless(ran: &CommandResult) {
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
