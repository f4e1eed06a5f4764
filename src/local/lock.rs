//! Waiting for another treino.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{causes, waiting};
use crate::source::Diagnostic;

/// Held while the value lives; another treino waits for it, says so, and gives up in the end. Given back
/// by the system if we die. `doing` is what we are at, which others read in the file, and what is said of a
/// holder of whom nothing can be read.
pub(super) fn lock(
    path: &Path,
    doing: [&str; 2],
    limit: Duration,
    say: &(dyn Fn(&str) + Sync),
) -> Result<File, Diagnostic> {
    let unusable = |error: std::io::Error| causes::of_file(path, &error);
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unusable)?;
    let limit = waiting::limit(limit)?;
    let began = Instant::now();
    let [doing, others] = doing;
    let (mut notices, mut is_said) = (waiting::Notices::new(), false);
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) => {}
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
            say(&format!("another treino is {holder}: waiting for it"));
        }
        waiting::pause();
    }
    let written = file.set_len(0).and_then(|()| {
        file.rewind()?;
        file.write_all(format!("{} {doing}", std::process::id()).as_bytes())
    });
    written.map_err(unusable)?;
    Ok(file)
}

/// What its holder is at, and who that is, as far as it can be read: Windows lets nobody else read what is locked.
fn holder(file: &mut File, doing: &str) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    let (pid, read_doing) = text.trim().split_once(' ').unwrap_or((text.trim(), doing));
    match pid.parse::<u32>() {
        Ok(pid) if read.is_ok() => format!("{read_doing} (pid {pid})"),
        _ => doing.to_owned(),
    }
}
