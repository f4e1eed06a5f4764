//! Starting, finding and stopping the local AWS.

use std::process::{Child, ChildStdin};
use std::time::{Duration, Instant};

use super::install::environment;
use super::lock::lock;
use super::process::Known;
use super::record::{self, Kept, Running};
use super::secret::secret;
use super::start::{self, Life};
use super::{Folders, Options, private_folder, process, waiting};
use crate::source::Diagnostic;

/// How long another treino may take to start or stop it.
const OTHERS: Duration = Duration::from_mins(5);
/// How long a stop may take before it is forced, and how long after that.
const END: Duration = Duration::from_secs(15);
const FORCED: Duration = Duration::from_secs(10);

/// What there is of a local AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// None runs, and none has left anything.
    Nothing,
    /// None runs; what the last one held is kept.
    Kept(Kept),
    /// One that answers.
    Running(Box<Running>),
}

/// The local AWS: one that is alive is waited for, and nothing is started or erased.
///
/// # Errors
/// It is alive and does not answer, or its record cannot be read.
pub async fn status(folders: &Folders, say: &(dyn Fn(&str) + Sync)) -> Result<Found, Diagnostic> {
    loop {
        match record::found(folders)? {
            Some(running) if running.lives() => {
                if let Some(running) = waiting::answer(folders, &running, say).await? {
                    return Ok(Found::Running(Box::new(running)));
                }
            }
            _ => return Ok(record::kept(folders).map_or(Found::Nothing, Found::Kept)),
        }
    }
}

/// How the local AWS with this pid ended, in words; nothing where it runs.
#[must_use]
pub fn ended(folders: &Folders, pid: u32) -> Option<String> {
    match record::read(folders) {
        Ok(Some(running)) if running.pid == pid && running.lives() => None,
        // What cannot be read says nothing.
        Err(_) => None,
        Ok(None) => Some("the local AWS was taken down meanwhile".to_owned()),
        Ok(Some(running)) if running.lives() => {
            Some("the local AWS was taken down meanwhile, and another one runs".to_owned())
        }
        Ok(Some(_)) => Some(format!("the local AWS (pid {pid}) ended meanwhile")),
    }
}

