//! A file lock between treino processes.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Listener, os_errors, wait};
use crate::source::Diagnostic;

/// Acquires the lock; it is released when the returned file is dropped or the process ends. Waits for another
/// holder up to `limit`, unless the listener ends it, and reports the wait. `doing[0]` is what this process does, written
/// into the file for others; `doing[1]` is what is reported of a holder whose text cannot be read.
pub(crate) fn lock(
    path: &Path,
    doing: [&str; 2],
    limit: Duration,
    listener: &dyn Listener,
) -> Result<File, Diagnostic> {
    let unusable = |error: std::io::Error| os_errors::file_error(path, &error);
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unusable)?;
    let limit = wait::timeout(limit)?;
    let began = Instant::now();
    let [doing, others] = doing;
    let (mut notices, mut is_said) = (wait::ProgressNotices::new(), false);
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if listener.is_stopped() {
            return Err(wait::stopped_waiting());
        }
        if began.elapsed() > limit {
            return Err(Diagnostic::error_with_help(
                format!(
                    "another treino is {}, and has not ended within {} s",
                    holder(&mut file, others),
                    limit.as_secs()
                ),
                "end that process, then run the same command again",
            ));
        }
        if !is_said && notices.are_due() {
            is_said = true;
            let holder = holder(&mut file, others);
            listener.say(&format!("another treino is {holder}: waiting for it"));
        }
        wait::poll_pause();
    }
    let written = file.set_len(0).and_then(|()| {
        file.rewind()?;
        file.write_all(format!("{} {doing}", std::process::id()).as_bytes())
    });
    written.map_err(unusable)?;
    Ok(file)
}

/// What the holder does, with its pid, if the file can be read: on Windows a locked file cannot.
fn holder(file: &mut File, doing: &str) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    let (pid, read_doing) = text.trim().split_once(' ').unwrap_or((text.trim(), doing));
    match pid.parse::<u32>() {
        Ok(pid) if read.is_ok() => format!("{read_doing} (pid {pid})"),
        _ => doing.to_owned(),
    }
}
