//! The local AWS from its installation to its end: no mistake of treino loses its data.

#![cfg(unix)]

mod absent;
mod at_once;
mod ended;
mod fakes;
mod installing;
mod killed;
mod stopped;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{CommandResult, World};

/// A stack with only a state machine.
const STACK: &str = "stack: kept
state_machines:
  echo: { definition: echo.asl.json }
";

/// A local AWS of its own for a test, started as users do, and stopped with the test.
struct Local {
    world: World,
    state: PathBuf,
    stack: String,
}

impl Local {
    fn new(test: &str) -> Self {
        let world = World::new(test);
        let state = world.folder.path().join("local");
        world.file("echo.asl.json", ECHO.as_bytes());
        let stack = world.file("stack.yaml", STACK.as_bytes());
        let stack = stack.to_str().unwrap().to_owned();
        Self {
            world,
            state,
            stack,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command();
        command.env("TREINO_LOCAL_DIR", &self.state).args(arguments);
        command
    }

    fn treino(&self, arguments: &[&str]) -> CommandResult {
        CommandResult::of(&mut self.command(arguments))
    }

    fn deploy(&self) {
        self.treino(&["deploy", &self.stack, "--local", "--yes"])
            .ends(0);
    }

    fn record(&self) -> Value {
        let text = std::fs::read(self.state.join("local.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn signal(&self, signal: &str) {
        kill(signal, &self.record()["pid"].to_string());
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.command(&["local", "down"]).output();
    }
}

const ECHO: &str = r#"{ "StartAt": "S", "States": { "S": { "Type": "Pass", "End": true } } }"#;

fn kill(signal: &str, pid: &str) {
    let status = Command::new("kill").args([signal, pid]).status().unwrap();
    assert!(status.success(), "kill {signal} {pid}");
}

/// The processes with this text in their environment.
#[cfg(target_os = "linux")]
fn with_variable(variable: &str) -> Vec<String> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().into_string().ok());
    let is_it = |pid: &String| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|each| each == variable.as_bytes())
    };
    pids.filter(is_it).collect()
}

/// A run whose standard error is read while it runs.
struct Watched {
    what: String,
    child: Child,
    said: String,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Watched {
    fn of(mut command: Command) -> Self {
        let what = format!("{:?}", command.get_args());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            what,
            child,
            said: String::new(),
            stderr,
        }
    }

    /// Reads until it has printed this.
    #[track_caller]
    fn says(&mut self, text: &str) {
        while !self.said.contains(text) {
            let read = self.stderr.read_line(&mut self.said).unwrap();
            assert!(
                read > 0,
                "{} ended without `{text}`: {}",
                self.what,
                self.said
            );
        }
    }

    /// Its pid.
    fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Its standard error, once it has ended so.
    #[track_caller]
    fn ends_saying(mut self, code: i32) -> String {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{}: {}", self.what, self.said);
        self.said
    }

    #[track_caller]
    fn ends(mut self, code: i32) -> String {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}: {out}\n{}",
            self.what,
            self.said
        );
        out
    }
}
