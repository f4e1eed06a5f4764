//! Runs of the binary with a time limit, and their memory use.

use std::process::{Command, Stdio};

use super::MEMORY;
use crate::support::CommandResult;

/// The result of a run and its peak memory.
pub struct Measured {
    pub ran: CommandResult,
    pub kilobytes: u64,
}

impl Measured {
    /// The result; asserts the memory limit.
    #[track_caller]
    pub fn modest(self) -> CommandResult {
        let megabytes = self.kilobytes / 1024;
        assert!(megabytes < MEMORY, "{megabytes} MB\n{:?}", self.ran);
        self.ran
    }
}

/// A run of so many seconds counts as hanging; none comes near it. Python reports the resource usage of an
/// ended child; this process has too many children to measure one.
const MEASURE: &str = "
import resource, subprocess, sys
try:
    code = subprocess.call(sys.argv[2:], timeout=300)
except subprocess.TimeoutExpired:
    sys.exit(201)
with open(sys.argv[1], 'w') as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code if code >= 0 else 200)
";

/// Runs a command to its end.
#[track_caller]
pub fn measured(command: &mut Command) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let (peak, out, err) = (
        folder.path().join("peak"),
        folder.path().join("out"),
        folder.path().join("err"),
    );
    let mut python = Command::new("python3");
    python.args(["-c", MEASURE]).arg(&peak);
    python.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        python.current_dir(folder);
    }
    // Files, not pipes: a full pipe would block it.
    python
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap());
    let began = std::time::Instant::now();
    let status = python.status().unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let text = |path: &std::path::Path| String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    let arguments = || command.get_args().collect::<Vec<_>>();
    assert_ne!(
        status.code(),
        Some(201),
        "{:?} hangs\n{}",
        arguments(),
        text(&err)
    );
    let kilobytes: u64 = text(&peak).parse().unwrap();
    // The figures in the documentation, printed with --nocapture.
    println!("{:?}: {seconds:.1} s, {} MB", arguments(), kilobytes / 1024);
    Measured {
        ran: CommandResult {
            code: status.code().unwrap_or(-1),
            out: text(&out),
            err: text(&err),
        },
        kilobytes,
    }
}
