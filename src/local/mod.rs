//! The local AWS: MiniStack with treino's additions, installed, started and stopped here.
//!
//! It is installed once into the user's cache directory, by pip, pinned by version and hash; it
//! listens on 127.0.0.1 alone; it is left running for the next command, and what it holds is erased by
//! `local down` alone. No real credential is read
//! on the way to it, and none reaches it.

mod causes;
mod chaos;
mod files;
mod inherited;
mod install;
mod lock;
mod process;
mod record;
mod run;
mod secret;
mod start;
mod waiting;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use chaos::{Chaos, Disturbance, disturb};
pub use install::{Programs, environment, node_modules, packages};
pub use record::{Kept, Running};
pub use run::{Ended, Found, Leash, down, ended, status, up, up_on_leash};
pub use secret::secret;

use crate::source::Diagnostic;

/// How the local AWS is to be started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// The port; a free one where none is named.
    pub port: Option<u16>,
    /// Do without OpenCV, and so without faces.
    pub no_faces: bool,
    /// Enforce IAM policies.
    pub enforce: bool,
    /// Let the name of a deleted queue be used again at once, where AWS blocks it for a minute: for tests.
    #[serde(default)]
    pub free_queue_names: bool,
}

/// Where installed things and state are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Virtual environments, by what is in them: made once, shared, can be deleted at any time.
    pub cache: PathBuf,
    /// One local AWS: its pid, log and data. Gone with `local down`.
    pub state: PathBuf,
}

impl Folders {
    /// The user's folders; `TREINO_LOCAL_DIR` names another place for the state, so that several
    /// can run side by side.
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

/// Creates or empties a file that only this user may read.
fn private_file(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    // Another user's, or one that others may read, is not written to but replaced.
    let _ = std::fs::remove_file(path);
    let mut options = std::fs::OpenOptions::new();
    // What its writers say stands one after the other.
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder that only this user may look into.
fn private_folder(path: &std::path::Path) -> Result<(), Diagnostic> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| causes::of_file(path, &error))
}
