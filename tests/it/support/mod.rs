//! Shared by all tests: a local AWS, the binary, and clients that do not use treino's code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod api;
mod clients;
pub mod emulator;
pub mod hints;
mod lab;
mod moto;
mod oracle;
pub mod parts;
pub mod proxy;
mod ran;
mod signing;
mod state;
mod terminal;
mod world;

pub use api::Api;
pub use clients::Clients;
pub use lab::{Lab, LabRun};
pub use moto::{MOTO_ACCOUNT, moto};
pub use ran::CommandResult;
pub use state::{Asking, State, differences};
pub use terminal::at_a_terminal;
pub use world::{REGION, World};

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The timeout of every wait, for the slowest machine. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Polls until there is a value.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "not seen in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A photo to upload: `astronaut.jpg` (53,962 bytes, one face) or `coffee.jpg` (none).
pub fn sample(name: &str) -> PathBuf {
    repository("tests/samples").join(name)
}
