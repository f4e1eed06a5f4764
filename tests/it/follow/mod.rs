//! `treino run` and `treino logs` over machines of every shape, executed by the local AWS.

mod control;
mod logs;
mod tree;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

use crate::support::World;

const LAB: &str = "tests/it/follow/lab/stack.yaml";

/// A world in which the lab of this folder stands.
fn deployed(test: &str) -> World {
    let world = World::new(test);
    world.treino(&["deploy", LAB, "--yes"]).ends(0);
    world
}

/// The binary under way, read line by line.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it has printed so far.
    said: String,
}

impl Running {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let mut command = world.command();
        command.arg("--local").args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            out,
            said: String::new(),
        }
    }

    /// Reads until it says this.
    #[track_caller]
    fn until(&mut self, text: &str) {
        while !self.said.contains(text) {
            let read = self.out.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it ended without `{text}`:\n{}", self.said);
        }
    }

    /// Ctrl-C.
    fn interrupt(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Its exit code, all it printed and what it said on standard error.
    fn end(mut self) -> (i32, String, String) {
        self.out.read_to_string(&mut self.said).unwrap();
        let mut err = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap();
        (status.code().unwrap_or(-1), self.said, err)
    }
}
