//! The one way to standard output and standard error, which remembers what could not be written.
//!
//! What is given is written whole: a line is never begun by one and ended by another. After the first
//! failure of a stream nothing more is written to it, and [`ended`] turns it into the exit code. A reader
//! that went away (`treino plan | head`) is no error of ours, and nothing is said of it.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use tokio::sync::Notify;

use super::style::{bold, error};

/// Where something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// The first failure of each stream.
static FAILED: [OnceLock<io::Error>; 2] = [OnceLock::new(), OnceLock::new()];
/// The lock of both streams: one thread writes at a time.
static WRITING: Mutex<()> = Mutex::new(());
/// Standard output has failed.
static OUTPUT_FAILED: Notify = Notify::const_new();

/// How often standard output is checked for a reader.
const LOOK: Duration = Duration::from_secs(1);
/// The exit code a shell gives to a program ended by SIGPIPE.
pub const UNREAD: u8 = 141;

/// Writes a text as it is, in colour where that is wanted.
pub fn write(stream: Stream, text: &str) {
    if FAILED[stream as usize].get().is_some() {
        return;
    }
    let stripped = (colour_of(stream) == ColorChoice::Never).then(|| strip_str(text).to_string());
    let bytes = stripped.as_deref().unwrap_or(text).as_bytes();
    let guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let written = system::write(stream, bytes);
    drop(guard);
    if let Err(error) = written {
        fail(stream, error);
    }
}

/// Writes a line, or several. Where no colour is wanted, none ends with blanks: columns and empty fields leave them.
pub fn line(stream: Stream, text: &str) {
    if colour_of(stream) == ColorChoice::Never {
        write(stream, &(without_trailing_blanks(text) + "\n"));
    } else {
        write(stream, &format!("{text}\n"));
    }
}

fn without_trailing_blanks(text: &str) -> String {
    let plain = strip_str(text).to_string();
    let lines: Vec<&str> = plain.split('\n').map(str::trim_end).collect();
    lines.join("\n")
}

/// Whether what reads a stream shows links behind words: a terminal that is known to. `FORCE_HYPERLINK` decides
/// otherwise, and without colour there are none.
pub fn shows_links(stream: Stream) -> bool {
    let known = match stream {
        Stream::Output => supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
        Stream::Error => supports_hyperlinks::on(supports_hyperlinks::Stream::Stderr),
    };
    // A multiplexer keeps the variables of the terminal that it was begun in, and may drop links.
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let is_inside = is_set("TMUX") || is_set("STY");
    known && colour_of(stream) != ColorChoice::Never && (!is_inside || is_set("FORCE_HYPERLINK"))
}

fn colour_of(stream: Stream) -> ColorChoice {
    match stream {
        Stream::Output => AutoStream::choice(&io::stdout()),
        Stream::Error => AutoStream::choice(&io::stderr()),
    }
}

fn fail(stream: Stream, error: io::Error) {
    // Only the first failure is kept.
    let _ = FAILED[stream as usize].set(error);
    if stream == Stream::Output {
        OUTPUT_FAILED.notify_one();
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
    )
}

/// Waits until standard output leads nowhere: it has failed, or nobody can read it any longer. The latter
/// is noticed without a line to write.
pub async fn unread() {
    loop {
        if FAILED[Stream::Output as usize].get().is_some() {
            return;
        }
        if system::is_unread() {
            fail(Stream::Output, ErrorKind::BrokenPipe.into());
            return;
        }
        tokio::select! {
            () = OUTPUT_FAILED.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// The exit code of a run that would end with this one: what could not be written is said where that can be
/// read, and is a failure.
#[must_use]
pub fn ended(code: u8) -> u8 {
    let failed = |stream: Stream| {
        let failure = FAILED[stream as usize].get();
        failure.filter(|failure| !is_gone(failure))
    };
    if let Some(failure) = failed(Stream::Output) {
        line(Stream::Error, &sentence(failure));
    } else if failed(Stream::Error).is_none() {
        return code;
    }
    // What failed otherwise has its code.
    if matches!(code, 0 | 2 | UNREAD) {
        1
    } else {
        code
    }
}

fn sentence(failure: &io::Error) -> String {
    let way_out = match failure.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room there, or write it elsewhere"
        }
        _ => "write it elsewhere: to a file, or through a pipe",
    };
    format!(
        "{} standard output could not be written: {failure}\n  {} {way_out}",
        error("error:"),
        bold("help:")
    )
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::os::fd::BorrowedFd;
    use std::sync::atomic::{AtomicU8, Ordering};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use super::Stream;

    /// Which of the streams were closed when the program began, one bit each.
    static CLOSED: AtomicU8 = AtomicU8::new(0);

    /// Before `main`, Rust's runtime opens `/dev/null` in the place of a closed stream, where everything
    /// can be written and is lost.
    #[ctor::ctor]
    fn look() {
        for stream in [Stream::Output, Stream::Error] {
            if rustix::io::fcntl_getfd(descriptor(stream)) == Err(Errno::BADF) {
                CLOSED.fetch_or(1 << stream as u8, Ordering::Relaxed);
            }
        }
    }

    fn descriptor(stream: Stream) -> BorrowedFd<'static> {
        match stream {
            Stream::Output => rustix::stdio::stdout(),
            Stream::Error => rustix::stdio::stderr(),
        }
    }

    pub(super) fn write(stream: Stream, mut bytes: &[u8]) -> io::Result<()> {
        if CLOSED.load(Ordering::Relaxed) & (1 << stream as u8) != 0 {
            return Err(Errno::BADF.into());
        }
        let descriptor = descriptor(stream);
        while !bytes.is_empty() {
            match rustix::io::write(descriptor, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                // Another process that shares it has made it non-blocking.
                Err(Errno::AGAIN) => {
                    match poll(&mut [PollFd::new(&descriptor, PollFlags::OUT)], None) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether nobody can read standard output any longer.
    pub(super) fn is_unread() -> bool {
        let descriptor = descriptor(Stream::Output);
        let mut output = [PollFd::new(&descriptor, PollFlags::empty())];
        let looked = poll(&mut output, Some(&Timespec::default()));
        let gone = PollFlags::ERR | PollFlags::HUP;
        looked.is_ok() && output[0].revents().intersects(gone)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::{self, Write};

    use super::Stream;

    pub(super) fn write(stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match stream {
            Stream::Output => {
                let mut output = io::stdout().lock();
                output.write_all(bytes)?;
                output.flush()
            }
            Stream::Error => io::stderr().lock().write_all(bytes),
        }
    }

    pub(super) fn is_unread() -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_with_blanks() {
        let text = format!("a  \n{} \t\n\n  b", bold("c  "));
        assert_eq!(without_trailing_blanks(&text), "a\nc\n\n  b");
    }
}
