//! What is written down of the local AWS that was started, and what is kept when it has ended.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::process::{self, Known};
use super::{Disturbance, Folders, causes, private_file};
use crate::source::Diagnostic;

/// A local AWS that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// Its process.
    pub pid: u32,
    /// When that was started, as the system has it: by then, the pid may be another one's.
    pub started: String,
    /// Its data, deleted by `down`.
    pub data: PathBuf,
    /// What it and its functions print.
    pub log: PathBuf,
    /// When it was started, as an RFC 3339 time.
    pub since: String,
    /// Whether it finds faces.
    pub faces: bool,
    /// Whether it was started to do without.
    pub(super) without_faces: bool,
    /// Whether it enforces IAM policies.
    pub enforced: bool,
    /// What it is made to fail at, as it says itself.
    #[serde(default)]
    pub chaos: Option<Disturbance>,
    /// What it could not write down (a full disk), and so would lose with its process.
    #[serde(default)]
    pub unsaved: Option<String>,
    /// The extension it runs.
    pub(super) extension: String,
}

impl Running {
    /// How many bytes its data has.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        size(&self.data)
    }

    pub(super) fn known(&self) -> Known {
        Known {
            pid: self.pid,
            started: self.started.clone(),
        }
    }

    pub(super) fn lives(&self) -> bool {
        self.known().lives()
    }

    /// Whether this is the same process.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.known() == other.known()
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.endpoint.rsplit(':').next()?.parse().ok()
    }
}

/// What an ended local AWS has left: it comes back with the next start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it is.
    pub data: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
}

pub(super) fn path(folders: &Folders) -> PathBuf {
    folders.state.join("local.json")
}

pub(super) fn data(folders: &Folders) -> PathBuf {
    folders.state.join("data")
}

/// The local AWS that was started last, unless it was taken down.
pub(super) fn read(folders: &Folders) -> Result<Option<Running>, Diagnostic> {
    let path = path(folders);
    let text = match std::fs::read(&path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(causes::of_file(&path, &error)),
        Ok(text) => text,
    };
    let wrong = match serde_json::from_slice::<Running>(&text) {
        // It goes to shells.
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
        format!("{} is no record of a local AWS: {wrong}", path.display()),
        "`treino local down` deletes it, and the data of the local AWS",
    ))
}

/// The endpoint at a port.
pub(super) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The same as [`read`], but one that is alive and is not recorded is an error.
pub(super) fn found(folders: &Folders) -> Result<Option<Running>, Diagnostic> {
    let lives =
        |read: &Result<Option<Running>, _>| matches!(read, Ok(Some(running)) if running.lives());
    let first = read(folders);
    if lives(&first) {
        return first;
    }
    let Some(known) = front(folders) else {
        return first;
    };
    // It may have been started meanwhile.
    let again = read(folders);
    if lives(&again) || !known.lives() {
        return again;
    }
    Err(Diagnostic::error_with_help(
        format!(
            "a local AWS (pid {}) is alive, but {} is damaged, missing or another one's",
            known.pid,
            path(folders).display()
        ),
        "`treino local down` ends it (its data goes with it)",
    ))
}

/// The process that has this data, recorded or not: it holds a lock from its start to its end.
pub(super) fn front(folders: &Folders) -> Option<Known> {
    let mut file = File::open(data(folders).join("front.lock")).ok()?;
    let Err(TryLockError::WouldBlock) = file.try_lock() else {
        return None;
    };
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    Known::of(text.trim().parse().ok()?)
}

/// Whole at any moment: others read it without a lock.
pub(super) fn write(folders: &Folders, running: &Running) -> Result<(), Diagnostic> {
    let path = path(folders);
    let new = path.with_extension("new");
    let text = serde_json::to_vec_pretty(running).unwrap_or_default();
    let written = private_file(&new)
        .and_then(|mut file| file.write_all(&text))
        .and_then(|()| std::fs::rename(&new, &path));
    written.map_err(|error| causes::of_file(&path, &error))
}

/// What there is in the data folder, if it is anything.
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

/// How many bytes the files of a folder have.
pub(super) fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        Ok(_) => entry.metadata().map_or(0, |metadata| metadata.len()),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Deletes all of it: nothing of a local AWS is left.
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
        // Folders that functions may not write to.
        allow(&data);
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
    if all.iter().all(|(_, deleted)| is_done(deleted)) {
        all.extend(files.map(|file| (file.clone(), std::fs::remove_file(file))));
    }
    match all.into_iter().find(|(_, deleted)| !is_done(deleted)) {
        Some((path, Err(error))) => Err(undeletable(&path, &error)),
        _ => Ok(()),
    }
}

fn is_done(deleted: &std::io::Result<()>) -> bool {
    match deleted {
        Err(error) => error.kind() == ErrorKind::NotFound,
        Ok(()) => true,
    }
}

/// Lets the user write to every folder.
fn allow(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            allow(&entry.path());
        }
    }
}

/// Ends what a local AWS has left running although it ended itself.
pub(super) fn end_leftovers(folders: &Folders) {
    for each in process::leftovers(&data(folders)) {
        each.kill();
    }
}
