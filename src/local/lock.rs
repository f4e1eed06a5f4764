//! Waiting for another treino.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{Failure, causes, waiting};

/// Held while the value lives; another treino waits for it, says so, and gives up in the end. Given back
/// by the system if we die. `doing` is what its holder is at: "installing".
pub(super) fn lock(
    path: &Path,
    doing: &str,
    limit: Duration,
    say: &dyn Fn(&str),
) -> Result<File, Failure> {
    let unusable = |error: std::io::Error| causes::of_file(path, &error);
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unusable)?;
    let limit = waiting::limit(limit)?;
    let began = Instant::now();
    let mut notices = waiting::Notices::new();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if began.elapsed() > limit {
            return Err(Failure::new(
                format!(
                    "another treino is {doing}{}, and has not ended within {} s",
                    holder(&mut file),
                    limit.as_secs()
                ),
                "end that process, then run the same command again",
            ));
        }
        if notices.are_due() {
            let holder = holder(&mut file);
            say(&format!(
                "another treino is {doing}{holder}: waiting for it"
            ));
        }
        waiting::pause();
    }
    let written = file.set_len(0).and_then(|()| {
        file.rewind()?;
        file.write_all(std::process::id().to_string().as_bytes())
    });
    written.map_err(unusable)?;
    Ok(file)
}

/// Who has it, as far as it can be read: Windows lets nobody else read what is locked.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match text.trim().parse::<u32>() {
        Ok(pid) if read.is_ok() => format!(" (pid {pid})"),
        _ => String::new(),
    }
}
