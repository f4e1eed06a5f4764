//! Programs that install: watched while they run, ended when nothing comes of them.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::process::{Known, family};
use super::super::{Failure, causes, record, waiting};

/// How long a program may make no progress.
const SILENCE: Duration = Duration::from_mins(10);
/// How often is looked for progress.
const LOOK: Duration = Duration::from_secs(3);
/// The most that is kept of what a program says.
const MOST: usize = 256 * 1024;

/// Where a program installs to, and who is told.
pub(super) struct Step<'a> {
    pub folder: &'a Path,
    pub lock: &'a File,
    pub say: &'a dyn Fn(&str),
}

/// How a program ended.
pub(super) struct Ran {
    status: std::process::ExitStatus,
    /// Its last words, of both streams.
    pub said: String,
}

impl Step<'_> {
    /// Runs a program to its end. Every few seconds a line says what runs and how far it is; without
    /// any progress it is ended, and all it has started.
    pub fn run(&self, name: &str, command: &mut Command) -> Result<Ran, Failure> {
        let limit = waiting::limit(SILENCE)?;
        let program = command.get_program().to_string_lossy().into_owned();
        // The lock is the program's too: it is not given back while a program runs whose treino died.
        let lock = self
            .lock
            .try_clone()
            .map_or_else(|_| Stdio::null(), Stdio::from);
        let child = command
            .stdin(lock)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| {
            let said = error.to_string();
            let help = causes::named(&said).map_or("check its installation", |(_, help)| help);
            Failure::new(format!("{program} cannot be run: {said}"), help)
        })?;
        // Their handles in this process go with it.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
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
                Err(error) => return Err(Failure::new(format!("{name}: {error}"), "try again")),
                Ok(None) => {}
            }
            if looked.elapsed() > LOOK {
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
                return Err(Failure::new(
                    format!(
                        "{name} has made no progress for {} s and was ended",
                        limit.as_secs()
                    ),
                    "check the network and its proxy, then run the same command; TREINO_LOCAL_TIMEOUT=SECONDS waits longer",
                ));
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
        Ok(Ran {
            status,
            said: words(&said),
        })
    }
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
    pub fn failure(&self, what: &str, signs: &[Sign]) -> Failure {
        if let Some((line, help)) = causes::named(&self.said) {
            return Failure::new(format!("{what}: {line}"), help);
        }
        let known = signs
            .iter()
            .find(|(words, ..)| words.iter().any(|word| self.said.contains(word)));
        if let Some((_, message, help)) = known {
            return Failure::new(*message, *help);
        }
        let last = self
            .said
            .lines()
            .rev()
            .map(str::trim)
            .find(|line| !line.is_empty());
        let last = last.map_or_else(
            || format!("it said nothing ({})", self.status),
            str::to_owned,
        );
        Failure::new(
            format!("{what}: {last}"),
            "mend that, then run the same command",
        )
    }
}
