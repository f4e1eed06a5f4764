//! Starts, finds and stops the local AWS.

use std::process::{Child, ChildStdin};
use std::time::{Duration, Instant};

use super::install::environment;
use super::listener::on_a_thread;
use super::lock::lock;
use super::process::Process;
use super::record::{self, Kept, Running};
use super::secret::secret;
use super::start::{self, Lifetime};
use super::{Folders, Listener, Options, private_folder, process, wait};
use crate::source::Diagnostic;

/// How long another treino may take to start or stop it.
const LOCK_TIMEOUT: Duration = Duration::from_mins(5);
/// How long a stop may take before the process is killed, and how long the kill may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

/// The status of the local AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalStatus {
    /// None runs, and there is no data.
    Nothing,
    /// None runs; the data of the last one is kept.
    Kept(Kept),
    Running(Box<Running>),
}

/// The status of the local AWS. A running one is waited for; nothing is started or erased.
///
/// # Errors
/// It runs and does not answer, or its record cannot be read.
pub async fn status(
    folders: &Folders,
    say: &(dyn Fn(&str) + Sync),
) -> Result<LocalStatus, Diagnostic> {
    loop {
        match record::read_live(folders)? {
            Some(running) if running.is_alive() => {
                if let Some(running) = wait::until_ready(folders, &running, say).await? {
                    return Ok(LocalStatus::Running(Box::new(running)));
                }
            }
            _ => return Ok(record::kept(folders).map_or(LocalStatus::Nothing, LocalStatus::Kept)),
        }
    }
}

/// How the local AWS with this pid ended, in words; `None` while it runs.
#[must_use]
pub fn why_ended(folders: &Folders, pid: u32) -> Option<String> {
    match record::read(folders) {
        Ok(Some(running)) if running.pid == pid && running.is_alive() => None,
        // An unreadable record proves nothing.
        Err(_) => None,
        Ok(None) => Some("the local AWS was taken down meanwhile".to_owned()),
        Ok(Some(running)) if running.is_alive() => {
            Some("the local AWS ended meanwhile, and another one runs".to_owned())
        }
        Ok(Some(_)) => Some(format!("the local AWS (pid {pid}) ended meanwhile")),
    }
}

/// Starts the local AWS with the data of the last one, or finds the running one.
///
/// # Errors
/// It cannot be installed, its port is taken, or it ends or does not answer after its start.
pub async fn up(
    folders: &Folders,
    options: Options,
    listener: &dyn Listener,
) -> Result<Running, Diagnostic> {
    match find_or_start(folders, options, Lifetime::UntilDown, listener).await? {
        UpOutcome::Found(running) => {
            // Without its secret it cannot be used.
            secret(folders)?;
            reuse(running, options)
        }
        UpOutcome::Started(running, _) => Ok(running),
    }
}

/// A local AWS started by [`up_guarded`] ends when this is dropped.
#[derive(Debug)]
pub struct UpGuard {
    /// Kept open, never written to.
    _stdin: Option<ChildStdin>,
    /// Waited for at the end, so that it leaves no zombie.
    _child: Child,
}

/// Starts a local AWS that ends when its guard is dropped or this process ends, however it ends.
///
/// For tests: nothing they start outlives them. It is an error if one already runs in these folders.
///
/// # Errors
/// Those of [`up`], and one that already runs.
pub async fn up_guarded(
    folders: &Folders,
    options: Options,
    listener: &dyn Listener,
) -> Result<(Running, UpGuard), Diagnostic> {
    match find_or_start(folders, options, Lifetime::UntilStdinCloses, listener).await? {
        UpOutcome::Found(running) => Err(Diagnostic::error_with_help(
            format!("the local AWS runs at {} already", running.endpoint),
            "name another folder for the state of this one",
        )),
        UpOutcome::Started(running, mut child) => {
            let guard = UpGuard {
                _stdin: child.stdin.take(),
                _child: child,
            };
            Ok((running, guard))
        }
    }
}

enum UpOutcome {
    Found(Running),
    Started(Running, Child),
}

