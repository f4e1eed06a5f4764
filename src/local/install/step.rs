//! Runs installation programs: reports progress, and ends a program that makes none.

use std::cell::Cell;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::process::{Process, descendants};
use super::super::{InstallProgress, Listener, os_errors, record, wait};
use crate::source::Diagnostic;

/// How long a program may make no progress.
const NO_PROGRESS_TIMEOUT: Duration = Duration::from_mins(10);
/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often progress is measured.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(3);
/// The maximum of output that is kept.
const MAX_OUTPUT: usize = 256 * 1024;

/// How often progress is reported.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// How long a program that was ended by Ctrl-C, as this one was, may end before this one hears of it.
const STOP_HEARD_WITHIN: Duration = Duration::from_secs(2);

/// How many packages a program has dealt with, by its output.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub done: usize,
    /// 0 where they cannot be counted.
    pub packages: usize,
    /// What is under way.
    pub step: Option<String>,
    /// Whether a download got no answer, and is tried again.
    pub retrying: bool,
}

/// Reads a program's output; the number is how many packages there are.
pub(crate) type Counter = fn(&str, usize) -> Counted;

/// The target folder of an installation, its lock, and the receiver of messages.
pub(crate) struct InstallStep<'a> {
    folder: &'a Path,
    /// Inherited by the program; `None` if nothing is installed.
    pub lock: Option<&'a File>,
    listener: &'a dyn Listener,
    began: Instant,
    /// What is reported between two programs; no `what` where nothing is installed.
    progress: InstallProgress,
    counter: Option<(Counter, usize)>,
    /// The size of the folder, as it was measured last.
    bytes: Cell<u64>,
    /// The size at which the installation is given up, and why.
    limit: Option<(u64, &'static str)>,
}

/// The exit status and output of a program.
pub(crate) struct ProgramOutput {
    status: std::process::ExitStatus,
    /// The end of its standard output and standard error.
    pub output: String,
}

/// The result of a probe.
pub(crate) enum ProbeResult {
    Answered(ProgramOutput),
    /// It did not end in time and was killed.
    Silent,
    /// The system could not start it; the system's message.
    Refused(String),
}

impl<'a> InstallStep<'a> {
    pub fn new(folder: &'a Path, lock: Option<&'a File>, listener: &'a dyn Listener) -> Self {
        Self {
            folder,
            lock,
            listener,
            began: Instant::now(),
            progress: InstallProgress::default(),
            counter: None,
            bytes: Cell::new(0),
            limit: None,
        }
    }

    /// Gives up once the folder is larger than so many bytes.
    pub fn limit(&mut self, bytes: u64, why: &'static str) {
        self.limit = Some((bytes, why));
    }

    /// # Errors
    /// The folder is larger than the limit.
    pub fn check_size(&self) -> Result<(), Diagnostic> {
        self.bytes.set(record::size(self.folder));
        self.too_large().map_or(Ok(()), Err)
    }

    fn too_large(&self) -> Option<Diagnostic> {
        let (limit, why) = self.limit?;
        let (bytes, what) = (self.bytes.get(), &self.progress.what);
        (bytes > limit).then(|| {
            let megabytes = bytes / 1_000_000;
            Diagnostic::error_with_help(format!("{what} have over {megabytes} MB"), why)
        })
    }