/// Starts the local AWS, with what the last one held, or finds the one that runs.
///
/// # Errors
/// It cannot be installed, its port is taken, or it ends or stays silent after its start.
pub async fn up(
    folders: &Folders,
    options: Options,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Running, Diagnostic> {
    match found_or_started(folders, options, Life::UntilDown, say).await? {
        Brought::Found(running) => {
            // Of no use without.
            secret(folders)?;
            reuse(running, options)
        }
        Brought::Started(running, _) => Ok(running),
    }
}

/// Holds a local AWS that was started by [`up_on_leash`].
#[derive(Debug)]
pub struct Leash {
    /// Held open, never written to.
    _stdin: Option<ChildStdin>,
    /// Waited for at last, so that nothing of it stays in the system's list.
    _child: Child,
}

/// Starts a local AWS that ends when its leash is dropped or this process ends, however it ends.
///
/// For tests: nothing they start outlives them. In folders where one runs already this is an error.
///
/// # Errors
/// Those of [`up`], and that one runs there.
pub async fn up_on_leash(
    folders: &Folders,
    options: Options,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(Running, Leash), Diagnostic> {
    match found_or_started(folders, options, Life::Leashed, say).await? {
        Brought::Found(running) => Err(Diagnostic::error_with_help(
            format!("the local AWS runs at {} already", running.endpoint),
            "name another folder for the state of this one",
        )),
        Brought::Started(running, mut child) => {
            let leash = Leash {
                _stdin: child.stdin.take(),
                _child: child,
            };
            Ok((running, leash))
        }
    }
}

enum Brought {
    Found(Running),
    Started(Running, Child),
}

async fn found_or_started(
    folders: &Folders,
    options: Options,
    life: Life,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Brought, Diagnostic> {
    private_folder(&folders.state)?;
    let mut attempts = 0;
    loop {
        let before = record::found(folders)?;
        if let Some(running) = before.as_ref().filter(|running| running.lives()) {
            match waiting::answer(folders, running, say).await? {
                Some(running) => return Ok(Brought::Found(running)),
                None => continue,
            }
        }
        // The one that is revived is as it was, but for what is asked for.
        let options = Options {
            enforce: options.enforce || before.as_ref().is_some_and(|before| before.enforced),
            no_faces: options.no_faces
                || before.as_ref().is_some_and(|before| before.without_faces),
            ..options
        };
        let programs = environment(folders, options.no_faces, say)?;
        // Nobody else starts or stops one from this look to the record of the start.
        let held = lock(
            &folders.state.join("lock"),
            ["starting it", "starting or stopping the local AWS"],
            OTHERS,
            say,
        )?;
        if record::read(folders)? != before {
            continue;
        }
        if record::kept(folders).is_some() {
            say("the local AWS ended without `treino local down`: it comes back with what it held");
        }
        say("starting the local AWS");
        record::end_leftovers(folders);
        attempts += 1;
        let port = start::free_port(options.port, before.as_ref().and_then(Running::port))?;
        let (running, mut child) = start::start(folders, &programs, port, options, life)?;
        drop(held);
        if let Some(running) = waiting::answer(folders, &running, say).await? {
            return Ok(Brought::Started(running, child));
        }
        // A port that was free a moment ago may be gone; a named one is not tried again.
        if attempts < 3 && options.port.is_none() && !start::is_free(port) {
            continue;
        }
        return Err(start::ended(folders, &running, &mut child));
    }
}

fn reuse(running: Running, options: Options) -> Result<Running, Diagnostic> {
    let wanted = options.port.map(|port| format!("http://127.0.0.1:{port}"));
    match wanted {
        Some(wanted) if wanted != running.endpoint => Err(Diagnostic::error_with_help(
            format!("the local AWS runs at {} already", running.endpoint),
            "use it there, or stop it first: treino local down (its data goes with it)",
        )),
        _ if options.enforce && !running.enforced => Err(Diagnostic::error_with_help(
            format!(
                "the local AWS at {} enforces no IAM policies",
                running.endpoint
            ),
            "stop it first: treino local down (its data goes with it)",
        )),
        _ => Ok(running),
    }
}

/// What `down` has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Nothing ran, and nothing was left.
    Nothing,
    /// Nothing ran; what was left is deleted.
    Leftovers,
    /// This ran.
    Running(Box<Running>),
    /// A process ran of which there was no record.
    Unrecorded(u32),
}

/// Stops the local AWS and deletes its data; answers what ran.
///
/// # Errors
/// It does not end, or its data cannot be deleted.
pub async fn down(folders: &Folders, say: &(dyn Fn(&str) + Sync)) -> Result<Ended, Diagnostic> {
    if !folders.state.exists() {
        return Ok(Ended::Nothing);
    }
    let _lock = lock(
        &folders.state.join("lock"),
        ["stopping it", "starting or stopping the local AWS"],
        OTHERS,
        say,
    )?;
    // What is no record goes as well.
    let recorded = record::read(folders).ok().flatten();
    let running = recorded.clone().filter(Running::lives);
    if let Some(running) = &running {
        stop(&running.known(), say).await?;
    }
    let unrecorded = record::front(folders);
    if let Some(known) = &unrecorded {
        stop(known, say).await?;
    }
    record::end_leftovers(folders);
    let left = record::path(folders).exists() || record::kept(folders).is_some();
    record::delete(folders)?;
    Ok(match (running, unrecorded) {
        (Some(running), _) => Ended::Running(Box::new(running)),
        (None, Some(known)) => Ended::Unrecorded(known.pid),
        (None, None) if left => Ended::Leftovers,
        (None, None) => Ended::Nothing,
    })
}

async fn stop(known: &Known, say: &(dyn Fn(&str) + Sync)) -> Result<(), Diagnostic> {
    let pid = known.pid;
    let family = process::family(pid);
    known.end();
    let began = Instant::now();
    let mut notices = waiting::Notices::new();
    let mut forced = false;
    while known.lives() {
        if !forced && (began.elapsed() > END || cfg!(windows)) {
            forced = true;
            known.kill();
        }
        if began.elapsed() > END + FORCED {
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
    for each in family {
        each.kill();
    }
    Ok(())
}
