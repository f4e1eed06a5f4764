//! Whether as many files and connections may be open at once as a verb needs.

use crate::engine::{Leftover, ProviderError};
use crate::ops::Error;

/// What a verb that speaks to AWS opens at once at the most: two connections for each call under way, as a call
/// that gets an idle connection leaves the one it was opening to the pool; and what the runtime and the
/// programs it starts need. Without them, calls would fail half-way.
const NEEDED: usize = 2 * crate::aws::MAX_CONCURRENT_CALLS + 32;

/// A limit as low as this was not chosen for this program, where it may raise it itself.
#[cfg(unix)]
const USUAL: u64 = 1024;

/// Raises the limit where that is allowed, and looks whether there is room.
#[cfg(unix)]
pub(super) fn require_open_files() -> Result<(), Error> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < USUAL) {
        limit.current = Some(limit.maximum.map_or(USUAL, |most| most.min(USUAL)));
        // Where it is refused, there may be room all the same.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    let mut open = Vec::new();
    while open.len() < NEEDED {
        match rustix::io::dup(rustix::stdio::stderr()) {
            Ok(one) => open.push(one),
            // Nothing to try it with: what the first call says is as good.
            Err(rustix::io::Errno::BADF) => return Ok(()),
            Err(_) => {
                let limit = getrlimit(Resource::Nofile).current;
                return Err(too_few(open.len(), limit));
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn require_open_files() -> Result<(), Error> {
    Ok(())
}

/// Where files may only be so long (`ulimit -f`), the system would end the process without a word. With
/// its signal taken, the write fails, and what failed is said.
#[cfg(unix)]
pub(super) fn told_of_long_files() {
    use rustix::process::{Resource, Signal, getrlimit};
    use tokio::signal::unix::{SignalKind, signal};

    if getrlimit(Resource::Fsize).current.is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if let Ok(runtime) = runtime {
        let _within = runtime.enter();
        // Taken for as long as the process lives.
        let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    }
}

#[cfg(not(unix))]
pub(super) fn told_of_long_files() {}

#[cfg(unix)]
fn too_few(room: usize, limit: Option<u64>) -> Error {
    let limit = limit.map_or_else(String::new, |limit| format!(" (`ulimit -n` is {limit})"));
    let error = ProviderError::new(format!(
        "too few files may be open at once{limit}: there is room for {room} more, and this verb needs {NEEDED}"
    ));
    let error = error.help(crate::source::RAISE_OPEN_FILES);
    Error::Provider(error.with_leftover(Leftover::Nothing))
}