    pub fn folder(&self) -> &'a Path {
        self.folder
    }

    /// What is installed from now on.
    pub fn begins(&mut self, what: &str) {
        what.clone_into(&mut self.progress.what);
    }

    /// What the next program does.
    pub fn now(&mut self, step: &str) {
        self.progress.step = Some(step.to_owned());
        self.counter = None;
    }

    /// How the packages of the next program are counted.
    pub fn count(&mut self, counter: Counter, packages: usize) {
        self.progress.step = None;
        self.counter = Some((counter, packages));
    }

    /// Says that all of it is installed.
    pub fn say_installed(&self) {
        let (megabytes, seconds) = (
            record::size(self.folder) / 1_000_000,
            self.began.elapsed().as_secs(),
        );
        self.listener
            .say(&format!("installed: {megabytes} MB in {seconds} s"));
    }

    fn report(&self, output: &str, silent: Duration) {
        let mut progress = self.progress.clone();
        if let Some((counter, packages)) = self.counter {
            let counted = counter(output, packages);
            (progress.done, progress.packages) = (counted.done, counted.packages);
            progress.step = counted.step;
            progress.retrying = counted.retrying;
        }
        progress.bytes = self.bytes.get();
        progress.seconds = self.began.elapsed().as_secs();
        progress.silent = silent.as_secs();
        self.listener.progress(&progress);
    }

    /// Runs a program to its end and reports its progress at intervals. Without progress it is killed with
    /// its descendants.
    pub fn run(&self, name: &str, command: &mut Command) -> Result<ProgramOutput, Diagnostic> {
        let limit = wait::timeout(NO_PROGRESS_TIMEOUT)?;
        let child = self.start(command).map_err(|e| cannot_run(command, &e))?;
        self.watch(name, child, limit, true)?.ok_or_else(|| {
            Diagnostic::error_with_help(
                format!(
                    "{name} has made no progress for {} s and was ended",
                    limit.as_secs()
                ),
                "check the network and its proxy, then run the same command; TREINO_LOCAL_TIMEOUT=SECONDS waits longer",
            )
        })
    }

    /// Runs a program that must end quickly.
    pub fn probe(&self, name: &str, command: &mut Command) -> Result<ProbeResult, Diagnostic> {
        let limit = wait::timeout(PROBE_TIMEOUT)?.min(PROBE_TIMEOUT);
        let child = match self.start(command) {
            Ok(child) => child,
            Err(error) if is_of_program(&error) => {
                return Ok(ProbeResult::Refused(error.to_string()));
            }
            Err(error) => return Err(cannot_run(command, &error)),
        };
        let ran = self.watch(name, child, limit, false)?;
        Ok(ran.map_or(ProbeResult::Silent, ProbeResult::Answered))
    }

    fn start(&self, command: &mut Command) -> std::io::Result<Child> {
        // The program inherits the lock, so that it stays locked if this process dies.
        let lock = self
            .lock
            .and_then(|lock| lock.try_clone().ok())
            .map_or_else(Stdio::null, Stdio::from);
        let child = command
            .stdin(lock)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        // Closes this process's handles of them.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        child
    }

    /// Waits for its end; `None` if it was killed after `limit` without an end or, if `progress_counts`,
    /// without progress.
    fn watch(
        &self,
        name: &str,
        mut child: Child,
        limit: Duration,
        progress_counts: bool,
    ) -> Result<Option<ProgramOutput>, Diagnostic> {
        let said = Arc::new(Mutex::new(Vec::new()));
        let threads = [
            child.stdout.take().map(|stream| collect(stream, &said)),
            child.stderr.take().map(|stream| collect(stream, &said)),
        ];
        let began = Instant::now();
        let (mut looked, mut progressed, mut seen) = (began, began, (self.bytes.get(), 0));
        let mut reported = began;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Err(error) => {
                    return Err(Diagnostic::error_with_help(
                        format!("{name}: {error}"),
                        "try again",
                    ));
                }
                Ok(None) => {}
            }
            if progress_counts && looked.elapsed() > PROGRESS_INTERVAL {
                looked = Instant::now();
                self.bytes.set(record::size(self.folder));
                if let Some(too_large) = self.too_large() {
                    kill(&mut child);
                    return Err(too_large);
                }
                let now = (self.bytes.get(), output_text(&said).len());
                if now != seen {
                    (seen, progressed) = (now, looked);
                }
            }
            if self.listener.is_stopped() {
                kill(&mut child);
                return Err(wait::stopped());
            }
            if progressed.elapsed() > limit {
                kill(&mut child);
                return Ok(None);
            }
            if progress_counts
                && !self.progress.what.is_empty()
                && reported.elapsed() > REPORT_INTERVAL
            {
                reported = Instant::now();
                self.report(&output_text(&said), progressed.elapsed());
            }
            wait::poll_pause();
        };
        // Ctrl-C ends all programs of a terminal: this one is no failure then.
        let until = Instant::now() + STOP_HEARD_WITHIN;
        let mut is_heard = !is_interrupted(status, &output_text(&said));
        while !is_heard && Instant::now() < until {
            is_heard = self.listener.is_stopped();
            wait::poll_pause();
        }
        if self.listener.is_stopped() && !status.success() {
            return Err(wait::stopped());
        }
        // A process it left running may keep the pipes open.
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until && threads.iter().flatten().any(|thread| !thread.is_finished())
        {
            wait::poll_pause();
        }
        Ok(Some(ProgramOutput {
            status,
            output: output_text(&said),
        }))
    }
}

