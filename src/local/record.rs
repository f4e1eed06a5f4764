//! The record of a started local AWS (`local.json`), and its data.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::process::{self, Process};
use super::{Disturbance, Folders, os_errors, private_file};
use crate::source::Diagnostic;

/// A local AWS that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    pub pid: u32,
    /// The start time of the process in the system's format: the pid may be reused.
    pub started: String,
    /// Its data, deleted by `down`.
    pub data: PathBuf,
    /// The log of it and its functions.
    pub log: PathBuf,
    /// The start as an RFC 3339 time.
    pub since: String,
    /// Whether it detects faces.
    pub faces: bool,
    /// Whether it was started without face detection.
    pub(super) without_faces: bool,
    /// Whether it enforces IAM policies.
    pub enforced: bool,
    /// The injected failures, as it reports them.
    #[serde(default)]
    pub chaos: Option<Disturbance>,
    /// Why its state could not be saved (such as a full disk), and would be lost with its process.
    #[serde(default)]
    pub unsaved: Option<String>,
    /// The extension it runs.
    pub(super) extension: String,
}

impl Running {
    /// The size of its data in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        size(&self.data)
    }

    pub(super) fn process(&self) -> Process {
        Process {
            pid: self.pid,
            started: self.started.clone(),
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.process().is_alive()
    }

    /// Whether this is the same process.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.process() == other.process()
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.endpoint.rsplit(':').next()?.parse().ok()
    }
}

/// The data of an ended local AWS; the next start restores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub data: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

pub(super) fn path(folders: &Folders) -> PathBuf {
    folders.state.join("local.json")
}

pub(super) fn data(folders: &Folders) -> PathBuf {
    folders.state.join("data")
}

/// The record of the last start, if `local down` did not delete it.
pub(super) fn read(folders: &Folders) -> Result<Option<Running>, Diagnostic> {
    let path = path(folders);
    let text = match std::fs::read(&path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(os_errors::file_error(&path, &error)),
        Ok(text) => text,
    };
    let wrong = match serde_json::from_slice::<Running>(&text) {
        // It is printed for shells to evaluate, so it must be well-formed.
        Ok(running)
            if running
                .port()
                .is_some_and(|port| running.endpoint == endpoint(port)) =>
        {
            return Ok(Some(running));
        }
        Ok(_) => "its endpoint is none".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Diagnostic::error_with_help(
        format!("{} is not a record of a local AWS: {wrong}", path.display()),
        "`treino local down` deletes it, and the data of the local AWS",
    ))
}

/// The endpoint at a port.
pub(super) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Like [`read`]; a running local AWS without a record is an error.
pub(super) fn read_live(folders: &Folders) -> Result<Option<Running>, Diagnostic> {
    let is_alive =
        |read: &Result<Option<Running>, _>| matches!(read, Ok(Some(running)) if running.is_alive());
    let first = read(folders);
    if is_alive(&first) {
        return first;
    }
    let Some(known) = lock_holder(folders) else {
        return first;
    };
    // It may have been started after the first read.
    let again = read(folders);
    if is_alive(&again) || !known.is_alive() {
        return again;
    }
    Err(Diagnostic::error_with_help(
        format!(
            "a local AWS (pid {}) is alive, but {} is damaged, missing or another one's",
            known.pid,
            path(folders).display()
        ),
        "`treino local down` ends it (its data is deleted)",
    ))
}

/// The process that uses this data folder, recorded or not: it holds a lock while it runs.
pub(super) fn lock_holder(folders: &Folders) -> Option<Process> {
    let mut file = File::open(data(folders).join("front.lock")).ok()?;
    let Err(TryLockError::WouldBlock) = file.try_lock() else {
        return None;
    };
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    Process::of(text.trim().parse().ok()?)
}

/// Replaces the record atomically: others read it without a lock.
pub(super) fn write(folders: &Folders, running: &Running) -> Result<(), Diagnostic> {
    let path = path(folders);
    let new = path.with_extension("new");
    let text = serde_json::to_vec_pretty(running).unwrap_or_default();
    let written = private_file(&new)
        .and_then(|mut file| file.write_all(&text))
        .and_then(|()| std::fs::rename(&new, &path));
    written.map_err(|error| os_errors::file_error(&path, &error))
}

/// The data of an ended local AWS, if there is any.
pub(super) fn kept(folders: &Folders) -> Option<Kept> {
    let data = data(folders);
    let holds = |name: &str| {
        let mut entries = std::fs::read_dir(data.join(name)).into_iter().flatten();
        entries.next().is_some()
    };
    (holds("s3") || holds("state")).then(|| Kept {
        bytes: size(&data),
        data,
    })
}

/// The total size of the files in a folder, in bytes.
pub(super) fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        Ok(_) => entry.metadata().map_or(0, |metadata| metadata.len()),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Deletes the data, the record and the logs.
pub(super) fn delete(folders: &Folders) -> Result<(), Diagnostic> {
    let undeletable = |path: &Path, error: &std::io::Error| {
        Diagnostic::error_with_help(
            format!("{} cannot be deleted: {error}", path.display()),
            "delete it by hand, then run the same command",
        )
    };
    let data = data(folders);
    let mut deleted = std::fs::remove_dir_all(&data);
    if deleted
        .as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    {
        // Some folders are read-only for functions.
        make_writable(&data);
        deleted = std::fs::remove_dir_all(&data);
    }
    let files = [
        "local.log",
        "local.log.1",
        "secret",
        "local.new",
        "local.json",
    ];
    let files = files.map(|name| folders.state.join(name));
    let mut all = vec![(data, deleted)];
    if all.iter().all(|(_, deleted)| is_deleted(deleted)) {
        all.extend(files.map(|file| (file.clone(), std::fs::remove_file(file))));
    }
    match all.into_iter().find(|(_, deleted)| !is_deleted(deleted)) {
        Some((path, Err(error))) => Err(undeletable(&path, &error)),
        _ => Ok(()),
    }
}

fn is_deleted(deleted: &std::io::Result<()>) -> bool {
    match deleted {
        Err(error) => error.kind() == ErrorKind::NotFound,
        Ok(()) => true,
    }
}

/// Makes every folder writable for the user.
fn make_writable(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// Kills processes that an ended local AWS left behind.
pub(super) fn kill_orphans(folders: &Folders) {
    for each in process::orphans(&data(folders)) {
        each.kill();
    }
}
