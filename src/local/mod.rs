//! The local AWS: MiniStack with treino's extension; its installation, start and stop.
//!
//! It is installed once into the user's cache directory, by pip, pinned by version and hash. It listens on
//! 127.0.0.1 only. It keeps running for the next command, and only `local down` erases its data. No real
//! credential is read for it or sent to it.

mod chaos;
mod environment_allowlist;
mod files;
mod install;
mod listener;
mod lock;
mod os_errors;
mod process;
mod record;
mod run;
mod secret;
mod start;
mod wait;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use chaos::{Chaos, Disturbance, disturb};
pub use install::{
    ExaminedPrograms, NodePackages, Programs, environment, examine, function_python, node_modules,
    node_packages, packages,
};
pub(crate) use install::{
    InstallStep, NO_SETTINGS, PYTHON_VARIABLE, PYTHONS, ProbeResult, ProgramOutput,
    forget_other_settings, pip_counted, pip_settings, python,
};
pub(crate) use listener::on_a_thread;
pub use listener::{InstallProgress, Listener};
pub(crate) use lock::lock;
pub(crate) use os_errors::file_error;
pub use record::{Kept, Running};
pub use run::{LocalStatus, Stopped, UpGuard, down, status, up, up_guarded, why_ended};
pub use secret::secret;

use crate::source::Diagnostic;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// The port; `None` for any free one.
    pub port: Option<u16>,
    /// Do not install OpenCV: no face detection.
    pub no_faces: bool,
    /// Enforce IAM policies.
    pub enforce: bool,
    /// Let the name of a deleted queue be used again at once, where AWS blocks it for a minute: for tests.
    #[serde(default)]
    pub free_queue_names: bool,
}

/// The folders of installations and state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Virtual environments, named by a hash of their contents: created once, shared, safe to delete at any
    /// time.
    pub cache: PathBuf,
    /// The state of one local AWS: pid, log and data. Deleted by `local down`.
    pub state: PathBuf,
}

impl Folders {
    /// The user's folders. `TREINO_LOCAL_DIR` overrides the state folder, so that several can run at once.
    ///
    /// # Errors
    /// The user has no home directory.
    pub fn of_user() -> Result<Self, Diagnostic> {
        use etcetera::BaseStrategy;
        let strategy = etcetera::choose_base_strategy().map_err(|_| {
            Diagnostic::error_with_help(
                "there is no home directory to keep the local AWS in",
                "set HOME",
            )
        })?;
        let cache = strategy.cache_dir().join("treino");
        let state =
            std::env::var_os("TREINO_LOCAL_DIR").map_or_else(|| cache.join("local"), PathBuf::from);
        Ok(Self { cache, state })
    }
}

/// Creates an empty file that only the user can read.
fn private_file(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    // An existing file may belong to another user or be readable by others, so it is replaced.
    let _ = std::fs::remove_file(path);
    let mut options = std::fs::OpenOptions::new();
    // Several processes append to it.
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder that only the user can access.
pub(crate) fn private_folder(path: &std::path::Path) -> Result<(), Diagnostic> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| os_errors::file_error(path, &error))
}