/// Whether a program was ended from outside.
fn is_interrupted(status: std::process::ExitStatus, output: &str) -> bool {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
        return true;
    }
    let signs = ["KeyboardInterrupt", "cancelled by user"];
    status.code() == Some(130)
        || !status.success() && signs.iter().any(|sign| output.contains(sign))
}

/// Kills a program with its descendants.
fn kill(child: &mut Child) {
    let all = descendants(child.id());
    let _ = Process::of(child.id()).map(|known| known.kill());
    all.iter().for_each(Process::kill);
    let _ = child.wait();
}

/// Whether the error concerns this program only, so that another one might run.
fn is_of_program(error: &std::io::Error) -> bool {
    // 8 is ENOEXEC: the file is not executable code.
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied
    ) || (cfg!(unix) && error.raw_os_error() == Some(8))
}

fn cannot_run(command: &Command, error: &std::io::Error) -> Diagnostic {
    let (program, said) = (command.get_program().to_string_lossy(), error.to_string());
    let help = os_errors::find_known(&said).map_or("check its installation", |(_, help)| help);
    Diagnostic::error_with_help(format!("{program} cannot be run: {said}"), help)
}

fn output_text(said: &Mutex<Vec<u8>>) -> String {
    let bytes = said.lock().map(|said| said.clone()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn collect(
    mut stream: impl Read + Send + 'static,
    said: &Arc<Mutex<Vec<u8>>>,
) -> std::thread::JoinHandle<()> {
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            if let Ok(mut said) = said.lock() {
                said.extend_from_slice(&buffer[..length]);
                let more = said.len().saturating_sub(MAX_OUTPUT);
                said.drain(..more);
            }
        }
    })
}

/// A known failure: texts that identify it, the message, and the help.
pub(crate) type KnownFailure<'a> = (&'a [&'a str], &'a str, &'a str);

impl ProgramOutput {
    pub fn is_success(&self) -> bool {
        self.status.success()
    }

    /// The diagnostic of a failure: a known system error, one of the known failures, or the last line of
    /// output.
    pub fn failure(&self, what: &str, signs: &[KnownFailure]) -> Diagnostic {
        self.failure_of(what, &self.last(), signs)
    }

    /// The same with `reason` in place of the last line.
    pub fn failure_of(&self, what: &str, reason: &str, signs: &[KnownFailure]) -> Diagnostic {
        if let Some((line, help)) = os_errors::find_known(&self.output) {
            return Diagnostic::error_with_help(format!("{what}: {line}"), help);
        }
        let known = signs
            .iter()
            .find(|(words, ..)| words.iter().any(|word| self.output.contains(word)));
        if let Some((_, message, help)) = known {
            return Diagnostic::error_with_help(*message, *help);
        }
        Diagnostic::error_with_help(
            format!("{what}: {reason}"),
            "correct that, then run the same command",
        )
    }

    /// The last line of output.
    pub fn last(&self) -> String {
        let mut lines = self.output.lines().rev().map(str::trim);
        let last = lines.find(|line| !line.is_empty());
        last.map_or_else(
            || format!("it said nothing ({})", self.status),
            str::to_owned,
        )
    }
}
