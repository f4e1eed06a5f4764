//! Programs that install: watched while they run, ended when nothing comes of them.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::process::{Known, family};
use super::super::{causes, record, waiting};
use crate::source::Diagnostic;

/// How long a program may make no progress.
const SILENCE: Duration = Duration::from_mins(10);
/// How long the answer to a question may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How often is looked for progress.
const LOOK: Duration = Duration::from_secs(3);
/// The most that is kept of what a program says.
const MOST: usize = 256 * 1024;

/// Where a program installs to, and who is told.
pub(super) struct Step<'a> {
    pub folder: &'a Path,
    /// Given on to what is run; none where nothing is installed.
    pub lock: Option<&'a File>,
    pub say: &'a dyn Fn(&str),
}

/// How a program ended.
pub(super) struct Ran {
    status: std::process::ExitStatus,
    /// Its last words, of both streams.
    pub said: String,
}

/// What becomes of a question to a program.
pub(super) enum Asked {
    Answered(Ran),
    /// It did not end in time, and was ended.
    Silent,
    /// The system does not run it, in the system's words.
    Refused(String),
}

impl Step<'_> {
    /// Runs a program to its end. Every few seconds a line says what runs and how far it is; without
    /// any progress it is ended, and all it has started.
    pub fn run(&self, name: &str, command: &mut Command) -> Result<Ran, Diagnostic> {
        let limit = waiting::limit(SILENCE)?;
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

    /// Runs a program that has to answer at once, whatever it says meanwhile.
    pub fn ask(&self, name: &str, command: &mut Command) -> Result<Asked, Diagnostic> {
        let limit = waiting::limit(ANSWER)?.min(ANSWER);
        let child = match self.start(command) {
            Ok(child) => child,
            Err(error) if is_of_program(&error) => return Ok(Asked::Refused(error.to_string())),
            Err(error) => return Err(cannot_run(command, &error)),
        };
        let ran = self.watch(name, child, limit, false)?;
        Ok(ran.map_or(Asked::Silent, Asked::Answered))
    }

    fn start(&self, command: &mut Command) -> std::io::Result<Child> {
        // The lock is the program's too: it is not given back while a program runs whose treino died.
        let lock = self
            .lock
            .and_then(|lock| lock.try_clone().ok())
            .map_or_else(Stdio::null, Stdio::from);
        let child = command
            .stdin(lock)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        // Their handles in this process go with it.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        child
    }

    /// How it ended; nothing where it was ended, after this long without an end or, if that counts,
    /// without progress.
    fn watch(
        &self,
        name: &str,
        mut child: Child,
        limit: Duration,
        progress_counts: bool,
    ) -> Result<Option<Ran>, Diagnostic> {
        let said = Arc::new(Mutex::new(Vec::new()));
        let threads = [
            child.stdout.take().map(|stream| collect(stream, &said)),
            child.stderr.take().map(|stream| collect(stream, &said)),
        ];
        let began = Instant::now();
        let (mut looked, mut progressed, mut seen) = (began, began, (0, 0));
        let mut notices = waiting::Notices::later();
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
            if progress_counts && looked.elapsed() > LOOK {
                looked = Instant::now();
                let now = (record::size(self.folder), words(&said).len());
                if now != seen {
                    (seen, progressed) = (now, looked);
                }
            }
            if progressed.elapsed() > limit {
                let all = family(child.id());
                let _ = Known::of(child.id()).map(|known| known.kill());
                all.iter().for_each(Known::kill);
                let _ = child.wait();
                return Ok(None);
            }
            if notices.are_due() {
                let (seconds, megabytes) = (began.elapsed().as_secs(), seen.0 / 1_000_000);
                (self.say)(&format!(
                    "  {name}: {seconds} s, {megabytes} MB on disk so far"
                ));
            }
            waiting::pause();
        };
        // Something it left running may hold the other ends open.
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until && threads.iter().flatten().any(|thread| !thread.is_finished())
        {
            waiting::pause();
        }
        Ok(Some(Ran {
            status,
            said: words(&said),
        }))
    }
}

/// Whether another program might run all the same.
fn is_of_program(error: &std::io::Error) -> bool {
    // The last is that of a format the system cannot execute.
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied
    ) || (cfg!(unix) && error.raw_os_error() == Some(8))
}

fn cannot_run(command: &Command, error: &std::io::Error) -> Diagnostic {
    let (program, said) = (command.get_program().to_string_lossy(), error.to_string());
    let help = causes::named(&said).map_or("check its installation", |(_, help)| help);
    Diagnostic::error_with_help(format!("{program} cannot be run: {said}"), help)
}

fn words(said: &Mutex<Vec<u8>>) -> String {
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
                let more = said.len().saturating_sub(MOST);
                said.drain(..more);
            }
        }
    })
}

/// Words by which a failure is known, what is said of it, and the way out.
pub(super) type Sign<'a> = (&'a [&'a str], &'a str, &'a str);

impl Ran {
    pub fn is_success(&self) -> bool {
        self.status.success()
    }

    /// What went wrong: what the system refused, by its own words; or one of the signs; or the last line.
    pub fn failure(&self, what: &str, signs: &[Sign]) -> Diagnostic {
        if let Some((line, help)) = causes::named(&self.said) {
            return Diagnostic::error_with_help(format!("{what}: {line}"), help);
        }
        let known = signs
            .iter()
            .find(|(words, ..)| words.iter().any(|word| self.said.contains(word)));
        if let Some((_, message, help)) = known {
            return Diagnostic::error_with_help(*message, *help);
        }
        Diagnostic::error_with_help(
            format!("{what}: {}", self.last()),
            "mend that, then run the same command",
        )
    }

    /// The last line it said.
    pub fn last(&self) -> String {
        let mut lines = self.said.lines().rev().map(str::trim);
        let last = lines.find(|line| !line.is_empty());
        last.map_or_else(
            || format!("it said nothing ({})", self.status),
            str::to_owned,
        )
    }
}