async fn find_or_start(
    folders: &Folders,
    options: Options,
    lifetime: Lifetime,
    listener: &dyn Listener,
) -> Result<UpOutcome, Diagnostic> {
    private_folder(&folders.state)?;
    let say = |text: &str| listener.say(text);
    let mut attempts = 0;
    loop {
        let before = record::read_live(folders)?;
        if let Some(running) = before.as_ref().filter(|running| running.is_alive()) {
            match wait::until_ready(folders, running, &say).await? {
                Some(running) => return Ok(UpOutcome::Found(running)),
                None => continue,
            }
        }
        // A restarted one keeps its options, unless others are given.
        let options = Options {
            enforce: options.enforce || before.as_ref().is_some_and(|before| before.enforced),
            no_faces: options.no_faces
                || before.as_ref().is_some_and(|before| before.without_faces),
            ..options
        };
        let of_install = folders.clone();
        let programs = on_a_thread(listener, move |listener| {
            environment(&of_install, options.no_faces, listener)
        })
        .await?;
        // The lock is held from this check until the start is recorded.
        let held = lock(
            &folders.state.join("lock"),
            ["starting it", "starting or stopping the local AWS"],
            LOCK_TIMEOUT,
            listener,
        )?;
        if record::read(folders)? != before {
            continue;
        }
        if record::kept(folders).is_some() {
            say("the local AWS ended without `treino local down`: it comes back with what it held");
        }
        say("starting the local AWS");
        record::kill_orphans(folders);
        attempts += 1;
        let port = start::free_port(options.port, before.as_ref().and_then(Running::port))?;
        let (running, mut child) = start::start(folders, &programs, port, options, lifetime)?;
        drop(held);
        if let Some(running) = wait::until_ready(folders, &running, &say).await? {
            return Ok(UpOutcome::Started(running, child));
        }
        // A free port may have been taken since. A port that the user named is not replaced.
        if attempts < 3 && options.port.is_none() && !start::is_free(port) {
            continue;
        }
        return Err(start::startup_error(folders, &running, &mut child));
    }
}

fn reuse(running: Running, options: Options) -> Result<Running, Diagnostic> {
    let wanted = options.port.map(|port| format!("http://127.0.0.1:{port}"));
    match wanted {
        Some(wanted) if wanted != running.endpoint => Err(Diagnostic::error_with_help(
            format!("the local AWS runs at {} already", running.endpoint),
            "use it there, or stop it first by `treino local down` (its data is deleted)",
        )),
        _ if options.enforce && !running.enforced => Err(Diagnostic::error_with_help(
            format!(
                "the local AWS at {} enforces no IAM policies",
                running.endpoint
            ),
            "stop it first by `treino local down` (its data is deleted)",
        )),
        _ => Ok(running),
    }
}

/// What `down` stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing ran, and there was no data.
    Nothing,
    /// Nothing ran; data was deleted.
    Leftovers,
    Running(Box<Running>),
    /// A process without a record ran; its pid.
    Unrecorded(u32),
}

/// Stops the local AWS and deletes its data; returns what ran.
///
/// # Errors
/// It does not end, or its data cannot be deleted.
pub async fn down(folders: &Folders, say: &(dyn Fn(&str) + Sync)) -> Result<Stopped, Diagnostic> {
    if !folders.state.exists() {
        return Ok(Stopped::Nothing);
    }
    let _lock = lock(
        &folders.state.join("lock"),
        ["stopping it", "starting or stopping the local AWS"],
        LOCK_TIMEOUT,
        &say,
    )?;
    // An invalid record is deleted too.
    let recorded = record::read(folders).ok().flatten();
    let running = recorded.clone().filter(Running::is_alive);
    if let Some(running) = &running {
        stop(&running.process(), say).await?;
    }
    let unrecorded = record::lock_holder(folders);
    if let Some(known) = &unrecorded {
        stop(known, say).await?;
    }
    record::kill_orphans(folders);
    let left = record::path(folders).exists() || record::kept(folders).is_some();
    record::delete(folders)?;
    Ok(match (running, unrecorded) {
        (Some(running), _) => Stopped::Running(Box::new(running)),
        (None, Some(known)) => Stopped::Unrecorded(known.pid),
        (None, None) if left => Stopped::Leftovers,
        (None, None) => Stopped::Nothing,
    })
}

async fn stop(known: &Process, say: &(dyn Fn(&str) + Sync)) -> Result<(), Diagnostic> {
    let pid = known.pid;
    let descendants = process::descendants(pid);
    known.end();
    let began = Instant::now();
    let mut notices = wait::ProgressNotices::new();
    let mut forced = false;
    while known.is_alive() {
        if !forced && (began.elapsed() > STOP_TIMEOUT || cfg!(windows)) {
            forced = true;
            known.kill();
        }
        if began.elapsed() > STOP_TIMEOUT + KILL_TIMEOUT {
            return Err(Diagnostic::error_with_help(
                format!("the local AWS (pid {pid}) does not end, not even when it is killed"),
                "its data is kept; run the same command again, or restart the machine",
            ));
        }
        if !forced && notices.are_due() {
            say(&format!(
                "the local AWS (pid {pid}) is asked to end, and killed in a few seconds"
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for each in descendants {
        each.kill();
    }
    Ok(())
}
