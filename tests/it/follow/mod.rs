//! `treino run` and `treino logs` with the state machines of `lab/`, on the local AWS.

mod control;
mod logs;
mod tree;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

use crate::support::World;

const LAB: &str = "tests/it/follow/lab/stack.yaml";

/// A world in which the lab of this folder is deployed.
fn deployed(test: &str) -> World {
    let world = World::new(test);
    world.treino(&["deploy", LAB, "--yes"]).ends(0);
    world
}

/// The running binary, whose output is read line by line.
struct RunningTreino {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it has printed so far.
    output: String,
}

impl RunningTreino {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let mut command = world.command();
        command.arg("--local").args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            out,
            output: String::new(),
        }
    }

    /// Reads until it has printed this text.
    #[track_caller]
    fn read_until(&mut self, text: &str) {
        while !self.output.contains(text) {
            let read = self.out.read_line(&mut self.output).unwrap();
            assert!(read > 0, "it ended without `{text}`:\n{}", self.output);
        }
    }

    /// Ctrl-C.
    fn interrupt(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Waits for its end. Returns its exit code, standard output and standard error.
    fn end(mut self) -> (i32, String, String) {
        self.out.read_to_string(&mut self.output).unwrap();
        let mut err = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap();
        (status.code().unwrap_or(-1), self.output, err)
    }
}
